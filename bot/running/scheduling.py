"""What happens by itself while `kpi run` runs: summaries when they are due, sheets when they are due, late posts."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.running.summarising import composed, message_of
from bot.slack.app import SlackAccess
from bot.slack.delivering import deliver_planned
from bot.workspace import Workspace
from kpi_core.deliveries.ledger import due_now, plan
from kpi_core.errors import KpiBotError
from kpi_core.settings.values import SheetSync
from kpi_core.settings.values import Summary as SummarySetting

ROUND_SECONDS = 20.0
log = logging.getLogger("kpi_bot.schedules")


@dataclass(frozen=True, slots=True)
class Schedules:
    """The scheduled work of one workspace. `sync` brings one sheet up to date."""

    workspace: Workspace
    access: SlackAccess
    clock: Callable[[], datetime]
    sync: Callable[[SheetSync, datetime], None]
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held for a round, so that two never overlap; hold it to keep rounds away."""

    async def keep(self, stop: asyncio.Event) -> None:
        """A round every 20 seconds until `stop` is set; what fails is logged and tried again in the next."""
        while not stop.is_set():
            await asyncio.to_thread(self.round)
            try:
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def round(self) -> None:
        """Everything that is due now, each piece on its own: one that fails holds no other up."""
        with self.turn:
            self._round()

    def _round(self) -> None:
        settings = self.workspace.settings
        for summary in settings.summaries:
            self._try(f"summary {summary.name}", partial(self._plan_summary, summary))
        for sheet in settings.sheets:
            self._try(f"sheet {sheet.spreadsheet}", partial(self._sync_sheet, sheet))
        self._try("deliveries", self._deliver)

    def _plan_summary(self, asked: SummarySetting) -> None:
        workspace, now, zone = self.workspace, self.clock(), self.workspace.settings.calendar.zone
        name = f"summary:{asked.name}"
        fire = due_now(workspace.store, name, asked.every, now, zone)
        if fire is not None:
            summary = composed(workspace.engine, asked, now, fire.since)
            message = message_of(summary, asked, workspace.settings.locale)
            plan(workspace.store, name, asked.every, fire, [message], now=now, zone=zone)

    def _sync_sheet(self, sheet: SheetSync) -> None:
        store, now, zone = self.workspace.store, self.clock(), self.workspace.settings.calendar.zone
        name = f"sheet:{sheet.spreadsheet}"
        fire = due_now(store, name, sheet.every, now, zone)
        if fire is not None:
            self.sync(sheet, now)
            # A sync writes absolute values, so one that is repeated after a crash does no harm.
            plan(store, name, sheet.every, fire, [], now=now, zone=zone)

    def _deliver(self) -> None:
        for delivery in deliver_planned(self.workspace.store, self.access, self.clock):
            if delivery.error:
                log.error("%s: %s", delivery.schedule, delivery.error)

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except KpiBotError as error:
            log.error("%s: %s %s", what, error.message, error.hint)  # noqa: TRY400 - a traceback helps nobody here
        except Exception as error:  # noqa: BLE001 - the next round must come whatever happened in this one
            log.error("%s failed: %s", what, type(error).__name__)  # noqa: TRY400
