"""The calls of the Sheets API v4, each a function of the file, the body and the query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sheets_sync.sandbox.api.api_call import Call, refuse_create
from sheets_sync.sandbox.api_errors import invalid, not_found
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.batch.guards import check_area
from sheets_sync.sandbox.batch.sheets import copied_sheet, copy_metadata
from sheets_sync.sandbox.contents.spreadsheet_json import (
    COMMENTS_INCLUDED,
    Sight,
    sheet_properties,
    spreadsheet_json,
    without_zero_sheet,
)
from sheets_sync.sandbox.contents.value_ranges import (
    append_values,
    clear_values,
    read_values,
    target_area,
    write_values,
)
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.lookup import filter_areas, find_area, matched_metadata
from sheets_sync.sandbox.document.masks import parse_mask
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet


def create(call: Call) -> Json:
    """A spreadsheet with the tabs of the body, if it names any."""
    refuse_create(call)
    file = call.files.create(call.body.get("properties", {}), call.email)
    requests = [{"addSheet": {"properties": sheet["properties"]}} for sheet in call.body.get("sheets", [])]
    if requests:
        # The new file's own tab goes last, for a file is never without one.
        named = [*requests, {"deleteSheet": {"sheetId": 0}}] if _frees_first(call.body) else requests
        file.spreadsheet = apply_batch(file.spreadsheet, named, call.email)[0]
    return spreadsheet_json(file.spreadsheet, call.files.clock())


def _frees_first(body: Json) -> bool:
    return all(sheet["properties"].get("sheetId") != 0 for sheet in body["sheets"])


def get(call: Call) -> Json:
    state = call.state()
    names = call.query.get("ranges")
    areas = [find_area(state, name) for name in names] if names else None
    mask = parse_mask(call.option("fields")) if call.option("fields") else None
    grid_data, sight = call.flag("includeGridData"), _sight(call, call.option("commentsViewMode"))
    return spreadsheet_json(state, call.files.clock(), mask=mask, areas=areas, grid_data=grid_data, sight=sight)


def _sight(call: Call, mode: str) -> Sight:
    # What depends on the access that somebody has is everything here: whoever opens a file may comment.
    return Sight(call.email, mode in (COMMENTS_INCLUDED, "COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS"))


def get_by_data_filter(call: Call) -> Json:
    state = call.state()
    areas = _filtered(state, call.body.get("dataFilters", []))
    mask = parse_mask(call.option("fields")) if call.option("fields") else None
    grid_data = bool(call.body.get("includeGridData"))
    sight = _sight(call, call.body.get("commentsViewMode", ""))
    return spreadsheet_json(state, call.files.clock(), mask=mask, areas=areas, grid_data=grid_data, sight=sight)


def _filtered(state: Spreadsheet, filters: Sequence[Json]) -> list[Area]:
    return [area for one in filters for area in filter_areas(state, one)]


def batch_update(call: Call) -> Json:
    draft, replies = apply_batch(call.draft(), call.body.get("requests", []), call.email, call.files.clock())
    call.keep(draft)
    answer: Json = {"spreadsheetId": draft.spreadsheet_id, "replies": without_zero_sheet(replies)}
    if call.body.get("includeSpreadsheetInResponse"):
        names = call.body.get("responseRanges")
        areas = [find_area(draft, name) for name in names] if names else None
        grid_data = bool(call.body.get("responseIncludeGridData"))
        mask = _updated_mask(call.option("fields"))
        sight = _sight(call, call.body.get("commentsViewMode", ""))
        answer["updatedSpreadsheet"] = spreadsheet_json(
            draft, call.files.clock(), mask=mask, areas=areas, grid_data=grid_data, sight=sight
        )
    return answer


def _updated_mask(fields: str) -> Json | None:
    """The part of the answer's mask that lies below `updatedSpreadsheet`."""
    return parse_mask(fields).get("updatedSpreadsheet") if fields else None


def copy_to(call: Call) -> Json:
    source = call.state()
    target = call.files.opened(call.body.get("destinationSpreadsheetId", ""), call.email, write=True)
    draft = target.spreadsheet.copy()
    sheet = source.sheet(int(call.path["sheet"]))
    name, number = f"Copy of {sheet.title}", 1
    while draft.titled(name):
        number += 1
        name = f"Copy of {sheet.title} {number}"
    made = copied_sheet(draft, sheet, draft.new_id(), name)
    draft.sheets.append(made)
    copy_metadata(source, sheet, made.sheet_id, draft)
    call.keep(draft)
    return sheet_properties(made, len(draft.sheets) - 1)


def get_metadata(call: Call) -> Json:
    for item in call.state().metadata:
        if str(item["metadataId"]) == call.path["metadata"]:
            return item
    raise not_found()


def search_metadata(call: Call) -> Json:
    state = call.state()
    matched: dict[int, Json] = {}
    for one in call.body.get("dataFilters", []):
        for item in matched_metadata(state, one):
            entry = matched.setdefault(item["metadataId"], {"developerMetadata": item, "dataFilters": []})
            entry["dataFilters"].append(one)
    return {"matchedDeveloperMetadata": list(matched.values())} if matched else {}


def values_get(call: Call) -> Json:
    state = call.state()
    options = {name: values[-1] for name, values in call.query.items()}
    return read_values(call.reader(state), find_area(state, call.path["range"]), options)


def values_batch_get(call: Call) -> Json:
    state = call.state()
    options = {name: values[-1] for name, values in call.query.items()}
    reader = call.reader(state)
    value_ranges = [read_values(reader, find_area(state, name), options) for name in call.query.get("ranges", [])]
    return {"spreadsheetId": state.spreadsheet_id, "valueRanges": value_ranges}


def values_batch_get_by_filter(call: Call) -> Json:
    state = call.state()
    reader = call.reader(state)
    value_ranges = [
        {"valueRange": read_values(reader, area, call.body), "dataFilters": [one]}
        for one in call.body.get("dataFilters", [])
        for area in filter_areas(state, one)
    ]
    return {"spreadsheetId": state.spreadsheet_id, "valueRanges": value_ranges}


def values_update(call: Call) -> Json:
    draft = call.draft()
    area, open_ended = target_area(draft, call.path["range"])
    answer = _write(call, draft, (area, open_ended), call.body, call.option("valueInputOption"))
    call.keep(draft)
    options = {name: values[-1] for name, values in call.query.items()}
    return {**answer, **_echo(call, draft, _echoed(draft, (area, open_ended), answer), options)}


def _write(call: Call, draft: Spreadsheet, target: tuple[Area, bool], data: Json, option: str) -> Json:
    check_area(draft, target[0], call.email)
    return write_values(draft, *target, data, option)


def _echoed(draft: Spreadsheet, target: tuple[Area, bool], answer: Json) -> Area:
    """All of a range that was named, however little of it was written."""
    area, open_ended = target
    return find_area(draft, answer["updatedRange"]) if open_ended else area


def _echo(call: Call, draft: Spreadsheet, area: Area, options: Json) -> Json:
    """`updatedData`, when the caller asks to see the cells as they came out."""
    if str(options.get("includeValuesInResponse", "")).lower() != "true":
        return {}
    rendering = {
        "valueRenderOption": options.get("responseValueRenderOption", "FORMATTED_VALUE"),
        "dateTimeRenderOption": options.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
    }
    return {"updatedData": read_values(call.reader(draft), area, rendering)}


def values_append(call: Call) -> Json:
    draft = call.draft()
    area = find_area(draft, call.path["range"])
    insert = call.option("insertDataOption") == "INSERT_ROWS"
    answer = append_values(draft, area, call.body, call.option("valueInputOption"), insert=insert)
    check_area(draft, find_area(draft, answer["updates"]["updatedRange"]), call.email)
    call.keep(draft)
    options = {name: values[-1] for name, values in call.query.items()}
    updates = answer["updates"]
    return {**answer, "updates": {**updates, **_echo(call, draft, find_area(draft, updates["updatedRange"]), options)}}


def values_clear(call: Call) -> Json:
    draft = call.draft()
    area = find_area(draft, call.path["range"])
    check_area(draft, area, call.email)
    name = clear_values(draft, area)
    call.keep(draft)
    return {"spreadsheetId": draft.spreadsheet_id, "clearedRange": name}


def values_batch_clear(call: Call) -> Json:
    return _clear(call, lambda draft: [find_area(draft, name) for name in call.body.get("ranges", [])])


def values_batch_clear_by_filter(call: Call) -> Json:
    return _clear(call, lambda draft: _filtered(draft, call.body.get("dataFilters", [])))


def _clear(call: Call, areas: Any) -> Json:
    draft = call.draft()
    targets = areas(draft)
    for area in targets:
        check_area(draft, area, call.email)
    # Only when none of them is refused.
    names = [clear_values(draft, area) for area in targets]
    call.keep(draft)
    return {"spreadsheetId": draft.spreadsheet_id, "clearedRanges": names}


def values_batch_update(call: Call) -> Json:
    draft = call.draft()
    option = call.body.get("valueInputOption", "")
    responses = []
    for data in call.body.get("data", []):
        target = target_area(draft, data["range"])
        responses.append((target, _write(call, draft, target, data, option)))
    return _batch_answer(call, draft, responses)


def values_batch_update_by_filter(call: Call) -> Json:
    draft = call.draft()
    option = call.body.get("valueInputOption", "")
    responses: list[tuple[tuple[Area, bool], Json]] = []
    for data in call.body.get("data", []):
        areas = filter_areas(draft, data.get("dataFilter", {}))
        if len(areas) != 1:
            raise invalid(f"Data filter must match exactly one range, but matched {len(areas)}.")
        answer = _write(call, draft, (areas[0], False), data, option)
        # Said once for the whole call.
        answer.pop("spreadsheetId")
        responses.append(((areas[0], False), {**answer, "dataFilter": data["dataFilter"]}))
    return _batch_answer(call, draft, responses)


def _batch_answer(call: Call, draft: Spreadsheet, written: list[tuple[tuple[Area, bool], Json]]) -> Json:
    # Before the echoes, which read what formulas make of it.
    call.keep(draft)
    echoes = [{**answer, **_echo(call, draft, _echoed(draft, target, answer), call.body)} for target, answer in written]
    responses = [answer for _target, answer in written]
    sheets = {answer["updatedRange"].rsplit("!", 1)[0] for answer in responses}
    return {
        "spreadsheetId": draft.spreadsheet_id,
        "totalUpdatedRows": sum(answer["updatedRows"] for answer in responses),
        "totalUpdatedColumns": sum(answer["updatedColumns"] for answer in responses),
        "totalUpdatedCells": sum(answer["updatedCells"] for answer in responses),
        "totalUpdatedSheets": len(sheets),
        "responses": echoes,
    }
