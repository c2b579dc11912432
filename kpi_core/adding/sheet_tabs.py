"""`kpi add https://docs.google.com/…`: a tab of the firm's own spreadsheet becomes a source of kpi.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kpi_core.adding.addition import RATES, Added, add_plan
from kpi_core.adding.attempt import Attempt
from kpi_core.adding.entries import OF_ANSWERS, source_name
from kpi_core.adding.look import Look, look_of
from kpi_core.adding.order_states import with_states
from kpi_core.adding.questions import Choice, Question
from kpi_core.adding.understanding import understand
from kpi_core.documents.amendments import with_entries, with_value, write_whole
from kpi_core.errors import DataError, KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog
from kpi_core.phrases import Notice
from kpi_core.settings.file import read_settings
from kpi_core.settings.rules import spreadsheet_id
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import SheetReader
from kpi_core.sources.a1_notation import column_letters, tab_in_a1
from kpi_core.sources.cell_texts import number_text
from kpi_core.sources.files.text_file import OPENING

_NUMBER = re.compile(r"[#?&]gid=(\d+)")


@frozen
class SheetTab:
    """A tab by its number, which stands in its address as gid, and by what people call it."""

    number: int
    title: str


def is_address(text: str) -> bool:
    return text.casefold().startswith(("https://", "http://"))


def add_tab(  # noqa: PLR0913  (each is one setting of a face)
    address: str,
    tabs: Sequence[SheetTab],
    config: Path,
    catalog: Catalog,
    answers: Mapping[str, str],
    *,
    sheet_reader: SheetReader,
    today: date | None = None,
) -> Added:
    """What became of the tab that an address names, or of the one tab that is a table of ours; errors as `add_files`.

    `tabs` are those that people see and that the bot does not write itself.
    """
    with TemporaryDirectory() as scratch:
        attempt = Attempt(read_settings(config), catalog, Path(scratch), answers, sheet_reader, today)
        try:
            return replace(_added(address, tabs, config, attempt), address=address)
        except KpiBotError as error:
            return Added(Path(address), "failed", error=error, address=address)


def _added(address: str, tabs: Sequence[SheetTab], config: Path, attempt: Attempt) -> Added:
    spreadsheet = spreadsheet_id(address) or ""
    looks = [look for tab in _named(address, tabs, attempt) if (look := _look(spreadsheet, tab, attempt)) is not None]
    tables, plans = ([look for look in looks if (look.plan is not None) == is_plan] for is_plan in (False, True))
    likely = [*([look for look in tables if look.match is not None] or tables), *plans]
    if not looks:
        return Added(Path(tabs[0].title if len(tabs) == 1 else address), "none_of_ours")
    if len(likely) > 1:
        choices = tuple(Choice(look.sheet) for look in likely)
        question = Question("sheet", Notice("add.ask_sheet", {}), choices)
        return Added(Path(address), "waits", looks[0], questions=(question,))
    look = likely[0]
    if look.plan is not None:
        place = {"type": "sheet", "spreadsheet": spreadsheet, "range": _range(look)}
        return add_plan(look, look.plan, config, attempt, place)
    if any(attempt.answers.get(about) == "no" for about in ("columns", "lines", "states")):
        return Added(look.path, "none_of_ours", look)
    return _read(spreadsheet, look, config, attempt)


def _named(address: str, tabs: Sequence[SheetTab], attempt: Attempt) -> Sequence[SheetTab]:
    """The tabs that may be meant: by the address, by an answer, else all. DataError where the address names none."""
    number = _NUMBER.search(address)
    title = attempt.answers.get("sheet")
    if title is None and number is None:
        return tabs
    chosen = [tab for tab in tabs if tab.title == title or (title is None and number and tab.number == int(number[1]))]
    if not chosen:
        names = ", ".join(tab.title for tab in tabs)
        message = f"The spreadsheet has no such tab; it has {names}."
        hint = "Open the tab and copy the address from the browser."
        raise DataError(message, code="add_no_tab", hint=hint, params={"tabs": names})
    return chosen


def _look(spreadsheet: str, tab: SheetTab, attempt: Attempt) -> Look | None:
    assert attempt.sheet_reader is not None
    rows = attempt.sheet_reader(spreadsheet, tab_in_a1(tab.title))
    texts = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    records = [record for record in texts if any(map(str.strip, record[1]))][:OPENING]
    return look_of(Look(Path(tab.title), "sheet", tab.title), records, attempt)


def _read(spreadsheet: str, look: Look, config: Path, attempt: Attempt) -> Added:
    """Read a tab that is ours; kpi.yaml gains it where nothing is open and no source reads it yet."""
    settings = attempt.settings
    there = next((source for source in settings.sources if _reads(source, spreadsheet, look.sheet)), None)
    answers = attempt.answers
    bare = replace(attempt, answers={about: answers[about] for about in answers if about in {"columns", "states"}})
    entry = _entry(spreadsheet, look, settings)
    entry, result = with_states(look, entry, {}, bare)
    # What the cells prove themselves needs no answer.
    settled = {str(question.about) for question in result.questions} & answers.keys()
    if settled:
        entry |= {about: answers[about] for about in OF_ANSWERS if about in settled}
        result = understand(look, entry, attempt)
    if there is not None:
        return Added(look.path, "there", look, there.name, result)
    if result.questions:
        return Added(look.path, "waits", look, understanding=result, questions=result.questions)
    text = with_entries(config.read_text("utf-8"), "sources", [entry], config.name)
    if look.table == RATES and settings.rates is None:
        text = with_value(text, "rates", entry["name"], config.name)
    write_whole(config, text)
    return Added(look.path, "added", look, str(entry["name"]), result)


def _entry(spreadsheet: str, look: Look, settings: Settings) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": source_name(look, settings), "type": "sheet", "spreadsheet": spreadsheet, "range": _range(look),
        "table": look.table,
    }  # fmt: skip
    if look.match is not None:
        return entry | {"layout": look.match.layout.id}
    pairs = look.meaning.columns.items() if look.meaning is not None else ()
    columns = {column: header for column, header in pairs if column != header}
    return entry | ({"columns": columns} if columns else {})


def _range(look: Look) -> str:
    """The header and all that is below it."""
    return f"{tab_in_a1(look.sheet)}!A{look.header_line}:{column_letters(len(look.header) - 1)}"


def _reads(source: Source, spreadsheet: str, title: str) -> bool:
    cells = str(source.options.get("range") or "")
    named = cells.rpartition("!")[0] or cells
    is_of_it = spreadsheet_id(str(source.options.get("spreadsheet") or "")) == spreadsheet
    return source.type == "sheet" and is_of_it and named in {title, tab_in_a1(title)}


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return number_text(cell) if isinstance(cell, float) else str(cell)
