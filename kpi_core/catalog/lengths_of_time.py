"""Lengths of time as definitions write them: `14 days`, `1 month`, `2 quarters`."""

from __future__ import annotations

import re

from kpi_core.metrics import Window

ALL_TIME = Window(all_time=True)
_LENGTH = re.compile(r"([1-9]\d{0,3}) (day|week|month|quarter|year)s?")
_UNITS = {
    "day": Window(days=1),
    "week": Window(days=7),
    "month": Window(months=1),
    "quarter": Window(months=3),
    "year": Window(months=12),
}


def window_of(text: str) -> Window | None:
    """The length that a text writes; None where it writes none."""
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        return None
    count, unit = int(match[1]), _UNITS[match[2]]
    return Window(unit.days * count, unit.months * count)


def trailing_of(text: str) -> Window | None:
    """Such a length, or `all` time."""
    return ALL_TIME if text == "all" else window_of(text)
