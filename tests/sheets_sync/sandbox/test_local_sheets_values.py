"""What is stored and shown for what is sent: RAW, USER_ENTERED, locales, formats, formulas, masks, A1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import write_values
from sheets_sync.sandbox.document.a1 import Corner, Reference, column_letters, column_number, parse_reference
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.masks import merged, parse_mask, pick
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet
from sheets_sync.sandbox.drive_files import Files
from sheets_sync.sandbox.notation.number_patterns import moment_of, serial, shown
from sheets_sync.sandbox.notation.user_entered import typed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_raw_text_is_never_a_formula(book: gspread.Spreadsheet) -> None:
    """RAW keeps "=1+1", "'x", "12%" and dates as the text that was sent."""
    sent = ["=1+1", "'x", "12%", "2026-11-23", "TRUE", "+1"]
    book.sheet1.update([sent], "A1", raw=True)
    assert book.sheet1.get("A1:F1", value_render_option="UNFORMATTED_VALUE") == [sent]
    assert book.sheet1.get("A1:F1", value_render_option="FORMULA") == [sent]


def test_typing_goes_by_the_cells_format(book: gspread.Spreadsheet) -> None:
    """A cell formatted as plain text keeps what is typed; a typed percent keeps the percent format that is there."""
    tab = book.sheet1
    tab.format("A1", {"numberFormat": {"type": "TEXT"}})
    tab.format("B1:C1", {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}})
    tab.update([["12%", "12%", "2026-11-23"]], "A1", raw=False)
    assert tab.get("A1:C1") == [["12%", "12.0%", "2026-11-23"]]
    assert tab.get("A1:C1", value_render_option="UNFORMATTED_VALUE") == [["12%", 0.12, 46349]]


def test_null_skips_and_empty_text_clears(book: gspread.Spreadsheet) -> None:
    """In the values calls null leaves a cell alone and "" empties it."""
    book.sheet1.update([["a", "b"]], "A1")
    book.sheet1.update([[None, ""]], "A1")
    assert book.sheet1.get("A1:B1") == [["a"]]


TYPED: tuple[tuple[str, str, Any, str | None], ...] = (
    ("en_US", "1,234.5", 1234.5, "#,##0.00"),
    ("en_US", "12.5%", 0.125, "0.00%"),
    ("en_US", "12%", 0.12, "0%"),
    ("en_US", "$5", 5, '"$"#,##0'),
    ("en_US", "11/23/2026", 46349, "m/d/yyyy"),
    ("en_US", "2026-11-23", 46349, "yyyy-mm-dd"),
    ("en_US", "2026-11-23 10:30", 46349.4375, "yyyy-mm-dd h:mm"),
    ("en_US", "6:00 PM", 0.75, "h:mm am/pm"),
    ("en_US", "(5)", -5, None),
    ("en_US", "007", 7, None),
    ("en_US", "1.2.3.4", "1.2.3.4", None),
    ("en_US", "1,5", "1,5", None),
    ("en_US", "13/45/2026", "13/45/2026", None),
    ("en_US", "'=1+1", "=1+1", None),
    ("en_US", "true", True, None),
    ("en_US", "N/A", "N/A", None),
    ("en_GB", "23/11/2026", 46349, "dd/mm/yyyy"),
    ("de_DE", "1.234,5", 1234.5, "#,##0.00"),
    ("de_DE", "1,5", 1.5, None),
    ("de_DE", "23.11.2026", 46349, "dd.mm.yyyy"),
    ("de_DE", "5 €", 5, '#,##0" €"'),
    ("ko_KR", "₩1,200", 1200, '"₩"#,##0'),
    ("ko_KR", "2026. 11. 23", 46349, "yyyy. m. d"),
    ("zh_TW", "2026/11/23", 46349, "yyyy/m/d"),
)


@pytest.mark.parametrize(("locale", "text", "value", "pattern"), TYPED)
def test_typed_text_is_read_in_the_spreadsheets_locale(locale: str, text: str, value: Any, pattern: str | None) -> None:
    """USER_ENTERED makes numbers, money, percents, dates and booleans of text as the locale writes them."""
    extended, number_format = typed(text, locale)
    assert extended is not None
    (stored,) = extended.values()
    assert (stored, type(stored) is bool) == (value, type(value) is bool)
    assert (number_format or {}).get("pattern") == pattern


def test_a_typed_number_is_shown_as_it_was_typed(sheets: LocalSheets, client: gspread.Client) -> None:
    """A German spreadsheet takes a decimal comma and shows it again; the number itself has none."""
    tab = client.open_by_key(sheets.create("DE", locale="de_DE")).sheet1
    tab.update([["1.234,5", "12,5%", "=1,5+1"]], "A1", raw=False)
    assert tab.get("A1:C1") == [["1.234,50", "12,50%", "2,5"]]
    assert tab.get("A1:C1", value_render_option="UNFORMATTED_VALUE") == [[1234.5, 0.125, 2.5]]


SHOWN: tuple[tuple[str, float, str], ...] = (
    ("0.0%", 0.1234, "12.3%"),
    ("0.00%", -0.5, "-50.00%"),
    ('"₩"#,##0', 12345.6, "₩12,346"),
    ("#,##0.00", -1234567.891, "-1,234,567.89"),
    ('#,##0;(#,##0);"-"', -5, "(5)"),
    ('#,##0;(#,##0);"-"', 0, "-"),
    ("+0.0%;-0.0%;0.0%", 0.12, "+12.0%"),
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', 1234567, "1.2M"),
    ('[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', 950, "950"),
    ("0.##", 1.5, "1.5"),
    ("0.00E+00", 12345, "1.23E+04"),
    ("[Red]0", 3, "3"),
    ('0.0"x"', 3.25, "3.3x"),
    ("0.00", -0.001, "0.00"),
    ("yyyy-mm-dd", 43831, "2020-01-01"),
    ("yyyy-mm-dd hh:mm:ss", 43831.75, "2020-01-01 18:00:00"),
    ("dddd, mmm d", 43831, "Wednesday, Jan 1"),
    ("h:mm am/pm", 0.5, "12:00 PM"),
    ("[h]:mm", 1.5, "36:00"),
)


@pytest.mark.parametrize(("pattern", "value", "text"), SHOWN)
def test_number_formats_show_what_people_see(pattern: str, value: float, text: str) -> None:
    """Percent, money, thousands, sections, conditions, dates and durations look as in Sheets."""
    assert shown(value, {"type": "NUMBER", "pattern": pattern}) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1 / 3, "0.3333333333"), (0.1 + 0.2, "0.3"), (1e15, "1E+15"), (43831, "43831"), (-2.5, "-2.5")]
)
def test_numbers_without_a_format(value: float, text: str) -> None:
    """The automatic format shows ten digits and whole numbers in full."""
    assert shown(value, None) == text


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_serial_numbers_round_trip(moment: datetime) -> None:
    """A date-time becomes a serial number and back without loss of a second."""
    assert moment_of(serial(moment)).replace(tzinfo=None) == moment


def calculated(*formulas: str) -> list[str]:
    """What row 10 onward of a small sheet shows for these formulas."""
    state, _ = apply_batch(Files().create({}).spreadsheet, [NAME, {"addSheet": {"properties": {"title": "Plan 26"}}}])
    put(state, "A1", [[1, "x"], [2, "y"], [3.5, ""], ["=A1", "=B99"]])
    put(state, "'Plan 26'!A1", [["7", "10%"]])
    put(state, "D1", [[formula] for formula in formulas])
    reader = Reader(state, NOW)
    return [reader.text(state.sheets[0], (row, 3)) for row in range(len(formulas))]


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


def test_render_options(book: gspread.Spreadsheet) -> None:
    """Dates are serial numbers unless asked for as text; errors and empty results come as text."""
    book.sheet1.update([["2026-11-23", "=1/0", True, "=A2"]], "A1", raw=False)
    option = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert book.values_get("A1:D1", params=option)["values"] == [[46349, "#DIV/0!", True]]
    text = {**option, "dateTimeRenderOption": "FORMATTED_STRING"}
    assert book.values_get("A1", params=text)["values"] == [["2026-11-23"]]
    assert book.values_get("A1:D1", params={"majorDimension": "COLUMNS"})["values"][1] == ["#DIV/0!"]
    assert "values" not in book.values_get("H1:I9")


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("Nope!A1", [[1]], "Unable to parse range: Nope!A1"),
        ("A1001", [[1]], "exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("A1000", [[1], [2]], "exceeds grid limits"),
        ("A1:B1", [[1, 2, 3]], "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"),
        ("A1:B1", [[1], [2]], "tried writing to row [2]"),
        ("A1", [[{"a": 1}]], "Invalid values[0][0]: struct_value"),
    ],
)
def test_writes_that_do_not_fit_are_refused(book: gspread.Spreadsheet, name: str, rows: Any, words: str) -> None:
    """A range that is not there or too small is a 400 that says so, and nothing is written."""
    with pytest.raises(APIError) as caught:
        book.values_update(name, params={"valueInputOption": "RAW"}, body={"values": rows})
    assert words in caught.value.error["message"]
    assert book.sheet1.get_all_values() == [[]]


def test_the_way_of_input_must_be_said(book: gspread.Spreadsheet) -> None:
    """Without a valueInputOption a write is refused, as Google does."""
    with pytest.raises(APIError, match="'valueInputOption' is required but not specified"):
        book.values_update("A1", params={}, body={"values": [[1]]})


MASKS = (
    ("a.b,c", {"a": {"b": {}}, "c": {}}),
    ("a(b,c(d)),e", {"a": {"b": {}, "c": {"d": {}}}, "e": {}}),
    ("a/b/c", {"a": {"b": {"c": {}}}}),
    ("a.b,a.c", {"a": {"b": {}, "c": {}}}),
    ("*", {"*": {}}),
)


@pytest.mark.parametrize(("text", "tree"), MASKS)
def test_field_masks_are_read(text: str, tree: Any) -> None:
    """Dots, slashes, brackets and lists name the same fields."""
    assert parse_mask(text) == tree


def test_a_masked_write_clears_what_is_missing() -> None:
    """A masked field that the new value does not have is cleared, all others stay."""
    assert merged({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 3}}, parse_mask("a,b.d")) == {"b": {"c": 1, "d": 3}}
    assert pick({"a": [{"b": 1, "c": 2}, {"c": 3}]}, parse_mask("a.b")) == {"a": [{"b": 1}, {}]}


corners = st.builds(
    Corner, row=st.integers(0, 9999), column=st.integers(0, 18277), row_fixed=st.booleans(), column_fixed=st.booleans()
)
titles = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(st.none() | titles, corners, st.none() | corners)
def test_references_round_trip(title: str | None, first: Corner, last: Corner | None) -> None:
    """Whatever a tab is called, a reference to it reads back as it was written."""
    reference = Reference(title, first, last)
    assert parse_reference(str(reference)) == reference


@given(st.integers(0, 20000))
def test_column_letters_round_trip(column: int) -> None:
    """Letters and numbers of columns stand for each other."""
    assert column_number(column_letters(column)) == column
