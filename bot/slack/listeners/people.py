"""What Slack knows about people: their language, and the groups they are in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.slack.posting import attempt
from kpi_core.errors import ServiceError

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


class People:
    """Remembers each person's language for half a day; many questions at once look a person up once."""

    def __init__(self, default: Language) -> None:
        self._default = default
        self._known: dict[str, tuple[datetime, asyncio.Future[Language]]] = {}

    async def language(self, client: AsyncWebClient, user: str, now: datetime) -> Language:
        """The language of the person's Slack; the workspace's default when Slack does not tell."""
        known = self._known.get(user)
        if known is None or now - known[0] > REMEMBERED or known[1].get_loop() is not asyncio.get_running_loop():
            if len(self._known) >= MOST_PEOPLE:
                self._known.clear()
            known = (now, asyncio.ensure_future(self._look_up(client, user)))
            self._known[user] = known
        return await asyncio.shield(known[1])

    async def _look_up(self, client: AsyncWebClient, user: str) -> Language:
        try:
            answer = await attempt(client.users_info(user=user, include_locale=True))
        except ServiceError as error:
            log.warning("The language of a user is not known: %s", error.message)
            self._known.pop(user, None)
            return self._default
        locale = (answer.get("user") or {}).get("locale") or ""
        return language_of(locale) if locale else self._default


async def in_any_group(client: AsyncWebClient, user: str, groups: Iterable[str]) -> bool:
    """Whether the person is in one of the user groups now; not so when Slack does not tell."""
    for group in groups:
        try:
            answer = await attempt(client.usergroups_users_list(usergroup=group))
        except ServiceError as error:
            log.warning("The members of group %s are not known: %s %s", group, error.message, error.hint)
            continue
        if user in (answer.get("users") or ()):
            return True
    return False
