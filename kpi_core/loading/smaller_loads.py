"""Loads that bring less than a source had before: a half-written file must not turn 400 rows into 120. Pure.

`docs/decisions/loading.md` says what is refused and what is only told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.staged import Stage
from kpi_core.phrases import Notice, say

_FEW = 10
"""Rows that may become fewer without a question: whoever has so few sees what became of them."""


@frozen
class Before:
    """What a source holds that a load would replace, and how its files were at the last load.

    Nothing of a service: it says itself which days it was answered for.
    """

    rows: Mapping[date | None, int]
    """By local day."""
    files: Mapping[str, tuple[int, bool]]
    """By name: its bytes, and whether its last line had an end."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def refuse_smaller(stage: Stage, before: Before) -> None:
    """DataError where the stage brings under half of the rows, or a file that is cut off."""
    for file in stage.raw.files:
        if _is_cut(before.files.get(file.label), file.size, file.ends_whole):
            raise cut_off(file.label)
    rows = stage.intake.rows
    if 2 * rows < before.total and (before.total >= _FEW or not rows):
        raise shrunk(rows, before.total)


def _is_cut(before: tuple[int, bool] | None, size: int, ends_whole: bool) -> bool:
    """Whether a file is shorter than it was and ends within a line, as it did not before."""
    return before is not None and before[1] and not ends_whole and size < before[0]


def shrunk(rows: int, before: int) -> DataError:
    params = {"count": f"{rows:,}", "total": f"{before:,}"}
    message = say("en", "error.load_shrunk", **params)
    hint = "Check the file; kpi load --accept takes it as it is."
    return DataError(message, code="load_shrunk", hint=hint, params=params)


def cut_off(file: str) -> DataError:
    message = f"{file} ends within a line and is shorter than before: its old rows stay."
    hint = "Export it again; kpi load --accept takes it as it is."
    return DataError(message, code="load_cut_off", hint=hint, params={"file": file})


def fewer_rows(stage: Stage, before: Before) -> Iterable[Notice]:
    """The days that have fewer rows than before, said with the last of them."""
    brought = stage.intake.by_day
    days = sorted(day for day, rows in before.rows.items() if day is not None and brought.get(day, 0) < rows)
    if days:
        last, counts = days[-1], {"count": brought.get(days[-1], 0), "total": before.rows[days[-1]]}
        yield Notice("load.fewer_rows", {"days": len(days), "day": last.isoformat(), **counts})
