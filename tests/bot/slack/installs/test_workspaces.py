"""Several workspaces in one process: each installs the bot by itself, and nothing of one reaches another."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest

from bot.cards.views.goal_view import GOAL_FORM
from bot.cli import main
from bot.running import several
from bot.running.serving import Addresses
from bot.running.several import SECRETS, environment_of, secrets_of, serve_workspaces
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.envelopes import payloads
from bot.sandbox.slack.slack_workspace import Channel, User
from bot.sandbox.slack.web_api.grants import access_granted, new_code
from bot.slack.app import Connection, slack_access
from bot.slack.installs.cut_off import Begun
from bot.slack.installs.installation import FILE, read_installation
from bot.slack.installs.oauth import COOKIE, STATE_SECONDS, is_state, new_state
from kpi_core.state.audit import newest_entries
from kpi_core.state.goals import typed_goals
from kpi_core.state.store import open_store
from kpi_core.state.team.assistant_tokens import new_assistant_token

from tables import write_tables

KPI = "company: {team}\ntimezone: Asia/Seoul\ncurrency: USD\n"
REVENUES = {"T0FIRST": 43, "T0SECOND": 98}
ANYWHERE = Addresses(http=("127.0.0.1", 0))
Test = Callable[[LocalSlack, str, aiohttp.ClientSession], Awaitable[None]]


def make_folder(folder: Path, team: str, revenue: float) -> None:
    """A workspace with one order of last month."""
    own = folder / team
    own.mkdir()
    (own / "kpi.yaml").write_text(KPI.format(team=team), "utf-8")
    order = {"order_id": team, "customer_id": "kim", "ordered_at": "2026-10-02T12:00", "revenue": revenue}
    write_tables(own / "kpi.duckdb", {"orders": [order]})


@asynccontextmanager
async def serving(
    folder: Path, addresses: Addresses = ANYWHERE
) -> AsyncIterator[tuple[LocalSlack, str, aiohttp.ClientSession]]:
    async with start_slack() as slack, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for team in REVENUES:
            slack.workspace.users[f"U{team}"] = User(f"U{team}", team.lower(), team, team=team)
            slack.workspace.channels[f"C{team}"] = Channel(f"C{team}", team.lower(), members={f"U{team}", "U0KPIBOT"})
        environment = {
            **slack.environment, "SLACK_OAUTH_CLIENT_ID": "1.2", "SLACK_OAUTH_CLIENT_SECRET": "client-secret",
            "XDG_CACHE_HOME": str(folder.parent / "cache"),
        }  # fmt: skip
        stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()

        async def serve(
            app: Any, access: Any, *, routes: list[Any], stop: asyncio.Event, connection: Connection, **_where: Any
        ) -> None:
            from bot.slack.transport.signed_requests import http_app, runner_of

            runner = runner_of(http_app(app, access.signing_secret, routes))
            await runner.setup()
            await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
            connection.listening = True
            address.set_result(f"http://127.0.0.1:{runner.addresses[0][1]}")
            await stop.wait()
            await runner.cleanup()

        access = slack_access(environment, installs=True)
        running = asyncio.create_task(serve_workspaces(folder, environment, access, stop, addresses, serve=serve))
        try:
            url = await asyncio.wait_for(address, 60)
            slack.delivery.request_url = f"{url}/slack/events"
            yield slack, url, session
        finally:
            stop.set()
            await running


def served(folder: Path, test: Test, addresses: Addresses = ANYWHERE) -> None:
    async def whole() -> None:
        async with serving(folder, addresses) as (slack, url, session):
            await asyncio.wait_for(test(slack, url, session), 120)

    asyncio.run(whole())


async def install(url: str, session: aiohttp.ClientSession, team: str) -> tuple[int, str]:
    """A browser goes to Slack's consent and comes back with its code."""
    async with session.get(f"{url}/slack/install", allow_redirects=False) as answer:
        assert answer.status == 302
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        cookie = answer.cookies[COOKIE]
        assert cookie["httponly"]
    assert "chat:write" in asked["scope"][0].split(",")
    consent = f"{answer.headers['Location']}&team={quote(team)}"
    async with session.get(consent, allow_redirects=False) as agreed:
        assert agreed.headers["Location"].startswith(f"{url}/slack/oauth_redirect?")
    back = session.get(agreed.headers["Location"], headers={"Cookie": f"{COOKIE}={cookie.value}"})
    async with back as answer:
        return answer.status, await answer.text()


async def ask(slack: LocalSlack, team: str, text: str = "sales_revenue october 2026") -> list[str]:
    """What is said in a team's channel after its member has asked."""
    user, channel = slack.workspace.users[f"U{team}"], slack.workspace.channels[f"C{team}"]
    url = f"{slack.url}/response/{slack.workspace.new_response_url(channel.id, user.id)}"
    payload = payloads.command(slack.workspace, user, channel, "/kpi", text, url) | {"team_id": team}

    def answers() -> list[str]:
        return [each.text for each in slack.workspace.messages if each.channel == channel.id]

    before = len(answers())
    assert (await slack.delivery.deliver("slash_commands", payload)).acked
    await slack.until(lambda: len(answers()) > before)
    return answers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspaces"
    made.mkdir()
    for team, revenue in REVENUES.items():
        make_folder(made, team, revenue)
    return made


def test_nothing_of_one_workspace_reaches_another(folder: Path) -> None:
    """Two teams install the bot and ask the same: each hears its own number, by its own token, in its own audit log."""

    async def both(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            assert await install(url, session, team) == (200, "KPI Bot is installed. Type /kpi in Slack.")
        await asyncio.gather(*(ask(slack, team) for team in REVENUES))
        for team, revenue in REVENUES.items():
            (other,) = set(REVENUES) - {team}
            answers = await ask(slack, team)
            assert all(f"${revenue}.0" in each for each in answers)
            assert not any(f"${REVENUES[other]}.0" in each for each in answers)
            own = [each for each in slack.requests if f"{team}" in str(each["params"])]
            assert {each["team"] for each in own} <= {team, ""}
        # What was asked by one is in the log of that one alone.
        await ask(slack, "T0FIRST", "cac october 2026")

    served(folder, both)
    tokens = {team: read_installation(folder / team / FILE) for team in REVENUES}
    assert len({each.bot_token for each in tokens.values() if each}) == 2
    for team in REVENUES:
        store = open_store("sqlite:///state.db", folder / team)
        entries = newest_entries(store)
        assert {each.who for each in entries} == {f"U{team}"}
        assert ("cac october 2026" in {each.command for each in entries}) is (team == "T0FIRST")
        store.close()
        held = b"".join(file.read_bytes() for file in (folder / team).rglob("*") if file.is_file())
        (other,) = set(REVENUES) - {team}
        assert tokens[other] is not None
        assert tokens[other].bot_token.encode() not in held
        assert other.encode() not in held


def test_a_workspace_without_a_folder_installs_nothing(folder: Path) -> None:
    """Whoever runs the bot says whom it serves; the id from outside is no path."""

    async def strangers(_slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in ("T0NOBODY", "../T0FIRST", "T0FIRST/..", ".", "t0first"):
            status, text = await install(url, session, team)
            assert (status, "has no folder" in text) == (403, True), team

    before = sorted(folder.rglob("*"))
    served(folder, strangers)
    assert [each for each in sorted(folder.rglob("*")) if each not in before and each.name == FILE] == []


def test_a_team_that_takes_the_bot_out_is_served_no_more(folder: Path) -> None:
    """Its token is forgotten and its jobs end; the others go on, and it may come back."""

    async def leave(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            await install(url, session, team)
        await ask(slack, "T0FIRST")
        event = payloads.event(slack.workspace, {"type": "app_uninstalled"})
        installed = read_installation(folder / "T0FIRST" / FILE)
        assert installed is not None
        del slack.workspace.grants[installed.bot_token]
        gone = event | {"team_id": "T0FIRST", "authorizations": [{"team_id": "T0FIRST", "is_bot": True}]}
        assert (await slack.delivery.deliver("events_api", gone)).acked
        async with asyncio.timeout(60):
            while (folder / "T0FIRST" / FILE).exists():  # noqa: ASYNC110 - it goes in a thread of the product's
                await asyncio.sleep(0.01)
        assert "$98.0" in (await ask(slack, "T0SECOND"))[-1]
        assert (await install(url, session, "T0FIRST"))[0] == 200
        assert "$43.0" in (await ask(slack, "T0FIRST"))[-1]

    served(folder, leave)


def test_a_word_of_leaving_that_is_over_changes_nothing(folder: Path) -> None:
    """An event that was delayed until the bot was installed again: its token works, so the team is served."""

    async def linger(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        await install(url, session, "T0FIRST")
        event = payloads.event(slack.workspace, {"type": "tokens_revoked", "tokens": {"bot": ["U0KPIBOT"]}})
        late = event | {"team_id": "T0FIRST", "authorizations": [{"team_id": "T0FIRST", "is_bot": True}]}
        asked = len(slack.requests)
        assert (await slack.delivery.deliver("events_api", late)).acked
        await slack.until(lambda: len(slack.requests) > asked)
        assert "$43.0" in (await ask(slack, "T0FIRST"))[-1]

    served(folder, linger)
    assert (folder / "T0FIRST" / FILE).exists()


def test_what_was_installed_is_served_after_a_restart(folder: Path) -> None:
    """A workspace whose kpi.yaml is broken holds no other up."""

    async def begin(_slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            await install(url, session, team)

    async def go_on(slack: LocalSlack, _url: str, _session: aiohttp.ClientSession) -> None:
        installed = read_installation(folder / "T0FIRST" / FILE)
        assert installed is not None
        slack.workspace.grants[installed.bot_token] = several_grant("T0FIRST")
        assert "$43.0" in (await ask(slack, "T0FIRST"))[-1]

    served(folder, begin)
    (folder / "T0SECOND" / "kpi.yaml").write_text("company: [", "utf-8")
    served(folder, go_on)


def test_goals_and_schedules_work_in_each_workspace(folder: Path) -> None:
    """A form takes what is typed, and its goal is that team's alone; an admin reads what comes by itself."""

    async def use(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            await install(url, session, team)
        user = slack.workspace.users["UT0FIRST"]
        user.is_admin = True
        assert "kpi.yaml has no summaries" in (await ask(slack, "T0FIRST", "schedule"))[-1]
        view = {"id": "V1", "callback_id": GOAL_FORM, "private_metadata": "{}", "type": "modal"}
        typed = {"kpi": "cac", "target": "40", "by": "2099-12-31"}
        values = {name: {"field": {"type": "plain_text_input", "value": text}} for name, text in typed.items()}
        team = {"id": "T0FIRST", "domain": "first"}
        payload = payloads.view_submission(user, view, values) | {"team": team}
        ack = await slack.delivery.deliver("interactive", payload)
        assert ack.body is not None
        assert "errors" not in ack.body

    served(folder, use)
    goals = {}
    for team in REVENUES:
        store = open_store("sqlite:///state.db", folder / team)
        goals[team] = [goal.target for goal in typed_goals(store)]
        store.close()
    assert goals == {"T0FIRST": [40.0], "T0SECOND": []}


def test_each_workspace_has_its_health(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One that cannot start takes the process from nobody; each is asked by its team."""
    caplog.set_level("INFO")

    async def begin(_slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            await install(url, session, team)

    async def look(slack: LocalSlack, _url: str, session: aiohttp.ClientSession) -> None:
        installed = read_installation(folder / "T0FIRST" / FILE)
        assert installed is not None
        slack.workspace.grants[installed.bot_token] = several_grant("T0FIRST")
        page = next(each.args for each in caplog.records if str(each.msg).startswith("Health on"))[0]  # type: ignore[index]
        seen = {}
        for path in ("/healthz", "/readyz", "/readyz/T0FIRST", "/readyz/T0SECOND", "/readyz/T0NOBODY"):
            async with session.get(f"{page}{path}") as answer:
                seen[path] = (answer.status, await answer.text())
        assert [status for status, _text in seen.values()] == [200, 200, 200, 503, 404]
        assert json.loads(seen["/readyz"][1]) == {"ready": True, "teams": {"T0FIRST": True, "T0SECOND": False}}

    served(folder, begin)
    (folder / "T0SECOND" / "kpi.yaml").write_text("company: [", "utf-8")
    served(folder, look, replace(ANYWHERE, health=("127.0.0.1", 0)))


def test_an_assistants_token_knows_its_team(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each team's token gets that team's number, in its audit log; with another team's name it is worth nothing."""
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    caplog.set_level("INFO")
    tokens = {}

    def make() -> None:
        for team in REVENUES:
            store = open_store("sqlite:///state.db", folder / team)
            tokens[team] = new_assistant_token(store, f"U{team}", datetime.now(UTC), team)
            store.close()

    async def call(_slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        for team in REVENUES:
            await install(url, session, team)
        await asyncio.to_thread(make)
        page = next(each.args for each in caplog.records if str(each.msg).startswith("Assistants on"))[0]  # type: ignore[index]
        for team, revenue in REVENUES.items():
            status, text = await asked(session, str(page), tokens[team])
            assert (status, f"{revenue}.0" in text) == (200, True), text
        first, second = tokens["T0FIRST"], tokens["T0SECOND"]
        for wrong in (first.replace("T0FIRST", "T0SECOND"), second.replace("T0SECOND.", ""), "kpi-T0NOBODY.x", "x"):
            assert (await asked(session, str(page), wrong))[0] == 401

    served(folder, call, replace(ANYWHERE, assistants=("127.0.0.1", 0)))
    for team in REVENUES:
        store = open_store("sqlite:///state.db", folder / team)
        assert [(each.who, each.command.split()[:2]) for each in newest_entries(store)] == [
            (f"U{team}", ["mcp", "ask"])
        ]
        store.close()


async def asked(session: aiohttp.ClientSession, page: str, token: str) -> tuple[int, str]:
    """What a tool replies to the revenue of a month."""
    call = {"name": "ask", "arguments": {"question": "sales_revenue october 2026"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
    async with session.post(page, json=body, headers=headers) as answer:
        return answer.status, await answer.text()


def several_grant(team: str) -> Any:
    from bot.sandbox.slack.web_api.grants import Grant

    return Grant(team)


def test_an_installation_ends_in_the_browser_that_began_it(folder: Path) -> None:
    """Without its cookie, with another's, late, or made up: 400, and nothing is installed."""

    async def forge(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        state = new_state("client-secret", time.time())
        late, foreign = new_state("client-secret", time.time() - STATE_SECONDS - 1), new_state("another", time.time())
        cases = [(state, ""), (state, foreign), (late, late), (foreign, foreign), ("", ""), ("x", "x"), ("é.x", "é.x")]
        for given_state, cookie in cases:
            query = {"code": new_code(slack.workspace, "T0FIRST"), "state": given_state}
            headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie.isascii() else {}
            async with session.get(f"{url}/slack/oauth_redirect", params=query, headers=headers) as answer:
                assert answer.status == 400

    served(folder, forge)
    assert not (folder / "T0FIRST" / FILE).exists()
    assert is_state(new_state("a", 100), "a", 101)
    assert not is_state(new_state("a", 100), "b", 101)
    assert not is_state(hashlib.sha256(b"a").hexdigest(), "a", 101)


def test_a_second_click_ends_what_a_kill_has_cut_off(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Slack gives a token for a code once. Where the process died with it, whoever clicks again is told so and installs
    anew, and the next process says so in its log; a link that did its work and is opened again says that it was used.
    """
    begun = Begun(folder)
    # As killed processes leave them.
    state = new_state("client-secret", time.time())
    cut_off = [begun.under_way(each) for each in (state, "another")]

    async def killed(slack: LocalSlack, url: str, session: aiohttp.ClientSession) -> None:
        code = new_code(slack.workspace, "T0FIRST")
        access_granted(slack.workspace, {"code": code})
        cut_off[0].__enter__()
        link = {"params": {"code": code, "state": state}, "headers": {"Cookie": f"{COOKIE}={state}"}}
        for words in ("was cut off before it was written down", "This link was used already"):
            async with session.get(f"{url}/slack/oauth_redirect", **link) as answer:
                text = await answer.text()
            assert answer.status == 409
            assert words in text
            assert "begin again at /slack/install" in text
        assert await install(url, session, "T0FIRST") == (200, "KPI Bot is installed. Type /kpi in Slack.")
        assert "$43.0" in (await ask(slack, "T0FIRST"))[-1]
        cut_off[1].__enter__()

    served(folder, killed)
    assert "cut off" not in caplog.text

    async def started(_slack: LocalSlack, _url: str, _session: aiohttp.ClientSession) -> None:
        assert "An installation was cut off" in caplog.text

    served(folder, started)
    assert begun.take_cut_off() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workspaces", "none"], "There is no folder none."),
        (["--workspaces", ".", "--config", "1"], "--workspaces serves folders over HTTP, and nothing else."),
        (["--workspaces", ".", "--sockets", "2"], "--workspaces serves folders over HTTP, and nothing else."),
    ],
)
def test_what_a_folder_of_workspaces_cannot_have_is_told(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that would be passed over, and a folder that is not there: exit 2 with a sentence."""
    assert main(["run", *options]) == 2
    assert message in capsys.readouterr().err


def test_a_workspace_names_its_own_secrets_alone(tmp_path: Path) -> None:
    """What its kpi.yaml calls ${NAME} stands in its folder; those of the process and of others are out of reach.

    None of them may stand in the log, whosever they are.
    """
    (tmp_path / "T0FIRST").mkdir()
    (tmp_path / "T0FIRST" / SECRETS).write_text("PASSWORD = hush-hush", "utf-8")
    assert secrets_of(tmp_path) == ["hush-hush"]
    (tmp_path / SECRETS).write_text("# ours\nPASSWORD=a=b \n\nbroken\n", "utf-8")
    environment = {"SLACK_SIGNING_SECRET": "x", "SLACK_OAUTH_CLIENT_SECRET": "y", "PASSWORD": "theirs", "HOME": "/h"}
    assert environment_of(tmp_path, environment) == {"HOME": "/h", "PASSWORD": "a=b"}
    assert not any("SECRET" in name or "TOKEN" in name for name in several.OF_THE_MACHINE)
