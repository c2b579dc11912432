"""Random things that people do to a shared Sheet, in good faith and in a hurry."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.document.a1 import column_letters, quoted
from sheets_sync.sandbox.document.spreadsheet import Sheet
from sheets_sync.sandbox.drive_files import File
from sheets_sync.sandbox.person import Person, act

MOST_TRIES = 200
WORDS = ("checked", "ask Mina", "why?", "42", "12.5%", "=1+1", "2026-12-31", "메모", "備註", "done ✅")
TINTS = ({"red": 1, "green": 0.9, "blue": 0.6}, {"red": 0.8, "green": 0.9, "blue": 1})
Arguments = dict[str, Any]


@frozen
class Deed:
    """What was done, by the name and arguments of `Person`, on the tab that was called so then."""

    action: str
    tab: str
    arguments: Arguments


def vandalise(person: Person, spreadsheet: str, draw: Random, count: int = 10) -> list[Deed]:
    """So many things done, in order; what a protection refuses is left and another thing done instead."""
    done: list[Deed] = []
    for _ in range(MOST_TRIES):
        deed = any_deed(person.files.file(spreadsheet), draw)
        try:
            act(person, deed.action, {"spreadsheet": spreadsheet, **deed.arguments})
        except ApiError:
            continue
        done.append(deed)
        if len(done) == count:
            break
    return done


def any_deed(file: File, draw: Random) -> Deed:
    """One of the things that people do, somewhere in the spreadsheet; it may turn out to be refused."""
    sheets = file.spreadsheet.sheets
    sheet = draw.choice([sheet for sheet in sheets if sheet.cells] or sheets)
    action = draw.choice([*DEEDS, "restore"])
    if action == "restore":
        return Deed(action, sheet.title, {"back": draw.choice(_likely_versions(file) or [0])})
    return Deed(action, sheet.title, DEEDS[action](sheet, draw))


def _likely_versions(file: File) -> list[int]:
    """How far back somebody may go who looks for what has just got lost: where all of today's tabs are there."""
    tabs = {sheet.sheet_id for sheet in file.spreadsheet.sheets}
    versions = enumerate(reversed(file.versions[-5:]), 1)
    return [back for back, version in versions if {sheet.sheet_id for sheet in version.sheets} >= tabs]


def _row(sheet: Sheet, draw: Random) -> int:
    """The number of a row, counted from 1, that holds something or comes right after."""
    return draw.randint(1, min(sheet.row_count, sheet.edge()[0] + 1))


def _column(sheet: Sheet, draw: Random) -> str:
    return column_letters(draw.randrange(min(sheet.column_count, sheet.edge()[1] + 1)))


def _cell(sheet: Sheet, draw: Random) -> str:
    return f"{quoted(sheet.title)}!{_column(sheet, draw)}{_row(sheet, draw)}"


def _block(sheet: Sheet, draw: Random) -> str:
    """A few cells next to each other."""
    top, left = _row(sheet, draw), draw.randrange(min(sheet.column_count, sheet.edge()[1] + 1))
    bottom = min(sheet.row_count, top + draw.randint(0, 3))
    right = min(sheet.column_count - 1, left + draw.randint(0, 2))
    return f"{quoted(sheet.title)}!{column_letters(left)}{top}:{column_letters(right)}{bottom}"


def _lines(sheet: Sheet, draw: Random) -> Arguments:
    return {"tab": sheet.title, "row": _row(sheet, draw), "count": draw.randint(1, 2)}


def _columns(sheet: Sheet, draw: Random) -> Arguments:
    return {"tab": sheet.title, "column": _column(sheet, draw)}


def _all(sheet: Sheet, top: int) -> str:
    """The table from a row, counted from 1, to its last filled cell."""
    rows, columns = sheet.edge()
    return f"{quoted(sheet.title)}!A{top}:{column_letters(max(0, columns - 1))}{max(top, rows)}"


def _sort(sheet: Sheet, draw: Random) -> Arguments:
    column = column_letters(draw.randrange(max(1, sheet.edge()[1])))
    return {"cells": _all(sheet, _row(sheet, draw)), "column": column, "descending": draw.random() < 0.5}


def _tab(sheet: Sheet, _draw: Random) -> Arguments:
    return {"tab": sheet.title}


DEEDS: dict[str, Callable[[Sheet, Random], Arguments]] = {
    "edit": lambda sheet, draw: {"cell": _cell(sheet, draw), "text": draw.choice(WORDS)},
    "clear": lambda sheet, draw: {"cells": _block(sheet, draw)},
    "note": lambda sheet, draw: {"cells": _cell(sheet, draw), "text": draw.choice(WORDS)},
    "insert_rows": _lines,
    "delete_rows": _lines,
    "move_rows": lambda sheet, draw: {"tab": sheet.title, "row": _row(sheet, draw), "before": _row(sheet, draw)},
    "insert_columns": _columns,
    "delete_columns": _columns,
    "move_columns": lambda sheet, draw: {**_columns(sheet, draw), "before": _column(sheet, draw)},
    "sort": _sort,
    "filter": lambda sheet, draw: {
        "cells": _all(sheet, _row(sheet, draw)),
        "column": "A",
        "hidden": [draw.choice(WORDS)],
    },
    "restyle": lambda sheet, draw: {
        "cells": _block(sheet, draw),
        "look": {"backgroundColorStyle": {"rgbColor": draw.choice(TINTS)}},
    },
    "merge": lambda sheet, draw: {"cells": _block(sheet, draw)},
    "rename_tab": lambda sheet, draw: {"tab": sheet.title, "title": f"{sheet.title[:80]} {draw.choice('ABCDE')}"},
    "hide_tab": _tab,
    "move_tab": lambda sheet, draw: {"tab": sheet.title, "index": draw.randint(0, 2)},
    "duplicate_tab": _tab,
    "delete_tab": _tab,
    "remove_protection": _tab,
}
