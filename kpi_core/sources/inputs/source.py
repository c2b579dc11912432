"""The tab of inputs of a spreadsheet: a row a figure, with its day and what it is. Dates arrive as serial numbers.

A survey's figure becomes as many answers as were given, so that it adds up with answers from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import ServiceError
from kpi_core.sources import EXAMPLES, Place, Raw, ReadRequest, Rejection
from kpi_core.sources.cell_texts import number_text
from kpi_core.sources.files import TextFile, load_text_files, write_text_file
from kpi_core.sources.inputs.kinds import KINDS, RANGE, TAB, column_titled, kind_typed

if TYPE_CHECKING:
    import duckdb

MOST_ANSWERS = 100_000
CLOSE = 0.0005
"""How far a share may lie from a whole number of answers: people type it with one decimal of a percent."""
WHOLE_SCORE = 0.005
"""The same for a net promoter score, which is a whole number."""
_HEADERS = {
    "costs": ("date", "category", "channel", "amount"),
    "survey_responses": ("response_id", "responded_at", "survey", "score", "channel", "region"),
}
_SCORES = {"nps": (10, 7, 0), "csat": (5, 1, 1), "awareness": (1, 0, 0)}
"""Of a survey: the scores of who counts for it, of who counts for nothing, and of who counts against it."""


@dataclass
class Figures:
    """What becomes of the tab: rows of the table, each with its row in the tab, and figures that are none."""

    table: str
    rows: list[Sequence[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refused: dict[str, list[tuple[Place, str]]] = field(default_factory=dict)

    def refuse(self, column: str, line: int, text: str) -> None:
        self.refused.setdefault(column, []).append((Place(TAB, line, "row"), text))


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The figures that belong to the source's table. What none of the tables knows is told with the costs."""
    if request.sheet_reader is None:
        hint = "Set GOOGLE_APPLICATION_CREDENTIALS to the file of KPI Bot's service account."
        raise ServiceError("Google Sheets is not set up here.", code="sheets_credentials", hint=hint)
    table = request.source.table
    return raw_of(figures(request.sheet_reader(request.needed("spreadsheet"), RANGE), table), request.workspace, into)


def figures(rows: Sequence[Sequence[object]], table: str) -> Figures:
    """The figures of a tab, from its first row on, that belong to a table."""
    found = Figures(table)
    for line, cells in _lines(rows):
        kind = kind_typed(cells.get("what", ""))
        if kind in KINDS.get(table, ()):
            _take(found, table, str(kind), line, cells)
        elif kind is None and table == "costs":
            found.refuse("what", line, cells.get("what", ""))
    return found


def raw_of(found: Figures, workspace: Path, into: duckdb.DuckDBPyConnection) -> Raw:
    """The same as a source has read them."""
    path = workspace / "inputs.csv"
    write_text_file(path, [_HEADERS[found.table], *found.rows])
    raw = load_text_files([TextFile(TAB, path)], into)
    refused = tuple(
        Rejection(
            "category" if column == "what" else "score",
            len(each),
            tuple(each[:EXAMPLES]),
            "word" if column == "what" else "value",
            header=column,
        )
        for column, each in found.refused.items()
    )
    return replace(
        raw,
        place=lambda row: Place(TAB, found.lines[row - 1], "row"),
        unreadable=(*raw.unreadable, *refused),
        serial_dates=True,
        written_by="cells",
        files=(),
    )


def titled_columns(rows: Sequence[Sequence[object]]) -> tuple[int, Mapping[str, int]]:
    """How many rows there are through the header, and where its columns are; (0, {}) where there is none."""
    for line, row in enumerate(rows, start=1):
        titled = {key: at for at, cell in enumerate(row) if (key := column_titled(_text(cell)))}
        if {"date", "what", "value"} <= set(titled):
            return line, titled
    return 0, {}


def _lines(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows below the header, counted as in the tab; a note alone is no figure."""
    header, columns = titled_columns(rows)
    for line, row in enumerate(rows[header:] if header else (), start=header + 1):
        texts = {key: _text(row[at]) for key, at in columns.items() if at < len(row)}
        cells = {key: text for key, text in texts.items() if text}
        if cells.keys() - {"note"}:
            yield line, cells


def _take(found: Figures, table: str, kind: str, line: int, cells: Mapping[str, str]) -> None:
    day, channel, region = (cells.get(key, "") for key in ("date", "channel", "region"))
    if table == "costs":
        found.rows.append((day, kind, channel, cells.get("value", "")))
        found.lines.append(line)
        return
    answers = _number(cells.get("answers", ""))
    if answers is None or not answers.is_integer() or not 1 <= answers <= MOST_ANSWERS:
        found.refuse("answers", line, cells.get("answers", ""))
        return
    scores = _scores(kind, cells.get("value", ""), int(answers))
    if scores is None:
        found.refuse("value", line, f"{cells.get('value', '')} / {int(answers)}")
        return
    found.rows += [(f"{TAB}-{line}-{at}", day, kind, str(score), channel, region) for at, score in enumerate(scores)]
    found.lines += [line] * len(scores)


def _scores(kind: str, value: str, answers: int) -> list[int] | None:
    """One score an answer, which together give the figure; None where no whole number of answers does.

    A share is typed as 34 % or 0.34, a net promoter score as a number from -100 to 100.
    """
    share = _number(value.removesuffix("%").strip())
    if share is None:
        return None
    if kind == "nps" or value.endswith("%"):
        share /= 100
    count = round(share * answers)
    least, close = (-1, WHOLE_SCORE) if kind == "nps" else (0, CLOSE)
    if not least <= share <= 1 or abs(count / answers - share) > close:
        return None
    counts, neither, against = _SCORES[kind]
    return [counts if count > 0 else against] * abs(count) + [neither] * (answers - abs(count))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return ""
    return number_text(float(cell)) if isinstance(cell, int | float) else str(cell).strip()
