"""Who may write where: protected ranges let only their editors and the file's owner in.

A non-owner editor does not type, paste, sort, filter (filter views are free), insert between or delete protected rows
and columns, does not rename, hide or delete a protected tab, and does not change the protection itself; one that only
warns lets everybody through. So people describe Google's editor. Where nobody says (restyling, tables and charts on a
protected tab) it is closed here, so that nothing works here that may fail there.
"""

from __future__ import annotations

from collections.abc import Iterator

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.masks import parse_mask
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet
from sheets_sync.sandbox.drive_files import PERSON, may_edit

TARGETS = {
    "updateCells": ("range",),
    "repeatCell": ("range",),
    "setDataValidation": ("range",),
    "updateBorders": ("range",),
    "mergeCells": ("range",),
    "unmergeCells": ("range",),
    "sortRange": ("range",),
    "trimWhitespace": ("range",),
    "deleteDuplicates": ("range",),
    "copyPaste": ("destination",),
    "cutPaste": ("source",),
    "setBasicFilter": ("filter", "range"),
    "addBanding": ("bandedRange", "range"),
    "updateBanding": ("bandedRange", "range"),
    "addTable": ("table", "range"),
    "updateTable": ("table", "range"),
}
"""Where in a request stands what it writes on."""
LINES = {
    "insertDimension": "range",
    "deleteDimension": "range",
    "updateDimensionProperties": "range",
    "autoResizeDimensions": "dimensions",
    "addDimensionGroup": "range",
    "deleteDimensionGroup": "range",
    "moveDimension": "source",
}
"""Where in a request stands the run of rows or columns that it is about."""
OBJECTS = {
    "updateBanding": ("bandedRanges", "bandedRangeId", "bandedRange"),
    "deleteBanding": ("bandedRanges", "bandedRangeId", ""),
    "updateTable": ("tables", "tableId", "table"),
    "deleteTable": ("tables", "tableId", ""),
    "updateProtectedRange": ("protectedRanges", "protectedRangeId", "protectedRange"),
    "deleteProtectedRange": ("protectedRanges", "protectedRangeId", ""),
}
"""Kind, name of the id and its place in a request, of objects that close with the cells under them."""


def sign_guards(before: Spreadsheet, draft: Spreadsheet, author: str) -> None:
    """Whoever makes a guard or sets its editors, and the owner, can edit what it protects: the API adds their names."""
    editors_before = {guard["protectedRangeId"]: guard.get("editors") for guard in _guards(before)}
    for guard in _guards(draft):
        editors = guard.get("editors", {})
        guard_id = guard["protectedRangeId"]
        changed = guard_id not in editors_before or editors_before[guard_id] != guard.get("editors")
        if changed and not guard.get("warningOnly"):
            guard["editors"] = {**editors, "users": sorted({*editors.get("users", []), author, PERSON})}


def _guards(spreadsheet: Spreadsheet) -> list[Json]:
    return [guard for sheet in spreadsheet.sheets for guard in sheet.objects["protectedRanges"]]


_BY_RESULT = frozenset({"appendCells", "findReplace"})
"""Requests that find their cells by themselves."""


def check_result(before: Spreadsheet, draft: Spreadsheet, kind: str, author: str) -> None:
    """Raises a 400 when a request that finds its cells by itself has changed guarded ones."""
    if author == PERSON or kind not in _BY_RESULT:
        return
    for sheet in draft.sheets:
        old = before.sheet(sheet.sheet_id).cells
        changed = {place for place in old.keys() | sheet.cells.keys() if old.get(place) != sheet.cells.get(place)}
        for row, column in changed:
            check_area(draft, Area(sheet.sheet_id, row, column, row + 1, column + 1), author)


def needs_result(kind: str, author: str) -> bool:
    """Whether `check_result` has to see the spreadsheet as it was."""
    return author != PERSON and kind in _BY_RESULT


def check_guards(spreadsheet: Spreadsheet, kind: str, request: Json, author: str) -> None:
    """Raises a 400 when the request writes where its author may not."""
    if author == PERSON:
        return
    for target in _targets(spreadsheet, kind, request):
        check_area(spreadsheet, target, author)
    guards = list(_closed(spreadsheet, author))
    line = request.get(LINES.get(kind, ""))
    if line is not None and any(_breaks_in(kind, line, request, guard, area) for guard, area in guards):
        raise _refusal()
    sheet = _whole_sheet(spreadsheet, kind, request)
    if sheet and any(_is_whole(guard) and area.sheet_id == sheet.sheet_id for guard, area in guards):
        raise _refusal()


def check_area(spreadsheet: Spreadsheet, target: Area, author: str) -> None:
    """Raises a 400 when a guard that does not name the author covers a part of the rectangle."""
    if author == PERSON:
        return
    for guard, area in _closed(spreadsheet, author):
        holes = [spreadsheet.area(hole) for hole in guard.get("unprotectedRanges", [])]
        # In one hole as a whole: what reaches from one hole into the next crosses the guarded line between.
        if area.meets(target) and not any(target.within(hole) for hole in holes):
            raise _refusal()


def _is_whole(guard: Json) -> bool:
    """Whether a guard covers its tab, and with it the tab's name and its rows and columns as such."""
    return set(guard["range"]) <= {"sheetId"}


def _breaks_in(kind: str, line: Json, request: Json, guard: Json, area: Area) -> bool:
    """Whether rows or columns would come, go or move where a guard holds them together."""
    if int(line.get("sheetId", 0)) != area.sheet_id or _is_whole(guard):
        return int(line.get("sheetId", 0)) == area.sheet_id
    by_columns = line.get("dimension") == "COLUMNS"
    first, last = (area.left, area.right) if by_columns else (area.top, area.bottom)
    start, end = int(line.get("startIndex", 0)), int(line.get("endIndex", 0))
    if kind == "insertDimension":
        return first < start < last
    # Sizes and groups of protected cells are free; a move takes some out of the block or puts others into it.
    moved_to = int(request.get("destinationIndex", 0))
    return kind == "moveDimension" and bool((start < last and first < end) or first < moved_to < last)


def _whole_sheet(spreadsheet: Spreadsheet, kind: str, request: Json) -> Sheet | None:
    """The tab whose name, grid or floating objects the request is about."""
    if kind == "updateSheetProperties":
        # Where a tab stands among the others is not its own affair.
        mine = parse_mask(request.get("fields") or "index").keys() - {"index"}
        return spreadsheet.sheet(request.get("properties", {}).get("sheetId", 0)) if mine else None
    if kind == "appendDimension":
        return spreadsheet.sheet(request.get("sheetId", 0))
    if kind in ("addChart", "addSlicer"):
        item: Json = request.get("chart") or request.get("slicer") or {}
        overlay: Json = item.get("position", {}).get("overlayPosition", {})
        return spreadsheet.sheet(overlay.get("anchorCell", {}).get("sheetId", 0))
    object_id = request.get("objectId", request.get("chartId", request.get("slicerId")))
    for sheet in spreadsheet.sheets if object_id is not None else ():
        floating = [*sheet.objects["charts"], *sheet.objects["slicers"]]
        if any(object_id in (item.get("chartId"), item.get("slicerId")) for item in floating):
            return sheet
    return None


def _closed(spreadsheet: Spreadsheet, author: str) -> Iterator[tuple[Json, Area]]:
    for sheet in spreadsheet.sheets:
        for guard in sheet.objects["protectedRanges"]:
            if not may_edit(guard, author):
                yield guard, spreadsheet.area(guard["range"])


def _targets(spreadsheet: Spreadsheet, kind: str, request: Json) -> Iterator[Area]:
    """The rectangles that a request writes on or takes away."""
    part = _below(request, TARGETS.get(kind, ()))
    if part is not None:
        yield spreadsheet.area(part)
    elif kind == "updateCells" and "start" in request:
        start, rows = request["start"], request.get("rows", [])
        width = max((len(row.get("values", [])) for row in rows), default=0)
        yield _rectangle(start, len(rows), width)
    if kind == "deleteSheet":
        yield spreadsheet.sheet(request.get("sheetId", 0)).area()
    elif kind == "cutPaste" and "source" in request:
        source = spreadsheet.area(request["source"])
        yield _rectangle(request.get("destination", {}), source.bottom - source.top, source.right - source.left)
    elif kind == "deleteDimension" and "range" in request:
        yield _run_area(spreadsheet, request["range"])
    elif kind in ("insertRange", "deleteRange") and "range" in request:
        yield _shifted_area(spreadsheet, request)
    yield from _object_areas(spreadsheet, kind, request)


def _below(request: Json, path: tuple[str, ...]) -> Json | None:
    part: Json = request
    for name in path:
        part = part.get(name) or {}
    return part or None if path else None


def _rectangle(corner: Json, height: int, width: int) -> Area:
    top, left = corner.get("rowIndex", 0), corner.get("columnIndex", 0)
    return Area(corner.get("sheetId", 0), top, left, top + height, left + width)


def _run_area(spreadsheet: Spreadsheet, run: Json) -> Area:
    word = "Column" if run.get("dimension") == "COLUMNS" else "Row"
    names = {"startIndex": f"start{word}Index", "endIndex": f"end{word}Index"}
    sides = {names[name]: side for name, side in run.items() if name in names}
    return spreadsheet.area({"sheetId": run.get("sheetId", 0), **sides})


def _shifted_area(spreadsheet: Spreadsheet, request: Json) -> Area:
    """The cells that come, go or move: up to the end of the tab."""
    area = spreadsheet.area(request["range"])
    sheet = spreadsheet.sheet(area.sheet_id)
    if request.get("shiftDimension") == "COLUMNS":
        return Area(area.sheet_id, area.top, area.left, area.bottom, sheet.column_count)
    return Area(area.sheet_id, area.top, area.left, sheet.row_count, area.right)


def _object_areas(spreadsheet: Spreadsheet, kind: str, request: Json) -> Iterator[Area]:
    """The rectangles under filters, rules, tables, bands and guards that are there and would be changed."""
    if kind == "clearBasicFilter":
        basic_filter = spreadsheet.sheet(request.get("sheetId", 0)).basic_filter
        yield from [spreadsheet.area(basic_filter["range"])] if basic_filter else []
    elif kind.endswith("ConditionalFormatRule"):
        rule = request.get("rule") or {}
        sheet_id = next((one.get("sheetId", 0) for one in rule.get("ranges", [])), request.get("sheetId", 0))
        rules = spreadsheet.sheet(sheet_id).objects["conditionalFormats"]
        index = request.get("index", 0)
        old = rules[index] if not kind.startswith("add") and 0 <= index < len(rules) else {}
        yield from (spreadsheet.area(one) for one in [*rule.get("ranges", []), *old.get("ranges", [])])
    elif kind in OBJECTS:
        objects, id_name, part = OBJECTS[kind]
        object_id = (request.get(part, {}) if part else request).get(id_name)
        for sheet in spreadsheet.sheets:
            yield from (spreadsheet.area(one["range"]) for one in sheet.objects[objects] if one[id_name] == object_id)


def _refusal() -> Exception:
    return invalid(
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
        "if you need to edit."
    )
