"""A workspace that takes the bot out, or its token back: the log says what mends it, and the bot is not ready."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.slack.listeners.readers import Place
from bot.slack.listeners.replying import write_audit

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext

    from bot.slack.listeners.teams import Teams

LEAVING = ("app_uninstalled", "tokens_revoked")
"""As the manifest names them."""
log = logging.getLogger("kpi_bot.slack")


def register_leaving(app: AsyncApp, teams: Teams) -> None:
    async def uninstalled(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await _left(teams, body, context, "app_uninstalled")

    async def revoked(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        # Tokens of people are none of ours: the bot has never asked for one.
        if (event.get("tokens") or {}).get("bot"):
            await _left(teams, body, context, "tokens_revoked")

    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(revoked)


async def _left(teams: Teams, body: dict[str, Any], context: AsyncBoltContext, what: str) -> None:
    team, key = teams.of(context), str(body.get("event_id") or "")
    if team is None or not await team.seen.first(key):
        return
    services = team.replying.services
    # An event may be delayed until after the app was installed again.
    if services.left is None or await asyncio.to_thread(services.left):
        log.error("%s: the workspace %s took the bot out. Install the app there again to go on.", what, context.team_id)
        await asyncio.to_thread(write_audit, services, Place("slack", ""), what)
    else:
        log.info("%s of the workspace %s is over: its token works.", what, context.team_id)
    await team.seen.answered(key)
