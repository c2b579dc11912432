"""batchUpdate: whole or nothing, ids of the caller's choice, and everything moves with its rows and columns."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from sheets_sync.sandbox import LocalSheets

Json = dict[str, Any]


def grid(top: int, left: int, bottom: int, right: int, sheet_id: int = 0) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": top,
        "startColumnIndex": left,
        "endRowIndex": bottom,
        "endColumnIndex": right,
    }


def batch(book: gspread.Spreadsheet, *requests: Json, **more: Any) -> Json:
    return dict(book.batch_update({"requests": list(requests), **more}))


def refused(book: gspread.Spreadsheet, *requests: Json) -> str:
    with pytest.raises(APIError) as caught:
        batch(book, *requests)
    assert caught.value.code == 400
    return str(caught.value.error["message"])


def tab(sheet_id: int, title: str) -> Json:
    return {"addSheet": {"properties": {"sheetId": sheet_id, "title": title}}}


def metadata(metadata_id: int, location: Json) -> Json:
    entry = {"metadataId": metadata_id, "metadataKey": "kpibot.block", "visibility": "DOCUMENT", "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": {**entry, "metadataValue": "goals"}}}


def lines(kind: str, start: int, end: int, dimension: str = "ROWS", sheet_id: int = 0) -> Json:
    run = {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {kind: {"range": run}}


ADDED: tuple[tuple[str, Json], ...] = (
    ("addSheet", tab(7, "KPI")),
    (
        "addNamedRange",
        {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "spend", "range": grid(0, 0, 2, 2)}}},
    ),
    (
        "addProtectedRange",
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 5, "range": grid(0, 0, 2, 2)}}},
    ),
    ("createDeveloperMetadata", metadata(9, {"sheetId": 0})),
    ("addTable", {"addTable": {"table": {"tableId": "t1", "name": "Goals", "range": grid(0, 0, 3, 2)}}}),
    (
        "addBanding",
        {
            "addBanding": {
                "bandedRange": {
                    "bandedRangeId": 3,
                    "range": grid(0, 0, 2, 2),
                    "rowProperties": {"firstBandColor": {"red": 1}},
                }
            }
        },
    ),
    (
        "addChart",
        {
            "addChart": {
                "chart": {
                    "chartId": 11,
                    "spec": {"title": "CAC", "basicChart": {"chartType": "LINE"}},
                    "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 5, "columnIndex": 1}}},
                }
            }
        },
    ),
)


@pytest.mark.parametrize(("kind", "request_"), ADDED, ids=[kind for kind, _ in ADDED])
def test_an_id_can_be_chosen_once(book: gspread.Spreadsheet, kind: str, request_: Json) -> None:
    """A batch repeated after a timeout fails with "already exists" instead of doubling."""
    first = batch(book, request_)
    assert kind in first["replies"][0]
    message = refused(book, request_)
    assert message.startswith(f"Invalid requests[0].{kind}: ")
    assert "already exists" in message


def test_a_failed_batch_changes_nothing(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """The request that fails is named by its place, and the ones before it are taken back."""
    book.sheet1.update([["a"]], "A1")
    before = book.fetch_sheet_metadata({"includeGridData": "true"})
    cell = {
        "updateCells": {
            "start": {"sheetId": 0},
            "rows": [{"values": [{"userEnteredValue": {"stringValue": "b"}}]}],
            "fields": "userEnteredValue",
        }
    }
    message = refused(book, cell, tab(7, "KPI"), lines("deleteDimension", 0, 1), tab(7, "Other"))
    assert message == "Invalid requests[3].addSheet: Sheet with ID 7 already exists. Please enter another ID."
    assert book.fetch_sheet_metadata({"includeGridData": "true"}) == before


REFUSALS: tuple[tuple[Json, str], ...] = (
    (
        tab(1, "sheet1"),
        'Invalid requests[0].addSheet: A sheet with the name "sheet1" already exists. Please enter another name.',
    ),
    (lines("insertDimension", 0, 1, sheet_id=404), "Invalid requests[0].insertDimension: No grid with id: 404"),
    (
        {"deleteSheet": {"sheetId": 0}},
        "Invalid requests[0].deleteSheet: You can't remove all the visible sheets in a document.",
    ),
    (
        {"updateCells": {"start": {"sheetId": 0}, "rows": []}},
        "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    ),
    (
        {"updateCells": {"start": {"sheetId": 0, "columnIndex": 25}, "rows": [{"values": [{}, {}]}], "fields": "note"}},
        "Invalid requests[0].updateCells: Attempting to write column: 26, beyond the last requested column of: 25",
    ),
    (
        {"repeatCell": {"range": grid(0, 0, 1001, 1), "cell": {}, "fields": "note"}},
        "Invalid requests[0].repeatCell: GridRange.endRowIndex[1001] is after last row in grid[1000]",
    ),
    ({"addSheet": {"properties": {"gridProperties": {"rowCount": 1_000_000}}}}, "above the limit of 10000000 cells"),
    ({"deleteNamedRange": {"namedRangeId": "x"}}, "Invalid requests[0].deleteNamedRange: No named range with id: x"),
)


@pytest.mark.parametrize(("request_", "words"), REFUSALS, ids=[next(iter(request_)) for request_, _ in REFUSALS])
def test_refusals_read_like_googles(book: gspread.Spreadsheet, request_: Json, words: str) -> None:
    """A bad request is answered 400 with the request's place, its kind and the reason."""
    assert words in refused(book, request_)


def test_an_unknown_request_is_no_field_of_the_api(book: gspread.Spreadsheet) -> None:
    """A kind that the API does not have is an unknown JSON name; no request at all is refused too."""
    assert refused(book, {"frobnicate": {}}).startswith('Invalid JSON payload received. Unknown name "frobnicate"')
    assert refused(book) == "Must specify at least one request."
    assert refused(book, {}).startswith("Invalid value at 'requests[0]'")
    assert refused(book, {"addSheet": 7}).startswith("Invalid value at 'requests[0]'")


@pytest.mark.parametrize(
    "request_",
    [
        {"repeatCell": {"range": {"sheetId": 0}, "cell": {"notes": "n"}, "fields": "note"}},
        {"repeatCell": {"range": {"sheetId": 0}, "cell": {"note": "n"}, "fields": "notes"}},
        {"addSheet": {"properties": {"sheetId": "7"}}},
    ],
    ids=["unknown field", "unknown mask", "wrong type"],
)
def test_a_strict_server_refuses_what_google_does_not_describe(
    book: gspread.Spreadsheet, sheets: LocalSheets, request_: Json
) -> None:
    """A field, mask entry or type that Google's own description does not have is a 400."""
    sheets.backend.strict = True
    assert "Unknown name or value" in refused(book, request_)


def test_everything_moves_with_inserted_rows(book: gspread.Spreadsheet) -> None:
    """Names, guards, row metadata, tables, charts, rules and formulas follow rows that a person inserts above."""
    book.sheet1.update([["h", "v"], ["a", 1], ["b", 2], ["", "=SUM(B2:B3)"]], "A1", raw=False)
    rule = {"ranges": [grid(1, 1, 3, 2)], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    batch(
        book,
        *[
            request_
            for kind, request_ in ADDED
            if kind in ("addNamedRange", "addProtectedRange", "addTable", "addChart")
        ],
        metadata(1, {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}}),
        metadata(2, {"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}}),
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        lines("insertDimension", 1, 3),
    )
    whole = book.fetch_sheet_metadata()
    sheet = whole["sheets"][0]
    assert whole["namedRanges"][0]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 4,
        "startColumnIndex": 0,
        "endColumnIndex": 2,
    }
    assert sheet["protectedRanges"][0]["range"]["endRowIndex"] == 4
    assert sheet["tables"][0]["range"]["endRowIndex"] == 5
    assert sheet["charts"][0]["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 7
    assert sheet["conditionalFormats"][0]["ranges"][0]["startRowIndex"] == 3
    assert sheet["properties"]["gridProperties"]["rowCount"] == 1002
    assert book.sheet1.get("B6", value_render_option="FORMULA") == [["=SUM(B4:B5)"]]
    assert rows_of(book, 1) == (4, 5)
    assert rows_of(book, 2) == (1, 2)


def rows_of(book: gspread.Spreadsheet, metadata_id: int) -> tuple[int, int]:
    path = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata/{metadata_id}"
    run = book.client.request("get", path).json()["location"]["dimensionRange"]
    return run["startIndex"], run["endIndex"]


def test_deleted_rows_take_their_things_along(book: gspread.Spreadsheet) -> None:
    """Deleting rows ends what lay on them alone, and shortens what reached further."""
    batch(
        book,
        {"addNamedRange": {"namedRange": {"name": "gone", "range": grid(2, 0, 3, 2)}}},
        {"addNamedRange": {"namedRange": {"name": "left", "range": grid(1, 0, 5, 2)}}},
        metadata(1, {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}}),
        lines("deleteDimension", 2, 4),
    )
    assert [(one["name"], one["range"]["endRowIndex"]) for one in book.list_named_ranges()] == [("left", 3)]
    assert search(book, {"developerMetadataLookup": {"metadataKey": "kpibot.block"}}) == []


def search(book: gspread.Spreadsheet, data_filter: Json) -> list[int]:
    path = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata:search"
    found = book.client.request("post", path, json={"dataFilters": [data_filter]}).json()
    return [item["developerMetadata"]["metadataId"] for item in found.get("matchedDeveloperMetadata", [])]


def test_moved_rows_carry_their_metadata(book: gspread.Spreadsheet) -> None:
    """MoveDimension takes cells and metadata along; the destination counts before the move."""
    book.sheet1.update([["a"], ["b"], ["c"], ["d"]], "A1")
    run = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    batch(book, metadata(1, {"dimensionRange": run}), {"moveDimension": {"source": run, "destinationIndex": 3}})
    assert book.sheet1.col_values(1) == ["b", "c", "a", "d"]
    assert rows_of(book, 1) == (2, 3)


def test_metadata_is_found_by_key_value_place_and_range(book: gspread.Spreadsheet) -> None:
    """developerMetadata:search knows keys, values, locations and data filters; a renamed tab keeps its metadata."""
    row = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 4, "endIndex": 5}}
    batch(book, tab(7, "KPI"), metadata(1, {"spreadsheet": True}), metadata(2, {"sheetId": 7}), metadata(3, row))
    book.worksheet("KPI").update_title("Renamed")
    lookup = "developerMetadataLookup"
    assert search(book, {lookup: {"metadataKey": "kpibot.block", "metadataValue": "goals"}}) == [1, 2, 3]
    assert search(book, {lookup: {"locationType": "SHEET"}}) == [2]
    assert search(book, {lookup: {"metadataId": 3}}) == [3]
    assert search(book, {lookup: {"metadataLocation": {"sheetId": 7}}}) == [2]
    assert search(book, {lookup: {"metadataKey": "other"}}) == []
    assert search(book, {"gridRange": grid(3, 0, 6, 1)}) == [3]
    meta = book.fetch_sheet_metadata(
        {"fields": "developerMetadata,sheets(properties.sheetId,developerMetadata.metadataId)"}
    )
    assert [item["metadataId"] for item in meta["developerMetadata"]] == [1]
    assert meta["sheets"][1] == {"properties": {"sheetId": 7}, "developerMetadata": [{"metadataId": 2}]}


@pytest.mark.parametrize("copies", [False, True])
def test_a_copied_tab_may_take_its_metadata_along(sheets: LocalSheets, book: gspread.Spreadsheet, copies: bool) -> None:
    """Duplicated or copied to another file: metadata stays behind or comes along under a new id, as the test orders."""
    other = sheets.create("Other")
    for spreadsheet in (book.id, other):
        sheets.copy_metadata(spreadsheet, copies=copies)
    row = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}
    batch(book, metadata(1, {"spreadsheet": True}), metadata(2, {"sheetId": 0}), metadata(3, row))
    batch(book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 7}})
    there = book.worksheet("Sheet1").copy_to(other)["sheetId"]
    for spreadsheet, sheet_id in ((book.id, 7), (other, there)):
        known = sheets.spreadsheet(spreadsheet).metadata
        of_copy = [
            item for item in known if sheet_id in (item["location"].get("sheetId"), _row_of(item).get("sheetId"))
        ]
        assert [item["metadataValue"] for item in of_copy] == ["goals", "goals"] * copies
        assert [_row_of(item).get("startIndex") for item in of_copy] == [None, 1] * copies
        assert len({item["metadataId"] for item in known}) == len(known)


def _row_of(item: Json) -> Json:
    return dict(item["location"].get("dimensionRange", {}))


def test_metadata_finds_cells(book: gspread.Spreadsheet) -> None:
    """A lookup by metadata reads the row that it lies on, wherever that row has gone."""
    book.sheet1.update([["a"], ["b"]], "A1")
    row = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}
    batch(book, metadata(1, row), lines("insertDimension", 0, 3))
    path = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}:getByDataFilter"
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataId": 1}}], "includeGridData": True}
    found = book.client.request("post", path, json=body).json()["sheets"][0]["data"][0]
    assert found["startRow"] == 4
    assert found["rowData"][0]["values"][0]["formattedValue"] == "b"


def test_a_range_write_clears_what_it_does_not_cover(book: gspread.Spreadsheet) -> None:
    """UpdateCells with `range` clears the rest of it in the masked fields; with `start` it leaves the rest alone."""
    book.sheet1.update([["a", "b"], ["c", "d"]], "A1")
    row = {"values": [{"userEnteredValue": {"stringValue": "x"}}]}
    batch(book, {"updateCells": {"start": {"sheetId": 0}, "rows": [row], "fields": "userEnteredValue"}})
    assert book.sheet1.get_all_values() == [["x", "b"], ["c", "d"]]
    batch(book, {"updateCells": {"range": grid(0, 0, 2, 1), "rows": [row], "fields": "userEnteredValue"}})
    assert book.sheet1.get_all_values() == [["x", "b"], ["", "d"]]


def test_a_mask_guards_what_it_does_not_name(book: gspread.Spreadsheet) -> None:
    """Writing a value keeps the person's format and note; writing one part of a format keeps its other parts."""
    tab = book.sheet1
    tab.update([[0.5]], "A1")
    tab.format(
        "A1", {"textFormat": {"bold": True, "italic": True}, "numberFormat": {"type": "PERCENT", "pattern": "0%"}}
    )
    tab.insert_note("A1", "mine")
    cell = {"userEnteredValue": {"numberValue": 0.25}, "userEnteredFormat": {"textFormat": {"bold": False}}}
    batch(
        book,
        {
            "updateCells": {
                "start": {"sheetId": 0},
                "rows": [{"values": [cell]}],
                "fields": "userEnteredValue,userEnteredFormat.textFormat.bold",
            }
        },
    )
    fields = "sheets.data.rowData.values(formattedValue,note,userEnteredFormat)"
    data = book.fetch_sheet_metadata({"fields": fields})["sheets"][0]["data"][0]["rowData"][0]["values"][0]
    assert (data["formattedValue"], data["note"]) == ("25%", "mine")
    assert data["userEnteredFormat"]["textFormat"] == {"bold": False, "italic": True}


def test_a_colour_is_read_back_in_both_words(book: gspread.Spreadsheet) -> None:
    """As with Google, `backgroundColor` and `backgroundColorStyle` say the same after either was written."""
    red, blue = {"red": 1}, {"blue": 1}

    def write(cell_format: Json, fields: str) -> Json:
        cell = {"userEnteredFormat": cell_format}
        batch(book, {"repeatCell": {"range": grid(0, 0, 1, 1), "cell": cell, "fields": fields}})
        mask = "sheets.data.rowData.values.userEnteredFormat"
        rows = book.fetch_sheet_metadata({"fields": mask})["sheets"][0]["data"][0].get("rowData")
        return dict(rows[0]["values"][0]["userEnteredFormat"]) if rows else {}

    field = "userEnteredFormat.backgroundColor"
    assert write({"backgroundColor": red}, field) == {"backgroundColor": red, "backgroundColorStyle": {"rgbColor": red}}
    style = {"backgroundColorStyle": {"rgbColor": blue}}
    assert write(style, f"{field}Style") == {"backgroundColor": blue, **style}
    assert write({}, field) == {}


def test_the_answer_can_hold_the_new_state(book: gspread.Spreadsheet) -> None:
    """IncludeSpreadsheetInResponse answers the spreadsheet after the batch, cut to ranges and by the fields mask."""
    answer = book.client.request(
        "post",
        f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}:batchUpdate",
        params={"fields": "replies,updatedSpreadsheet.sheets(properties(sheetId,title),data.rowData.values.note)"},
        json={
            "requests": [
                tab(7, "KPI"),
                {"repeatCell": {"range": grid(0, 0, 1, 1, 7), "cell": {"note": "n"}, "fields": "note"}},
            ],
            "includeSpreadsheetInResponse": True,
            "responseRanges": ["KPI!A1:B2"],
        },
    ).json()
    assert answer["updatedSpreadsheet"] == {
        "sheets": [{"properties": {"sheetId": 7, "title": "KPI"}, "data": [{"rowData": [{"values": [{"note": "n"}]}]}]}]
    }


def test_read_masks_cut_the_answer(book: gspread.Spreadsheet) -> None:
    """A fields mask with brackets answers those fields alone; a broken mask is refused."""
    found = book.fetch_sheet_metadata({"fields": "spreadsheetId,properties.title,sheets.properties(sheetId,title)"})
    assert found == {
        "spreadsheetId": book.id,
        "properties": {"title": "Marketing"},
        "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}],
    }
    with pytest.raises(APIError):
        book.fetch_sheet_metadata({"fields": "sheets(properties"})


def test_the_first_tabs_id_is_left_out_of_ranges(book: gspread.Spreadsheet) -> None:
    """As Google does, a GridRange on the tab with id 0 carries no sheetId."""
    batch(book, tab(7, "KPI"))
    for name, sheet_id in (("one", 0), ("two", 7)):
        batch(book, {"addNamedRange": {"namedRange": {"name": name, "range": grid(0, 0, 1, 1, sheet_id)}}})
    assert ["sheetId" in item["range"] for item in book.list_named_ranges()] == [False, True]


def test_named_and_protected_ranges_change_and_go(book: gspread.Spreadsheet) -> None:
    """Names can be re-pointed and renamed, guards can get holes, and both can be deleted."""
    batch(book, *[request_ for kind, request_ in ADDED if kind in ("addNamedRange", "addProtectedRange")])
    named = {"namedRangeId": "n1", "name": "cost", "range": grid(4, 0, 5, 1)}
    guard = {
        "protectedRangeId": 5,
        "range": {"sheetId": 0},
        "unprotectedRanges": [grid(1, 1, 9, 2)],
        "warningOnly": True,
    }
    batch(
        book,
        {"updateNamedRange": {"namedRange": named, "fields": "name,range"}},
        {"updateProtectedRange": {"protectedRange": guard, "fields": "range,unprotectedRanges,warningOnly"}},
    )
    whole = book.fetch_sheet_metadata()
    assert whole["namedRanges"][0]["name"] == "cost"
    assert whole["sheets"][0]["protectedRanges"][0]["unprotectedRanges"][0]["endRowIndex"] == 9
    batch(book, {"deleteNamedRange": {"namedRangeId": "n1"}}, {"deleteProtectedRange": {"protectedRangeId": 5}})
    assert "namedRanges" not in book.fetch_sheet_metadata()
    assert "must" not in refused(book, {"addNamedRange": {"namedRange": {"name": "A1", "range": grid(0, 0, 1, 1)}}})


def test_rules_bands_tables_and_charts_change_and_go(book: gspread.Spreadsheet) -> None:
    """Each kind of object that lies on a tab can be changed and taken away by its id or index."""
    batch(book, *[request_ for kind, request_ in ADDED if kind in ("addTable", "addBanding", "addChart")][1:])
    rule = {"ranges": [grid(0, 0, 2, 2)], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    answer = batch(
        book,
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"updateBanding": {"bandedRange": {"bandedRangeId": 3, "range": grid(0, 0, 9, 2)}, "fields": "range"}},
        {"updateChartSpec": {"chartId": 11, "spec": {"title": "LTV", "basicChart": {"chartType": "BAR"}}}},
        {
            "updateEmbeddedObjectPosition": {
                "objectId": 11,
                "newPosition": {"overlayPosition": {"anchorCell": {"rowIndex": 1}, "widthPixels": 300}},
                "fields": "anchorCell.rowIndex,widthPixels",
            }
        },
        {"addTable": {"table": {"tableId": "t2", "name": "Other", "range": grid(10, 0, 12, 2)}}},
        {"updateTable": {"table": {"tableId": "t2", "name": "Renamed"}, "fields": "name"}},
    )
    assert answer["replies"][3]["updateEmbeddedObjectPosition"]["position"]["overlayPosition"]["widthPixels"] == 300
    assert [one["columnName"] for one in answer["replies"][4]["addTable"]["table"]["columnProperties"]] == [
        "Column 1",
        "Column 2",
    ]
    sheet = book.fetch_sheet_metadata()["sheets"][0]
    assert (sheet["charts"][0]["spec"]["title"], sheet["tables"][0]["name"]) == ("LTV", "Renamed")
    assert sheet["bandedRanges"][0]["range"]["endRowIndex"] == 9
    batch(
        book,
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
        {"deleteBanding": {"bandedRangeId": 3}},
        {"deleteEmbeddedObject": {"objectId": 11}},
        {"deleteTable": {"tableId": "t2"}},
    )
    assert set(book.fetch_sheet_metadata()["sheets"][0]) == {"properties"}


def test_cells_are_copied_cut_and_pushed_aside(book: gspread.Spreadsheet) -> None:
    """CopyPaste moves formulas' references, cutPaste does not, insertRange and deleteRange shift one band only."""
    book.sheet1.update([[1, 10, "=A1*2"], [2, 20, ""]], "A1", raw=False)
    batch(
        book, {"copyPaste": {"source": grid(0, 2, 1, 3), "destination": grid(1, 2, 2, 3), "pasteType": "PASTE_NORMAL"}}
    )
    assert book.sheet1.get("C1:C2") == [["2"], ["4"]]
    batch(
        book, {"cutPaste": {"source": grid(1, 2, 2, 3), "destination": {"sheetId": 0, "rowIndex": 4, "columnIndex": 4}}}
    )
    assert book.sheet1.get("E5", value_render_option="FORMULA") == [["=A2*2"]]
    batch(book, {"insertRange": {"range": grid(0, 1, 1, 2), "shiftDimension": "ROWS"}})
    assert book.sheet1.get("A1:B3") == [["1"], ["2", "10"], ["", "20"]]
    batch(book, {"deleteRange": {"range": grid(0, 1, 1, 2), "shiftDimension": "ROWS"}})
    assert book.sheet1.get("A1:B2") == [["1", "10"], ["2", "20"]]


def test_a_sort_keeps_rows_together(book: gspread.Spreadsheet) -> None:
    """SortRange orders numbers before text, leaves empty cells last, and each row's formula goes with it."""
    book.sheet1.update([["b", 2, "=B1*10"], ["c", "", "=B2*10"], ["a", 3, "=B3*10"]], "A1", raw=False)
    specs = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    batch(book, {"sortRange": {"range": grid(0, 0, 3, 3), "sortSpecs": specs}})
    assert book.sheet1.get("A1:C3") == [["a", "3", "30"], ["b", "2", "20"], ["c", "", "0"]]


def test_appended_cells_extend_their_table(book: gspread.Spreadsheet) -> None:
    """AppendCells goes below the last row of the tab, or of the table that it names, which grows."""
    batch(book, {"addTable": {"table": {"tableId": "t", "name": "T", "range": grid(0, 0, 2, 1)}}})
    row = {"values": [{"userEnteredValue": {"numberValue": 1}}]}
    batch(book, {"appendCells": {"tableId": "t", "rows": [row], "fields": "userEnteredValue"}})
    table = book.fetch_sheet_metadata()["sheets"][0]["tables"][0]
    assert table["range"]["endRowIndex"] == 3
    batch(book, {"appendCells": {"sheetId": 0, "rows": [row], "fields": "userEnteredValue"}})
    assert book.sheet1.col_values(1) == ["Column 1", "", "1", "1"]


def test_a_tables_columns_follow_its_header(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """When a person retypes a header or inserts a column, the table's columns say so."""
    book.sheet1.update([["goal", "target"], ["CAC", 40]], "A1")
    batch(book, {"addTable": {"table": {"tableId": "t", "name": "Goals", "range": grid(0, 0, 2, 2)}}})
    sheets.person.edit(book.id, "Sheet1!B1", "Ziel")
    sheets.person.insert_columns(book.id, "Sheet1", "B")
    table = book.fetch_sheet_metadata()["sheets"][0]["tables"][0]
    assert [one["columnName"] for one in table["columnProperties"]] == ["goal", "Column 2", "Ziel"]


def test_formulas_follow_renamed_and_deleted_tabs(book: gspread.Spreadsheet) -> None:
    """A formula names the tab by its new title; when the tab is gone it shows #REF!."""
    kpi = book.add_worksheet("KPI", 5, 5)
    kpi.update([[7]], "A1")
    book.sheet1.update([["=KPI!A1+1"]], "A1", raw=False)
    kpi.update_title("Zahlen & Ziele")
    assert book.sheet1.get("A1", value_render_option="FORMULA") == [["='Zahlen & Ziele'!A1+1"]]
    assert book.sheet1.get("A1") == [["8"]]
    book.del_worksheet(kpi)
    assert book.sheet1.get("A1") == [["#REF!"]]


def test_data_validation_and_groups(book: gspread.Spreadsheet) -> None:
    """A drop-down is kept per cell, rows can be grouped, sized and hidden."""
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "open"}]}, "strict": True}
    run = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    batch(
        book,
        {"setDataValidation": {"range": grid(0, 0, 1, 1), "rule": rule}},
        {"addDimensionGroup": {"range": run}},
        {
            "updateDimensionProperties": {
                "range": run,
                "properties": {"pixelSize": 40, "hiddenByUser": True},
                "fields": "pixelSize,hiddenByUser",
            }
        },
        {
            "autoResizeDimensions": {
                "dimensions": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
            }
        },
    )
    sheet = book.fetch_sheet_metadata({"includeGridData": "true", "ranges": "A1:B3"})["sheets"][0]
    assert sheet["data"][0]["rowData"][0]["values"][0]["dataValidation"] == rule
    assert sheet["data"][0]["rowMetadata"][1] == {"pixelSize": 40, "hiddenByUser": True}
    assert sheet["rowGroups"][0]["depth"] == 1
    batch(book, {"deleteDimensionGroup": {"range": run}}, {"setDataValidation": {"range": grid(0, 0, 1, 1)}})
    assert "rowGroups" not in book.fetch_sheet_metadata()["sheets"][0]
