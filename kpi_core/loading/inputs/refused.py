"""Which figures of a tab of inputs the next load would keep out, and for which cell: by its own reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.intake import take_in
from kpi_core.metrics import Model
from kpi_core.settings.values import Source
from kpi_core.sources.inputs.kinds import KINDS
from kpi_core.sources.inputs.source import Figures, figures, raw_of

_SERIAL, _NUMBER = re.compile(r"\d{5}"), re.compile(r"-?\d+(\.\d+)?")
_COLUMNS = {
    "date": "date",
    "category": "what",
    "amount": "value",
    "responded_at": "date",
    "score": "value",
}
"""Column of a table -> the one of the tab."""


@frozen
class Refused:
    """A figure that does not count. `line` counts from 1 as in the tab, `column` is one of the tab's."""

    line: int
    column: str
    is_open: bool = False
    """Whether the cell could mean two things."""


def refused_inputs(
    rows: Sequence[Sequence[object]], sources: Mapping[str, Source], models: Mapping[str, Model], zone: str, today: date
) -> tuple[Refused, ...]:
    """What a load on `today` would keep out of the tab's `rows`; `sources` are those that read it, by table."""
    every = [
        refused for table, source in sources.items() for refused in _of_table(rows, source, models[table], zone, today)
    ]
    return tuple(sorted(dict.fromkeys(every), key=lambda each: (each.line, each.column)))


def _of_table(
    rows: Sequence[Sequence[object]], source: Source, model: Model, zone: str, today: date
) -> Iterator[Refused]:
    found = figures(rows, model.name)
    yield from (Refused(place.number, column) for column, each in found.refused.items() for place, _text in each)
    # Typed as days and numbers they are no matter of reading, which takes a while.
    if not all(map(_is_plain, found.rows)):
        yield from _unread(_once(found), source, model, zone, today)


def _is_plain(row: Sequence[str]) -> bool:
    """Whether a row of either table has a serial day and a number."""
    return any(map(_SERIAL.fullmatch, row[:2])) and _NUMBER.fullmatch(row[3]) is not None


def _once(found: Figures) -> Figures:
    """Of the answers that a figure becomes one, for they are alike."""
    first = dict(zip(reversed(found.lines), reversed(found.rows), strict=True))
    lines = sorted(first)
    return replace(found, rows=[first[line] for line in lines], lines=lines)


def _unread(found: Figures, source: Source, model: Model, zone: str, today: date) -> Iterator[Refused]:
    import duckdb

    with TemporaryDirectory() as folder, duckdb.connect() as into:
        take_in(source, model, raw_of(found, Path(folder), into), into, zone=zone, since=None, today=today)
        marked = into.execute('SELECT "row", bad, open FROM typed WHERE len(bad) > 0').fetchall()
    for row, bad, unclear in marked:
        for column in bad:
            yield Refused(found.lines[row - 1], _COLUMNS.get(column, "value"), column in unclear)


def sources_of_inputs(sources: Sequence[Source], spreadsheet: str) -> dict[str, Source]:
    """The sources that read the tab of a spreadsheet, by table."""
    mine = {
        each.table: each for each in sources if each.type == "inputs" and each.options.get("spreadsheet") == spreadsheet
    }
    return {table: mine.get(table, Source(f"inputs_{table}", "inputs", table)) for table in KINDS}
