"""Several workspaces in one process: a folder each, named by the team's id, that shares nothing with the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assistants.callers import Members
from bot.assistants.gate import SlackIdentity, assistants_app, serving_assistants
from bot.assistants.protocol import assistants_server
from bot.running.board_tasks import GoalTasks
from bot.running.inbox import Inbox
from bot.running.jobs import wheel_of
from bot.running.readiness import TokenWatch, health_of_teams
from bot.running.serving import Addresses
from bot.running.timetable import Timetable
from bot.running.typed_values import TypedValues
from bot.slack.app import Connection, Services, SlackAccess, create_app, is_refused, serve_http
from bot.slack.installs.cut_off import Begun
from bot.slack.installs.installation import FILE, TEAM, Installation, read_installation, write_installation
from bot.slack.installs.oauth import INSTALL_PATH, install_routes
from bot.slack.installs.rotation import Credentials, OwnToken, credentials_of
from bot.slack.listeners.readers import Place
from bot.slack.listeners.replying import write_audit
from bot.slack.listeners.surviving.abandoned import answering_abandoned
from bot.workspace import Workspace, settings_of
from kpi_core.access.limits import refuse_unknown
from kpi_core.errors import KpiBotError, Problem, QuestionError, SettingsError
from kpi_core.state.team.assistant_tokens import person_of_token, team_of_token

if TYPE_CHECKING:
    from bot.assistants.replies import Asker
    from bot.running.readiness import Running
    from bot.running.wheel import Wheel
    from kpi_core.metrics import Language

SECRETS = "secrets.env"
"""Beside a workspace's kpi.yaml: what its `${NAME}` stand for, a line each. Nobody else's are read."""
OF_THE_MACHINE = (
    "HOME",
    "PATH",
    "XDG_CACHE_HOME",
    "TZ",
    "LANG",
    "SLACK_API_URL",
    "KPI_SHEETS_API_URL",
    "KPI_DRIVE_API_URL",
)
"""What every workspace has of the process's environment; never a secret."""
log = logging.getLogger("kpi_bot.schedules")


def environment_of(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What the kpi.yaml of a folder may name: its own secrets, and nothing that is secret of the process."""
    return {name: environment[name] for name in OF_THE_MACHINE if name in environment} | _own_secrets(folder)


def secrets_of(folder: Path) -> list[str]:
    """What no line of the log may hold, of every workspace of a folder."""
    teams = [own for own in folder.iterdir() if TEAM.fullmatch(own.name)] if folder.is_dir() else []
    return [value for own in teams for value in _own_secrets(own).values()]


def _own_secrets(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SECRETS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.strip().partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


@dataclass(slots=True)
class _Tenant:
    """One workspace at work."""

    workspace: Workspace
    wheel: Wheel
    token: OwnToken
    watch: TokenWatch
    members: Members
    stop: asyncio.Event
    turning: asyncio.Task[None]


@dataclass(slots=True)
class Tenants:
    """The workspaces of a folder, each with its wheel. They come by an installation, and go when they end it."""

    folder: Path
    environment: Mapping[str, str]
    access: SlackAccess
    credentials: Credentials
    served: dict[str, Services] = field(default_factory=dict)
    """By team: what the listeners ask."""
    _tenants: dict[str, _Tenant] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Start every workspace that has the bot installed; one that cannot start holds no other up."""
        for folder in sorted(self.folder.iterdir()):
            if TEAM.fullmatch(folder.name) and (folder / FILE).is_file():
                try:
                    await self.start(folder.name)
                except KpiBotError as error:
                    log.error("%s is not served: %s %s", folder.name, error.message, error.hint)  # noqa: TRY400

    async def install(self, installation: Installation) -> None:
        """Take an installation of a workspace that has its folder. SettingsError for any other."""
        team = installation.team
        folder = self.folder / team
        # The id has come from outside: as a name of a folder it must be nothing else.
        if not TEAM.fullmatch(team) or not (folder / "kpi.yaml").is_file():
            hint = "Whoever runs the bot makes its folder first."
            raise SettingsError([Problem(team, 0, 0, "has no folder with a kpi.yaml here.", hint)], code="not_served")
        # One after the other: two that come at once would serve the same workspace twice.
        async with self._turn:
            write_installation(folder / FILE, installation)
            await self.stop(team)
            await self.start(team)

    async def start(self, team: str) -> None:
        """Serve a workspace. KpiBotError where its kpi.yaml or its installation cannot be read."""
        folder = self.folder / team
        config, environment = folder / "kpi.yaml", environment_of(folder, self.environment)
        workspace = Workspace(settings_of(config), environment, config=config)
        refuse_unknown(workspace.settings.access, workspace.catalog)
        token = OwnToken(folder / FILE, self.credentials)
        if read_installation(token.file) is None:
            return
        access = SlackAccess("", "", self.access.signing_secret, self.access.api_url, token)
        wheel, stop, watch = wheel_of(workspace, access), asyncio.Event(), TokenWatch(partial(is_refused, access))
        inbox, loop = Inbox(workspace, config, wheel.clock, wheel.turn), asyncio.get_running_loop()

        def left() -> bool:
            if not is_refused(access):
                return False
            token.file.unlink(missing_ok=True)
            asyncio.run_coroutine_threadsafe(self.stop(team), loop)
            return True

        services = Services(
            workspace.door, workspace.settings, wheel.clock, lambda: workspace.store, inbox,
            typed=TypedValues(wheel.clock), schedules=Timetable(workspace, wheel.clock, wheel.turn),
            tasks=GoalTasks(workspace, wheel.clock), slack_now=wheel.clock, left=left,
        )  # fmt: skip
        members, turning = Members(services, access, frozenset({team})), asyncio.create_task(wheel.keep(stop))
        self._tenants[team] = _Tenant(workspace, wheel, token, watch, members, stop, turning)
        self.served[team] = services
        log.info("%s is served.", team)

    async def stop(self, team: str) -> None:
        """Serve a workspace no more; the job at work is let finish."""
        self.served.pop(team, None)
        tenant = self._tenants.pop(team, None)
        if tenant is not None:
            tenant.stop.set()
            await tenant.turning
            tenant.workspace.close()

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(team) for team in list(self._tenants)))

    def token(self, team: str | None, enterprise: str | None) -> str | None:
        """The bot token for a request of a team; None for one that is not served."""
        tenant = next((self._tenants[name] for name in (team, enterprise) if name in self._tenants), None)
        return None if tenant is None else tenant.token()

    def running(self) -> Mapping[str, Running | None]:
        """Every team that has the bot installed; None for one that could not start."""
        installed = (own.name for own in sorted(self.folder.iterdir()) if TEAM.fullmatch(own.name))
        return {team: self._tenants.get(team) for team in installed if (self.folder / team / FILE).is_file()}

    def caller(self, token: str) -> str | None:
        """The team and the person of an assistant's token; None for one that no team made. Slow."""
        tenant = self._tenants.get(team := team_of_token(token))
        person = person_of_token(tenant.workspace.store, token) if tenant else None
        return person and f"{team} {person}"

    def slack_caller(self, user: str, team: str, enterprise: str) -> str | None:
        """The same of somebody whom Slack itself names."""
        own = next((name for name in (team, enterprise) if name in self._tenants), None)
        return own and f"{own} {user}"

    async def asker(self, caller: str | None, language: Language | None) -> Asker:
        """Who asks, at the door of their own team. QuestionError as `Members.asker`."""
        team, _space, person = (caller or "").partition(" ")
        tenant = self._tenants.get(team)
        if tenant is None:
            raise QuestionError("The bot is not installed there any more.", code="not_installed", hint="Install it.")
        return await tenant.members.asker(person, language)

    def audit(self, caller: str | None, words: str) -> None:
        team, _space, person = (caller or "").partition(" ")
        if services := self.served.get(team):
            write_audit(services, Place(person, ""), words)


async def serve_workspaces(  # noqa: PLR0913 - what is served, and where
    folder: Path,
    environment: Mapping[str, str],
    access: SlackAccess,
    stop: asyncio.Event,
    addresses: Addresses,
    *,
    serve: Callable[..., object] = serve_http,
) -> None:
    """Serve every workspace of a folder over HTTP until `stop`, and let those install the bot that have a folder."""
    tenants, connection = (
        Tenants(folder, environment, access, credentials_of(environment, access.api_url)),
        Connection(),
    )
    assert addresses.http
    await tenants.open()
    begun = Begun(folder)
    if cut_off := begun.take_cut_off():
        log.warning(
            "An installation was cut off before it was written down (%s in all): begin again at %s.",
            cut_off,
            INSTALL_PATH,
        )
    app = create_app(tenants.served, access, tenants.token)
    routes = install_routes(tenants.credentials, tenants.install, begun)
    page = health_of_teams(tenants.running, connection.is_up, *addresses.health) if addresses.health else nullcontext()
    tools = _assistants(tenants, *addresses.assistants) if addresses.assistants else nullcontext()
    host, port = addresses.http
    taking_up = asyncio.create_task(answering_abandoned(app, tenants.served.values, stop))
    try:
        async with page, tools:
            await serve(  # type: ignore[misc]
                app, access, host=host, port=port, stop=stop, connection=connection, routes=list(routes)
            )
    finally:
        stop.set()
        await taking_up
        await tenants.close()


def _assistants(tenants: Tenants, host: str, port: int) -> AbstractAsyncContextManager[str]:
    """The tools over HTTP, of the team that a token names, each with the rights of whose token comes along."""
    server = assistants_server(tenants.asker, tenants.audit, "en")
    slack = SlackIdentity(tenants.access.signing_secret, tenants.slack_caller)
    return serving_assistants(assistants_app(server, tenants.caller, slack), host, port)
