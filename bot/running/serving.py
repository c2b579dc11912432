"""The bot at work: its listeners and its wheel of jobs, until it is told to stop."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass

from bot.running.inbox import Inbox
from bot.running.jobs import wheel_of
from bot.running.readiness import health_page
from bot.running.timetable import Timetable
from bot.running.typed_values import TypedValues
from bot.running.wheel import Wheel
from bot.slack.app import Connection, Services, SlackAccess, create_app, serve_http, serve_socket, team_of
from bot.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Addresses:
    """Host and port of what is served: requests of Slack over HTTP (Socket Mode without), health and readiness.

    `sockets`: how many connections Socket Mode has; with two, one goes on while the other is replaced.
    """

    http: tuple[str, int] | None = None
    health: tuple[str, int] | None = None
    sockets: int = 1


async def serve(
    workspace: Workspace,
    access: SlackAccess,
    stop: asyncio.Event,
    addresses: Addresses = Addresses(),
    wheel: Wheel | None = None,
) -> None:
    """The bot with its jobs until `stop`: over Socket Mode, or over HTTP where there is an address for it."""
    connection = Connection()
    wheel = wheel or wheel_of(workspace, access)
    inbox = Inbox(workspace, workspace.config, wheel.clock, wheel.turn) if workspace.config is not None else None
    typed, timetable = TypedValues(wheel.clock), Timetable(workspace, wheel.clock, wheel.turn)
    services = Services(
        workspace.door,
        workspace.settings,
        wheel.clock,
        lambda: workspace.store,
        inbox,
        typed=typed,
        schedules=timetable,
        slack_now=wheel.clock,
        left=connection.left,
    )
    app = create_app({await team_of(access): services}, access)
    if addresses.http is None:
        serving = serve_socket(app, access, stop=stop, connection=connection, count=addresses.sockets)
    else:
        host, port = addresses.http
        serving = serve_http(app, access, host=host, port=port, stop=stop, connection=connection)
    page = health_page(workspace, wheel, connection.is_up, *addresses.health) if addresses.health else nullcontext()
    turning = asyncio.create_task(wheel.keep(stop))
    try:
        async with page:
            await serving
    finally:
        # The job at work is let finish: cut off, it would be done again from its start.
        stop.set()
        await turning
