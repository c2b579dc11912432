"""The second small Google Sheets: the requests of a batchUpdate, each a function of the book and the request's body."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from second_grid import GONE, Book, Json, Refused, Tab, mask_of, not_here, translated, written

CELL_PARTS = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "chipRuns")
IDS = {
    "protectedRanges": ("protectedRangeId", "protectedRange"),
    "charts": ("chartId", "chart"),
    "tables": ("tableId", "table"),
    "bandedRanges": ("bandedRangeId", "bandedRange"),
    "filterViews": ("filterViewId", "filter"),
}
Handler = Callable[[Book, Json], Json | None]
HANDLERS: dict[str, Handler] = {}


def applied(book: Book, requests: Iterable[Json]) -> tuple[Book, list[Json]]:
    """A changed copy and the replies. Refused, with the number of the request that cannot be, or nothing is changed."""
    draft, replies = book.copy(), []
    for index, request in enumerate(requests):
        ((kind, body),) = request.items()
        if kind not in HANDLERS:
            raise not_here(f"The request {kind}")
        try:
            reply = HANDLERS[kind](draft, body)
        except Refused as refusal:
            raise Refused(f"Invalid requests[{index}].{kind}: {refusal}", refusal.code) from refusal
        replies.append({kind: reply} if reply else {})
    return draft, replies


def _handles(kind: str) -> Callable[[Handler], Handler]:
    def registered(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return registered


def _mask(body: Json) -> Json:
    if not body.get("fields"):
        raise Refused("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return mask_of(body["fields"])


# Tabs.


@_handles("addSheet")
def add_sheet(book: Book, body: Json) -> Json:
    properties = dict(body.get("properties", {}))
    properties.setdefault("sheetId", next(book.fresh))
    properties.setdefault("title", f"Sheet{len(book.tabs) + 1}")
    _check_tab(book, properties["sheetId"], properties["title"])
    tab = book.add_tab(properties)
    return {"properties": properties_of(book, tab)}


def _check_tab(book: Book, number: int | None, title: str) -> None:
    if any(tab.number == number for tab in book.tabs):
        raise Refused(f"Sheet with ID {number} already exists. Please enter another ID.")
    if book.titled(title):
        raise Refused(f'A sheet with the name "{title}" already exists. Please enter another name.')


def properties_of(book: Book, tab: Tab) -> Json:
    grid = {"rowCount": len(tab.rows), "columnCount": len(tab.columns), **tab.properties["gridProperties"]}
    return {**tab.properties, "index": book.tabs.index(tab), "gridProperties": grid}


@_handles("deleteSheet")
def delete_sheet(book: Book, body: Json) -> None:
    if len(book.tabs) == 1:
        raise Refused("You can't remove all the visible sheets in a document.")
    book.drop_tab(book.tab(body.get("sheetId", 0)))


@_handles("updateSheetProperties")
def update_sheet(book: Book, body: Json) -> None:
    new, mask = body["properties"], _mask(body)
    tab = book.tab(new.get("sheetId", 0))
    if "title" in mask and new["title"].casefold() != tab.title.casefold():
        _check_tab(book, None, new["title"])
    whole = written(properties_of(book, tab), new, mask)
    grid = dict(whole["gridProperties"])
    _resize(book, tab, "ROWS", grid.pop("rowCount", len(tab.rows)))
    _resize(book, tab, "COLUMNS", grid.pop("columnCount", len(tab.columns)))
    index = whole.pop("index", 0)
    tab.properties = {**whole, "title": tab.title, "sheetId": tab.number, "gridProperties": grid}
    book.rename(tab, whole["title"])
    if "index" in mask:
        here = book.tabs.index(tab)
        book.tabs.remove(tab)
        book.tabs.insert(index - (index > here), tab)


def _resize(book: Book, tab: Tab, dimension: str, count: int) -> None:
    lines = tab.lines(dimension)
    if count < len(lines):
        book.delete(tab, dimension, count, len(lines))
    lines = tab.lines(dimension)
    lines.extend(book.new_lines(count - len(lines)))


@_handles("duplicateSheet")
def duplicate_sheet(book: Book, body: Json) -> Json:
    source = book.tab(body.get("sourceSheetId", 0))
    number = body.get("newSheetId", next(book.fresh))
    copies = (f"Copy of {source.title}" + (f" {count}" if count > 1 else "") for count in itertools.count(1))
    title = body.get("newSheetName") or next(copy for copy in copies if not book.titled(copy))
    _check_tab(book, number, title)
    grid = {"rowCount": len(source.rows), "columnCount": len(source.columns), **source.properties["gridProperties"]}
    properties = {**source.properties, "sheetId": number, "title": title, "gridProperties": grid}
    tab = book.add_tab({**properties, "index": body.get("insertSheetIndex", 0)})
    rows, columns = dict(zip(source.rows, tab.rows, strict=True)), dict(zip(source.columns, tab.columns, strict=True))
    tab.cells = {(rows[row], columns[column]): cell for (row, column), cell in source.cells.items()}
    for kind, items in source.objects.items():
        shown = [_on_tab(book.shown(item), source.number, number) for item in items]
        fresh = [{**item, IDS[kind][0]: next(book.fresh)} if kind in IDS else item for item in shown]
        tab.objects[kind] = book.held(fresh)
    return {"properties": properties_of(book, tab)}


def _on_tab(value: Any, old: int, new: int) -> Any:
    if isinstance(value, list):
        return [_on_tab(item, old, new) for item in value]
    if isinstance(value, dict):
        return {
            name: new if (name, item) == ("sheetId", old) else _on_tab(item, old, new) for name, item in value.items()
        }
    return value


@_handles("updateSpreadsheetProperties")
def update_spreadsheet(book: Book, body: Json) -> None:
    book.properties = written(book.properties, body["properties"], _mask(body))


# Rows and columns.


def _run(book: Book, run: Json) -> tuple[Tab, str, int, int]:
    tab, dimension = book.tab(run.get("sheetId", 0)), run["dimension"]
    start, end = run.get("startIndex", 0), run.get("endIndex", len(tab.lines(dimension)))
    if not 0 <= start < end:
        raise Refused(f"range.startIndex[{start}] must be less than range.endIndex[{end}]")
    return tab, dimension, start, end


def _within(book: Book, run: Json) -> tuple[Tab, str, int, int]:
    tab, dimension, start, end = _run(book, run)
    if end > len(tab.lines(dimension)):
        raise Refused(f"range.endIndex[{end}] is after last line in grid[{len(tab.lines(dimension))}]")
    return tab, dimension, start, end


@_handles("insertDimension")
def insert_dimension(book: Book, body: Json) -> None:
    tab, dimension, start, end = _run(book, body["range"])
    if start > len(tab.lines(dimension)):
        raise Refused(f"range.startIndex[{start}] is after last line in grid")
    lines = tab.lines(dimension)
    model = start - 1 if body.get("inheritFromBefore") else start
    source = lines[model] if 0 <= model < len(lines) else None
    made = book.insert(tab, dimension, start, end - start)
    looks = ("userEnteredFormat", "dataValidation")
    for (row, column), cell in list(tab.cells.items()):
        copied = {name: cell[name] for name in looks if name in cell}
        if copied and source in ((row,) if dimension == "ROWS" else (column,)):
            places = [(line, column) if dimension == "ROWS" else (row, line) for line in made]
            tab.cells |= dict.fromkeys(places, copied)


@_handles("deleteDimension")
def delete_dimension(book: Book, body: Json) -> None:
    tab, dimension, start, end = _within(book, body["range"])
    if end - start == len(tab.lines(dimension)):
        raise Refused("You can't delete all the lines on the sheet.")
    name = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
    frozen = tab.properties["gridProperties"].get(name, 0)
    rest = {**tab.properties["gridProperties"], name: frozen - max(0, min(end, frozen) - start)}
    tab.properties = {**tab.properties, "gridProperties": rest if frozen else tab.properties["gridProperties"]}
    book.delete(tab, dimension, start, end)


@_handles("moveDimension")
def move_dimension(book: Book, body: Json) -> None:
    tab, dimension, start, end = _within(book, body["source"])
    before = body.get("destinationIndex", 0)
    if not 0 <= before <= len(tab.lines(dimension)):
        raise Refused(f"destinationIndex[{before}] lies outside the grid.")
    if start < before < end:
        raise Refused("Cannot move a dimension into itself.")
    book.move(tab, dimension, start, end, before)


@_handles("appendDimension")
def append_dimension(book: Book, body: Json) -> None:
    tab = book.tab(body.get("sheetId", 0))
    tab.lines(body["dimension"]).extend(book.new_lines(body["length"]))


@_handles("updateDimensionProperties")
def update_dimension(book: Book, body: Json) -> None:
    tab, dimension, start, end = _within(book, body["range"])
    for line in tab.lines(dimension)[start:end]:
        tab.sizes[line] = written(tab.sizes.get(line, {}), body["properties"], _mask(body))


# Cells.


def _write(tab: Tab, row: int, column: int, data: Json, mask: Json) -> None:
    parts = {name: below for name, below in mask.items() if name in CELL_PARTS}
    if "*" in mask:
        parts = {name: {} for name in CELL_PARTS}
    unknown = mask.keys() - {"*", *CELL_PARTS}
    if unknown:
        raise not_here(f"The part {', '.join(unknown)} of a cell")
    if "userEnteredValue" in parts:
        parts["userEnteredValue"] = {}
        value = data.get("userEnteredValue", {})
        if any(isinstance(part, str) and len(part) > 50_000 for part in value.values()):
            raise Refused("Your input contains more than the maximum of 50000 characters in a single cell.")
    cell = written(tab.at(row, column), data, parts)
    tab.put(
        row, column, cell if cell.get("userEnteredValue") != {"stringValue": ""} else cell | {"userEnteredValue": {}}
    )


@_handles("updateCells")
def update_cells(book: Book, body: Json) -> None:
    mask, rows = _mask(body), [row.get("values", []) for row in body.get("rows", [])]
    if "range" in body:
        tab, top, left, bottom, right = book.box(body["range"])
        for row in range(top, bottom):
            given = rows[row - top] if row - top < len(rows) else []
            for column in range(left, right):
                _write(tab, row, column, given[column - left] if column - left < len(given) else {}, mask)
        return
    start = body["start"]
    tab, top, left = book.tab(start.get("sheetId", 0)), start.get("rowIndex", 0), start.get("columnIndex", 0)
    if top + len(rows) > len(tab.rows) or left + max(map(len, rows), default=0) > len(tab.columns):
        raise Refused(f"Attempting to write beyond the grid of {len(tab.rows)} by {len(tab.columns)}.")
    for row, values in enumerate(rows, top):
        for column, data in enumerate(values, left):
            _write(tab, row, column, data, mask)


@_handles("repeatCell")
def repeat_cell(book: Book, body: Json) -> None:
    tab, top, left, bottom, right = book.box(body["range"])
    mask, data = _mask(body), body.get("cell", {})
    formula = data.get("userEnteredValue", {}).get("formulaValue")
    for row in range(top, bottom):
        for column in range(left, right):
            if formula:
                data = {**data, "userEnteredValue": {"formulaValue": translated(formula, row - top, column - left)}}
            _write(tab, row, column, data, mask)


@_handles("copyPaste")
def copy_paste(book: Book, body: Json) -> None:
    source, top, left, bottom, right = book.box(body["source"])
    target, row_to, column_to, *end = book.box(body["destination"])
    if body.get("pasteType", "PASTE_NORMAL") != "PASTE_NORMAL" or end != [
        row_to + bottom - top,
        column_to + right - left,
    ]:
        raise not_here("A paste of another kind, or into a range of another size")
    down, across = row_to - top, column_to - left
    for row in range(top, bottom):
        for column in range(left, right):
            cell = source.at(row, column)
            formula = cell.get("userEnteredValue", {}).get("formulaValue")
            value = {"userEnteredValue": {"formulaValue": translated(formula, down, across)}} if formula else {}
            target.put(row + down, column + across, cell | value)


@_handles("setDataValidation")
def set_validation(book: Book, body: Json) -> None:
    data = {"dataValidation": body["rule"]} if body.get("rule") else {}
    repeat_cell(book, {"range": body["range"], "cell": data, "fields": "dataValidation"})


@_handles("sortRange")
def sort_range(book: Book, body: Json) -> None:
    tab, top, left, bottom, right = book.box(body["range"])
    order = list(range(top, bottom))
    for spec in reversed(body.get("sortSpecs", [])):
        keys = {row: _sort_key(tab.at(row, spec.get("dimensionIndex", 0))) for row in order}
        filled = [row for row in order if keys[row]]
        filled.sort(key=keys.__getitem__, reverse=spec.get("sortOrder") == "DESCENDING")
        order = [*filled, *(row for row in order if not keys[row])]
    lines = [[tab.at(row, column) for column in range(left, right)] for row in order]
    for row, (old, cells) in enumerate(zip(order, lines, strict=True), top):
        for column, cell in enumerate(cells, left):
            formula = cell.get("userEnteredValue", {}).get("formulaValue")
            value = {"userEnteredValue": {"formulaValue": translated(formula, row - old, 0)}} if formula else {}
            tab.put(row, column, cell | value)


def _sort_key(cell: Json) -> Any:
    """Numbers before texts before truths; formulas are not worked out here."""
    for kind, value in cell.get("userEnteredValue", {}).items():
        if kind == "formulaValue":
            raise not_here("A sort by what formulas give")
        if value != "":
            return {"numberValue": 0, "boolValue": 2}.get(kind, 1), value.casefold() if isinstance(
                value, str
            ) else value
    return None


# Objects with ids of their own.


def _add(kind: str) -> Handler:
    def add(book: Book, body: Json) -> Json:
        name, part = IDS[kind]
        item = dict(body[part])
        item.setdefault(name, next(book.fresh))
        if any(one.get(name) == item[name] for tab in book.tabs for one in tab.objects[kind]):
            raise Refused(f"Cannot add {part} with ID {item[name]}, one with that ID already exists.")
        held = book.held({key: value for key, value in item.items() if key != "requestingUserCanEdit"})
        book.tab(_where(held)).objects[kind].append(held)
        return {part: book.shown(held)}

    return add


def _where(item: Json) -> int:
    if "position" in item:
        if "overlayPosition" not in item["position"]:
            raise not_here("A chart on a tab of its own")
        return int(item["position"]["overlayPosition"]["anchorCell"].tab)
    return int(item["range"].tab)


def _update(kind: str, pick: Callable[[Json], Json]) -> Handler:
    def update(book: Book, body: Json) -> None:
        name = IDS[kind][0]
        new = pick(body)
        tab, index = _find(book, kind, new.get(name))
        old = book.shown(tab.objects[kind][index])
        tab.objects[kind][index] = book.held({**written(old, new, _mask(body)), name: old[name]})

    return update


def _delete(kind: str, key: str) -> Handler:
    def delete(book: Book, body: Json) -> None:
        tab, index = _find(book, kind, body.get(key))
        del tab.objects[kind][index]

    return delete


def _find(book: Book, kind: str, number: Any) -> tuple[Tab, int]:
    for tab in book.tabs:
        for index, item in enumerate(tab.objects[kind]):
            if item.get(IDS[kind][0]) == number:
                return tab, index
    raise Refused(f"No {IDS[kind][1]} with id: {number}")


def _update_chart(book: Book, body: Json) -> None:
    tab, index = _find(book, "charts", body["chartId"])
    tab.objects["charts"][index] = {**tab.objects["charts"][index], "spec": book.held(body["spec"])}


def _move_chart(book: Book, body: Json) -> None:
    tab, index = _find(book, "charts", body["objectId"])
    chart = book.shown(tab.objects["charts"].pop(index))
    overlay = body["newPosition"].get("overlayPosition")
    if overlay is None:
        raise not_here("A chart on a tab of its own")
    mask = mask_of(body.get("fields") or "*")
    place = written(chart["position"]["overlayPosition"], overlay, mask)
    held = book.held({**chart, "position": {"overlayPosition": place}})
    book.tab(_where(held)).objects["charts"].append(held)


def _delete_table(book: Book, body: Json) -> None:
    """With its cells' values, as in Sheets."""
    tab, index = _find(book, "tables", body["tableId"])
    area = book.shown(tab.objects["tables"].pop(index))["range"]
    repeat_cell(book, {"range": area, "cell": {}, "fields": "userEnteredValue"})


HANDLERS |= {
    "addProtectedRange": _add("protectedRanges"),
    "updateProtectedRange": _update("protectedRanges", lambda body: dict(body["protectedRange"])),
    "deleteProtectedRange": _delete("protectedRanges", "protectedRangeId"),
    "addChart": _add("charts"),
    "updateChartSpec": _update_chart,
    "updateEmbeddedObjectPosition": _move_chart,
    "deleteEmbeddedObject": _delete("charts", "objectId"),
    "addTable": _add("tables"),
    "updateTable": _update("tables", lambda body: dict(body["table"])),
    "deleteTable": _delete_table,
    "addBanding": _add("bandedRanges"),
    "updateBanding": _update("bandedRanges", lambda body: dict(body["bandedRange"])),
    "deleteBanding": _delete("bandedRanges", "bandedRangeId"),
    "addFilterView": _add("filterViews"),
    "updateFilterView": _update("filterViews", lambda body: dict(body["filter"])),
    "deleteFilterView": _delete("filterViews", "filterId"),
}


# Rules, merges and filters.


@_handles("addConditionalFormatRule")
def add_rule(book: Book, body: Json) -> None:
    rule = book.held(body["rule"])
    book.tab(rule["ranges"][0].tab).objects["conditionalFormats"].insert(body.get("index", 0), rule)


@_handles("updateConditionalFormatRule")
def update_rule(book: Book, body: Json) -> None:
    if "rule" not in body:
        raise not_here("A conditional format that moves")
    rule = book.held(body["rule"])
    book.tab(rule["ranges"][0].tab).objects["conditionalFormats"][body.get("index", 0)] = rule


@_handles("deleteConditionalFormatRule")
def delete_rule(book: Book, body: Json) -> None:
    rules = book.tab(body.get("sheetId", 0)).objects["conditionalFormats"]
    if body.get("index", 0) >= len(rules):
        raise Refused(f"No conditional format on sheet: {body.get('sheetId', 0)} at index: {body.get('index', 0)}")
    del rules[body.get("index", 0)]


@_handles("mergeCells")
def merge(book: Book, body: Json) -> None:
    if body.get("mergeType", "MERGE_ALL") != "MERGE_ALL":
        raise not_here("A merge by rows or columns")
    tab, top, left, bottom, right = book.box(body["range"])
    whole = {"sheetId": tab.number, "startRowIndex": top, "endRowIndex": bottom}
    unmerge(book, body)
    tab.objects["merges"].append(book.held({**whole, "startColumnIndex": left, "endColumnIndex": right}))
    for row in range(top, bottom):
        for column in range(left, right):
            if (row, column) != (top, left):
                _write(tab, row, column, {}, {"userEnteredValue": {}})


@_handles("unmergeCells")
def unmerge(book: Book, body: Json) -> None:
    tab, top, left, bottom, right = book.box(body["range"])

    def outside(merge: Json) -> bool:
        _, up, west, down, east = book.box(merge)
        apart = down <= top or bottom <= up or east <= left or right <= west
        if not apart and not (top <= up and down <= bottom and left <= west and east <= right):
            raise Refused("You must select all cells in a merged range to merge or unmerge them.")
        return apart

    tab.objects["merges"] = [one for one in tab.objects["merges"] if outside(book.shown(one))]


@_handles("setBasicFilter")
def set_filter(book: Book, body: Json) -> None:
    tab, top, left, bottom, right = book.box(body["filter"].get("range", {}))
    whole = {"sheetId": tab.number, "startRowIndex": top, "endRowIndex": bottom}
    tab.basic_filter = book.held(
        {**body["filter"], "range": {**whole, "startColumnIndex": left, "endColumnIndex": right}}
    )


@_handles("clearBasicFilter")
def clear_filter(book: Book, body: Json) -> None:
    book.tab(body.get("sheetId", 0)).basic_filter = None


# Names and developer metadata.


@_handles("addNamedRange")
def add_name(book: Book, body: Json) -> Json:
    named = dict(body["namedRange"])
    named.setdefault("namedRangeId", str(next(book.fresh)))
    for one in book.names:
        if one["namedRangeId"] == named["namedRangeId"] or one["name"].casefold() == named["name"].casefold():
            raise Refused(f"Cannot add named range {named['name']}, one with that ID or name already exists.")
    book.names.append(book.held(named))
    return {"namedRange": named}


def _named(book: Book, number: str) -> int:
    for index, one in enumerate(book.names):
        if one["namedRangeId"] == number:
            return index
    raise Refused(f"No named range with id: {number}")


@_handles("updateNamedRange")
def update_name(book: Book, body: Json) -> None:
    index = _named(book, body["namedRange"]["namedRangeId"])
    book.names[index] = book.held(written(book.shown(book.names[index]), body["namedRange"], _mask(body)))


@_handles("deleteNamedRange")
def delete_name(book: Book, body: Json) -> None:
    del book.names[_named(book, body["namedRangeId"])]


@_handles("createDeveloperMetadata")
def create_metadata(book: Book, body: Json) -> Json:
    item = dict(body["developerMetadata"])
    item.setdefault("metadataId", next(book.fresh))
    if any(one["metadataId"] == item["metadataId"] for one in book.metadata):
        raise Refused(f"Metadata with ID {item['metadataId']} already exists.")
    item["location"] = {name: part for name, part in item["location"].items() if name != "locationType"}
    held = book.held(item)
    book.metadata.append(held)
    _check_room(book, held)
    return {"developerMetadata": metadata_shown(book, held)}


def _check_room(book: Book, item: Json) -> None:
    there = [one for one in book.metadata if one["location"] == item["location"]]
    if sum(len(one["metadataKey"]) + len(one.get("metadataValue", "")) for one in there) > 30_000:
        raise Refused("Developer metadata may hold at most 30000 characters in one location.")


def metadata_shown(book: Book, item: Json) -> Json:
    """With the type of its location, which callers leave out and readers get."""
    shown = book.shown(item)
    location = shown["location"]
    run = location.get("dimensionRange")
    kind = {"ROWS": "ROW", "COLUMNS": "COLUMN"}[run["dimension"]] if run else "SHEET"
    kind = "SPREADSHEET" if location.get("spreadsheet") else kind
    return {**shown, "location": {"locationType": kind, **location}}


def _matching(book: Book, data_filter: Json) -> list[Json]:
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None or lookup.keys() - {"metadataId", "metadataKey", "metadataValue", "visibility"}:
        raise not_here("Metadata by its place")
    return [one for one in book.metadata if all(one.get(name) == value for name, value in lookup.items())]


@_handles("updateDeveloperMetadata")
def update_metadata(book: Book, body: Json) -> Json:
    changed = []
    for item in [one for each in body["dataFilters"] for one in _matching(book, each)]:
        new = book.held(written(book.shown(item), body["developerMetadata"], _mask(body)))
        new["metadataId"] = item["metadataId"]
        book.metadata[book.metadata.index(item)] = new
        _check_room(book, new)
        changed.append(metadata_shown(book, new))
    return {"developerMetadata": changed}


@_handles("deleteDeveloperMetadata")
def delete_metadata(book: Book, body: Json) -> Json:
    doomed = _matching(book, body["dataFilter"])
    book.metadata = [one for one in book.metadata if one not in doomed]
    return {"deletedDeveloperMetadata": [metadata_shown(book, one) for one in doomed]}


__all__ = ["GONE", "applied", "metadata_shown", "properties_of"]
