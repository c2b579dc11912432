"""A card is what a face draws: blocks for Slack, and a text that reads well alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Block = dict[str, Any]
TABLE_LINES = 12
"""How many lines of a table stand in the plain form, before the rest is told as a count."""
LINE = 220
"""Characters of a row as a line, so that all lines fit into one section."""
MOST_ROWS = 100
"""Of a plain table, its head included."""
MOST_BLOCKS = 50


@frozen
class Card:
    """`text` is the notification, the screen reader's version and the last fallback: escaped, never empty."""

    text: str
    blocks: list[Block]


def plainer(card: Card) -> Card | None:
    """The same card with less demanding blocks, or None when it is as plain as can be.

    Workspaces that do not know a block yet refuse the whole message: charts become tables first (or go),
    then data tables become plain tables, then tables become text, then only the text is left. What was folded opens.
    """
    types = {block["type"] for block in card.blocks}
    if "data_visualization" in types:
        return _without_chart(card, alone="data_table" not in types and "table" not in types)
    if "container" in types:
        return replace(card, blocks=_opened(card.blocks)[:MOST_BLOCKS])
    if "data_table" in types:
        return _with(card, "data_table", _table)
    if "table" in types:
        return _with(card, "table", _lines)
    return replace(card, blocks=[]) if card.blocks else None


def _with(card: Card, kind: str, plain: Callable[[Block], Block]) -> Card:
    return replace(card, blocks=[plain(block) if block["type"] == kind else block for block in card.blocks])


def _without_chart(card: Card, *, alone: bool) -> Card:
    """The first chart as a table where there is none yet; Slack takes one table a message."""
    charts = [block for block in card.blocks if block["type"] == "data_visualization"]
    tabled = charts[:1] if alone and charts[0]["chart"].get("series") else []
    blocks = [
        _points(block) if block in tabled else block
        for block in card.blocks
        if block in tabled or block["type"] != "data_visualization"
    ]
    return replace(card, blocks=blocks)


def _points(block: Block) -> Block:
    """The points of lines as rows: their label, then what each line has there."""
    chart = block["chart"]
    unit = chart["axis_config"].get("y_label", "")
    names = [f"{line['name']} ({unit})" if unit else line["name"] for line in chart["series"]]
    rows = [[block["title"], *names]]
    for place, label in enumerate(chart["axis_config"]["categories"]):
        rows.append([label, *(_figure(line["data"][place]["value"]) for line in chart["series"])])
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text} for text in row] for row in rows]}


def _figure(value: float) -> str:
    """A number of a chart without zeros at its end."""
    text = f"{value:,.4f}" if abs(value) < 1 else f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def _opened(blocks: Sequence[Block]) -> list[Block]:
    """What folded blocks hold, in their places under their titles."""
    opened: list[Block] = []
    for block in blocks:
        if block["type"] != "container":
            opened.append(block)
            continue
        opened += [{"type": "section", "text": block["title"]}, *block["child_blocks"]]
    return opened


def _table(block: Block) -> Block:
    rows = [[{"type": "raw_text", "text": _cell(cell)} for cell in row] for row in block["rows"]]
    # The last row is the total, and always stays.
    return {"type": "table", "rows": [*rows[: MOST_ROWS - 1], rows[-1]] if len(rows) > MOST_ROWS else rows}


def _lines(block: Block) -> Block:
    """The first rows and the total; what is left out is told as a count."""
    rows: Sequence[Sequence[Mapping[str, Any]]] = block["rows"]
    lines = [" · ".join(_cell(cell) for cell in row)[:LINE] for row in rows]
    if len(lines) > TABLE_LINES:
        lines[TABLE_LINES - 1 : -1] = [f"… +{len(lines) - TABLE_LINES}"]
    return {"type": "section", "text": {"type": "plain_text", "text": "\n".join(lines)[:3000], "emoji": False}}


def _cell(cell: Mapping[str, Any]) -> str:
    """A cell as text; never empty, which Slack refuses."""
    return str(cell.get("text") or "–")
