"""The tabs of a spreadsheet as files instead: an Excel workbook, or a CSV file for each tab; nothing of Google's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.call import Call
from bot.commands.reports.answer_files import CSV, FOR_EXCEL, XLSX, refuse_target, write_file
from kpi_core.access.audiences import Audience, File, Spreadsheet
from kpi_core.errors import DataError, UsageError
from kpi_core.phrases import say
from kpi_core.settings.file import DEFAULT_TABS
from kpi_core.settings.rules import spreadsheet_id
from kpi_core.settings.values import SheetSync
from kpi_core.state.owner_names import names_of_people
from kpi_core.state.sheets.sheet_log import SheetLog

if TYPE_CHECKING:
    from sheets_sync.tabs.tab import Tab


def chosen_sheets(call: Call) -> tuple[SheetSync, ...]:
    """The sheets of kpi.yaml, or the one that --sheet names. UsageError for another one."""
    sheets, wanted = call.workspace.settings.sheets, call.options.sheet
    if not wanted:
        return tuple(sheets)
    number = spreadsheet_id(wanted) or wanted
    chosen = tuple(sheet for sheet in sheets if sheet.spreadsheet == number)
    if not chosen:
        there = ", ".join(sheet.spreadsheet for sheet in sheets) or "none"
        raise UsageError(f"kpi.yaml names no sheet {wanted}.", code="usage", hint=f"There are: {there}.")
    return chosen


def sync_into_files(call: Call) -> int:
    """Write the tabs of one sheet into the file of --xlsx or the folder of --csv.

    They hold what that spreadsheet may show; without a sheet in kpi.yaml, what a file may.
    """
    book: Path | None = call.options.xlsx
    target = book or call.options.csv
    sheets = chosen_sheets(call)
    if len(sheets) > 1:
        hint = "Name one with --sheet ADDRESS."
        raise UsageError(f"kpi.yaml names {len(sheets)} sheets.", code="usage", hint=hint)
    sheet = sheets[0] if sheets else SheetSync("", DEFAULT_TABS)
    # A tab for the formulas of a spreadsheet says nothing outside it.
    sheet = replace(sheet, tabs=tuple(name for name in sheet.tabs if name != "cells"))
    paths = [book] if book else [target / f"{name}{CSV}" for name in sheet.tabs]
    for path in paths:
        refuse_target(path, XLSX if book else CSV, call.workspace.settings)
    audience: Audience = Spreadsheet(sheet.spreadsheet) if sheets else File(target.name)
    tabs = _tabs(call, audience, sheet)
    if book:
        from sheets_sync.files.tab_workbook import workbook_of

        write_file(book, workbook_of(tabs, call.now()))
    else:
        _write_tables(target, tabs)
    if call.as_json:
        call.show_json({"files": [str(path) for path in paths]})
    else:
        call.show("\n".join(say(call.language, "init.wrote", file=str(path)) for path in paths))
    return 0


def _tabs(call: Call, audience: Audience, sheet: SheetSync) -> list[Tab]:
    from sheets_sync.sync import tabs_alone

    log = SheetLog(call.workspace.store, sheet.spreadsheet)
    alerts = log.alerts() if "alerts" in sheet.tabs else ()
    people = names_of_people(call.workspace.store)
    return tabs_alone(call.workspace.door(audience), sheet, call.now(), alerts, people)


def _write_tables(folder: Path, tabs: list[Tab]) -> None:
    from sheets_sync.files.tab_csv import table_csv

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        params = {"file": str(folder), "reason": error.strerror or str(error)}
        message = f"{folder} cannot be written: {params['reason']}."
        hint = "Name a folder that can be made, or that is there and yours."
        raise DataError(message, code="answer_unwritten", hint=hint, params=params) from None
    for tab in tabs:
        write_file(folder / f"{tab.block}{CSV}", table_csv(tab).encode(FOR_EXCEL))
