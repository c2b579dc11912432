"""A sparkline where there are none: the heights of its formula as bars of text."""

from __future__ import annotations

import re

_HEIGHTS = re.compile(r"=SPARKLINE\(\{([\d;]*)\}")
_BARS = "▁▂▃▄▅▆▇█"
_HIGHEST = 1000
"""Heights in our formulas run from 0 to here."""


def bars(formula: str) -> str:
    """The bars of a sparkline's formula; "" for any other formula, which means nothing outside Google Sheets."""
    match = _HEIGHTS.match(formula)
    if match is None:
        return ""
    heights = [int(height) for height in match[1].split(";") if height]
    return "".join(_BARS[min(len(_BARS) - 1, height * len(_BARS) // _HIGHEST)] for height in heights)
