"""pygsheets' own calls work against the local Sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sheets_sync.sandbox import LocalSheets

pygsheets = pytest.importorskip("pygsheets", reason="pygsheets comes with the dev extra: make test installs it")

from foreign_side import pygsheets_client  # noqa: E402 - needs pygsheets


@pytest.fixture
def foreign(sheets: LocalSheets) -> Iterator[Any]:
    with pygsheets_client(sheets) as client:
        yield client


@pytest.fixture
def tab(sheets: LocalSheets, foreign: Any) -> Any:
    """The first tab of a fresh spreadsheet, with three rows."""
    sheet = foreign.open_by_key(sheets.create("Foreign")).sheet1
    sheet.update_values("A1", [["n", "v"], ["b", 2], ["a", 1]])
    return sheet


def test_values_are_written_read_appended_and_sorted(tab: Any) -> None:
    """Values go and come in each of its shapes, whose ranges are open to a side: `A1:1`, `A1:B`, `1:1`."""
    assert tab.get_all_records() == [{"n": "b", "v": 2}, {"n": "a", "v": 1}]
    tab.sort_range("A2", "B3", basecolumnindex=0)
    assert tab.get_row(2, include_tailing_empty=False) == ["a", "1"]
    assert tab.get_col(1, include_tailing_empty=False) == ["n", "a", "b"]
    assert tab.append_table([["z", 9]], start="A1")["updates"]["updatedCells"] == 2
    assert [rows[0][:2] for rows in tab.get_values_batch(["A1:1", "A1:B", "1:1"])] == [["n", "v"]] * 3
    tab.update_values_batch(["A1", "B2"], [[["name"]], [[7]]])
    tab.update_row(6, ["x", "y"])
    tab.update_col(4, [1, 2])
    assert (tab.get_value("A1"), tab.get_value("B2"), tab.get_value("B6"), tab.get_value("D2")) == (
        "name",
        "7",
        "y",
        "2",
    )


def test_cells_carry_formats_notes_and_numbers_as_text(tab: Any) -> None:
    """A cell written back whole keeps its number, which pygsheets sends as a text; formats and notes arrive."""
    head = tab.cell("A1")
    head.set_text_format("bold", True)
    head.note = "the name"
    number = tab.cell("B2")
    number.set_number_format(pygsheets.FormatType.NUMBER, "0.0")
    head.fetch()
    assert (head.text_format["bold"], head.note) == (True, "the name")
    assert tab.cell("B2").value == "2.0"
    tab.apply_format(["A1:B1", "A2:B2"], {"backgroundColor": {"red": 1}}, "userEnteredFormat.backgroundColor")
    assert tab.cell("B2").fetch().color[0] == 1


def test_rows_columns_and_tabs_change_their_size_and_place(tab: Any, foreign: Any) -> None:
    """Insertions, deletions, sizes, frozen rows and hidden lines; a tab is added, copied and deleted."""
    tab.insert_rows(1, 2, values=[["x", 1], ["y", 2]])
    tab.insert_cols(1, 1)
    tab.delete_cols(2)
    tab.delete_rows(2)
    tab.rows, tab.cols, tab.frozen_rows = 200, 30, 1
    tab.adjust_column_width(1, 2, 80)
    tab.hide_dimensions(3)
    assert (tab.rows, tab.cols, tab.get_value("A1")) == (200, 30, "n")
    book = tab.spreadsheet
    extra = book.add_worksheet("Extra", rows=5, cols=3)
    assert extra.copy_to(book.id).title == "Copy of Extra"
    book.del_worksheet(extra)
    assert [sheet.title for sheet in foreign.open_by_key(book.id).worksheets()] == ["Sheet1", "Copy of Extra"]


def test_names_guards_charts_filters_and_rules_are_made_and_listed(tab: Any) -> None:
    """What lies on a tab beside cells, each with the library's own call."""
    block = tab.get_values("A1", "B3", returnas="range")
    block.name, block.protected = "block", True
    assert [one.name for one in tab.get_named_ranges()] == ["block"]
    assert len(tab.get_protected_ranges()) == 1
    tab.add_chart(("A1", "A3"), [("B1", "B3")], "Values", anchor_cell="D4")
    assert [chart.title for chart in tab.get_charts()] == ["Values"]
    tab.set_data_validation("C1", "C5", "ONE_OF_LIST", ["a", "b"], strict=True, showCustomUi=True)
    tab.add_conditional_formatting("A1", "A4", "NUMBER_BETWEEN", {"backgroundColor": {"red": 1}}, ["1", "5"])
    tab.set_basic_filter("A1", "B3")
    tab.clear_basic_filter()
    tab.merge_cells("E1", "F2")
    tab.create_developer_metadata("key", "value")
    assert [one.value for one in tab.get_developer_metadata("key")] == ["value"]
    assert [cell.label for cell in tab.find("a")] == ["A3"]


def test_one_batch_holds_lists_in_lists(tab: Any, foreign: Any) -> None:
    """In batch mode a call for several ranges puts a list into the list of requests."""
    foreign.set_batch_mode(True)
    tab.apply_format(["A1:B1", "A2:B2"], {"textFormat": {"bold": True}}, "userEnteredFormat.textFormat")
    tab.frozen_rows = 1
    foreign.run_batch()
    foreign.set_batch_mode(False)
    assert tab.cell("B2").fetch().text_format["bold"]


def test_frames_and_files(tab: Any, foreign: Any, tmp_path: Path) -> None:
    """A data frame goes and comes back; Drive lists, shares, copies, exports and deletes."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    tab.set_dataframe(frame, "A1", fit=True)
    assert tab.get_as_df().equals(frame)
    book = tab.spreadsheet
    book.share("a@example.com", role="reader", type="user")
    assert "a@example.com" in [one.get("emailAddress") for one in book.permissions]
    book.remove_permission("a@example.com")
    assert "Foreign" in foreign.spreadsheet_titles()
    copy = foreign.create("Copied", template=book)
    assert foreign.open("Copied").id == copy.id
    copy.delete()
    tab.export(pygsheets.ExportType.CSV, filename="tab", path=f"{tmp_path}/")
    assert (tmp_path / "tab.csv").read_text() == "a,b\n1,x\n2,y"
