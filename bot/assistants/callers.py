"""Who asks through an assistant over HTTP: a person of the workspace, with that person's rights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.assistants.replies import Asker
from bot.slack.listeners.people import People, language_of
from bot.slack.listeners.readers import Audiences, Place
from bot.slack.posting import attempt, slack_client
from kpi_core.errors import QuestionError

if TYPE_CHECKING:
    from bot.slack.app import SlackAccess
    from bot.slack.listeners.services import Services
    from kpi_core.metrics import Language


@dataclass(slots=True)
class Members:
    """People of one workspace, each time as Slack has them: who has left, or is a guest, learns nothing any more."""

    services: Services
    access: SlackAccess
    own: frozenset[str]
    """The ids of the workspace and of its organisation."""

    async def asker(self, person: str | None, language: Language | None) -> Asker:
        """QuestionError for whom Slack does not have as a member; ServiceError while Slack cannot be asked."""
        assert person is not None
        client = slack_client(await asyncio.to_thread(lambda: self.access.token), self.access.api_url)
        profile = (await attempt(client.users_info(user=person, include_locale=True))).get("user") or {}
        audiences = Audiences(People(language_of(self.services.settings.locale)), self.services)
        place = Place(person, "", own=self.own)
        asker = await audiences.asker(client, place)
        if profile.get("deleted") or profile.get("is_bot") or asker.foreign or asker.unverified:
            message = "The token's owner is no member of the workspace."
            raise QuestionError(message, code="no_member", hint="A member's token is needed: kpi mcp token USER.")
        door = self.services.door(asker)
        if groups := door.groups():
            door = self.services.door(await audiences.asker(client, place, groups))
        return Asker(door, self.services.clock(), language or language_of(str(profile.get("locale") or "")))
