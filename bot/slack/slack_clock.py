"""The clock that the ledger goes by: Slack's, which all processes and the history of a channel have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from bot.slack.posting import slack_client, slack_failure
from kpi_core.deliveries.delivery_states import Clock

if TYPE_CHECKING:
    from bot.slack.app import SlackAccess


def slack_clock(access: SlackAccess) -> Clock:
    """A clock set by Slack now, to the second, and running on by itself; this machine's where Slack names no time.

    ServiceError where it gives no answer. Call it outside any event loop.
    """
    start, began = asyncio.run(_slack_time(access)), monotonic()
    # Not by the machine's own time, which somebody may set right while a round is under way.
    return lambda: start + timedelta(seconds=monotonic() - began)


async def _slack_time(access: SlackAccess) -> datetime:
    from slack_sdk.errors import SlackApiError

    client = slack_client(access.token, access.api_url)
    try:
        headers: Mapping[str, str] = (await client.api_test()).headers
    except SlackApiError as error:
        # A refusal has its time, too.
        headers = getattr(error.response, "headers", None) or {}
    except Exception as error:  # noqa: BLE001 - a lost connection, a page that is no JSON: there is no time to go by
        raise slack_failure("slack_unreachable", place=type(error).__name__) from None
    return http_date(headers) or datetime.now(UTC)


def http_date(headers: Mapping[str, str]) -> datetime | None:
    """The instant of the Date header (RFC 9110, 6.6.1); None where there is none that can be read."""
    text = next((value for name, value in headers.items() if name.casefold() == "date"), "")
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
