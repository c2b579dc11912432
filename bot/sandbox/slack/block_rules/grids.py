"""Tables and charts: table, data_table, data_visualization."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.block_rules.checks import Json, entries, keys, missing, number, problem, size, string

MOST_COLUMNS = 20
MOST_CHARACTERS = 10_000
MOST_POINTS = 20
MOST_SERIES = 6
LABEL = 20
TITLE = 50
TABLE_CELLS = ("raw_text", "rich_text")
DATA_CELLS = ("raw_text", "raw_number", "rich_text")


def table(block: Json, at: str) -> Iterator[str]:
    """At most 100 rows of at most 20 cells, no empty text, 10,000 characters in all."""
    yield from keys(block, at, "rows", "column_settings")
    yield from size(block, "rows", at, most=100)
    yield from size(block, "column_settings", at, most=MOST_COLUMNS, required=False)
    for row, here in entries(block, "rows", at):
        yield from _row(row, here, TABLE_CELLS)
    yield from _characters(block, at)


def data_table(block: Json, at: str) -> Iterator[str]:
    """A header and at most 100 rows, all of the same length."""
    yield from keys(block, at, "rows", "caption", "page_size", "row_header_column_index")
    yield from string(block, "caption", at, most=2000, required=True)
    yield from number(block, "page_size", at, least=1, most=100)
    yield from number(block, "row_header_column_index", at, least=0, most=MOST_COLUMNS - 1)
    # The header is one of the rows, and alone it is no table.
    yield from size(block, "rows", at, most=101, least=2)
    lengths = set()
    for index, (row, here) in enumerate(entries(block, "rows", at)):
        # A header takes no rich text.
        yield from _row(row, here, DATA_CELLS[:2] if index == 0 else DATA_CELLS)
        lengths.add(len(row) if isinstance(row, list) else 0)
    if len(lengths) > 1:
        yield problem(f"{at}/rows", "all rows must have the same number of cells")
    yield from _characters(block, at)


def _row(row: object, at: str, kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(row, list):
        yield problem(at, "must be an array")
        return
    if not 1 <= len(row) <= MOST_COLUMNS:
        yield problem(at, f"must have 1 to {MOST_COLUMNS} items")
    for index, cell in enumerate(row):
        yield from _cell(cell, f"{at}/{index}", kinds)


def _cell(cell: object, at: str, kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(cell, dict) or cell.get("type") not in kinds:
        yield problem(at, f"failed to match all allowed schemas: must be {' or '.join(kinds)}")
        return
    if cell["type"] == "rich_text":
        yield from size(cell, "elements", at, most=1000)
        return
    yield from keys(cell, at, "text", *(("value",) if cell["type"] == "raw_number" else ()))
    yield from string(cell, "text", at, most=MOST_CHARACTERS, required=cell["type"] == "raw_text")
    if cell["type"] == "raw_number" and not _is_number(cell.get("value")):
        yield problem(f"{at}/value", "must be a number")


def _characters(block: Json, at: str) -> Iterator[str]:
    rows = [row for row, _ in entries(block, "rows", at) if isinstance(row, list)]
    count = sum(len(str(cell.get("text", ""))) for row in rows for cell in row if isinstance(cell, dict))
    if count > MOST_CHARACTERS:
        yield problem(f"{at}/rows", f"must be less than {MOST_CHARACTERS + 1} characters in all")


def chart(block: Json, at: str) -> Iterator[str]:
    """A pie of segments, or lines, bars or areas over common categories."""
    yield from keys(block, at, "title", "chart")
    yield from string(block, "title", at, most=TITLE, required=True)
    body, here = block.get("chart"), f"{at}/chart"
    if not isinstance(body, dict):
        yield missing(at, "chart")
    elif body.get("type") == "pie":
        yield from _pie(body, here)
    elif body.get("type") in {"line", "bar", "area"}:
        yield from _series(body, here)
    else:
        yield problem(f"{here}/type", f"unsupported type: {body.get('type')}")


def _pie(body: Json, at: str) -> Iterator[str]:
    yield from keys(body, at, "segments")
    yield from size(body, "segments", at, most=MOST_SERIES)
    for segment, here in entries(body, "segments", at):
        yield from _point(segment, here, positive=True)


def _series(body: Json, at: str) -> Iterator[str]:
    yield from keys(body, at, "series", "axis_config")
    axis = body.get("axis_config")
    if not isinstance(axis, dict):
        yield missing(at, "axis_config")
        return
    yield from _axis(axis, f"{at}/axis_config")
    yield from size(body, "series", at, most=MOST_SERIES)
    names: Counter[str] = Counter()
    for series, here in entries(body, "series", at):
        if not isinstance(series, dict):
            yield problem(here, "must be an object")
            continue
        names[str(series.get("name"))] += 1
        yield from _line(series, here, axis.get("categories"))
    if names and max(names.values()) > 1:
        yield problem(f"{at}/series", "series names must be unique")


def _axis(axis: Json, at: str) -> Iterator[str]:
    yield from keys(axis, at, "categories", "x_label", "y_label")
    yield from size(axis, "categories", at, most=MOST_POINTS)
    for category, here in entries(axis, "categories", at):
        if not isinstance(category, str) or not 1 <= len(category) <= LABEL:
            yield problem(here, f"must be a string of 1 to {LABEL} characters")
    for key in ("x_label", "y_label"):
        yield from string(axis, key, at, most=TITLE)


def _line(series: Json, at: str, categories: object) -> Iterator[str]:
    yield from keys(series, at, "name", "data")
    yield from string(series, "name", at, most=LABEL, required=True)
    yield from size(series, "data", at, most=MOST_POINTS)
    for point, here in entries(series, "data", at):
        yield from _point(point, here)
    # Slack does not sort points into their categories; they must stand in the axis's order.
    labels = [point.get("label") for point, _ in entries(series, "data", at) if isinstance(point, dict)]
    if labels != categories:
        yield problem(f"{at}/data", "labels must match axis_config.categories")


def _point(point: object, at: str, *, positive: bool = False) -> Iterator[str]:
    if not isinstance(point, dict):
        yield problem(at, "must be an object")
        return
    yield from keys(point, at, "label", "value")
    yield from string(point, "label", at, most=LABEL, required=True)
    value = point.get("value")
    if not _is_number(value):
        yield problem(f"{at}/value", "must be a number")
    elif positive and value is not None and value <= 0:
        yield problem(f"{at}/value", "must be greater than 0")


def _is_number(value: Any) -> bool:
    # JSON has no NaN and no infinity, but Python reads and writes both.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
