"""A tab of values that is written once: its metadata says that it is ours, and no sync takes it for one of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sheets_sync.spreadsheet.arrangement import identity
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.cells import cell_requests, changed_cells
from sheets_sync.spreadsheet.drawing import Author, looks_requests
from sheets_sync.spreadsheet.metadata import chosen_id, create_metadata
from sheets_sync.spreadsheet.plan import free_title
from sheets_sync.spreadsheet.state import Block, Memory, State
from sheets_sync.tabs.tab import Tab

FROZEN_KEY = "kpibot.frozen"
"""On a tab: which period it froze, and the tab's own id, which a person's copy of it does not have."""
_SPARE_ROWS, _SPARE_COLUMNS = 20, 5


def frozen_title(answer: Mapping[str, Any], period_key: str) -> str | None:
    """The title of the tab that froze a period, in an answer of `spreadsheets.get`; None where there is none."""
    for sheet in answer.get("sheets", []):
        number = sheet["properties"].get("sheetId", 0)
        for entry in sheet.get("developerMetadata", []):
            if entry.get("metadataKey") == FROZEN_KEY and entry.get("metadataValue") == _mark(number, period_key):
                return str(sheet["properties"]["title"])
    return None


def frozen_requests(state: State, tab: Tab, period_key: str, author: Author) -> tuple[str, list[Json]]:
    """The title of the new tab and the one batch that makes it.

    Its id is that of its period: sent twice it is refused, and a tab that people deleted can be made again.
    """
    sheet_id = chosen_id(tab.block, state.sheet_ids)
    title = free_title(tab.title, state.titles)
    rows, columns = len(tab.rows) + _SPARE_ROWS, tab.width + _SPARE_COLUMNS
    grid = {"rowCount": rows, "columnCount": columns, "frozenRowCount": tab.header + 1, "frozenColumnCount": 1}
    block = Block(tab.block, sheet_id, title, rows, columns, 0, "", Memory())
    layout = identity(tab)
    mark = chosen_id(f"frozen/{sheet_id}", state.metadata_ids)
    looks = looks_requests(state, block, tab, layout, author)
    return title, [
        {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}},
        create_metadata(mark, FROZEN_KEY, _mark(sheet_id, period_key), sheet_id),
        *cell_requests(block, changed_cells(block, tab, layout), frozenset()),
        *looks.after,
    ]


def _mark(sheet_id: int, period_key: str) -> str:
    return json.dumps({"period": period_key, "sheet": sheet_id}, sort_keys=True, separators=(",", ":"))
