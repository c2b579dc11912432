"""A connection that Slack or the network drops is replaced by itself, whichever way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from slack_side import CAC, first_line, said, services

from bot.sandbox.slack import LocalSlack, start_slack
from bot.slack.app import Connection, create_app, serve_socket, slack_access
from bot.slack.transport.sockets import PATIENCE, Patience

QUICK = Patience(ping=0.2, look=0.1, dead=0.5, open=5.0)
ENDINGS: dict[str, Callable[[LocalSlack], object]] = {
    "a silent peer": lambda slack: slack.delivery.fall_silent(),
    "a reset": lambda slack: slack.delivery.reset(),
    "a refresh": lambda slack: asyncio.ensure_future(slack.delivery.disconnect("refresh_requested")),
    "a clean close": lambda slack: [asyncio.ensure_future(each.close()) for each in slack.delivery.sockets],
}


def connected(test: Callable[[LocalSlack, Connection], object], count: int = 1, patience: Patience = QUICK) -> None:
    """Run a test against the app on `count` sockets."""

    async def whole() -> None:
        async with start_slack() as slack:
            access, stop, connection = slack_access(slack.environment), asyncio.Event(), Connection()
            app = create_app(services(), access)
            serving = asyncio.create_task(
                serve_socket(app, access, stop=stop, connection=connection, count=count, patience=patience)
            )
            try:
                await slack.until(lambda: len(slack.delivery.sockets) == count)
                await asyncio.wait_for(test(slack, connection), 60)  # type: ignore[arg-type]
            finally:
                stop.set()
                await serving

    asyncio.run(whole())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_lost_connection_comes_back(ending: str) -> None:
    """After a silent peer, a reset, a refresh and a close the next question is answered."""

    async def lose(slack: LocalSlack, connection: Connection) -> None:
        first = slack.delivery.sockets[0]
        ENDINGS[ending](slack)
        await slack.until(lambda: slack.delivery.sockets and first not in slack.delivery.sockets)
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        assert first_line((await said(slack))[0]) == CAC["en"]
        assert await connection.is_up()

    connected(lose)


def test_with_two_connections_one_goes_on() -> None:
    """While one of two sockets is dead, questions come by the other."""

    async def lose(slack: LocalSlack, connection: Connection) -> None:
        await slack.delivery.sockets[0].close()
        await slack.until(lambda: len(slack.delivery.sockets) == 1)
        assert await connection.is_up()
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await said(slack)
        await slack.until(lambda: len(slack.delivery.sockets) == 2)

    connected(lose, count=2)


def test_a_client_that_gives_up_is_replaced() -> None:
    """The watchdog opens another connection where the library's own look never comes."""

    async def lose(slack: LocalSlack, connection: Connection) -> None:
        # Once it answers, it has all that it watches itself with.
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        assert connection.sockets is not None
        client = connection.sockets._lines[0].client
        client.current_session_monitor.cancel()
        client.message_receiver.cancel()
        first = slack.delivery.sockets[0]
        slack.delivery.reset()
        await slack.until(lambda: slack.delivery.sockets and first not in slack.delivery.sockets)
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await said(slack, 2)

    connected(lose)


def test_a_silent_peer_is_replaced_within_twenty_seconds() -> None:
    """What the product waits adds up to less: for a ping, for its answer, for the next look; so does the watchdog's."""
    unanswered = PATIENCE.ping * 1.5
    assert unanswered + PATIENCE.ping < 20
    assert unanswered + PATIENCE.look + PATIENCE.dead < 20
