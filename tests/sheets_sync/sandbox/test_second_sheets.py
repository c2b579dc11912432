"""The shipped local Sheets and the second one, written apart, do the same to the same spreadsheet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from second_grid import Refused, mask_of
from second_requests import applied
from second_sheets import SecondSheets, second_sheets

from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.spreadsheet_json import spreadsheet_json
from sheets_sync.sandbox.document.masks import parse_mask
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet, new_spreadsheet

import long

Json = dict[str, Any]
TAB, OTHER, ROWS, COLUMNS = 5, 6, 8, 6
FIELDS = (
    "properties(title,locale),namedRanges,developerMetadata,sheets(properties(sheetId,title,index,gridProperties),"
    "developerMetadata,protectedRanges(protectedRangeId,range,unprotectedRanges),charts,conditionalFormats,basicFilter,"
    "data(rowData(values(userEnteredValue,userEnteredFormat,note)),rowMetadata(developerMetadata),columnMetadata"
    "(developerMetadata)))"
)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def cell(value: Any) -> Json:
    kind = "formulaValue" if str(value).startswith("=") else "numberValue" if isinstance(value, int) else "stringValue"
    return {"userEnteredValue": {kind: value}} if value != "" else {}


def area(top: int, left: int, bottom: int, right: int, tab: int = TAB) -> Json:
    sides = {"startRowIndex": top, "startColumnIndex": left, "endRowIndex": bottom, "endColumnIndex": right}
    return {"sheetId": tab, **sides}


def start() -> list[Json]:
    """A tab with a table, a formula, and one of each thing that holds on to rows and columns; another that names it."""
    rows = [["kpi", "value", "note"], ["cac", 40, ""], ["roas", 3, "why"], ["nps", "=B2+$B$3", "=SUM(B2:B4)"]]
    grid = {"gridProperties": {"rowCount": ROWS, "columnCount": COLUMNS}}
    source = {"sourceRange": {"sources": [area(1, 1, 4, 2)]}}
    spec = {"basicChart": {"chartType": "LINE", "series": [{"series": source}]}}
    anchor = {"overlayPosition": {"anchorCell": {"sheetId": TAB, "rowIndex": 4, "columnIndex": 3}}}
    rule = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}, "format": {}}
    lines = [("ROWS", 1, 2), ("ROWS", 3, 4), ("COLUMNS", 1, 2)]
    places = [
        {"dimensionRange": {"sheetId": TAB, "dimension": kind, "startIndex": at, "endIndex": end}}
        for kind, at, end in lines
    ]
    marks = [
        {
            "metadataId": number,
            "metadataKey": "k",
            "metadataValue": str(number),
            "visibility": "DOCUMENT",
            "location": place,
        }
        for number, place in enumerate([*places, {"sheetId": TAB}, {"spreadsheet": True}], 1)
    ]
    values = [{"values": [cell(value) for value in row]} for row in rows]
    corner = {"sheetId": TAB, "rowIndex": 0, "columnIndex": 0}
    elsewhere = {"sheetId": OTHER, "rowIndex": 0, "columnIndex": 0}
    hole = area(1, 2, 4, 3)
    guard = {"protectedRangeId": 3, "range": {"sheetId": TAB}, "unprotectedRanges": [hole], "warningOnly": True}
    small = {
        "properties": {"sheetId": 0, "gridProperties": {"rowCount": 2, "columnCount": 2}},
        "fields": "gridProperties",
    }
    return [
        {"updateSheetProperties": small},
        {"addSheet": {"properties": {"sheetId": TAB, "title": "KPI", **grid}}},
        {"addSheet": {"properties": {"sheetId": OTHER, "title": "Team's own", **grid}}},
        {"updateCells": {"start": corner, "rows": values, "fields": "userEnteredValue"}},
        {"updateCells": {"start": elsewhere, "rows": [{"values": [cell("=KPI!B2+1")]}], "fields": "userEnteredValue"}},
        {"repeatCell": {"range": area(0, 0, 1, 3), "cell": {"note": "head"}, "fields": "note"}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n", "name": "block", "range": area(0, 0, 4, 3)}}},
        {"addProtectedRange": {"protectedRange": guard}},
        {"addConditionalFormatRule": {"rule": {"ranges": [area(1, 1, 4, 2)], "booleanRule": rule}, "index": 0}},
        {"addChart": {"chart": {"chartId": 9, "spec": spec, "position": anchor}}},
        {"setBasicFilter": {"filter": {"range": area(0, 0, 4, 3)}}},
        *({"createDeveloperMetadata": {"developerMetadata": mark}} for mark in marks),
    ]


indexes = st.integers(0, 5)
texts = st.sampled_from(["", "x", 7, "=A1", "=SUM(A1:A3)", "=$B$2*2"])


@st.composite
def lines(draw: st.DrawFn) -> Json:
    first, count = draw(indexes), draw(st.integers(1, 2))
    run = {"dimension": draw(st.sampled_from(["ROWS", "COLUMNS"])), "startIndex": first, "endIndex": first + count}
    return {"sheetId": TAB, **run}


@st.composite
def areas(draw: st.DrawFn) -> Json:
    top, left = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    return area(top, left, top + draw(st.integers(1, 3)), left + draw(st.integers(1, 2)))


def repeated(box: Json, value: Any, fields: str) -> Json:
    return {"repeatCell": {"range": box, "cell": {**cell(value), "note": "n"}, "fields": fields}}


def ordered(box: Json, column: int, order: str) -> Json:
    return {"sortRange": {"range": box, "sortSpecs": [{"dimensionIndex": column, "sortOrder": order}]}}


def titled(title: str) -> Json:
    properties = {"sheetId": TAB, "title": title, "index": 0}
    return {"updateSheetProperties": {"properties": properties, "fields": "title,index"}}


def renamed(box: Json) -> Json:
    return {"updateNamedRange": {"namedRange": {"namedRangeId": "n", "range": box}, "fields": "range"}}


COPY = {"sourceSheetId": OTHER, "newSheetId": 77, "newSheetName": "Copy", "insertSheetIndex": 1}
requests = st.one_of(
    st.builds(lambda run: {"insertDimension": {"range": run}}, lines()),
    st.builds(lambda run: {"deleteDimension": {"range": run}}, lines()),
    st.builds(lambda run, to: {"moveDimension": {"source": run, "destinationIndex": to}}, lines(), indexes),
    st.builds(repeated, areas(), texts, st.sampled_from(["userEnteredValue", "note", "*"])),
    st.builds(ordered, areas(), st.integers(0, 1), st.sampled_from(["ASCENDING", "DESCENDING"])),
    st.builds(titled, st.sampled_from(["KPI", "Renamed", "Team's own"])),
    st.builds(renamed, areas()),
    st.just({"duplicateSheet": COPY}),
    st.just({"deleteSheet": {"sheetId": OTHER}}),
    st.just({"deleteProtectedRange": {"protectedRangeId": 3}}),
    st.just({"deleteEmbeddedObject": {"objectId": 9}}),
    st.just({"mergeCells": {"range": area(5, 0, 6, 2)}}),
)


def shipped(state: Spreadsheet) -> Json:
    mask = parse_mask(FIELDS)
    return tidy(spreadsheet_json(state, NOW, mask=mask))


def tidy(value: Any) -> Any:
    """Without what is empty, what Google leaves out where it is 0, and what only one of the two fills in."""
    if isinstance(value, list):
        items = [tidy(item) for item in value]
        while items and items[-1] in ({}, []):
            items.pop()
        return items
    if not isinstance(value, dict):
        return value
    usual = {"widthPixels", "heightPixels"}
    parts = {name: tidy(part) for name, part in value.items() if name not in usual}
    return {name: part for name, part in parts.items() if part not in ({}, [], 0, None)}


def act_both(state: Spreadsheet, second: SecondSheets, key: str, batch: list[Json]) -> Spreadsheet:
    """Both, or neither: what one refuses the other refuses, too. What the second does not have neither does."""
    try:
        applied(second.books[key], batch)
    except Refused as refusal:
        if refusal.code == 501:
            return state
    try:
        state = apply_batch(state, batch)[0]
        refused = False
    except ApiError:
        refused = True
    if refused:
        with pytest.raises(Refused):
            second.act(key, batch)
    else:
        second.act(key, batch)
    return state


@long.examples("histories on two Sheets", 24, 3_000, deadline=None)
@given(st.lists(st.lists(requests, min_size=1, max_size=3), min_size=1, max_size=8))
@example(
    [
        [
            {"deleteDimension": {"range": {"sheetId": TAB, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}}},
            {
                "moveDimension": {
                    "source": {"sheetId": TAB, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
                    "destinationIndex": 5,
                }
            },
        ]
    ]
)
def test_two_sheets_agree(history: list[list[Json]]) -> None:
    """Whatever is inserted, deleted, moved, sorted, renamed or copied: what lies on the tabs lies in the same places.

    Cells, formulas, names, guards, charts, rules, filters and metadata; and what one refuses the other refuses.
    """
    second = SecondSheets("", None)  # type: ignore[arg-type] - not served
    key = second.create("Marketing")
    state = new_spreadsheet(key, "", {"title": "Marketing"})
    for batch in [start(), *history]:
        state = act_both(state, second, key, batch)
    assert tidy(second.document(key, mask_of(FIELDS), [])) == shipped(state)


def test_what_it_does_not_have_it_refuses_loudly() -> None:
    """An unknown request, call, option or field is a 501 that is written down, not an answer that leaves it out."""
    import requests as http

    with second_sheets() as second:
        key = second.create("Marketing")
        base = f"{second.url}/v4/spreadsheets/{key}"
        answers = [
            http.post(f"{base}:batchUpdate", json={"requests": [{"autoFill": {}}]}, timeout=60),
            http.get(f"{base}/values/A1", timeout=60),
            http.get(base, params={"fields": "sheets.data.rowData.values.effectiveValue"}, timeout=60),
            http.get(base, params={"fields": "sheets.rowGroups"}, timeout=60),
            http.post(f"{base}:getByDataFilter", json={"dataFilters": [{"a1Range": "A1"}]}, timeout=60),
        ]
        assert [answer.status_code for answer in answers] == [501] * 5
        assert len(second.unknown) == 5
        assert "autoFill" in second.unknown[0]
