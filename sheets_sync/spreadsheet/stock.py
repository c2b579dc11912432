"""Empty rows in stock at the top of a tab that grows there: a new row takes one, and is values alone.

Inserting a row needs the larger form of a write and a copy of the tab; this needs neither. What people type into an
empty row is theirs: such a row stays as it is, and nothing of the bot's goes there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice, takewhile

from sheets_sync.spreadsheet.arrangement import row_marks
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import KEEP
from sheets_sync.tabs.tab import Tab

SPARE = "+"
"""How the keys of such rows begin."""


def stocked(tab: Tab, block: Block | None) -> Tab:
    """The tab with its empty rows; where there are enough of them, new rows lie in their places."""
    if tab.stock is None:
        return tab
    marks = row_marks(block) if block else {}
    there = {line.key: row for row, line in sorted(marks.items())}
    spare = {key: row for key, row in there.items() if key.startswith(SPARE)}
    new = list(takewhile(lambda key: key not in there, tab.keys))
    first = min((there[key] for key in tab.keys if key in there), default=len(block.cells) if block else 0)
    free = [key for key, row in spare.items() if row < first and block and _is_empty(block, row)]
    if there and len(new) <= len(free):
        taken = dict(zip(new, free[len(free) - len(new) :], strict=True))
        above = [key for key, row in spare.items() if row < first and key not in taken.values()]
        rows = [*above, *new, *(key for key in tab.keys if key in there)]
        return _with_rows(tab, rows, spare, {key: spare[old] for key, old in taken.items()})
    fresh = islice((key for key in _names() if key not in there), tab.stock.spare - min(len(free), tab.stock.spare))
    rows = [*fresh, *(key for key, row in spare.items() if row < first), *tab.keys[: tab.stock.most]]
    return _with_rows(tab, rows, spare, {})


def _with_rows(tab: Tab, rows: Sequence[str], spare: Mapping[str, int], taken: Mapping[str, int]) -> Tab:
    above = tab.header + 1
    bodies = dict(zip(tab.keys, tab.rows[above:], strict=True))
    # Those that people have sorted elsewhere come last, or new rows would follow them.
    keys = (*rows, *(key for key, row in spare.items() if key not in rows and row not in taken.values()))
    body = (bodies.get(key, (KEEP,) * tab.width) for key in keys)
    return replace(tab, rows=(*tab.rows[:above], *body), keys=keys, taken=taken)


def _is_empty(block: Block, row: int) -> bool:
    """Whether nobody has written anything there; its key is all that stands in it."""
    noted = any(noted == row for noted, _column in block.notes)
    return not noted and sum(bool(cell) for cell in block.cells[row]) == 1


def _names() -> Iterator[str]:
    return (f"{SPARE}{number}" for number in count(1))
