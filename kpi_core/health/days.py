"""Days of a source that are dated wrongly: years away from all others, or ahead of today. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from kpi_core.frozen_dataclass import frozen

SILENCE = timedelta(days=366)
"""The silence that sets a few rows apart from all others."""
_FEW = 0.01
"""The share of all rows that such a few may be."""


@frozen
class DatedRows:
    """The days of a source, sorted: those that have come and belong together, the far ones, those ahead of today."""

    sound: tuple[date, ...]
    far: tuple[date, ...]
    ahead: tuple[date, ...]


def dated_rows(counts: Mapping[date, int], today: date) -> DatedRows:
    """The days of a source sorted out; `counts` gives the rows of each."""
    days = sorted(counts)
    blocks = stretches(days)
    total = sum(counts.values())
    largest = max(blocks, key=lambda block: sum(counts[day] for day in block), default=[])
    far = [
        day
        for block in blocks
        if block is not largest and is_few(sum(counts[day] for day in block), total)
        for day in block
    ]
    rest = [day for day in days if day not in set(far)]
    return DatedRows(tuple(day for day in rest if day <= today), tuple(far), tuple(day for day in rest if day > today))


def is_few(rows: int, total: int) -> bool:
    """Whether rows that lie years apart are few enough among all to be misdated."""
    return rows <= max(1.0, _FEW * total)


def stretches(days: Sequence[date]) -> list[list[date]]:
    """Runs of sorted days with less than a year of silence between them."""
    blocks: list[list[date]] = []
    for day in days:
        if blocks and day - blocks[-1][-1] <= SILENCE:
            blocks[-1].append(day)
        else:
            blocks.append([day])
    return blocks
