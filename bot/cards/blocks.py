"""Slack's blocks within Slack's limits. Words from data are plain text, or escaped where marks are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.cards.card import Block
    from bot.cards.table import Cell, Table

SECTION, HEADER, CONTEXT, BUTTON, BUTTON_VALUE, LABEL, TITLE = 3000, 150, 2000, 75, 2000, 20, 50
MOST_BUTTONS = 5
MOST_ROWS = 100
MOST_CHARACTERS = 9_500
"""Of a table, a little under Slack's 10,000."""
MOST_CELL = 80
PAGE = 10
MOST_FOLDED = 10
# With a digit, for UNITED and WAREHOUSE are owners, not ids.
_USER_ID = re.compile(r"(?=.*\d)[UW][A-Z0-9]{4,}")


def cut(text: str, most: int) -> str:
    """At most so many characters; an ellipsis stands for what is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def escaped(text: str, most: int | None = None) -> str:
    """Text for mrkdwn: `&`, `<`, `>` as entities, cut so that no entity is torn."""
    safe = _escape(text)
    while most is not None and len(safe) > most:
        # An entity has five characters at most, so a fifth of what is too much never cuts too deep.
        text = cut(text, len(text) - max(1, (len(safe) - most) // 5))
        safe = _escape(text)
    return safe


def mention(owner: str) -> str:
    """A Slack user by name, anybody else in letters, for mrkdwn."""
    return f"<@{owner}>" if is_user_id(owner) else escaped(owner, 200)


def is_user_id(owner: str) -> bool:
    """Whether an owner is a Slack user's id, which only Slack can turn into a name."""
    return _USER_ID.fullmatch(owner) is not None


def plain(text: str, most: int) -> dict[str, Any]:
    # Slack refuses an empty text.
    return {"type": "plain_text", "text": cut(text, most) or "–", "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str) -> Block:
    """A paragraph of plain text."""
    return {"type": "section", "text": plain(text, SECTION)}


def marked(mrkdwn: str) -> Block:
    """A paragraph with marks; the caller has escaped what comes from data and kept the limit."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}


def folded(title: str, inside: Sequence[Block]) -> list[Block]:
    """Blocks that open with a press, at most ten of them in one fold and two folds, told apart; none, no fold."""
    return [
        {
            "type": "container",
            "title": plain(f"{title} · {1 + start // MOST_FOLDED}" if start else title, HEADER),
            "is_collapsible": True,
            "default_collapsed": True,
            "child_blocks": list(inside[start : start + MOST_FOLDED]),
        }
        for start in range(0, min(len(inside), 2 * MOST_FOLDED), MOST_FOLDED)
    ]


def context(lines: Iterable[str]) -> Block:
    """Small grey lines of plain text, at most 10."""
    return {"type": "context", "elements": [plain(line, CONTEXT) for line in list(lines)[:10]]}


def button(text: str, action: str, value: str) -> Block:
    return {"type": "button", "text": plain(text, BUTTON), "action_id": action, "value": cut(value, BUTTON_VALUE)}


def actions(buttons: Sequence[Block], menus: Sequence[Block] = ()) -> list[Block]:
    """One row of at most 5 buttons, each with an action_id of its own, and menus beside them; none, no row.

    Slack wants action ids to be unique in a row: those after the first carry a number, `kpi_ask.2`.
    """
    if not buttons and not menus:
        return []
    seen: dict[str, int] = {}
    row = []
    for element in buttons[:MOST_BUTTONS]:
        action = element["action_id"]
        seen[action] = seen.get(action, 0) + 1
        row.append(element if seen[action] == 1 else element | {"action_id": f"{action}.{seen[action]}"})
    return [{"type": "actions", "elements": [*row, *menus]}]


def data_table(table: Table) -> tuple[Block, int]:
    """The table and how many of its rows fitted; a total always does."""
    head = [{"type": "raw_text", "text": cut(text, MOST_CELL) or "–"} for text in table.headings]
    total = [[_cell(cell) for cell in table.total]] if table.total else []
    room = MOST_CHARACTERS - sum(map(_characters, [head, *total]))
    rows: list[list[Block]] = []
    for row in table.rows[: MOST_ROWS - 1]:
        cells = [_cell(cell) for cell in row]
        room -= _characters(cells)
        if room < 0:
            break
        rows.append(cells)
    block = {
        "type": "data_table",
        "caption": cut(table.caption, CONTEXT),
        "page_size": min(PAGE, len(rows) + len(total)),
        "row_header_column_index": 0,
        "rows": [head, *rows, *total],
    }
    return block, len(rows)


def _cell(cell: Cell) -> Block:
    text = cut(cell.text, MOST_CELL) or "–"
    if cell.number is None:
        return {"type": "raw_text", "text": text}
    return {"type": "raw_number", "value": cell.number, "text": text}


def _characters(cells: Sequence[Block]) -> int:
    return sum(len(cell["text"]) for cell in cells)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
