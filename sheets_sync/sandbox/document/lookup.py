"""From what a caller writes (A1 text, names, data filters) to rectangles and developer metadata."""

from __future__ import annotations

from collections.abc import Iterable

from sheets_sync.sandbox.api_errors import invalid, unparsable_range
from sheets_sync.sandbox.document.a1 import parse_r1c1, parse_reference, split_title, unquoted
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet


def find_area(spreadsheet: Spreadsheet, text: str) -> Area:
    """The rectangle of `Sheet1!A1:B2`, `R1C1`, a tab's title or a named range; its far side is clipped to the grid.

    Raises a 400 when nothing has that name or when it starts outside the grid.
    """
    reference = parse_reference(text) or parse_r1c1(text)
    # A tab may be called `Q1`, which is also a cell; the tab goes first.
    if reference is None or (reference.sheet is None and spreadsheet.titled(text)):
        return _by_name(spreadsheet, text)
    # Without a title the first tab is meant, as in the API.
    sheet = spreadsheet.sheets[0] if reference.sheet is None else spreadsheet.titled(reference.sheet)
    if sheet is None:
        raise unparsable_range(text)
    top, left, bottom, right = reference.bounds()
    area = Area(
        sheet.sheet_id,
        top or 0,
        left or 0,
        sheet.row_count if bottom is None else min(bottom, sheet.row_count),
        sheet.column_count if right is None else min(right, sheet.column_count),
    )
    if area.top >= sheet.row_count or area.left >= sheet.column_count:
        raise invalid(
            f"Range ({text}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    return area


def _by_name(spreadsheet: Spreadsheet, text: str) -> Area:
    sheet = spreadsheet.titled(unquoted(text))
    if sheet is not None:
        return sheet.area()
    title, name = split_title(text)
    named = spreadsheet.named_range(name)
    if named is None:
        raise unparsable_range(text)
    area = spreadsheet.area(named["range"])
    # `Goals!targets` is the named range, provided that it lies there.
    if title is not None and spreadsheet.titled(title) is not spreadsheet.sheet(area.sheet_id):
        raise unparsable_range(text)
    return area


def filter_areas(spreadsheet: Spreadsheet, data_filter: Json) -> list[Area]:
    """The rectangles that a DataFilter means; none when its metadata is not there."""
    if "a1Range" in data_filter:
        return [find_area(spreadsheet, data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [spreadsheet.area(data_filter["gridRange"])]
    matches = matched_metadata(spreadsheet, data_filter)
    return [area for item in matches for area in _metadata_areas(spreadsheet, item)]


def _metadata_areas(spreadsheet: Spreadsheet, item: Json) -> list[Area]:
    location = item["location"]
    if location.get("spreadsheet"):
        return [sheet.area() for sheet in spreadsheet.sheets]
    run = location.get("dimensionRange")
    if run is None:
        return [spreadsheet.sheet(location["sheetId"]).area()]
    word = "Row" if run["dimension"] == "ROWS" else "Column"
    sides = {f"start{word}Index": run["startIndex"], f"end{word}Index": run["endIndex"]}
    return [spreadsheet.area({"sheetId": run["sheetId"], **sides})]


def matched_metadata(spreadsheet: Spreadsheet, data_filter: Json) -> list[Json]:
    """The developer metadata that a DataFilter selects: by its lookup, or lying in its range."""
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None:
        areas = filter_areas(spreadsheet, data_filter)
        return [item for item in spreadsheet.metadata if _lies_in(spreadsheet, item, areas)]
    return [item for item in spreadsheet.metadata if _matches(spreadsheet, item, lookup)]


def _lies_in(spreadsheet: Spreadsheet, item: Json, areas: Iterable[Area]) -> bool:
    if item["location"].get("spreadsheet"):
        return False
    own = _metadata_areas(spreadsheet, item)
    return any(mine.meets(area) for mine in own for area in areas)


def _matches(spreadsheet: Spreadsheet, item: Json, lookup: Json) -> bool:
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and lookup[name] != item.get(name):
            return False
    location = item["location"]
    if lookup.get("locationType", location["locationType"]) != location["locationType"]:
        return False
    lookup_location = lookup.get("metadataLocation")
    return lookup_location is None or _located(
        spreadsheet, item, lookup_location, lookup.get("locationMatchingStrategy")
    )


def _located(spreadsheet: Spreadsheet, item: Json, location: Json, strategy: str | None) -> bool:
    """EXACT_LOCATION unless the strategy (or its default, for rows and columns on a tab) is INTERSECTING_LOCATION."""
    whole = complete_location(location)
    if strategy != "INTERSECTING_LOCATION":
        return bool(whole == item["location"])
    if whole.get("spreadsheet"):
        return True
    return _lies_in(spreadsheet, item, _metadata_areas(spreadsheet, {"location": whole}))


def complete_location(location: Json) -> Json:
    """A DeveloperMetadataLocation with its `locationType`, which callers leave out."""
    if location.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    run = location.get("dimensionRange")
    if run is None:
        return {"locationType": "SHEET", "sheetId": location.get("sheetId", 0)}
    kind = "ROW" if run["dimension"] == "ROWS" else "COLUMN"
    return {"locationType": kind, "dimensionRange": {"sheetId": 0, **run}}


def sheet_of_metadata(item: Json) -> int | None:
    """The id of the tab that metadata lies on; None for the spreadsheet's own."""
    location = item["location"]
    run = location.get("dimensionRange")
    sheet_id = run["sheetId"] if run else location.get("sheetId")
    return None if sheet_id is None else int(sheet_id)


def sheet_metadata(spreadsheet: Spreadsheet, sheet: Sheet) -> list[Json]:
    return [item for item in spreadsheet.metadata if item["location"].get("sheetId") == sheet.sheet_id]
