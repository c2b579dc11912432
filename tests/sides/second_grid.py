"""A second small Google Sheets, written apart from the one that is shipped: what a spreadsheet holds.

Rows and columns are things with an identity, and cells, ranges, charts and metadata hold on to them: an insertion, a
deletion or a move changes two lists, and everything else follows. What it does not have it refuses loudly.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
Line = int
"""A row or a column, told apart from all others for good."""

RANGE = {"sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"}
RUN = {"sheetId", "dimension", "startIndex", "endIndex"}
SPOT = {"sheetId", "rowIndex", "columnIndex"}
ANCHORS = ("range", "location", "dimensionRange", "dataRange")
"""Parts of an object that it cannot be without."""
KINDS = (
    "protectedRanges",
    "charts",
    "tables",
    "conditionalFormats",
    "bandedRanges",
    "filterViews",
    "merges",
    "slicers",
)
REFERENCE = re.compile(
    r'"(?:[^"]|"")*"|(?P<tab>(?:\'(?:[^\']|\'\')+\'|[^\W\d]\w*)!)?'
    r"(?<![\w.$])(?P<first>\$?[A-Z]{1,3}\$?[1-9]\d*)(?::(?P<last>\$?[A-Z]{1,3}\$?[1-9]\d*))?(?![\w(!])"
)
CORNER = re.compile(r"(\$?)([A-Z]+)(\$?)(\d+)")


class Refused(Exception):  # noqa: N818 - what it is, not what went wrong here
    """A 400 in the words that production looks at, or another code for what is not here."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


def not_here(what: str) -> Refused:
    return Refused(f"{what} is not in the second Sheets.", 501)


@dataclass(frozen=True)
class Span:
    """A rectangle by its outermost rows and columns; None where it is open. `run` is a DimensionRange's dimension."""

    tab: int
    first_row: Line | None = None
    last_row: Line | None = None
    first_column: Line | None = None
    last_column: Line | None = None
    run: str = ""


@dataclass(frozen=True)
class Spot:
    """A cell that something is pinned to."""

    tab: int
    row: Line
    column: Line


GONE = object()


@dataclass
class Tab:
    """Rows and columns in order, the cells at their crossings, and the objects, whose ranges are Spans and Spots."""

    properties: Json
    rows: list[Line]
    columns: list[Line]
    cells: dict[tuple[Line, Line], Json] = field(default_factory=dict)
    sizes: dict[Line, Json] = field(default_factory=dict)
    objects: dict[str, list[Json]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    basic_filter: Json | None = None

    @property
    def number(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    def lines(self, dimension: str) -> list[Line]:
        return self.columns if dimension == "COLUMNS" else self.rows

    def at(self, row: int, column: int) -> Json:
        return self.cells.get((self.rows[row], self.columns[column]), {})

    def put(self, row: int, column: int, cell: Json) -> None:
        place = (self.rows[row], self.columns[column])
        if cell:
            self.cells[place] = cell
        else:
            self.cells.pop(place, None)

    def copy(self) -> Tab:
        """Cells and objects are never changed in place, so they are shared."""
        objects = {kind: list(items) for kind, items in self.objects.items()}
        parts: Json = {"rows": list(self.rows), "columns": list(self.columns), "cells": dict(self.cells)}
        return replace(self, properties=dict(self.properties), sizes=dict(self.sizes), objects=objects, **parts)


@dataclass
class Book:
    """A spreadsheet. `fresh` gives out lines and ids."""

    key: str
    properties: Json
    tabs: list[Tab]
    names: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    fresh: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000))

    def copy(self) -> Book:
        tabs = [tab.copy() for tab in self.tabs]
        return replace(
            self, properties=dict(self.properties), tabs=tabs, names=list(self.names), metadata=list(self.metadata)
        )

    def tab(self, number: int) -> Tab:
        for tab in self.tabs:
            if tab.number == number:
                return tab
        raise Refused(f"No grid with id: {number}")

    def titled(self, title: str) -> Tab | None:
        return next((tab for tab in self.tabs if tab.title.casefold() == title.casefold()), None)

    def new_lines(self, count: int) -> list[Line]:
        return [next(self.fresh) for _ in range(count)]

    def add_tab(self, properties: Json) -> Tab:
        grid = {"rowCount": 1000, "columnCount": 26, **properties.get("gridProperties", {})}
        rest = {name: value for name, value in properties.items() if name not in ("index", "gridProperties")}
        frozen = {name: value for name, value in grid.items() if name not in ("rowCount", "columnCount")}
        rows, columns = self.new_lines(grid["rowCount"]), self.new_lines(grid["columnCount"])
        tab = Tab({**rest, "sheetType": "GRID", "gridProperties": frozen}, rows, columns)
        self.tabs.insert(properties.get("index", len(self.tabs)), tab)
        return tab

    def box(self, area: Json) -> tuple[Tab, int, int, int, int]:
        """(tab, top, left, bottom, right) of a GridRange, half-open. Refused where it leaves the grid."""
        tab = self.tab(area.get("sheetId", 0))
        top, left = area.get("startRowIndex", 0), area.get("startColumnIndex", 0)
        bottom, right = area.get("endRowIndex", len(tab.rows)), area.get("endColumnIndex", len(tab.columns))
        if not (0 <= top <= bottom <= len(tab.rows) and 0 <= left <= right <= len(tab.columns)):
            raise Refused(f"GridRange {area} lies outside the grid of {len(tab.rows)} by {len(tab.columns)}.")
        return tab, top, left, bottom, right

    # Ranges in JSON to Spans, and back by where their lines are now.

    def held(self, value: Any) -> Any:
        """The JSON value with each range in it as a Span or a Spot."""
        if isinstance(value, list):
            return [self.held(item) for item in value]
        if not isinstance(value, dict) or not value:
            return value
        if value.keys() <= RANGE:
            return self._span(value)
        if value.keys() <= RUN and "dimension" in value:
            tab = self.tab(value.get("sheetId", 0))
            lines = tab.lines(value["dimension"])[value["startIndex"] : value["endIndex"]]
            ends = (lines[0], lines[-1])
            sides = ("first_row", "last_row") if value["dimension"] == "ROWS" else ("first_column", "last_column")
            return Span(tab.number, run=value["dimension"], **dict(zip(sides, ends, strict=True)))
        if value.keys() <= SPOT:
            return self._spot(value)
        return {name: self._spot(item) if name == "anchorCell" else self.held(item) for name, item in value.items()}

    def _spot(self, place: Json) -> Spot:
        tab = self.tab(place.get("sheetId", 0))
        return Spot(tab.number, tab.rows[place.get("rowIndex", 0)], tab.columns[place.get("columnIndex", 0)])

    def _span(self, area: Json) -> Span:
        tab, top, left, bottom, right = self.box(area)
        return Span(
            tab.number,
            tab.rows[top] if "startRowIndex" in area else None,
            tab.rows[bottom - 1] if "endRowIndex" in area else None,
            tab.columns[left] if "startColumnIndex" in area else None,
            tab.columns[right - 1] if "endColumnIndex" in area else None,
        )

    def shown(self, value: Any) -> Any:
        """The JSON value as callers see it."""
        if isinstance(value, list):
            return [self.shown(item) for item in value]
        if isinstance(value, dict):
            return {name: self.shown(item) for name, item in value.items()}
        if isinstance(value, Spot):
            tab = self.tab(value.tab)
            return {
                "sheetId": value.tab,
                "rowIndex": tab.rows.index(value.row),
                "columnIndex": tab.columns.index(value.column),
            }
        return self._shown_span(value) if isinstance(value, Span) else value

    def _shown_span(self, span: Span) -> Json:
        tab = self.tab(span.tab)
        ends = {
            "startRowIndex": (tab.rows, span.first_row, 0),
            "endRowIndex": (tab.rows, span.last_row, 1),
            "startColumnIndex": (tab.columns, span.first_column, 0),
            "endColumnIndex": (tab.columns, span.last_column, 1),
        }
        sides = {name: lines.index(line) + more for name, (lines, line, more) in ends.items() if line is not None}
        if span.run:
            start, end = sides.values()
            return {"sheetId": span.tab, "dimension": span.run, "startIndex": start, "endIndex": end}
        return {"sheetId": span.tab, **sides}

    # Changes of rows and columns.

    def insert(self, tab: Tab, dimension: str, start: int, count: int) -> list[Line]:
        lines = self.new_lines(count)
        self._restructure(tab, dimension, lambda order: order[:start] + lines + order[start:])
        return lines

    def delete(self, tab: Tab, dimension: str, start: int, end: int) -> None:
        doomed = set(tab.lines(dimension)[start:end])
        loosen = self._looser(tab, dimension, doomed, travels=False)
        self._restructure(tab, dimension, lambda order: [line for line in order if line not in doomed], loosen)

    def move(self, tab: Tab, dimension: str, start: int, end: int, before: int) -> None:
        block = tab.lines(dimension)[start:end]

        def moved(order: list[Line]) -> list[Line]:
            head, tail = ([line for line in part if line not in block] for part in (order[:before], order[before:]))
            return [*head, *block, *tail]

        self._restructure(tab, dimension, moved, self._looser(tab, dimension, set(block), travels=True))

    def rename(self, tab: Tab, title: str) -> None:
        """Give the tab another title, in formulas too."""
        read = self._references()
        tab.properties = {**tab.properties, "title": title}
        plain = re.fullmatch(r"[^\W\d]\w*", title) and not CORNER.fullmatch(title.upper())
        name = (title if plain else "'" + title.replace("'", "''") + "'") + "!"
        renamed = {
            place: [(name, *part[1:]) if _names(part, tab) and part[0] else part for part in parts]
            for place, parts in read.items()
        }
        self._restate(renamed)

    def drop_tab(self, tab: Tab) -> None:
        """Take a tab away, with what lies on it and what names it."""
        read = self._references()
        self.tabs.remove(tab)
        self._walk(lambda value: GONE if getattr(value, "tab", None) == tab.number else value)
        gone = {place: [GONE if _names(part, tab) else part for part in parts] for place, parts in read.items()}
        self._restate({place: parts for place, parts in gone.items() if place[0] != tab.number})

    def _restructure(
        self,
        tab: Tab,
        dimension: str,
        change: Callable[[list[Line]], list[Line]],
        loosen: Callable[[Any], Any] | None = None,
    ) -> None:
        """Give the lines another order; ranges and formulas go on naming what they named, as far as it is there."""
        read = self._references()
        if loosen:
            self._walk(loosen)
            read = {place: [_loosened(part, loosen) for part in parts] for place, parts in read.items()}
        if dimension == "COLUMNS":
            tab.columns = change(tab.columns)
        else:
            tab.rows = change(tab.rows)
        side = 0 if dimension == "ROWS" else 1
        lines = set(tab.lines(dimension))
        tab.cells = {place: cell for place, cell in tab.cells.items() if place[side] in lines}
        self._restate(read)

    def _walk(self, change: Callable[[Any], Any]) -> None:
        """Change every Span and Spot; what cannot be without one that is GONE goes."""

        def changed(value: Any) -> Any:
            if isinstance(value, list):
                return [item for item in map(changed, value) if item is not GONE]
            if not isinstance(value, dict):
                return change(value)
            parts = {name: changed(item) for name, item in value.items()}
            lost = any(parts.get(name) is GONE for name in ANCHORS) or (value.get("ranges") and not parts["ranges"])
            return GONE if lost else {name: part for name, part in parts.items() if part is not GONE}

        for each in self.tabs:
            each.objects = {kind: changed(items) for kind, items in each.objects.items()}
            loose = changed(each.basic_filter) if each.basic_filter else None
            each.basic_filter = None if loose is GONE else loose
        self.names, self.metadata = changed(self.names), changed(self.metadata)

    def _looser(self, tab: Tab, dimension: str, lines: set[Line], *, travels: bool) -> Callable[[Any], Any]:
        """What a Span or a Spot becomes without the lines: one that ends on them ends on the next that stays.

        With `travels` a range that lies within the lines altogether stays as it is.
        """
        order = tab.lines(dimension)
        first_name, last_name = ("first_column", "last_column") if dimension == "COLUMNS" else ("first_row", "last_row")

        def loosen(value: Any) -> Any:
            if getattr(value, "tab", None) != tab.number:
                return value
            if isinstance(value, Spot):
                name = "column" if dimension == "COLUMNS" else "row"
                return value if travels else replace(value, **{name: _next(order, getattr(value, name), lines)})
            first, last = getattr(value, first_name), getattr(value, last_name)
            start = 0 if first is None else order.index(first)
            end = len(order) if last is None else order.index(last) + 1
            left = [line for line in order[start:end] if line not in lines]
            if not left:
                return value if travels or (first is None and last is None) else GONE
            return replace(value, **{first_name: first and left[0], last_name: last and left[-1]})

        return loosen

    # Formulas: read into texts and references, whose Spans follow like all others.

    def _references(self) -> dict[tuple[int, tuple[Line, Line]], list[Any]]:
        return {
            (tab.number, place): self._parts(tab, cell["userEnteredValue"]["formulaValue"])
            for tab in self.tabs
            for place, cell in tab.cells.items()
            if "formulaValue" in cell.get("userEnteredValue", {})
        }

    def _parts(self, owner: Tab, formula: str) -> list[Any]:
        parts: list[Any] = []
        end = 0
        for match in REFERENCE.finditer(formula):
            span = self._read(owner, match) if match["first"] else None
            if span:
                parts += [formula[end : match.start()], span]
                end = match.end()
        return [*parts, formula[end:]]

    def _read(self, owner: Tab, match: re.Match[str]) -> tuple[str, Span, list[str]] | None:
        """The tab as written, the Span, and each corner's `$` signs; None for what lies nowhere."""
        name = match["tab"] or ""
        tab = self.titled(name[:-1].strip("'").replace("''", "'")) if name else owner
        corners = [CORNER.fullmatch(text) for text in (match["first"], match["last"]) if text]
        if tab is None or None in corners:
            return None
        places = [(int(corner[4]) - 1, column_of(corner[2])) for corner in corners if corner]
        (top, left), (bottom, right) = places[0], places[-1]
        if not (top <= bottom < len(tab.rows) and left <= right < len(tab.columns)):
            return None
        span = Span(tab.number, tab.rows[top], tab.rows[bottom], tab.columns[left], tab.columns[right])
        return name, span, [f"{corner[1]}{{}}{corner[3]}{{}}" for corner in corners if corner]

    def _restate(self, read: dict[tuple[int, tuple[Line, Line]], list[Any]]) -> None:
        for (number, place), parts in read.items():
            owner = self.tab(number)
            if place in owner.cells:
                texts = "".join(part if isinstance(part, str) else self._spelled(part) for part in parts)
                if texts != owner.cells[place]["userEnteredValue"]["formulaValue"]:
                    owner.cells[place] = {**owner.cells[place], "userEnteredValue": {"formulaValue": texts}}

    def _spelled(self, part: Any) -> str:
        if part is GONE:
            return "#REF!"
        name, span, shapes = part
        tab = self.tab(span.tab)
        ends = ((span.first_row, span.first_column), (span.last_row, span.last_column))
        texts = [
            shape.format(letters(tab.columns.index(column)), tab.rows.index(row) + 1)
            for shape, (row, column) in zip(shapes, ends[: len(shapes)], strict=True)
        ]
        return str(name) + ":".join(texts)


def _loosened(part: Any, loosen: Callable[[Any], Any]) -> Any:
    if isinstance(part, str) or part is GONE:
        return part
    span = loosen(part[1])
    return GONE if span is GONE else (part[0], span, part[2])


def _names(part: Any, tab: Tab) -> bool:
    return isinstance(part, tuple) and part[1].tab == tab.number


def _next(order: list[Line], line: Line, lost: set[Line]) -> Line:
    after = [one for one in order[order.index(line) :] if one not in lost]
    return after[0] if after else [one for one in order if one not in lost][-1]


def column_of(text: str) -> int:
    number = 0
    for sign in text:
        number = number * 26 + ord(sign) - 64
    return number - 1


def letters(column: int) -> str:
    text = ""
    while column >= 0:
        text = chr(65 + column % 26) + text
        column = column // 26 - 1
    return text


def translated(formula: str, rows: int, columns: int) -> str:
    """A formula as it reads so many rows further down and columns further right."""

    def moved(text: str) -> str:
        fixed, name, held, number = CORNER.fullmatch(text).groups()  # type: ignore[union-attr]
        column, row = column_of(name) + (0 if fixed else columns), int(number) + (0 if held else rows)
        return f"{fixed}{letters(column)}{held}{row}" if column >= 0 and row > 0 else ""

    def change(match: re.Match[str]) -> str:
        if match["first"] is None:
            return match.group()
        ends = [moved(text) for text in (match["first"], match["last"]) if text]
        return (match["tab"] or "") + ":".join(ends) if all(ends) else "#REF!"

    return REFERENCE.sub(change, formula)


def area_of(book: Book, cells: str) -> Json:
    """A GridRange for `'Tab'!B2`, `'Tab'!B2:C5`, `'Tab'!C:C` or `'Tab'!4:4`, clipped to the grid."""
    title, _, place = cells.rpartition("!")
    tab = book.titled(title[1:-1].replace("''", "'") if title.startswith("'") else title)
    ends = [re.fullmatch(r"([A-Z]*)([0-9]*)", end) for end in place.split(":")]
    if tab is None or None in ends:
        raise Refused(f"Unable to parse range: {cells}")
    (left, top), (right, bottom) = (end.groups() for end in (ends[0], ends[-1]) if end)
    sides = {
        "startRowIndex": int(top) - 1 if top else 0,
        "startColumnIndex": column_of(left) if left else 0,
        "endRowIndex": min(int(bottom), len(tab.rows)) if bottom else len(tab.rows),
        "endColumnIndex": min(column_of(right) + 1, len(tab.columns)) if right else len(tab.columns),
    }
    if sides["startRowIndex"] >= len(tab.rows) or sides["startColumnIndex"] >= len(tab.columns):
        raise Refused(f"Range ({cells}) exceeds grid limits.")
    return {"sheetId": tab.number, **sides}


def mask_of(text: str) -> Json:
    """A field mask as a tree; an empty one is all below."""
    tree: Json = {}
    for path in _paths(text.replace(" ", "").replace("/", ".")):
        here = tree
        for name in path:
            here = here.setdefault(name, {})
    return tree


def _paths(text: str) -> Iterable[list[str]]:
    depth, start, parts = 0, 0, []
    for end, sign in enumerate(f"{text},"):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(text[start:end])
            start = end + 1
    for part in parts:
        head, bracket, rest = part.partition("(")
        names = [name for name in head.split(".") if name]
        below = _paths(rest[:-1]) if bracket else [[]]
        yield from ([*names, *path] for path in below)


def picked(value: Any, tree: Json) -> Any:
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [picked(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    chosen = {name: picked(value[name], below) for name, below in tree.items() if name in value}
    return {name: part for name, part in chosen.items() if part != {} or value[name] == {}}


def written(old: Json, new: Json, tree: Json) -> Json:
    """The old object with the masked fields of the new one; what that has not is cleared."""
    if "*" in tree:
        return dict(new)
    result = dict(old)
    for name, below in tree.items():
        part: Any = new.get(name)
        if below and (part is None or isinstance(part, dict)):
            part = written(old.get(name) or {}, part or {}, below)
        if part in (None, {}, ""):
            result.pop(name, None)
        else:
            result[name] = part
    return result
