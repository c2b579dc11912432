"""Tabs that grow at their top: a new row is inserted, so that it never lies where people may be typing.

What is written into rows that the same batch has inserted can hit nobody's cell, wherever these come to lie by then. So
no copy of the tab need stand by, and where scattered numbers travel as values the rows go in a small batch behind them.
"""

from __future__ import annotations

from dataclasses import replace

from sheets_sync.spreadsheet.arrangement import Layout, row_marks
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.tab import Tab

_MORE = 20
"""Rows past those listed that stay until they go together: taking one away needs a copy of the tab."""


def grown(tab: Tab, block: Block | None) -> Tab:
    """The tab with the rows that it lists, and older ones that are there and not yet too many."""
    if not tab.grows:
        return tab
    there = {line.key for line in row_marks(block).values()} if block else set()
    older = [key for key in tab.keys[tab.grows :] if key in there]
    listed = {*tab.keys[: tab.grows], *(older if len(older) <= _MORE else ())}
    above = tab.header + 1
    body = [(key, row) for key, row in zip(tab.keys, tab.rows[above:], strict=True) if key in listed]
    return replace(tab, rows=(*tab.rows[:above], *(row for _key, row in body)), keys=tuple(key for key, _row in body))


def only_grows(tab: Tab, layout: Layout) -> bool:
    """Whether rows come to a tab that grows, and nothing else of its lines changes."""
    inserts = all(kind == "insert" for kind, _start, _end in layout.rows.edits)
    return bool(tab.grows and layout.rows.edits) and inserts and not layout.columns.edits
