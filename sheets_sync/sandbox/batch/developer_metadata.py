"""Requests about developer metadata: create, update, delete."""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need, write_mask
from sheets_sync.sandbox.document.lookup import complete_location, matched_metadata, sheet_of_metadata
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet

MOST_CHARACTERS = 30_000
"""Of keys and values together, in each place: the spreadsheet, one tab, one row or column.

https://developers.google.com/workspace/sheets/api/guides/metadata#limits
"""


def create(spreadsheet: Spreadsheet, request: Json) -> Json:
    metadata = need(request, "developerMetadata")
    for name in ("metadataKey", "visibility", "location"):
        need(metadata, name)
    metadata_id = metadata["metadataId"] if "metadataId" in metadata else spreadsheet.new_id()
    if any(item["metadataId"] == metadata_id for item in spreadsheet.metadata):
        raise invalid(f"Metadata with ID {metadata_id} already exists.")
    location = complete_location(metadata["location"])
    _check_location(spreadsheet, location)
    item = {**metadata, "metadataId": metadata_id, "location": location}
    spreadsheet.metadata.append(item)
    _check_room(spreadsheet, location)
    return {"developerMetadata": item}


def _check_location(spreadsheet: Spreadsheet, location: Json) -> None:
    run = location.get("dimensionRange")
    if run and run["endIndex"] - run["startIndex"] != 1:
        raise invalid("Developer metadata may only be associated with a single row or column.")
    sheet_id = sheet_of_metadata({"location": location})
    if sheet_id is not None:
        # Only to refuse a tab that is not there.
        spreadsheet.sheet(sheet_id)


def _check_room(spreadsheet: Spreadsheet, location: Json) -> None:
    """Raises a 400 when a place holds too much. The words are ours, for Google's are written down nowhere."""
    there = [item for item in spreadsheet.metadata if item["location"] == location]
    if sum(len(item["metadataKey"]) + len(item.get("metadataValue", "")) for item in there) > MOST_CHARACTERS:
        raise invalid(f"Developer metadata may hold at most {MOST_CHARACTERS} characters in one location.")


def update(spreadsheet: Spreadsheet, request: Json) -> Json:
    mask, metadata = write_mask(request), need(request, "developerMetadata")
    matches = [item for one in need(request, "dataFilters") for item in matched_metadata(spreadsheet, one)]
    changed = []
    for item in matches:
        new = merged(item, metadata, mask)
        # With the mask `*` the request would take the id away.
        new["metadataId"] = item["metadataId"]
        new["location"] = complete_location(new.get("location") or item["location"])
        _check_location(spreadsheet, new["location"])
        spreadsheet.metadata[spreadsheet.metadata.index(item)] = new
        changed.append(new)
    for item in changed:
        _check_room(spreadsheet, item["location"])
    return {"developerMetadata": changed}


def delete(spreadsheet: Spreadsheet, request: Json) -> Json:
    matches = matched_metadata(spreadsheet, need(request, "dataFilter"))
    spreadsheet.metadata = [item for item in spreadsheet.metadata if item not in matches]
    return {"deletedDeveloperMetadata": matches}


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "createDeveloperMetadata": create,
    "updateDeveloperMetadata": update,
    "deleteDeveloperMetadata": delete,
}
