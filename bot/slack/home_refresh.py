"""Homes that people have looked at lately, kept true from outside any event of Slack's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.slack.listeners.acts.home_upkeep import publish_again
from bot.slack.listeners.readers import Place
from bot.slack.listeners.teams import team_of_services
from bot.slack.posting import attempt, slack_client
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.app import SlackAccess
    from bot.slack.listeners.services import Services

log = logging.getLogger("kpi_bot.slack")


def refresh_homes(access: SlackAccess, services: Services, people: Iterable[str]) -> list[str]:
    """Publish the Homes of these people as they are now; those that were. Call it outside any event loop."""
    return asyncio.run(_refresh(slack_client(access.token, access.api_url), services, tuple(people)))


async def _refresh(client: AsyncWebClient, services: Services, people: tuple[str, ...]) -> list[str]:
    who = await attempt(client.auth_test())
    own = frozenset(str(who[name]) for name in ("team_id", "enterprise_id") if who.get(name))
    team = team_of_services(services)
    published = []
    for person in people:
        try:
            await publish_again(team, client, Place(person, "", own=own))
        except ServiceError as error:
            log.warning("A Home was not shown anew: %s", error.message)
            continue
        published.append(person)
    return published
