"""The own calls of gspread-formatting and gspread-dataframe work against the local Sheets."""

from __future__ import annotations

from typing import Any

import gspread
import pandas as pd
import pytest

formatting = pytest.importorskip(
    "gspread_formatting", reason="gspread-formatting comes with the dev extra: make test installs it"
)
frames = pytest.importorskip(
    "gspread_dataframe", reason="gspread-dataframe comes with the dev extra: make test installs it"
)

BOLD = {"textFormat": {"bold": True}}


def _bold() -> Any:
    return formatting.CellFormat(textFormat=formatting.TextFormat(bold=True))


def test_formats_of_cells_rows_and_columns(book: gspread.Spreadsheet) -> None:
    """Formats are set by cell, row and column and read back, beside sizes, frozen lines and the default."""
    tab = book.sheet1
    tab.update([["n", "v"], ["a", 1]], "A1")
    formatting.format_cell_ranges(tab, [("A1:B1", _bold()), ("2:3", _bold())])
    formatting.format_cell_range(tab, "A", formatting.CellFormat(horizontalAlignment="RIGHT"))
    formatting.set_column_widths(tab, [("A", 100), ("B:C", 90)])
    formatting.set_row_height(tab, "1:2", 30)
    formatting.set_frozen(tab, rows=1, cols=1)
    assert (formatting.get_frozen_row_count(tab), formatting.get_frozen_column_count(tab)) == (1, 1)
    mine = formatting.get_user_entered_format(tab, "A2")
    assert (mine.textFormat.bold, mine.horizontalAlignment) == (True, "RIGHT")
    assert formatting.get_effective_format(tab, "B2").horizontalAlignment == "RIGHT"
    assert formatting.get_default_format(book).textFormat.fontSize == 10


def test_choices_runs_and_rules(book: gspread.Spreadsheet) -> None:
    """Drop-downs, rich text and conditional formats, which the library reads, changes and saves as a list."""
    tab = book.sheet1
    tab.update([["bold italic"]], "A1")
    condition = formatting.BooleanCondition("ONE_OF_LIST", ["yes", "no"])
    formatting.set_data_validation_for_cell_range(tab, "B1:B3", formatting.DataValidationRule(condition))
    assert formatting.get_data_validation_rule(tab, "B2").condition.type == "ONE_OF_LIST"
    runs = [formatting.TextFormatRun(startIndex=0, format=formatting.TextFormat(bold=True))]
    formatting.set_text_format_runs(tab, "A1", runs)
    assert formatting.get_text_format_runs(tab, "A1")[0].format.bold
    rules = formatting.get_conditional_format_rules(tab)
    area = formatting.GridRange.from_a1_range("A1:A3", tab)
    above = formatting.BooleanRule(formatting.BooleanCondition("NUMBER_GREATER", ["1"]), _bold())
    rules.append(formatting.ConditionalFormatRule(ranges=[area], booleanRule=above))
    rules.save()
    assert len(formatting.get_conditional_format_rules(tab)) == 1


def test_a_batch_of_lists_is_one_call(book: gspread.Spreadsheet, sheets: Any) -> None:
    """The batch updater puts lists of requests into its list: Google takes them, and so does the local Sheets."""
    tab = book.sheet1
    before = len(sheets.requests)
    with formatting.batch_updater(book) as batch:
        batch.format_cell_ranges(tab, [("A1:C1", _bold()), ("A2", _bold())])
        batch.set_column_width(tab, "A:B", 77)
        batch.set_frozen(tab, rows=2)
    assert len(sheets.requests) == before + 1
    assert tab.frozen_row_count == 2 or formatting.get_frozen_row_count(tab) == 2
    assert formatting.get_user_entered_format(tab, "A2").textFormat.bold


def test_frames_go_and_come_with_their_looks(book: gspread.Spreadsheet) -> None:
    """A frame is written with the grid fitted to it, styled, and read back."""
    frame = pd.DataFrame({"kpi": ["cac", "roas"], "value": [1.5, 2.0]})
    tab = book.sheet1
    frames.set_with_dataframe(tab, frame, resize=True)
    formatting.dataframe.format_with_dataframe(tab, frame)
    assert frames.get_as_dataframe(tab).equals(frame)
    assert (tab.row_count, tab.col_count) == (3, 2)
