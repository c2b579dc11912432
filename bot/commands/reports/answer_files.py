"""Answers as files: CSV for programs, a workbook for people, both with full numbers.

The files are the operator's, who can read the data anyway: they hold what the terminal shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cards.lines import goal_line, headline, movements, receipt, title, warnings
from bot.commands.call import Call
from bot.terminal.text import WIDTH, wrapped
from kpi_core.access.operator import OPERATOR
from kpi_core.documents.whole_files import replace_file
from kpi_core.errors import DataError, UsageError
from kpi_core.formats.answer_table import AnswerTable, dated_table, trend_table
from kpi_core.formats.csv_text import csv_text, is_formula
from kpi_core.phrases import say
from kpi_core.sources.files.matching import would_match

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

    from kpi_core.answers import Answer
    from kpi_core.metrics import Catalog
    from kpi_core.settings.values import Settings

CSV, XLSX = ".csv", ".xlsx"
FOR_EXCEL = "utf-8-sig"
"""Excel takes a CSV file for one in a Windows encoding unless it begins with the mark of UTF-8."""
_WIDEST = 60
_DAY, _RATE = "yyyy-mm-dd", "0.0%"


def ask_into_file(call: Call, words: str, csv_file: str | None) -> int:
    """Answer a question into the file of --xlsx, else into a CSV file, or to stdout without one."""
    to_book: Path | None = call.options.xlsx
    path = to_book or (Path(csv_file) if csv_file else None)
    if path is not None:
        refuse_target(path, XLSX if to_book else CSV, call.workspace.settings)
    door, now = call.workspace.door(OPERATOR), call.now()
    answer = door.answer(replace(call.workspace.question(words, now), whole=call.options.all), now)
    if path is None:
        call.show(answer_csv(answer))
    elif to_book:
        write_file(path, answer_workbook(answer, call.language, door.catalog, now))
    else:
        write_file(path, answer_csv(answer).encode(FOR_EXCEL))
    if path is not None:
        call.show(say(call.language, "init.wrote", file=str(path)))
    # Columns have no place for them, and a number without them may mislead.
    for warning in warnings(answer, call.language):
        call.say("\n".join(wrapped(warning, WIDTH)))
    return 0


def answer_csv(answer: Answer) -> str:
    """The text of a CSV file: a row a group of the split, or a period where the question asks for a course."""
    table = dated_table(answer)
    return csv_text(table.columns, table.rows)


def refuse_target(path: Path, ending: str, settings: Settings) -> None:
    """UsageError for a name with another ending, DataError where a source reads the file."""
    if path.suffix.casefold() != ending:
        hint = f"Name it like {path.stem or 'answer'}{ending}."
        raise UsageError(f"{path} is no name of a {ending[1:].upper()} file.", code="usage", hint=hint)
    for source in settings.sources:
        named = source.options.get("path")
        patterns = [named] if isinstance(named, str) else named if isinstance(named, Sequence) else ()
        if would_match(map(str, patterns), settings.folder, path):
            # The answer would replace the data, or be read as some.
            message, hint = f"Source {source.name} reads {path}.", "Write the answer into another folder."
            params = {"source": source.name, "file": str(path)}
            raise DataError(message, code="answer_over_source", hint=hint, params=params)


def write_file(path: Path, content: bytes) -> None:
    """Write a file in one step. DataError where that cannot be done."""
    try:
        replace_file(path, content)
    except OSError as error:
        params = {"file": str(path), "reason": error.strerror or str(error)}
        message = f"{path} cannot be written: {params['reason']}."
        hint = "Name a file in a folder that is there and yours, and close it in Excel."
        raise DataError(message, code="answer_unwritten", hint=hint, params=params) from None


def answer_workbook(answer: Answer, language: str, catalog: Catalog, now: datetime) -> bytes:
    """An Excel file with the answer, its course, and what must be known beside them."""
    # Slow to load, and needed for workbooks alone.
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "KPI Bot"
    book.properties.created = book.properties.modified = now.replace(tzinfo=None)
    _add_table(book, say(language, "answer_file.answer"), dated_table(answer))
    if answer.trend:
        _add_table(book, say(language, "answer_file.trend"), trend_table(answer))
    _add_texts(book, say(language, "answer_file.about"), _about(answer, language, catalog))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _about(answer: Answer, language: str, catalog: Catalog) -> list[str]:
    lines = [answer.query.question, title(answer, language, catalog), headline(answer, language)]
    lines += [*movements(answer, language), goal_line(answer, language) or "", *warnings(answer, language)]
    lines += [receipt(answer, language), f"{answer.definition.formula} · {answer.definition.version}"]
    return [line for line in lines if line]


def _add_table(book: Workbook, name: str, table: AnswerTable) -> None:
    sheet = book.create_sheet(name)
    widths = [len(heading) for heading in table.columns]
    for line, row in enumerate([table.columns, *table.rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            _fill(cell, value)
            if isinstance(value, float) and table.columns[column - 1] in table.rates:
                cell.number_format = _RATE
            if isinstance(value, str):
                widths[column - 1] = max(widths[column - 1], len(value))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = min(width, _WIDEST) + 2
    sheet.freeze_panes = "A2"


def _add_texts(book: Workbook, name: str, lines: Sequence[str]) -> None:
    sheet = book.create_sheet(name)
    for number, line in enumerate(lines, start=1):
        _fill(sheet.cell(number, 1), line)
    sheet.column_dimensions["A"].width = 2 * _WIDEST


def _fill(cell: Cell, value: object) -> None:
    """A value as it is: a text stays one, also when somebody edits the cell."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = is_formula(text)
        return
    cell.value = value
    if isinstance(value, date):
        cell.number_format = _DAY
