"""Who may write where: protected ranges let only their editors and the file's owner in."""

from __future__ import annotations

from collections.abc import Iterator

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.drive_files import PERSON

TARGETS = {
    "updateCells": "range",
    "repeatCell": "range",
    "setDataValidation": "range",
    "updateBorders": "range",
    "mergeCells": "range",
    "unmergeCells": "range",
    "sortRange": "range",
    "insertRange": "range",
    "deleteRange": "range",
    "deleteDimension": "range",
    "copyPaste": "destination",
    "cutPaste": "source",
}
"""Which part of a request says what it writes."""


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
    guards = list(_closed(spreadsheet, author))
    if kind == "deleteProtectedRange" and any(
        guard["protectedRangeId"] == request.get("protectedRangeId") for guard, _ in guards
    ):
        raise _refusal()
    for target in _targets(spreadsheet, kind, request):
        check_area(spreadsheet, target, author)
    line = request.get("range", {}) if kind == "insertDimension" else {}
    if line and any(_is_inside(line, area) for _guard, area in guards):
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


def _is_inside(line: Json, area: Area) -> bool:
    """Whether rows or columns would come in between two of a guarded rectangle's."""
    first, last = (area.left, area.right) if line.get("dimension") == "COLUMNS" else (area.top, area.bottom)
    at = int(line.get("startIndex", 0))
    return int(line.get("sheetId", 0)) == area.sheet_id and first < at < last


def _pasted(spreadsheet: Spreadsheet, request: Json) -> Area:
    """Where a cut rectangle comes to lie."""
    source, corner = spreadsheet.area(request["source"]), request.get("destination", {})
    top, left = corner.get("rowIndex", 0), corner.get("columnIndex", 0)
    height, width = source.bottom - source.top, source.right - source.left
    return Area(corner.get("sheetId", 0), top, left, top + height, left + width)


def _closed(spreadsheet: Spreadsheet, author: str) -> Iterator[tuple[Json, Area]]:
    for sheet in spreadsheet.sheets:
        for guard in sheet.objects["protectedRanges"]:
            editors = guard.get("editors")
            # A guard that only warns asks people, and lets every program through.
            if editors is not None and not guard.get("warningOnly") and author not in editors.get("users", []):
                yield guard, spreadsheet.area(guard["range"])


def _targets(spreadsheet: Spreadsheet, kind: str, request: Json) -> Iterator[Area]:
    if kind == "deleteSheet":
        yield spreadsheet.sheet(request.get("sheetId", 0)).area()
    if kind == "cutPaste" and "source" in request:
        yield _pasted(spreadsheet, request)
    part = request.get(TARGETS.get(kind, ""))
    if part is not None and kind == "deleteDimension":
        word = "Column" if part.get("dimension") == "COLUMNS" else "Row"
        names = {"startIndex": f"start{word}Index", "endIndex": f"end{word}Index"}
        sides = {names[name]: side for name, side in part.items() if name in names}
        yield spreadsheet.area({"sheetId": part.get("sheetId", 0), **sides})
    elif part is not None:
        yield spreadsheet.area(part)
    elif kind == "updateCells" and "start" in request:
        start, rows = request["start"], request.get("rows", [])
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        width = max((len(row.get("values", [])) for row in rows), default=0)
        yield Area(start.get("sheetId", 0), top, left, top + len(rows), left + width)


def _refusal() -> Exception:
    return invalid(
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
        "if you need to edit."
    )
