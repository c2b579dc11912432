"""By which token a request is answered, where there is more than one, or one that changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.slack.posting import attempt, slack_client
from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from slack_bolt.authorization import AuthorizeResult

TokenOf = Callable[[str | None, str | None], str | None]
"""Of a team's and an organisation's id: the bot token to use now; None where the bot is not installed. Slow."""
MOST = 1000
log = logging.getLogger("kpi_bot.slack")


def authorizing(tokens: TokenOf, api_url: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    """What the library asks before each listener; Slack says once of each token whose it is."""
    results: dict[str, AuthorizeResult] = {}

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        from slack_bolt.authorization import AuthorizeResult

        try:
            token = await asyncio.to_thread(tokens, team_id, enterprise_id)
            if not token:
                return None
            if token not in results:
                answer = await attempt(slack_client(token, api_url).auth_test())
                if len(results) >= MOST:
                    results.clear()
                results[token] = AuthorizeResult.from_auth_test_response(bot_token=token, auth_test_response=answer)
            return results[token]
        except KpiBotError as error:
            log.error("A request of the team %s cannot be answered: %s", team_id, error.message)  # noqa: TRY400
            return None

    return authorize  # type: ignore[return-value]  # None is what the library takes for "not installed"
