"""What the bot has to say at cells that people type into, as notes. A person's own note is never written upon."""

from __future__ import annotations

from collections.abc import Iterator

from sheets_sync.spreadsheet.arrangement import Layout
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.tab import Tab

OURS = "KPI Bot: "
"""How the notes begin that are the bot's."""


def remark_requests(block: Block, tab: Tab, layout: Layout) -> Iterator[Json]:
    """Notes that are missing, and those of ours that say what is no longer so."""
    wanted = dict(_wanted(tab, layout))
    there = {place: text for was, text in block.notes.items() if (place := _now(layout, was))}
    header = {(layout.header, column) for column in layout.columns.lines}
    for place, text in wanted.items():
        note = there.get(place, OURS)
        if note.startswith(OURS) and note != text:
            yield _note(block, place, text)
    for place, note in there.items():
        if note.startswith(OURS) and place not in wanted and place not in header:
            yield _note(block, place, "")


def _wanted(tab: Tab, layout: Layout) -> Iterator[tuple[tuple[int, int], str]]:
    rows = dict(zip(tab.row_keys, layout.rows.lines, strict=True))
    columns = dict(zip((column.key for column in tab.columns), layout.columns.lines, strict=True))
    for (key, where), text in tab.remarks.items():
        column = columns[where] if isinstance(where, str) else layout.columns.now(where)
        if column is not None:
            yield (rows[key], column), f"{OURS}{text}"


def _now(layout: Layout, was: tuple[int, int]) -> tuple[int, int] | None:
    row, column = layout.rows.now(was[0]), layout.columns.now(was[1])
    return None if row is None or column is None else (row, column)


def _note(block: Block, place: tuple[int, int], text: str) -> Json:
    start = {"sheetId": block.sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    values = [{"note": text} if text else {}]
    return {"updateCells": {"start": start, "rows": [{"values": values}], "fields": "note"}}
