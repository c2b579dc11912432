"""What a tab looks like, as requests in parts.

A part is sent again only when it changes, so that people may restyle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any

from kpi_core.phrases import say
from sheets_sync.spreadsheet.charts import BAD, GOOD, QUIET, grid_range
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import NumberFormat, format_of
from sheets_sync.tabs.tab import Area, Shade, Tab

_INPUT = {"red": 1.0, "green": 0.97, "blue": 0.87}
_HEAD = {"red": 0.91, "green": 0.92, "blue": 0.93}
_GROUP = {"red": 0.96, "green": 0.97, "blue": 0.97}
_FAIR = {"red": 0.55, "green": 0.38, "blue": 0.0}
_TONES = {"good": (GOOD, {"bold": False}), "fair": (_FAIR, {"bold": True}), "bad": (BAD, {"bold": True})}
"""Colour and weight: the weight carries the difference in print and for those who see no colour."""

Json = dict[str, Any]


def looks(tab: Tab, sheet_id: int) -> dict[str, list[Json]]:
    """The parts that may simply be sent again, in the order in which they have to be."""
    return {
        "widths": list(_widths(tab, sheet_id)),
        "style": list(_style(tab, sheet_id)),
        "headings": list(_headings(tab, sheet_id)),
        "formats": list(_formats(tab, sheet_id)),
        "notes": list(_notes(tab, sheet_id)),
        "choices": list(_choices(tab, sheet_id)),
    }


def rules(tab: Tab, sheet_id: int) -> list[Json]:
    """The conditional formats: a word, or the side of zero."""
    return [
        # Each goes in above those before it, so the last one first.
        {"addConditionalFormatRule": {"rule": _rule(shade, sheet_id), "index": 0}}
        for shade in reversed(tab.shades)
    ]


def rule_mark(rule: Mapping[str, Any]) -> str:
    """What a conditional format is told by, ours or a person's, wherever it stands: its condition and its looks.

    Google gives colours back with other digits, leaves out what is 0, and adds the colour in an older form.
    """
    boolean = rule.get("booleanRule", {})
    condition, look = boolean.get("condition", {}), boolean.get("format", {})
    letters = look.get("textFormat", {})
    colour = letters.get("foregroundColorStyle", {}).get("rgbColor", {})
    more = sorted({*look, *letters} - {"textFormat", "foregroundColorStyle", "foregroundColor", "bold"})
    values = [value.get("userEnteredValue", "") for value in condition.get("values", ())]
    shades = [round(255 * float(colour.get(name, 0))) for name in ("red", "green", "blue")]
    return digest([condition.get("type", ""), values, shades, bool(letters.get("bold", False)), more])


def protection(tab: Tab, sheet_id: int, language: str, editor: str) -> Json:
    """The protected range of a tab, with holes for people's columns and for what they write beside the block."""
    people = [index for index, column in enumerate(tab.columns) if column.people]
    holes: list[Json] = [{"sheetId": sheet_id, "startColumnIndex": tab.width}]
    if people:
        holes.insert(0, grid_range(Area(tab.header + 1, people[0], None, people[-1] + 1), sheet_id))
    guard: Json = {
        "range": {"sheetId": sheet_id},
        "description": say(language, "sheet.protected"),
        "unprotectedRanges": holes,
    }
    return guard | ({"editors": {"users": [editor]}} if editor else {})


def plain_again(block: Block, tab: Tab) -> Iterator[Json]:
    """What a smaller table leaves behind loses the looks of its rows and columns, as it loses what they said."""
    rows, columns = block.memory.rows, block.memory.columns
    # Its rows are people's, and where it ends only they know.
    if tab.typed_in:
        return
    left_over = (
        Area(len(tab.rows), 0, rows, columns),
        Area(0, tab.width, min(rows, len(tab.rows)), columns),
    )
    for area in left_over:
        if area.bottom is not None and area.bottom > area.top and area.right > area.left:
            nothing: Json = {"range": grid_range(area, block.sheet_id), "cell": {}, "fields": "userEnteredFormat,note"}
            yield {"repeatCell": nothing}


def digest(part: object) -> str:
    """A short name for the content of a part."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:10]


def _widths(tab: Tab, sheet_id: int) -> Iterator[Json]:
    places = enumerate((column.width, column.hidden) for column in tab.columns)
    for (width, hidden), run in groupby(places, key=lambda place: place[1]):
        indexes = [index for index, _look in run]
        properties: Json = {"pixelSize": width} | ({"hiddenByUser": True} if hidden else {})
        yield {
            "updateDimensionProperties": {
                "range": {
                    "sheetId": sheet_id,
                    "dimension": "COLUMNS",
                    "startIndex": indexes[0],
                    "endIndex": indexes[-1] + 1,
                },
                "properties": properties,
                "fields": ",".join(properties),
            }
        }


def _style(tab: Tab, sheet_id: int) -> Iterator[Json]:
    yield _repeat(
        sheet_id,
        Area(0, 0, 1, 1),
        {"textFormat": {"bold": True, "fontSize": 14}},
        "textFormat.bold,textFormat.fontSize",
    )
    grey = {"textFormat": {"foregroundColorStyle": {"rgbColor": QUIET}}}
    yield _repeat(sheet_id, Area(1, 0, 2, 1), grey, "textFormat.foregroundColorStyle")
    head = {
        "textFormat": {"bold": True},
        "backgroundColorStyle": {"rgbColor": _HEAD},
        "wrapStrategy": "WRAP",
        "verticalAlignment": "MIDDLE",
    }
    area = Area(tab.header, 0, tab.header + 1, tab.width)
    yield _repeat(sheet_id, area, head, "textFormat.bold,backgroundColorStyle,wrapStrategy,verticalAlignment")
    for index, column in enumerate(tab.columns):
        if column.people:
            tint = {"backgroundColorStyle": {"rgbColor": _INPUT}}
            yield _repeat(sheet_id, tab.body(index), tint, "backgroundColorStyle")


def _headings(tab: Tab, sheet_id: int) -> Iterator[Json]:
    if not tab.headings:
        return
    fields = "textFormat.bold,backgroundColorStyle"
    plain = {"textFormat": {"bold": False}}
    # First all plain, then today's headings: where those of the last sync stood, there may be a KPI by now.
    yield _repeat(sheet_id, Area(tab.header + 1, 0, tab.bottom, tab.width), plain, fields)
    group = {"textFormat": {"bold": True}, "backgroundColorStyle": {"rgbColor": _GROUP}}
    for row in tab.headings:
        yield _repeat(sheet_id, Area(row, 0, row + 1, tab.width), group, fields)


def _formats(tab: Tab, sheet_id: int) -> Iterator[Json]:
    """Number formats of the columns that are the bot's, one request for neighbours that agree."""
    places = ((index, _runs(tab, index)) for index in range(tab.width))
    for runs, columns in groupby(places, key=lambda place: place[1]):
        indexes = [index for index, _runs_of_it in columns]
        for top, bottom, number_format in runs:
            area = Area(top, indexes[0], bottom, indexes[-1] + 1)
            yield _repeat(sheet_id, area, _number_format(number_format), "numberFormat")


def _runs(tab: Tab, column: int) -> list[tuple[int, int | None, NumberFormat]]:
    """Runs of one format down a column; a single one where all its cells agree."""
    if tab.columns[column].people:
        return []
    top = tab.header + 1
    formats = [format_of(row[column]) for row in tab.rows[top:]]
    distinct = {number_format for number_format in formats if number_format}
    if len(distinct) == 1:
        return [(top, tab.bottom, distinct.pop())]
    runs: list[tuple[int, int | None, NumberFormat]] = []
    for number_format, run in groupby(enumerate(formats, start=top), key=lambda place: place[1]):
        rows = [row for row, _format in run]
        if number_format:
            runs.append((rows[0], rows[-1] + 1, number_format))
    return runs


def _number_format(number_format: NumberFormat) -> Json:
    return {"numberFormat": {"type": number_format.type, "pattern": number_format.pattern}}


def _notes(tab: Tab, sheet_id: int) -> Iterator[Json]:
    if not any(column.note for column in tab.columns):
        return
    values = [{"note": column.note} if column.note else {} for column in tab.columns]
    start = {"sheetId": sheet_id, "rowIndex": tab.header, "columnIndex": 0}
    yield {"updateCells": {"start": start, "rows": [{"values": values}], "fields": "note"}}


def _choices(tab: Tab, sheet_id: int) -> Iterator[Json]:
    for index, column in enumerate(tab.columns):
        if column.choices:
            values = [{"userEnteredValue": choice} for choice in column.choices]
            rule = {"condition": {"type": "ONE_OF_LIST", "values": values}, "showCustomUi": True, "strict": False}
            yield {"setDataValidation": {"range": grid_range(tab.body(index), sheet_id), "rule": rule}}


def _rule(shade: Shade, sheet_id: int) -> Json:
    kind = {"word": "TEXT_EQ", "above": "NUMBER_GREATER", "below": "NUMBER_LESS"}[shade.kind]
    colour, weight = _TONES[shade.tone]
    return {
        "ranges": [grid_range(area, sheet_id) for area in shade.areas],
        "booleanRule": {
            "condition": {"type": kind, "values": [{"userEnteredValue": shade.when}]},
            "format": {"textFormat": {"foregroundColorStyle": {"rgbColor": colour}, **weight}},
        },
    }


def _repeat(sheet_id: int, area: Area, look: Json, fields: str) -> Json:
    """`fields` are below userEnteredFormat; a name that is not in `look` is cleared."""
    # Named one by one: what people restyled beside them stays.
    masks = ",".join(f"userEnteredFormat.{name}" for name in fields.split(","))
    return {"repeatCell": {"range": grid_range(area, sheet_id), "cell": {"userEnteredFormat": look}, "fields": masks}}
