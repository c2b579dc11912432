"""A period frozen in a spreadsheet: one read and one write, and never a second tab for the same period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from sheets_sync.refusals import PlanRefused
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.frozen_requests import frozen_requests, frozen_title
from sheets_sync.spreadsheet.state import read_state
from sheets_sync.tabs.frozen import Freezing, frozen_key, frozen_queries, frozen_tab
from sheets_sync.tabs.queries import shown_kpis

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from sheets_sync.client import SheetsClient

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
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
