"""Who has brought the bot to a workspace, as far as Slack and kpi.yaml tell, and their language."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.slack.listeners.people import language_of
from bot.slack.posting import attempt, slack_client

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.app import SlackAccess
    from kpi_core.metrics import Language


def installer(access: SlackAccess, member: str) -> tuple[str, Language | None]:
    """This member, else an owner or admin of the workspace, with their language; "" where Slack names nobody.

    ServiceError where Slack cannot be asked. Call it outside any event loop.
    """
    return asyncio.run(_installer(slack_client(access.token, access.api_url), member))


async def _installer(client: AsyncWebClient, member: str) -> tuple[str, Language | None]:
    if not member:
        answer = await attempt(client.users_list(limit=1000))
        people = [
            account
            for account in answer.get("members") or ()
            if not account.get("deleted") and not account.get("is_bot")
        ]
        marks = ("is_primary_owner", "is_owner", "is_admin")
        member = next((str(account["id"]) for mark in marks for account in people if account.get(mark)), "")
    if not member:
        return "", None
    person = (await attempt(client.users_info(user=member, include_locale=True))).get("user") or {}
    locale = str(person.get("locale") or "")
    return member, language_of(locale) if locale else None
