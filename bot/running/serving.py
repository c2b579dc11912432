"""The bot at work: its listeners and its wheel of jobs, until it is told to stop."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial

from bot.assistants.callers import Members
from bot.assistants.gate import SlackIdentity, assistants_app, serving_assistants
from bot.assistants.protocol import assistants_server
from bot.running.board_tasks import GoalTasks
from bot.running.inbox import Inbox
from bot.running.jobs import wheel_of
from bot.running.readiness import TokenWatch, health_page
from bot.running.timetable import Timetable
from bot.running.typed_values import TypedValues
from bot.running.wheel import Wheel
from bot.slack.app import Connection, Services, SlackAccess, create_app, is_refused, serve_http, serve_socket, team_of
from bot.slack.listeners.people import language_of
from bot.slack.listeners.readers import Place
from bot.slack.listeners.replying import write_audit
from bot.slack.listeners.surviving.abandoned import answering_abandoned
from bot.workspace import Workspace
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.team.assistant_tokens import person_of_token


@frozen
class Addresses:
    """Host and port of what is served: Slack's requests over HTTP (Socket Mode without), health, assistants.

    `sockets`: how many connections Socket Mode has; with two, one goes on while the other is replaced.
    """

    http: tuple[str, int] | None = None
    health: tuple[str, int] | None = None
    sockets: int = 1
    assistants: tuple[str, int] | None = None


_SOCKET_ALONE = Addresses()


def _assistants(
    services: Services, access: SlackAccess, team: str, host: str, port: int
) -> AbstractAsyncContextManager[str]:
    """The tools over HTTP, each with the rights of whose token comes along."""
    members, store = Members(services, access, frozenset({team})), services.store
    assert store is not None

    def audit(person: str | None, words: str) -> None:
        write_audit(services, Place(person or "", ""), words)

    def caller(user: str, of_team: str, of_enterprise: str) -> str | None:
        return user if team in {of_team, of_enterprise} - {""} else None

    server = assistants_server(members.asker, audit, language_of(services.settings.locale))
    slack = SlackIdentity(access.signing_secret, caller) if access.signing_secret else None
    tools = assistants_app(server, lambda token: person_of_token(store(), token), slack)
    return serving_assistants(tools, host, port)


async def serve(
    workspace: Workspace,
    access: SlackAccess,
    stop: asyncio.Event,
    addresses: Addresses = _SOCKET_ALONE,
    wheel: Wheel | None = None,
) -> None:
    """The bot with its jobs until `stop`: over Socket Mode, or over HTTP where there is an address for it."""
    connection = Connection()
    wheel = wheel or wheel_of(workspace, access)
    inbox = Inbox(workspace, workspace.config, wheel.clock, wheel.turn) if workspace.config is not None else None

    def left() -> bool:
        connection.installed = not is_refused(access)
        return not connection.installed

    typed, timetable = TypedValues(wheel.clock), Timetable(workspace, wheel.clock, wheel.turn)
    services = Services(
        workspace.door,
        workspace.settings,
        wheel.clock,
        lambda: workspace.store,
        inbox,
        typed=typed,
        schedules=timetable,
        tasks=GoalTasks(workspace, wheel.clock),
        slack_now=wheel.clock,
        left=left,
    )
    team = await team_of(access)
    app = create_app({team: services}, access)
    if addresses.http is None:
        serving = serve_socket(app, access, stop=stop, connection=connection, count=addresses.sockets)
    else:
        host, port = addresses.http
        serving = serve_http(app, access, host=host, port=port, stop=stop, connection=connection)
    token = TokenWatch(partial(is_refused, access))

    async def is_up() -> bool:
        return await connection.is_up() and await asyncio.to_thread(token.works)

    page = health_page(workspace, wheel, is_up, *addresses.health) if addresses.health else nullcontext()
    turning = asyncio.create_task(wheel.keep(stop))
    taking_up = asyncio.create_task(answering_abandoned(app, lambda: [services], stop))
    tools = _assistants(services, access, team, *addresses.assistants) if addresses.assistants else nullcontext()
    try:
        async with page, tools:
            await serving
    finally:
        # The job at work is let finish: cut off, it would be done again from its start.
        stop.set()
        await asyncio.gather(turning, taking_up)
