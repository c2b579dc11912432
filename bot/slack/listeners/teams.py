"""The workspaces that one process serves: each request finds its own by Slack's id of the team it comes from."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards.word_cards import error_card
from bot.slack.listeners.incoming_files import Receiving
from bot.slack.listeners.people import People, language_of
from bot.slack.listeners.replying import Reply, Replying
from bot.slack.listeners.seen import Seen
from bot.slack.listeners.services import Services
from kpi_core.errors import KpiBotError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext

    from kpi_core.metrics import Language

log = logging.getLogger("kpi_bot.slack")


@dataclass(frozen=True, slots=True)
class Team:
    """One workspace at work: who answers there, and what was answered."""

    replying: Replying
    receiving: Receiving
    seen: Seen


class Teams:
    """Services by the id of a team, or of an organisation where the bot is installed in all of its teams."""

    def __init__(self, served: Services | Mapping[str, Services]) -> None:
        """Services alone serve whichever team asks."""
        self._everybody = team_of_services(served) if isinstance(served, Services) else None
        several = {} if isinstance(served, Services) else served
        self._teams = {name: team_of_services(services) for name, services in several.items()}

    def of(self, context: AsyncBoltContext) -> Team | None:
        """The workspace that a request is for; None where this process does not serve it."""
        for name in (context.team_id, context.enterprise_id):
            if name in self._teams:
                return self._teams[name]
        if self._everybody is None:
            log.warning("A request came from the team %s, which is not served here.", context.team_id)
        return self._everybody


def not_served(language: Language = "en") -> Reply:
    """What people of a team are told that this process does not serve; their language cannot be asked for there."""
    message, hint = say(language, "slack.not_served"), say(language, "slack.not_served_hint")
    return Reply(error_card(KpiBotError(message, code="slack_not_served", hint=hint), language), aside=True)


def team_of_services(services: Services) -> Team:
    people = People(language_of(services.settings.locale))
    seen = Seen(services.clock, services.store)
    return Team(Replying(services, people), Receiving(services, people), seen)
