"""Channels in which not only members read, looked up from outside any event of Slack's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.slack.listeners.readers import Place
from bot.slack.listeners.teams import team_of_services
from bot.slack.posting import attempt, slack_client

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.app import SlackAccess
    from bot.slack.listeners.services import Services


def closed_channels(access: SlackAccess, services: Services, channels: Iterable[str]) -> frozenset[str]:
    """Those where strangers may read and no member has let them. ServiceError where Slack cannot be asked.

    Call it outside any event loop.
    """
    return asyncio.run(_closed(slack_client(access.token, access.api_url), services, tuple(channels)))


async def _closed(client: AsyncWebClient, services: Services, channels: tuple[str, ...]) -> frozenset[str]:
    who = await attempt(client.auth_test())
    own = frozenset(str(who[name]) for name in ("team_id", "enterprise_id") if who.get(name))
    replying = team_of_services(services).replying
    return frozenset([channel for channel in channels if await replying.is_closed(client, Place("", channel, own=own))])
