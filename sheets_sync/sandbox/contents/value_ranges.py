"""The values calls: read, write, append and clear rectangles of plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.document.a1 import column_letters, parse_r1c1, parse_reference
from sheets_sync.sandbox.document.area import Area, insertion
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.shifts import apply_shift
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet
from sheets_sync.sandbox.notation.user_entered import typed

RENDER_OPTIONS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")


def read_values(reader: Reader, area: Area, options: Json) -> Json:
    """A ValueRange: rows (or columns) without trailing empty ones; no `values` when all is empty."""
    sheet = reader.spreadsheet.sheet(area.sheet_id)
    option = options.get("valueRenderOption", "FORMATTED_VALUE")
    if option not in RENDER_OPTIONS:
        raise invalid(f"Invalid value at 'value_render_option': \"{option}\"")
    major = "COLUMNS" if options.get("majorDimension") == "COLUMNS" else "ROWS"
    dates = options.get("dateTimeRenderOption", "SERIAL_NUMBER")
    lines: dict[int, dict[int, Any]] = {}
    for row, column in set(sheet.cells) | reader.calculation.spilled_places(sheet):
        if area.holds(row, column):
            value = reader.rendered(sheet, (row, column), option, dates)
            if value != "":
                line, index = (row - area.top, column - area.left)[:: 1 if major == "ROWS" else -1]
                lines.setdefault(line, {})[index] = value
    answer: Json = {"range": reader.spreadsheet.name_of(area), "majorDimension": major}
    if lines:
        answer["values"] = [_line(lines.get(index, {})) for index in range(max(lines) + 1)]
    return answer


def _line(values: dict[int, Any]) -> list[Any]:
    return [values.get(index, "") for index in range(max(values, default=-1) + 1)]


def target_area(spreadsheet: Spreadsheet, text: str) -> tuple[Area, bool]:
    """Where a write to this range may go; True when it names a start only and the values decide how far it reaches."""
    area = find_area(spreadsheet, text)
    reference = parse_reference(text) or parse_r1c1(text)
    return area, bool(
        reference and reference.last is None and (area.bottom - area.top, area.right - area.left) == (1, 1)
    )


def write_values(spreadsheet: Spreadsheet, area: Area, open_ended: bool, data: Json, option: str) -> Json:
    """Writes a ValueRange; answers an UpdateValuesResponse without `updatedData`. null leaves a cell as it is."""
    sheet = spreadsheet.sheet(area.sheet_id)
    entry = _entry(option)
    rows = _rows(data)
    height, width = len(rows), max(map(len, rows), default=0)
    if open_ended:
        area = Area(area.sheet_id, area.top, area.left, area.top + height, area.left + width)
    _check_room(spreadsheet, sheet, area, height, width)
    written: set[Place] = set()
    for row, line in enumerate(rows, area.top):
        for column, value in enumerate(line, area.left):
            if value is not None:
                sheet.put((row, column), entry(sheet.cells.get((row, column), {}), value, spreadsheet.locale))
                written.add((row, column))
    # Where there is nothing to write, Google answers with the range as it was named.
    reached = (
        Area(area.sheet_id, area.top, area.left, area.top + height, area.left + width) if height and width else area
    )
    return {
        "spreadsheetId": spreadsheet.spreadsheet_id,
        "updatedRange": spreadsheet.name_of(reached),
        "updatedRows": len({row for row, _ in written}),
        "updatedColumns": len({column for _, column in written}),
        "updatedCells": len(written),
    }


def _rows(data: Json) -> list[list[Any]]:
    values = data.get("values", [])
    if data.get("majorDimension") != "COLUMNS":
        return list(values)
    height = max(map(len, values), default=0)
    return [[line[row] if row < len(line) else None for line in values] for row in range(height)]


def _check_room(spreadsheet: Spreadsheet, sheet: Sheet, area: Area, height: int, width: int) -> None:
    name = spreadsheet.name_of(area)
    if area.bottom > sheet.row_count or area.right > sheet.column_count:
        raise invalid(
            f"Range ({name}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    if height > area.bottom - area.top:
        raise invalid(f"Requested writing within range [{name}], but tried writing to row [{area.bottom + 1}]")
    if width > area.right - area.left:
        column = column_letters(area.right)
        raise invalid(f"Requested writing within range [{name}], but tried writing to column [{column}]")


Entry = Callable[[Json, Any, str], Json]


def _entry(option: str) -> Entry:
    entries: dict[str, Entry] = {"RAW": raw_cell, "USER_ENTERED": typed_cell}
    if option not in entries:
        raise invalid("'valueInputOption' is required but not specified")
    return entries[option]


def raw_cell(cell: Json, value: Any, _locale: str) -> Json:
    """The cell with the value stored as it is; an empty text empties it."""
    return _with_value(cell, None if value == "" else _plain(value))


def typed_cell(cell: Json, value: Any, locale: str) -> Json:
    """The cell as if a person had typed the value into it; typing a date or a percent formats it."""
    if not isinstance(value, str):
        return _with_value(cell, _plain(value))
    own = cell.get("userEnteredFormat", {})
    kind = own.get("numberFormat", {}).get("type")
    if kind == "TEXT":
        return raw_cell(cell, value, locale)
    extended, number_format = typed(value, locale)
    changed = _with_value(cell, extended)
    # A cell's own format stays, unless what was typed brings one of another kind than a plain number.
    if number_format is None or kind == number_format["type"] or (kind and number_format["type"] == "NUMBER"):
        return changed
    return {**changed, "userEnteredFormat": {**own, "numberFormat": number_format}}


MOST_CHARACTERS = 50_000


def check_length(extended: Json | None) -> None:
    """Raises a 400 for a text or a formula that is longer than a cell may hold."""
    for name in ("stringValue", "formulaValue"):
        if extended and len(extended.get(name, "")) > MOST_CHARACTERS:
            words = f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell."
            raise invalid(words)


def _with_value(cell: Json, extended: Json | None) -> Json:
    check_length(extended)
    # Runs count the characters of the text that goes.
    rest = {key: item for key, item in cell.items() if key not in ("userEnteredValue", "textFormatRuns")}
    return rest if extended is None else {"userEnteredValue": extended, **rest}


def _plain(value: Any) -> Json:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    kind = "list_value" if isinstance(value, list) else "struct_value"
    raise invalid(f"Invalid values[0][0]: {kind} {{}}")


def append_values(spreadsheet: Spreadsheet, area: Area, data: Json, option: str, *, insert: bool) -> Json:
    """Adds rows below the table that the range touches; answers an AppendValuesResponse. The grid grows as needed."""
    sheet = spreadsheet.sheet(area.sheet_id)
    table = _table_around(sheet, area)
    row, column = (table.bottom, table.left) if table else (area.top, area.left)
    rows = _rows(data)
    height, width = len(rows), max(map(len, rows), default=0)
    if insert and table and row < sheet.row_count:
        # Room first, for a shift never changes the grid's size.
        sheet.resize(rows=height)
        apply_shift(spreadsheet, insertion(sheet.sheet_id, "ROWS", row, height))
    sheet.resize(rows=max(0, row + height - sheet.row_count), columns=max(0, column + width - sheet.column_count))
    target = Area(sheet.sheet_id, row, column, row + height, column + width)
    updates = write_values(spreadsheet, target, False, {"values": rows}, option)
    answer: Json = {"spreadsheetId": spreadsheet.spreadsheet_id, "updates": updates}
    if table:
        answer["tableRange"] = spreadsheet.name_of(table)
    return answer


def _table_around(sheet: Sheet, area: Area) -> Area | None:
    """The block of filled cells that touches the range, as far as filled rows and columns reach."""
    filled = {place for place, cell in sheet.cells.items() if "userEnteredValue" in cell}
    seeds = [place for place in filled if area.holds(*place)]
    if not seeds:
        return None
    # Of several tables in the range the last is continued.
    last = max(seeds)
    block, fresh = {last}, [last]
    while fresh:
        row, column = fresh.pop()
        near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & filled - block
        block |= near
        fresh += near
    rows, columns = [row for row, _ in block], [column for _, column in block]
    return Area(sheet.sheet_id, min(rows), min(columns), max(rows) + 1, max(columns) + 1)


def clear_values(spreadsheet: Spreadsheet, area: Area) -> str:
    """Empties the values of a rectangle, keeps formats; answers the range's name."""
    sheet = spreadsheet.sheet(area.sheet_id)
    for place in [place for place in sheet.cells if area.holds(*place)]:
        sheet.put(place, _with_value(sheet.cells[place], None))
    return spreadsheet.name_of(area)
