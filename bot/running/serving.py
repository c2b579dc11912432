"""The bot at work: its listeners and its wheel of jobs, until it is told to stop."""

from __future__ import annotations

import asyncio

from bot.running.inbox import Inbox
from bot.running.jobs import wheel_of
from bot.running.wheel import Wheel
from bot.slack.app import Services, SlackAccess, create_app, serve_http, serve_socket, team_of
from bot.workspace import Workspace


async def serve(
    workspace: Workspace,
    access: SlackAccess,
    stop: asyncio.Event,
    address: tuple[str, int] | None = None,
    wheel: Wheel | None = None,
) -> None:
    """The bot with its jobs until `stop`: over Socket Mode, or with `address` (host, port) over HTTP."""
    wheel = wheel or wheel_of(workspace, access)
    inbox = Inbox(workspace, workspace.config, wheel.clock, wheel.turn) if workspace.config is not None else None
    services = Services(workspace.door, workspace.settings, wheel.clock, lambda: workspace.store, inbox)
    app = create_app({await team_of(access): services}, access)
    if address is None:
        serving = serve_socket(app, access, stop=stop)
    else:
        serving = serve_http(app, access, host=address[0], port=address[1], stop=stop)
    turning = asyncio.create_task(wheel.keep(stop))
    try:
        await serving
    finally:
        # The job at work is let finish: cut off, it would be done again from its start.
        stop.set()
        await turning
