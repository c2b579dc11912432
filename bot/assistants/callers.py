"""Who asks through an assistant over HTTP: a person of the workspace, with that person's rights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.assistants.replies import Asker
from bot.slack.listeners.people import People, language_of
from bot.slack.listeners.readers import Audiences, Place
from bot.slack.posting import attempt, slack_client
from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from bot.slack.app import SlackAccess
    from bot.slack.listeners.services import Services
    from kpi_core.access.audiences import Person
    from kpi_core.metrics import Language


REMEMBERED = timedelta(minutes=1)
"""An assistant asks many questions in a row, and Slack answers so many calls a minute and no more."""
MOST_PEOPLE = 1000


@frozen
class Member:
    """A person as Slack had them at an instant: with their groups, and in their language."""

    audience: Person
    language: Language
    at: datetime


@dataclass(slots=True)
class Members:
    """People of one workspace, as Slack has them now: who has left, or is a guest, learns nothing any more."""

    services: Services
    access: SlackAccess
    own: frozenset[str]
    """The ids of the workspace and of its organisation."""
    _seen: dict[str, Member] = field(default_factory=dict)

    async def asker(self, person: str | None, language: Language | None) -> Asker:
        """QuestionError for whom Slack does not have as a member; ServiceError while Slack cannot be asked."""
        assert person is not None
        now, member = self.services.clock(), self._seen.get(person)
        if member is None or now - member.at > REMEMBERED:
            member = await self._looked_up(person, now)
            if len(self._seen) >= MOST_PEOPLE:
                self._seen.clear()
            self._seen[person] = member
        return Asker(self.services.door(member.audience), now, language or member.language)

    async def _looked_up(self, person: str, now: datetime) -> Member:
        client = slack_client(await asyncio.to_thread(lambda: self.access.token), self.access.api_url)
        profile = (await attempt(client.users_info(user=person, include_locale=True))).get("user") or {}
        audiences = Audiences(People(language_of(self.services.settings.locale)), self.services)
        place = Place(person, "", own=self.own)
        audience = await audiences.asker(client, place)
        if profile.get("deleted") or profile.get("is_bot") or audience.foreign or audience.unverified:
            message = "The token's owner is no member of the workspace."
            raise QuestionError(message, code="no_member", hint="A member's token is needed: kpi mcp token USER.")
        if groups := self.services.door(audience).groups():
            audience = await audiences.asker(client, place, groups)
        return Member(audience, language_of(str(profile.get("locale") or "")), now)
