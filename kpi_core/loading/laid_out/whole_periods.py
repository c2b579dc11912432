# ruff: noqa: S608  (SQL is put together from quoted names)
"""Exports that hold sums of weeks, months or a whole report where the layout has days: never read as one day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.loading.laid_out.file_fields import FileFields
from kpi_core.loading.laid_out.typed_lines import LINES
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    import duckdb

_MOST = 1_000
_DAY = re.compile(
    r"(?:19|20)\d\d ?[-./年년] ?\d{1,2} ?[-./月월] ?\d{1,2}|\b(?:19|20)\d{6}\b"
    r"|\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:19|20)\d\d"
    r"|[^\W\d]{3,}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    r"|\d{1,2}\.? (?:de )?[^\W\d]{3,}\.? (?:de )?(?:19|20)\d\d"
)
_MONTHS, _WEEKS = 3, 3
"""So many days, all of them firsts or whole weeks apart, are no days by chance."""
_FEW, _NEAR = 4, 35
"""Up to so many days are whole weeks apart by chance, unless no two of them are further apart than this."""


def is_one_day_alone(file: FileFields, label: str, above: Sequence[str], into: duckdb.DuckDBPyConnection) -> bool:
    """Whether all lines of a file are of one day, and nothing says whether that is the day or the first of a time.

    DataError for a file of sums: its report is of several days by the lines above its header, the first of which are
    its start and end; or all of its days begin months or weeks.
    """
    cell = file.cells.get(file.layout.daily)
    if cell is None:
        return False
    sql = f"SELECT DISTINCT CAST({quoted(file.layout.daily)} AS DATE) AS day FROM {LINES} WHERE kpi_reason IS NULL"
    days = [day for (day,) in into.execute(f"{sql} AND day IS NOT NULL ORDER BY day LIMIT {_MOST}").fetchall()]
    ends = [match[0] for match in islice((match for text in above for match in _DAY.finditer(text)), 2)]
    if begin_longer_times(days) or (len(days) == 1 and len(set(ends)) == 2):
        raise _sums(file.source.name, label, days[0])
    return len(days) == 1 and len(ends) < 2


def begin_longer_times(days: Sequence[date]) -> bool:
    """Whether sorted days all begin months or weeks, as those of sums of longer times do."""
    apart = [(after - before).days for before, after in pairwise(days)]
    are_months = len(days) >= _MONTHS and all(day.day == 1 for day in days[1:])
    are_near = len(days) > _FEW or max(apart, default=0) <= _NEAR
    return are_months or (len(days) >= _WEEKS and are_near and all(gap % 7 == 0 for gap in apart))


def _sums(source: str, label: str, first: date) -> DataError:
    message = f"Source {source}: {label} holds sums of a longer time, each on its first day, such as {first}."
    hint = "Export it again by day."
    params = {"source": source, "file": label, "day": first.isoformat()}
    return DataError(message, code="source_sums", hint=hint, params=params)
