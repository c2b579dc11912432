"""What Slack knows about people: their language, and the workspace they belong to."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.slack.listeners.outsiders.guests import is_guest
from bot.slack.posting import attempt
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from kpi_core.metrics import Language

REMEMBERED = timedelta(hours=12)
MOST_PEOPLE = 10_000
log = logging.getLogger("kpi_bot.slack")


def language_of(locale: str) -> Language:
    """The language for a locale such as ko-KR, zh-TW or zh-Hant-HK; English for all others."""
    parts = locale.replace("_", "-").casefold().split("-")
    if parts[0] == "ko":
        return "ko"
    if parts[0] == "zh" and not {"cn", "sg", "hans"} & set(parts[1:]):
        return "zh-TW"
    return "en"


@frozen
class Profile:
    """`team` and `enterprise` are the ids of the person's workspace and organisation, `name` is what people call them.

    Each is empty where Slack is silent.
    """

    language: Language
    team: str = ""
    enterprise: str = ""
    guest: bool = False
    admin: bool = False
    """Whether Slack calls them an admin or an owner of the workspace."""
    name: str = ""


class People:
    """Remembers each person's profile for half a day; many questions at once look a person up once."""

    def __init__(self, default: Language) -> None:
        self._default = default
        self._profiles: dict[str, tuple[datetime, asyncio.Future[Profile]]] = {}

    async def language(self, client: AsyncWebClient, user: str, now: datetime) -> Language:
        """The language of the person's Slack; the workspace's default when Slack does not tell."""
        return (await self.profile(client, user, now)).language

    async def profile(self, client: AsyncWebClient, user: str, now: datetime) -> Profile:
        """What Slack tells of a person."""
        seen = self._profiles.get(user)
        # A look-up that another event loop began can never be awaited in this one.
        if seen is None or now - seen[0] > REMEMBERED or seen[1].get_loop() is not asyncio.get_running_loop():
            if len(self._profiles) >= MOST_PEOPLE:
                # To forget all costs a look-up each; an order of use would cost more, every day.
                self._profiles.clear()
            seen = (now, asyncio.ensure_future(self._look_up(client, user)))
            self._profiles[user] = seen
        # Others may wait for the same look-up: one who gives up does not end it.
        return await asyncio.shield(seen[1])

    async def _look_up(self, client: AsyncWebClient, user: str) -> Profile:
        try:
            answer = await attempt(client.users_info(user=user, include_locale=True))
        except ServiceError as error:
            log.warning("The profile of a user is not known: %s", error.message)
            # Not remembered: the next question asks Slack again.
            self._profiles.pop(user, None)
            return Profile(self._default)
        person = answer.get("user") or {}
        locale = person.get("locale") or ""
        enterprise = (person.get("enterprise_user") or {}).get("enterprise_id") or ""
        return Profile(
            language_of(locale) if locale else self._default,
            person.get("team_id") or "",
            enterprise,
            is_guest(person),
            bool(person.get("is_admin") or person.get("is_owner")),
            str(person.get("real_name") or person.get("name") or ""),
        )
