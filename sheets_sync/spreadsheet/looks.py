"""What a tab looks like, as requests in parts.

A part is sent again only when it changes, so that people may restyle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from sheets_sync.spreadsheet.arrangement import Layout
from sheets_sync.spreadsheet.charts import BAD, GOOD, QUIET, grid_range
from sheets_sync.tabs.cells import NumberFormat, format_of
from sheets_sync.tabs.tab import Area, Shade, Tab

_INPUT = {"red": 1.0, "green": 0.97, "blue": 0.87}
_HEAD = {"red": 0.91, "green": 0.92, "blue": 0.93}
_GROUP = {"red": 0.96, "green": 0.97, "blue": 0.97}
_FAIR = {"red": 0.55, "green": 0.38, "blue": 0.0}
_TONES = {"good": (GOOD, {"bold": False}), "fair": (_FAIR, {"bold": True}), "bad": (BAD, {"bold": True})}
"""Colour and weight: the weight carries the difference in print and for those who see no colour."""

Json = dict[str, Any]


@frozen
class Canvas:
    """Where the looks of a tab go: all of it, or its new rows and columns alone."""

    sheet_id: int
    layout: Layout
    fresh: bool = False

    def ranges(self, area: Area) -> Iterator[Json]:
        """An area of the wanted tab as Google's ranges."""
        return (grid_range(piece, self.sheet_id) for piece in self.layout.areas(area, fresh=self.fresh))

    def repeat(self, area: Area, look: Json, fields: str) -> Iterator[Json]:
        """`fields` are below userEnteredFormat; a name that is not in `look` is cleared."""
        # Named one by one: what people restyled beside them stays.
        masks = ",".join(f"userEnteredFormat.{name}" for name in fields.split(","))
        for where in self.ranges(area):
            yield {"repeatCell": {"range": where, "cell": {"userEnteredFormat": look}, "fields": masks}}


def looks(tab: Tab, canvas: Canvas) -> dict[str, list[Json]]:
    """The parts that may simply be sent again, in the order in which they have to be."""
    return {
        "widths": list(_widths(tab, canvas)),
        "style": list(_style(tab, canvas)),
        "headings": list(_headings(tab, canvas)),
        "formats": list(_formats(tab, canvas)),
        "notes": list(_notes(tab, canvas)),
        "choices": list(_choices(tab, canvas)),
    }


def plain_rows(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    """New rows without the looks of the row that they came in behind."""
    for line in sorted(canvas.layout.rows.fresh):
        area = Area(line, 0, line + 1, tab.width)
        for piece in canvas.layout.areas(area):
            nothing: Json = {"range": grid_range(piece, canvas.sheet_id), "cell": {}, "fields": "userEnteredFormat"}
            yield {"repeatCell": nothing}


def rules(tab: Tab, canvas: Canvas) -> list[Json]:
    """The conditional formats: a word, or the side of zero."""
    return [
        # Each goes in above those before it, so the last one first.
        {"addConditionalFormatRule": {"rule": rule, "index": 0}}
        for shade in reversed(tab.shades)
        if (rule := _rule(shade, canvas))["ranges"]
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


def protection(tab: Tab, canvas: Canvas, language: str) -> Json:
    """The warning on a tab, with holes for people's columns and for what they write beside and between."""
    inside = canvas.layout.columns
    people = [index for index, column in enumerate(tab.columns) if column.people or column.ticked]
    holes = [where for index in people for where in canvas.ranges(tab.body(index))]
    ours = set(inside.lines)
    holes += [
        {"sheetId": canvas.sheet_id, "startColumnIndex": column, "endColumnIndex": column + 1}
        for column in range(max(ours))
        if column not in ours
    ]
    holes.append({"sheetId": canvas.sheet_id, "startColumnIndex": max(ours) + 1})
    return {
        "range": {"sheetId": canvas.sheet_id},
        "description": say(language, "sheet.protected"),
        "warningOnly": True,
        "unprotectedRanges": holes,
    }


def digest(part: object) -> str:
    """A short name for the content of a part."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:10]


def _widths(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    columns = canvas.layout.columns
    indexes_sent = [index for index in range(tab.width) if not canvas.fresh or index in columns.fresh]
    places = ((index, (tab.columns[index].width, tab.columns[index].hidden)) for index in indexes_sent)
    for (width, hidden), run in groupby(places, key=lambda place: place[1]):
        properties: Json = {"pixelSize": width} | ({"hiddenByUser": True} if hidden else {})
        for start, end in columns.runs(index for index, _look in run):
            where = {"sheetId": canvas.sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}
            changed = {"range": where, "properties": properties, "fields": ",".join(properties)}
            yield {"updateDimensionProperties": changed}


def _style(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    large = {"textFormat": {"bold": True, "fontSize": 14}}
    yield from canvas.repeat(Area(0, 0, 1, 1), large, "textFormat.bold,textFormat.fontSize")
    grey = {"textFormat": {"foregroundColorStyle": {"rgbColor": QUIET}}}
    yield from canvas.repeat(Area(1, 0, 2, 1), grey, "textFormat.foregroundColorStyle")
    head = {
        "textFormat": {"bold": True},
        "backgroundColorStyle": {"rgbColor": _HEAD},
        "wrapStrategy": "WRAP",
        "verticalAlignment": "MIDDLE",
    }
    seen = sum(not column.hidden for column in tab.columns)
    area = Area(tab.header, 0, tab.header + 1, seen)
    yield from canvas.repeat(area, head, "textFormat.bold,backgroundColorStyle,wrapStrategy,verticalAlignment")
    if any(column.wraps for column in tab.columns):
        # What belongs to one row begins at one height.
        area = Area(tab.header + 1, 0, tab.bottom, seen)
        yield from canvas.repeat(area, {"verticalAlignment": "TOP"}, "verticalAlignment")
    for index, column in enumerate(tab.columns):
        if column.hidden:
            # Or its long texts would make the rows as tall as they are long.
            for area in (Area(0, index, tab.header + 1, index + 1), tab.body(index)):
                yield from canvas.repeat(area, {"wrapStrategy": "CLIP"}, "wrapStrategy")
        if column.wraps:
            yield from canvas.repeat(tab.body(index), {"wrapStrategy": "WRAP"}, "wrapStrategy")
        if column.people:
            tint = {"backgroundColorStyle": {"rgbColor": _INPUT}}
            yield from canvas.repeat(tab.body(index), tint, "backgroundColorStyle")


def _headings(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    if not tab.headings:
        return
    fields = "textFormat.bold,backgroundColorStyle"
    plain = {"textFormat": {"bold": False}}
    # First all plain, then today's headings: where those of the last sync stood, there may be a KPI by now.
    yield from canvas.repeat(Area(tab.header + 1, 0, tab.bottom, tab.width), plain, fields)
    group = {"textFormat": {"bold": True}, "backgroundColorStyle": {"rgbColor": _GROUP}}
    for row in tab.headings:
        yield from canvas.repeat(Area(row, 0, row + 1, tab.width), group, fields)


def _formats(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    """Number formats of the columns that are the bot's, one request for neighbours that agree."""
    places = ((index, _runs(tab, index)) for index in range(tab.width))
    for runs, columns in groupby(places, key=lambda place: place[1]):
        indexes = [index for index, _runs_of_it in columns]
        for top, bottom, number_format in runs:
            area = Area(top, indexes[0], bottom, indexes[-1] + 1)
            yield from canvas.repeat(area, _number_format(number_format), "numberFormat")


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


def _notes(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    """A request for each run of columns without people's between."""
    noted = [index for index, column in enumerate(tab.columns) if column.note]
    for piece in (
        canvas.layout.areas(Area(tab.header, 0, tab.header + 1, tab.width), fresh=canvas.fresh) if noted else ()
    ):
        notes = {place: tab.columns[index].note for index, place in enumerate(canvas.layout.columns.lines)}
        values = [{"note": notes[place]} if notes[place] else {} for place in range(piece.left, piece.right)]
        start = {"sheetId": canvas.sheet_id, "rowIndex": piece.top, "columnIndex": piece.left}
        yield {"updateCells": {"start": start, "rows": [{"values": values}], "fields": "note"}}


def _choices(tab: Tab, canvas: Canvas) -> Iterator[Json]:
    for index, column in enumerate(tab.columns):
        if column.choices:
            values = [{"userEnteredValue": choice} for choice in column.choices]
            rule = {"condition": {"type": "ONE_OF_LIST", "values": values}, "showCustomUi": True, "strict": False}
            for where in canvas.ranges(tab.body(index)):
                yield {"setDataValidation": {"range": where, "rule": rule}}
        if column.ticked:
            box = {"condition": {"type": "BOOLEAN"}, "showCustomUi": True}
            for where in canvas.ranges(Area(tab.header + 1, index, len(tab.rows), index + 1)):
                yield {"setDataValidation": {"range": where, "rule": box}}


def _rule(shade: Shade, canvas: Canvas) -> Json:
    kind = {"word": "TEXT_EQ", "above": "NUMBER_GREATER", "below": "NUMBER_LESS"}[shade.kind]
    colour, weight = _TONES[shade.tone]
    return {
        "ranges": [where for area in shade.areas for where in canvas.ranges(area)],
        "booleanRule": {
            "condition": {"type": kind, "values": [{"userEnteredValue": shade.when}]},
            "format": {"textFormat": {"foregroundColorStyle": {"rgbColor": colour}, **weight}},
        },
    }
