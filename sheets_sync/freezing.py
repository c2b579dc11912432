"""A period frozen in a spreadsheet: one read and one write, and never a second tab for the same period."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from sheets_sync.refusals import PlanRefused
from sheets_sync.spreadsheet.arrangement import identity
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.cells import cell_requests, changed_cells
from sheets_sync.spreadsheet.drawing import Author, looks_requests
from sheets_sync.spreadsheet.metadata import chosen_id, create_metadata
from sheets_sync.spreadsheet.plan import free_title
from sheets_sync.spreadsheet.state import Block, Memory, State, read_state
from sheets_sync.tabs.frozen import Freezing, frozen_key, frozen_queries, frozen_tab
from sheets_sync.tabs.queries import shown_kpis
from sheets_sync.tabs.tab import Tab

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from sheets_sync.client import SheetsClient

FROZEN_KEY = "kpibot.frozen"
"""On a tab: which period it froze, and the tab's own id, which a person's copy of it does not have."""
_SPARE_ROWS, _SPARE_COLUMNS = 20, 5
ATTEMPTS = 3


@frozen
class Frozen:
    """The tab in which a period is frozen, and whether it has just been made."""

    spreadsheet: str
    title: str
    is_new: bool


def freeze(client: SheetsClient, door: Door, spreadsheet: str, period: Period, now: datetime) -> Frozen:
    """Make the tab of a period, unless the spreadsheet has it. SheetAccessError, or ServiceError when Google fails."""
    listed = shown_kpis(door.settings, door.definitions, door.unavailable_kpis)
    kpis = tuple(metric for metric in listed if door.may_see(metric.id))
    queries = frozen_queries(kpis, period)
    answers = dict(zip(queries, door.answers(queries, now), strict=True))
    left_out = door.left_out([metric.id for metric in listed])
    tab = frozen_tab(Freezing(door.settings, period, door.today(now), kpis, answers, left_out))
    key, tried = frozen_key(period), 0
    while True:
        document = client.spreadsheet(spreadsheet)
        if (there := frozen_title(document, key)) is not None:
            # Also after a write whose answer was lost.
            return Frozen(spreadsheet, there, is_new=tried > 0)
        title, batch = frozen_requests(read_state(document), tab, key, Author(door.settings.locale))
        try:
            client.write(spreadsheet, batch)
        except PlanRefused as refused:
            tried += 1
            if tried == ATTEMPTS:
                message = f"Google Sheets refused the new tab: {refused.message}"
                raise ServiceError(message, code="sheets_refused", hint="Try again in a minute.") from refused
        else:
            return Frozen(spreadsheet, title, is_new=True)


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
