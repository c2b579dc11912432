"""What is asked is written down before Slack gets its ack: from then on Slack sends it no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK, EXPLAIN
from bot.slack.listeners.talks.writers import is_of_person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.async_app import AsyncApp, AsyncBoltContext

    from bot.slack.listeners.teams import Teams


def register_received(app: AsyncApp, teams: Teams) -> None:
    """Before every listener."""

    async def write_down(
        body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[object]]
    ) -> None:
        key = key_of(body)
        team = teams.of(context) if key else None
        if team is not None:
            await team.seen.received(key, body)
        await next_()

    app.middleware(write_down)


def key_of(body: Mapping[str, Any]) -> str:
    """By what a question is known; empty for whatever else comes, which nobody waits for."""
    if "command" in body:
        return str(body.get("trigger_id") or "")
    if body.get("type") == "block_actions":
        names = [str(action.get("action_id") or "") for action in body.get("actions") or ()]
        return str(body.get("trigger_id") or "") if any(each.startswith((ASK, EXPLAIN)) for each in names) else ""
    event = body.get("event") or {}
    is_question = event.get("type") == "app_mention" or event.get("channel_type") == "im"
    return str(body.get("event_id") or "") if is_question and is_of_person(event) else ""
