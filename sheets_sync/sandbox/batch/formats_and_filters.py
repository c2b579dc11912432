"""Requests about how a tab looks and filters: conditional formats, banding, the basic filter and filter views."""

from __future__ import annotations

import copy
from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import (
    find_object,
    grid_range,
    must_find,
    need,
    remove_object,
    replace_object,
    write_mask,
)
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet


def _rule(spreadsheet: Spreadsheet, rule: Json) -> tuple[Json, Sheet]:
    ranges = [grid_range(spreadsheet, one) for one in need(rule, "ranges")]
    if not ranges or len({one["sheetId"] for one in ranges}) > 1:
        raise invalid("A conditional format rule needs ranges, all on the same sheet.")
    if "booleanRule" not in rule and "gradientRule" not in rule:
        raise invalid("Must specify one of boolean_rule or gradient_rule.")
    return {**rule, "ranges": ranges}, spreadsheet.sheet(ranges[0]["sheetId"])


def add_conditional_format(spreadsheet: Spreadsheet, request: Json) -> None:
    """The rule goes in before `index`; rules have no ids."""
    rule, sheet = _rule(spreadsheet, need(request, "rule"))
    rules = sheet.objects["conditionalFormats"]
    index = request.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    rules.insert(index, rule)


def _rule_at(sheet: Sheet, index: int) -> Json:
    rules = sheet.objects["conditionalFormats"]
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    return rules[index]


def update_conditional_format(spreadsheet: Spreadsheet, request: Json) -> Json:
    """Replaces the rule at `index`, or moves it to `newIndex`."""
    index = request.get("index", 0)
    if "rule" in request:
        rule, sheet = _rule(spreadsheet, request["rule"])
        old = _rule_at(sheet, index)
        sheet.objects["conditionalFormats"][index] = rule
        return {"newRule": rule, "newIndex": index, "oldRule": old, "oldIndex": index}
    sheet = spreadsheet.sheet(request.get("sheetId", 0))
    rule, target = _rule_at(sheet, index), need(request, "newIndex")
    _rule_at(sheet, target)
    rules = sheet.objects["conditionalFormats"]
    # The rule is out before it goes in: `newIndex` is where it ends up.
    rules.insert(target, rules.pop(index))
    return {"newRule": rule, "newIndex": target, "oldRule": rule, "oldIndex": index}


def delete_conditional_format(spreadsheet: Spreadsheet, request: Json) -> Json:
    sheet, index = spreadsheet.sheet(request.get("sheetId", 0)), request.get("index", 0)
    rule = _rule_at(sheet, index)
    del sheet.objects["conditionalFormats"][index]
    return {"rule": rule}


def add_banding(spreadsheet: Spreadsheet, request: Json) -> Json:
    banded_range = need(request, "bandedRange")
    range_id = banded_range["bandedRangeId"] if "bandedRangeId" in banded_range else spreadsheet.new_id()
    if find_object(spreadsheet, "bandedRanges", "bandedRangeId", range_id):
        raise invalid(f"Cannot add banded range with ID {range_id}, a banded range with that ID already exists.")
    if "rowProperties" not in banded_range and "columnProperties" not in banded_range:
        raise invalid("Must specify at least one of rowProperties or columnProperties.")
    item = {**banded_range, "bandedRangeId": range_id, "range": grid_range(spreadsheet, need(banded_range, "range"))}
    area = spreadsheet.area(item["range"])
    sheet = spreadsheet.sheet(area.sheet_id)
    if any(spreadsheet.area(old["range"]).meets(area) for old in sheet.objects["bandedRanges"]):
        raise invalid(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    sheet.objects["bandedRanges"].append(item)
    return {"bandedRange": item}


def update_banding(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, banded_range = write_mask(request), need(request, "bandedRange")
    range_id = need(banded_range, "bandedRangeId")
    sheet, old = must_find(spreadsheet, "bandedRanges", "bandedRangeId", range_id, "banded range")
    new = {**merged(old, banded_range, mask), "bandedRangeId": range_id}
    replace_object(sheet, "bandedRanges", old, {**new, "range": grid_range(spreadsheet, need(new, "range"))})


def delete_banding(spreadsheet: Spreadsheet, request: Json) -> None:
    range_id = need(request, "bandedRangeId")
    remove_object(
        *_named_parts(must_find(spreadsheet, "bandedRanges", "bandedRangeId", range_id, "banded range"), "bandedRanges")
    )


def _named_parts(match: tuple[Sheet, Json], kind: str) -> tuple[Sheet, str, Json]:
    return match[0], kind, match[1]


def set_basic_filter(spreadsheet: Spreadsheet, request: Json) -> None:
    """One per tab; setting another replaces it."""
    basic_filter = need(request, "filter")
    whole = basic_filter.get("range", {})
    target = grid_range(spreadsheet, whole)
    # With its open sides closed: a filter does not grow with the grid.
    spreadsheet.sheet(target["sheetId"]).basic_filter = {**basic_filter, "range": spreadsheet.area(target).to_json()}


def clear_basic_filter(spreadsheet: Spreadsheet, request: Json) -> None:
    spreadsheet.sheet(request.get("sheetId", 0)).basic_filter = None


def add_filter_view(spreadsheet: Spreadsheet, request: Json) -> Json:
    filter_view = need(request, "filter")
    view_id = filter_view["filterViewId"] if "filterViewId" in filter_view else spreadsheet.new_id()
    if find_object(spreadsheet, "filterViews", "filterViewId", view_id):
        raise invalid(f"Cannot add filter view with ID {view_id}, a filter view with that ID already exists.")
    item = {
        "title": "Filter 1",
        **filter_view,
        "filterViewId": view_id,
        "range": grid_range(spreadsheet, filter_view.get("range", {})),
    }
    spreadsheet.sheet(item["range"]["sheetId"]).objects["filterViews"].append(item)
    return {"filter": item}


def update_filter_view(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, filter_view = write_mask(request), need(request, "filter")
    view_id = need(filter_view, "filterViewId")
    sheet, old = must_find(spreadsheet, "filterViews", "filterViewId", view_id, "filter view")
    new = {**merged(old, filter_view, mask), "filterViewId": view_id}
    replace_object(sheet, "filterViews", old, {**new, "range": grid_range(spreadsheet, need(new, "range"))})


def duplicate_filter_view(spreadsheet: Spreadsheet, request: Json) -> Json:
    match = must_find(spreadsheet, "filterViews", "filterViewId", need(request, "filterId"), "filter view")
    title = f"Copy of {match[1].get('title', '')}"
    item = {**copy.deepcopy(match[1]), "filterViewId": spreadsheet.new_id(), "title": title}
    match[0].objects["filterViews"].append(item)
    return {"filter": item}


def delete_filter_view(spreadsheet: Spreadsheet, request: Json) -> None:
    match = must_find(spreadsheet, "filterViews", "filterViewId", need(request, "filterId"), "filter view")
    remove_object(*_named_parts(match, "filterViews"))


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addConditionalFormatRule": add_conditional_format,
    "updateConditionalFormatRule": update_conditional_format,
    "deleteConditionalFormatRule": delete_conditional_format,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "updateFilterView": update_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "deleteFilterView": delete_filter_view,
}
