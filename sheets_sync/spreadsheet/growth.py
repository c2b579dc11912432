"""Tabs that grow: a row comes where no person may be typing in that very second.

On top it is inserted: what is written into rows that the same batch has inserted can hit nobody's cell, wherever these
come to lie by then. So no copy of the tab need stand by, and where scattered numbers travel as values the rows go in a
small batch behind them. At the end rows of the bot's stand ready, each with a sign in it: an entry takes the first one,
and is a value like any other. They are made many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kpi_core.frozen_dataclass import frozen
from sheets_sync.spreadsheet.arrangement import KEY_COLUMN, Layout, located, row_marks, with_keys
from sheets_sync.spreadsheet.identity import Places
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import KEEP, Cell, EnteredValue, Text
from sheets_sync.tabs.tab import HEADER_KEY, WAITING, WAITING_SIGN, Tab

_MORE = 20
"""Rows past those listed that stay until they go together: taking one away needs a copy of the tab."""


def grown(tab: Tab, block: Block | None, *, in_passing: bool = False) -> Tab:
    """The tab with the rows that it lists, and older ones that are there and not yet too many.

    With rows that stand ready, where it has such; `in_passing` where more of them can be made along with other changes.
    """
    if not tab.grows:
        return tab
    if tab.waits:
        return _with_waiting(tab, block if block and block.written and block.cells else None, in_passing=in_passing)
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


def _with_waiting(tab: Tab, block: Block | None, *, in_passing: bool) -> Tab:
    columns, rows = located(block, with_keys(tab)) if block else (_NOWHERE, _NOWHERE)
    older = [key for key in tab.keys[: -tab.grows] if key in rows.at]
    listed = [*(older if len(older) <= _MORE else ()), *tab.keys[-tab.grows :]]
    lasting, new = _in_order(listed, rows.at)
    last = max((rows.at[key] for key in (HEADER_KEY, *lasting) if key in rows.at), default=0)
    ready = _Ready.of(tab, block, columns, rows)
    free = [(place, key) for place, key in ready.clean.items() if place > last]
    is_short = len(new) > len(free)
    waiting = [key for _place, key in free[len(new) :]]
    if block is None or is_short or (in_passing and len(waiting) <= tab.waits // 2):
        waiting += ready.more(tab.waits - len(waiting))
    entries = dict(zip(tab.keys, tab.rows[tab.header + 1 :], strict=True))
    nothing: tuple[Cell, ...] = (KEEP,) * (tab.width - 1)
    end = max([last, *(place for place, _key in free[: len(new)])])
    body = [(key, (KEEP, *nothing)) for place, key in ready.typed_in.items() if place < end]
    body += [(key, entries[key]) for key in (*lasting, *new)]
    body += [(key, (KEEP, *nothing)) for place, key in ready.typed_in.items() if place > end]
    body += [(key, (Text(WAITING_SIGN), *nothing)) for key in waiting]
    return replace(
        tab,
        rows=(*tab.rows[: tab.header + 1], *(row for _key, row in body)),
        keys=tuple(key for key, _row in body),
        taken={key: place for key, (place, _was) in zip([*new, *waiting], free, strict=False)},
    )


def _in_order(listed: Sequence[str], at: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The entries down to the newest one that is there, in the order in which people have them; those since."""
    newest = max((index for index, key in enumerate(listed) if key in at), default=-1)
    lasting = sorted((key for key in listed if key in at), key=lambda key: at[key])
    for index, key in enumerate(listed[: max(newest, 0)]):
        if key not in at:
            # One that was deleted comes back behind the one before it.
            lasting.insert(lasting.index(listed[index - 1]) + 1 if index else 0, key)
    return lasting, list(listed[newest + 1 :])


_NOWHERE = Places({}, {})


@frozen
class _Ready:
    """The waiting rows of a tab as read."""

    clean: Mapping[int, str]
    """Place and key of those that nobody has written in or noted at, from the first on."""
    typed_in: Mapping[int, str]
    """The others: what is in them stays, and they are waiting no more."""
    highest: int
    """Of the numbers in their keys."""

    @classmethod
    def of(cls, tab: Tab, block: Block | None, columns: Places, rows: Places) -> _Ready:
        first = columns.at.get(tab.columns[0].key)
        if block is None or first is None:
            return cls({}, {}, 0)
        marks = {place: key for place, key in rows.vanished.items() if key.startswith(WAITING)}
        # People may write into the hidden column, too.
        numbers = (key.removeprefix(WAITING) for key in marks.values())
        highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
        places = list(_signs(block, first, columns.at.get(KEY_COLUMN), {*rows.at.values()}))
        clean = {}
        for place in places:
            if place not in marks:
                # Without its mark, or a copy of another.
                highest += 1
            clean[place] = marks.get(place, f"{WAITING}{highest}")
        typed = {place: key for place, key in sorted(marks.items()) if place not in clean}
        return cls(clean, typed, highest)

    def more(self, count: int) -> list[str]:
        """Keys of rows that come to stand ready."""
        return [f"{WAITING}{self.highest + 1 + number}" for number in range(count)]


def _signs(block: Block, first: int, key: int | None, taken: set[int]) -> Iterator[int]:
    """The rows with the sign and nothing else."""
    noted = {row for row, _column in block.notes}
    for row, cells in enumerate(block.cells):
        others = (cell for column, cell in enumerate(cells) if column not in {first, key})
        has_sign = first < len(cells) and cells[first] == {"stringValue": WAITING_SIGN}
        if has_sign and row not in noted and row not in taken and not any(map(_says, others)):
            yield row


def _says(cell: EnteredValue) -> bool:
    """Whether there is something in a cell; a box that was ticked and unticked holds nothing."""
    return bool(cell) and cell != {"boolValue": False}
