"""The tabs as an Excel workbook and as CSV: the same numbers, in files that run nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sheet_side import goal, material

from kpi_core.formats.csv_text import is_formula
from kpi_core.settings.values import TABS
from sheets_sync.files.sparklines import bars
from sheets_sync.files.tab_csv import table_csv
from sheets_sync.files.tab_workbook import LONGEST_TEXT, sheet_name, workbook_of
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.cells import Cell, Day, Number, Text
from sheets_sync.tabs.goals.goal_rows import GoalsRead
from sheets_sync.tabs.goals.settling import with_seeds
from sheets_sync.tabs.tab import Area, Column, Shade, Tab

import long

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GOALS = (goal("cac", 40000.0, "mina"), goal("roas", 3.0, channel="search"))


def all_tabs(locale: str) -> list[Tab]:
    read, seeds = with_seeds(GoalsRead(), GOALS, frozenset())
    return build_tabs(TABS, material(locale, GOALS), read, seeds)


def small(*rows: tuple[Cell, ...], **more: object) -> Tab:
    """A table of a name and a number."""
    columns = (Column("name", "Name", "What it is called."), Column("worth", "Worth", width=75))
    above: tuple[tuple[Cell, ...], ...] = ((Text("Title"), None), (None, None), (Text("Name"), Text("Worth")))
    return Tab("small", "Small", columns, (*above, *rows), 2, **more)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_a_workbook_holds_every_number_of_every_tab_with_its_format(locale: str) -> None:
    """Typed cells arrive typed, at the place where the spreadsheet has them."""
    tabs = all_tabs(locale)
    book = load_workbook(io.BytesIO(workbook_of(tabs, NOW)))
    assert book.sheetnames[: len(tabs)] == [tab.title for tab in tabs]
    for tab in tabs:
        sheet = book[tab.title]
        for row, cells in enumerate(tab.rows, 1):
            for column, cell in enumerate(cells, 1):
                there = sheet.cell(row, column)
                if isinstance(cell, Number) and cell.value is not None:
                    assert there.value == pytest.approx(cell.value)
                    assert there.number_format == (cell.format.pattern if cell.format else "General")
                elif isinstance(cell, Day) and cell.day:
                    assert there.value.date() == cell.day
                elif isinstance(cell, Text) and cell.text:
                    assert (there.value, there.data_type) == (cell.text, "s")
        assert sheet.freeze_panes == f"B{tab.header + 2}"


def test_looks_notes_choices_and_charts_come_along() -> None:
    """Definitions on the headers, colours by condition, drop-downs, a chart for each headline in the trends."""
    tabs = {tab.block: tab for tab in all_tabs("en")}
    book = load_workbook(io.BytesIO(workbook_of(list(tabs.values()), NOW)))
    overview, goals = book["Overview"], book["Goals"]
    notes = [column.note for column in tabs["overview"].columns if column.note]
    head = overview[tabs["overview"].header + 1]
    assert [cell.comment.text for cell in head if cell.comment] == notes
    rules = [rule for ranged in overview.conditional_formatting for rule in ranged.rules]
    assert {rule.formula[0] for rule in rules} >= {'"on track"', '"off track"'}
    assert len(goals.data_validations.dataValidation) == sum(bool(column.choices) for column in tabs["goals"].columns)
    lines = [chart for chart in tabs["trends"].charts if chart.kind == "line"]
    assert len(book["Trends"]._charts) == len(lines) > 0


def test_scorecards_are_cells_that_say_their_number_and_its_change() -> None:
    """Excel has none: name, number and change stand in the rows that are left for them, a column a card."""
    overview = next(tab for tab in all_tabs("en") if tab.block == "overview")
    sheet = load_workbook(io.BytesIO(workbook_of([overview], NOW)))["Overview"]
    cards = [chart for chart in overview.charts if chart.kind == "scorecard"]
    assert cards
    for place, card in enumerate(cards, 1):
        name, number, change = (sheet.cell(card.row + line, place) for line in (1, 2, 3))
        value = overview.rows[card.values.top][card.values.left]
        assert isinstance(value, Number)
        assert value.format
        assert (name.value, number.value, number.number_format) == (card.title, value.value, value.format.pattern)
        assert change.value is not None


def test_a_long_list_of_choices_stands_in_cells_of_a_hidden_sheet() -> None:
    """Excel takes 255 characters in a rule; a comma in a choice would part it."""
    columns = (Column("kpi", "KPI", people=True, choices=tuple(f"KPI, number {each}" for each in range(40))),)
    tab = Tab("small", "Small", columns, ((Text("t"),), (None,), (Text("KPI"),)), 2)
    book = load_workbook(io.BytesIO(workbook_of([tab], NOW)))
    (rule,) = book["Small"].data_validations.dataValidation
    assert rule.formula1 == "choices!$A$1:$A$40"
    assert (book["choices"].sheet_state, book["choices"]["A40"].value) == ("hidden", "KPI, number 39")


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["=1+1", "+1", "-1", "@home", "\tx", "\r=1", " =1", "＝1", "'x", "_x0041_", "\x00\x1b", "x" * 40_000]
)


@long.examples("files of hostile tabs", 6, 500)
@given(st.lists(st.tuples(HOSTILE, st.floats(-1e300, 1e300)), min_size=1, max_size=20))
def test_texts_stay_texts_and_numbers_numbers(rows: list[tuple[str, float]]) -> None:
    """No text runs in Excel, out of either file; every number is the very one."""
    tab = small(*((Text(name), Number(worth)) for name, worth in rows))
    sheet = load_workbook(io.BytesIO(workbook_of([tab], NOW)))["Small"]
    for row, (name, worth) in enumerate(rows, 4):
        there = sheet.cell(row, 1)
        assert there.data_type == ("s" if there.value is not None else "n")
        assert len(str(there.value or "")) <= LONGEST_TEXT
        assert not is_formula(name.replace("\r", "\n")) or there.quotePrefix or there.value is None
        # openpyxl writes 16 digits, Excel shows 15.
        assert sheet.cell(row, 2).value == pytest.approx(worth, rel=1e-14)
    read = list(csv.reader(io.StringIO(table_csv(tab), newline="")))
    assert read[0] == ["Name", "Worth"]
    assert not any(is_formula(name) for name, _worth in read)
    assert [float(worth) for _name, worth in read[1:]] == [worth for _name, worth in rows]


def test_csv_leaves_headings_and_drawings_out() -> None:
    """A program gets a header and one row a KPI; no data is nothing, a rate a fraction, a day an ISO date."""
    overview = next(tab for tab in all_tabs("en") if tab.block == "overview")
    rows = list(csv.DictReader(io.StringIO(table_csv(overview))))
    names = {row["KPI"] for row in rows}
    assert "Churn rate" in names
    assert len(rows) == len(overview.rows) - overview.header - 1 - len(overview.headings)
    churn = next(row for row in rows if row["KPI"] == "Churn rate")
    assert churn["Value"] == ""
    shown = table_csv(small((Text("a"), Day(date(2026, 10, 1))), (Text("b"), Number(0.031)), (Text("c"), Number(None))))
    assert shown == "Name,Worth\r\na,2026-10-01\r\nb,0.031\r\nc,\r\n"


@given(st.lists(st.text(max_size=40), max_size=6))
def test_sheet_names_are_ones_that_excel_takes(titles: list[str]) -> None:
    """At most 31 characters, none that is forbidden, none twice whatever its case."""
    names: list[str] = []
    for title in titles:
        names.append(sheet_name(title, names))
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_a_sparkline_becomes_bars_and_other_formulas_nothing() -> None:
    """The lowest bar is the lowest value, the highest the highest."""
    assert bars("=SPARKLINE({0;500;1000})") == "▁▅█"
    assert bars("=1+1") == ""


def test_colours_follow_conditions_below_and_above_zero() -> None:
    """Each kind of condition is one of Excel's."""
    shades = tuple(
        Shade((Area(3, 1, None, 2),), when, "bad", kind)  # type: ignore[arg-type]  # the three kinds
        for when, kind in (('so "so"', "word"), ("0", "above"), ("0", "below"))
    )
    sheet = load_workbook(io.BytesIO(workbook_of([small((Text("a"), Number(1.0)), shades=shades)], NOW)))["Small"]
    rules = [(rule.operator, rule.formula) for each in sheet.conditional_formatting for rule in each.rules]
    assert rules == [("equal", ['"so ""so"""']), ("greaterThan", ["0"]), ("lessThan", ["0"])]
