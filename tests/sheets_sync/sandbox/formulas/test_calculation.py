"""What formulas come to, and where they spill."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import gspread

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import write_values
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet
from sheets_sync.sandbox.drive_files import Files

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def calculated(*formulas: str) -> list[str]:
    """What row 10 onward of a small sheet shows for these formulas."""
    state, _ = apply_batch(Files().create({}).spreadsheet, [NAME, {"addSheet": {"properties": {"title": "Plan 26"}}}])
    put(state, "A1", [[1, "x"], [2, "y"], [3.5, ""], ["=A1", "=B99"]])
    put(state, "'Plan 26'!A1", [["7", "10%"]])
    put(state, "D1", [[formula] for formula in formulas])
    reader = Reader(state, NOW)
    return [reader.text(state.sheets[0], (row, 3)) for row in range(len(formulas))]


def test_only_what_stands_in_an_array_formula_goes_cell_by_cell() -> None:
    """Beside it in the same formula a range is one cell again, as it is without."""
    beside, alone, inside = calculated("=SUM(ARRAYFORMULA(A1:A3*2))+A1:A3*1", "=A1:A3*1", "=SUM(ARRAYFORMULA(A1:A3*2))")
    assert (float(inside), float(alone)) == (13, 2)
    assert float(beside) == 14


NAME = {
    "addNamedRange": {"namedRange": {"name": "spend", "range": {"sheetId": 0, "endRowIndex": 3, "endColumnIndex": 1}}}
}


def put(state: Spreadsheet, name: str, rows: list[list[Any]]) -> None:
    area = find_area(state, name)
    write_values(state, area, True, {"values": rows}, "USER_ENTERED")


FORMULAS = (
    ("=4/2", "2"),
    ("=2+3*4^2", "50"),
    ("=-2^2", "4"),
    ("=(1+2)*3%", "0.09"),
    ('="a"&1&TRUE', "a1TRUE"),
    ("=SUM(A1:A3)", "6.5"),
    ("=SUM(A:A)", "7.5"),
    ("=AVERAGE(spend)", "2.166666667"),
    ("=MIN(spend, 0)", "0"),
    ("=COUNT(A1:B3)", "3"),
    ("=COUNTA(A1:B3)", "5"),
    ("=MAX(A1:A3)/'Plan 26'!A1", "0.5"),
    ("='Plan 26'!B1", "10%"),
    ('=IF(A1<A2, "up", "down")', "up"),
    ("=IF(A1=1, , 5)", ""),
    ("=1/0", "#DIV/0!"),
    ('=IFERROR(1/0, "-")', "-"),
    ("=A1+B1", "#VALUE!"),
    ("=Gone!A1", "#REF!"),
    ("=FOO(1)", "#NAME?"),
    ("=foo", "#NAME?"),
    ("=SUM(A1:A3", "#ERROR!"),
    ("=VLOOKUP(2, A1:B3, 2, FALSE)", "y"),
    ("=VLOOKUP(9, A1:B3, 2, FALSE)", "#N/A"),
    ('=SUMIF(A1:A3, ">1")', "5.5"),
    ('=COUNTIF(B1:B3, "x")', "1"),
    ('=SUMIFS(A1:A3, B1:B3, "<>x", A1:A3, "<3")', "2"),
    ('=COUNTIFS(A1:A3, ">=2")', "2"),
    ('=XLOOKUP("y", B1:B3, A1:A3)', "2"),
    ('=IFS(A1>1, "big", TRUE, "small")', "small"),
    ("=ROUND(2.345, 2)", "2.35"),
    ('=TEXT(0.5, "0%")', "50%"),
    ("=TODAY()", "11/23/2026"),
    ('=HYPERLINK("https://example.com", "go")', "go"),
    ("=SPARKLINE(A1:A3)", ""),
    ("=D36", "#REF!"),
)


def test_formulas_are_worked_out() -> None:
    """Operators, references, names, other tabs and the usual functions give what Sheets shows, errors included."""
    found = calculated(*[formula for formula, _ in FORMULAS])
    assert list(zip([formula for formula, _ in FORMULAS], found, strict=True)) == list(FORMULAS)


def test_a_name_spills_and_never_overwrites(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """`={name}` fills the cells below with values and formats; a filled cell in the way makes it #REF! instead."""
    tab = book.sheet1
    tab.update([["Oct", "41%"], ["Nov", "39%"]], "A1", raw=False)
    tab.define_named_range("A1:B2", "kpi")
    tab.update([["={kpi}"]], "D1", raw=False)
    assert tab.get("D1:E2") == [["Oct", "41%"], ["Nov", "39%"]]
    tab.update([["mine"]], "E2")
    assert tab.get("D1:E2") == [["#REF!"], ["", "mine"]]
