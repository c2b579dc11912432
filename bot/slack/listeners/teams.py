"""The workspaces that one process serves: each request finds its own by Slack's id of the team it comes from."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.cards.word_cards import error_card
from bot.slack.listeners.incoming_files import Receiving
from bot.slack.listeners.people import People, language_of
from bot.slack.listeners.replying import Reply, Replying
from bot.slack.listeners.seen import Seen
from bot.slack.listeners.services import Services
from bot.slack.listeners.talks.writers import Unanswered
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext

    from bot.slack.transport.owed_acks import OwedAcks
    from kpi_core.metrics import Language

log = logging.getLogger("kpi_bot.slack")


@dataclass(slots=True)
class AgentView:
    """Whether people write to the bot in its agent view, where each message begins a thread of its own."""

    on: bool = False


@frozen
class Team:
    """One workspace at work: who answers there, and what was answered."""

    replying: Replying
    receiving: Receiving
    seen: Seen
    unanswered: Unanswered = field(default_factory=Unanswered)
    agent: AgentView = field(default_factory=AgentView)


class Teams:
    """Services by the id of a team, or of an organisation where the bot is installed in all of its teams.

    The mapping may change while the bot runs: a team that installs it is served from then on, one that leaves no more.
    """

    def __init__(self, served: Services | Mapping[str, Services], acks: OwedAcks | None = None) -> None:
        """Services alone serve whichever team asks. Answers let `acks` pass."""
        self._acks = acks
        self._everybody = team_of_services(served, acks) if isinstance(served, Services) else None
        self._served = {} if isinstance(served, Services) else served
        self._teams: dict[str, tuple[Services, Team]] = {}

    def of(self, context: AsyncBoltContext) -> Team | None:
        """The workspace that a request is for; None where this process does not serve it."""
        for name in (context.team_id, context.enterprise_id):
            if name and (services := self._served.get(name)) is not None:
                return self._at_work(name, services)
        if self._everybody is None:
            log.warning("A request came from the team %s, which is not served here.", context.team_id)
        return self._everybody

    def _at_work(self, name: str, services: Services) -> Team:
        at_work = self._teams.get(name)
        if at_work is None or at_work[0] is not services:
            # What was known of a team that left is nothing to the one that has come under its id.
            at_work = self._teams[name] = (services, team_of_services(services, self._acks))
        return at_work[1]


def not_served(language: Language = "en") -> Reply:
    """What people of a team are told that this process does not serve; their language cannot be asked for there."""
    message, hint = say(language, "slack.not_served"), say(language, "slack.not_served_hint")
    return Reply(error_card(KpiBotError(message, code="slack_not_served", hint=hint), language), aside=True)


def team_of_services(services: Services, acks: OwedAcks | None = None) -> Team:
    people = People(language_of(services.settings.locale))
    seen = Seen(services.clock, services.store, acks)
    return Team(Replying(services, people), Receiving(services, people), seen)
