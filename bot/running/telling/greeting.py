"""What people see without asking: a first message to whoever installed the bot, and Homes that stay true."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cards.views.welcome_card import welcome_card
from bot.slack.home_refresh import refresh_homes
from bot.slack.installer import installer
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import plan_once
from kpi_core.errors import ServiceError
from kpi_core.state.team.open_homes import first_welcome, home_shows, homes_since

if TYPE_CHECKING:
    from bot.slack.app import SlackAccess
    from bot.slack.listeners.services import Services
    from bot.workspace import Workspace
    from kpi_core.dates.schedule import Fire
    from kpi_core.deliveries.messages import Message

log = logging.getLogger("kpi_bot.schedules")
LOOKED_AT = timedelta(days=1)
MOST_HOMES = 50
"""Homes that are kept true at once, the latest opened first."""


@dataclass(slots=True)
class Welcome:
    """Once in the life of a state: a direct message with three things to try."""

    workspace: Workspace
    access: SlackAccess
    _done: bool = False

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        if self._done:
            return ()
        settings = self.workspace.settings
        try:
            member, language = installer(self.access, settings.owner or next(iter(settings.admins), ""))
        except ServiceError as error:
            # Nobody counts as welcomed while Slack does not say who they are.
            log.info("The first message waits: %s", error.message)
            return ()
        if first_welcome(self.workspace.store, now) and member:
            card = welcome_card(language or settings.locale)
            message = Posting(member, card.text, tuple(card.blocks))
            plan_once(self.workspace.store, "welcome", [message], now, in_all=True)
        self._done = True
        return ()


@dataclass(slots=True)
class Homes:
    """Homes opened within a day are published anew when the data or the day is another."""

    workspace: Workspace
    access: SlackAccess
    services: Callable[[], Services]

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        store = self.workspace.store
        version = f"{self.workspace.warehouse.version()} {self.workspace.settings.calendar.today(now)}"
        homes = homes_since(store, now - LOOKED_AT, MOST_HOMES)
        # What was opened since the last look shows what was there then.
        for person in (person for person, shows in homes.items() if not shows):
            home_shows(store, person, version)
        old = [person for person, shows in homes.items() if shows not in {"", version}]
        if old:
            for person in refresh_homes(self.access, self.services(), old):
                home_shows(store, person, version)
        return ()
