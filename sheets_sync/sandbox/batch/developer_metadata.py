"""Requests about developer metadata: create, update, delete."""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need, write_mask
from sheets_sync.sandbox.document.lookup import complete_location, matched_metadata, sheet_of_metadata
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet


def create(spreadsheet: Spreadsheet, request: Json) -> Json:
    given = need(request, "developerMetadata")
    for name in ("metadataKey", "visibility", "location"):
        need(given, name)
    metadata_id = given["metadataId"] if "metadataId" in given else spreadsheet.new_id()
    if any(item["metadataId"] == metadata_id for item in spreadsheet.metadata):
        raise invalid(f"Metadata with ID {metadata_id} already exists.")
    location = complete_location(given["location"])
    _check_location(spreadsheet, location)
    item = {**given, "metadataId": metadata_id, "location": location}
    spreadsheet.metadata.append(item)
    return {"developerMetadata": item}


def _check_location(spreadsheet: Spreadsheet, location: Json) -> None:
    run = location.get("dimensionRange")
    if run and run["endIndex"] - run["startIndex"] != 1:
        raise invalid("Developer metadata may only be associated with a single row or column.")
    sheet_id = sheet_of_metadata({"location": location})
    if sheet_id is not None:
        spreadsheet.sheet(sheet_id)


def update(spreadsheet: Spreadsheet, request: Json) -> Json:
    mask, given = write_mask(request), need(request, "developerMetadata")
    found = [item for one in need(request, "dataFilters") for item in matched_metadata(spreadsheet, one)]
    changed = []
    for item in found:
        new = merged(item, given, mask)
        new["metadataId"] = item["metadataId"]
        new["location"] = complete_location(new.get("location") or item["location"])
        _check_location(spreadsheet, new["location"])
        spreadsheet.metadata[spreadsheet.metadata.index(item)] = new
        changed.append(new)
    return {"developerMetadata": changed}


def delete(spreadsheet: Spreadsheet, request: Json) -> Json:
    found = matched_metadata(spreadsheet, need(request, "dataFilter"))
    spreadsheet.metadata = [item for item in spreadsheet.metadata if item not in found]
    return {"deletedDeveloperMetadata": found}


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "createDeveloperMetadata": create,
    "updateDeveloperMetadata": update,
    "deleteDeveloperMetadata": delete,
}
