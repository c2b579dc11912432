"""What members of the workspace are called, from Slack."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.slack.posting import attempt, slack_client
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from bot.slack.app import SlackAccess

log = logging.getLogger("kpi_bot.slack")


def member_names(access: SlackAccess, ids: Iterable[str]) -> dict[str, str]:
    """Name by id, without those of whom Slack says none. Call it outside any event loop."""
    return asyncio.run(_look_up(access, tuple(ids)))


async def _look_up(access: SlackAccess, ids: tuple[str, ...]) -> dict[str, str]:
    client = slack_client(access.token, access.api_url)
    names: dict[str, str] = {}
    for member in ids:
        try:
            answer = await attempt(client.users_info(user=member))
        except ServiceError as error:
            log.warning("The name of a member could not be looked up: %s", error.message)
            continue
        person = answer.get("user") or {}
        name = person.get("real_name") or (person.get("profile") or {}).get("real_name") or person.get("name")
        if name:
            names[member] = str(name)
    return names
