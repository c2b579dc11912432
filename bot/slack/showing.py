"""Modals and Homes: opened, changed, published. Errors as `posting`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.slack.posting import attempt
from kpi_core.errors import KpiBotError, ServiceError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"})
"""Slack lets one view open within 3 seconds of a press."""


async def open_view(client: AsyncWebClient, trigger: str, view: Mapping[str, Any]) -> str:
    """The id of a modal that is open now. KpiBotError `form_late` where the press is too long ago."""
    try:
        answer = await attempt(client.views_open(trigger_id=trigger, view=dict(view)))
    except ServiceError as error:
        if error.code not in TOO_LATE:
            raise
        message = "The form could not be opened in time."
        raise KpiBotError(message, code="form_late", hint="Press the button again.") from None
    return str((answer.get("view") or {}).get("id") or "")


async def change_view(client: AsyncWebClient, view_id: str, view: Mapping[str, Any]) -> bool:
    """Put another view in the place of an open one; False for one that was closed meanwhile, and stays closed."""
    try:
        await attempt(client.views_update(view_id=view_id, view=dict(view)))
    except ServiceError as error:
        if error.code != "not_found":
            raise
        return False
    return True


async def publish_home(client: AsyncWebClient, user: str, view: Mapping[str, Any]) -> None:
    """Make this somebody's Home."""
    await attempt(client.views_publish(user_id=user, view=dict(view)))
