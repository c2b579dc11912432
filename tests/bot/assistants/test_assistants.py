"""An assistant gets the numbers that a person would get, small enough to read, with receipts, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
import string
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import aiohttp
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from slack_side import NOW, services

from bot.assistants.callers import Members
from bot.assistants.fitting import fitted, tokens
from bot.assistants.gate import SlackIdentity, assistants_app, serving_assistants
from bot.assistants.protocol import assistants_server
from bot.assistants.replies import Asker
from bot.assistants.tools import LONGEST, TOOLS
from bot.cli import main
from bot.sandbox.slack import start_slack
from bot.sandbox.slack.envelopes.delivery import signed_headers
from bot.slack.app import slack_access
from kpi_core.access.audiences import Person
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import ServiceError
from kpi_core.settings.values import Access
from kpi_core.state.audit import newest_entries
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.assistant_tokens import new_assistant_token, person_of_token, revoke_assistant_tokens

from long import ran, times
from tables import CATALOG

LANGUAGES = ("en", "ko", "zh-TW")
LAST_MONTH = {"en": "last month", "ko": "지난달", "zh-TW": "上個月"}
ANSWERS: dict[str, float] = {
    "cac last-month": 41.27,
    "고객 획득 비용 지난달": 41.27,
    "上個月的客戶獲取成本": 41.27,
    "sales_revenue last-month": 100.0,
    "매출 지난달": 100.0,
    "revenue last month by channel": 100.0,
    "sales revenue in october": 100.0,
    "ad_spend last-month": 80.0,
    "ad spend last month for search": 60.0,
    "new customers last month": 2.0,
}
"""By hand: in October 80 for ads and 2.54 for tools won two customers, who paid 100."""


def terminal(access: dict[str, Access] | None = None, person: Person | None = None) -> Any:
    """A server for whoever sits at the terminal, or for one person."""
    made = services(access=access)

    async def asker(_person: str | None, language: Any) -> Asker:
        return Asker(made.door(person or OPERATOR), NOW, language or "en")

    return assistants_server(asker, lambda _person, _words: None, "en")


def calling(test: Callable[[Client], Awaitable[None]], server: Any = None) -> None:
    """Run a test with the real client on a server in this process."""

    async def whole() -> None:
        async with Client(server or terminal()) as client:
            await asyncio.wait_for(test(client), 600)

    asyncio.run(whole())


async def called(client: Client, name: str, **arguments: str) -> dict[str, Any]:
    """What a tool replied, which is no error and small enough."""
    result = await client.call_tool(name, arguments)
    text = result.content[0].text  # type: ignore[union-attr]
    assert not result.is_error, text
    assert tokens(text) <= (1_500 if name == "list_kpis" else 3_000)
    assert "select" not in text.casefold().split()
    replied: dict[str, Any] = json.loads(text)
    assert "receipt" in replied or replied["choices"]
    return replied


def test_every_tool_only_reads_and_says_so() -> None:
    """Five tools, each marked as one that changes nothing and reaches nothing outside."""

    async def look(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [each.name for each in tools] == ["ask", "list_kpis", "explain", "why", "goals"]
        for each in tools:
            assert each.annotations is not None
            assert (each.annotations.read_only_hint, each.annotations.destructive_hint) == (True, False)
            assert each.input_schema["additionalProperties"] is False

    calling(look)


def test_a_hundred_questions_are_answered_right() -> None:
    """Ten worked out by hand, and KPIs of the catalogue in three languages as the engine has them."""
    door = services().door(OPERATOR)
    asked: dict[tuple[str, str], tuple[str, float | None]] = {}
    for metric in CATALOG.kpis()[:30]:
        for language in LANGUAGES:
            words = f"{metric.name(language)} {LAST_MONTH[language]}"
            value = door.answer(door.question(f"{metric.id} last-month", NOW), NOW).value
            asked[words, language] = (metric.id, value)

    async def ask(client: Client) -> None:
        for words, value in ANSWERS.items():
            replied = await called(client, "ask", question=words)
            assert replied["value"] == pytest.approx(value), words
            assert replied["receipt"]["definition"]
        numbers = len(ANSWERS)
        for (words, language), (kpi, expected) in asked.items():
            replied = await called(client, "ask", question=words, language=language)
            if "value" in replied:
                assert (replied["kpi"].partition("@")[0], replied["value"]) == (kpi, expected), words
                numbers += 1
        # The others have a second meaning in words: they are asked back, or are about all goals.
        assert numbers >= 90
        ran("questions of an assistant", len(ANSWERS) + len(asked), wrong=0)

    assert len(ANSWERS) + len(asked) == 100
    calling(ask)


def test_an_answer_carries_its_figures_and_its_receipt() -> None:
    """Value at full precision, days, comparisons, rows, and by what it was computed."""

    async def ask(client: Client) -> None:
        replied = await called(client, "ask", question="cac last-month by channel")
        assert replied["says"].splitlines()[0] == "Customer acquisition cost · October 2026 · by channel: $41.3"
        assert replied["period"] == {"first": "2026-10-01", "last": "2026-10-31", "complete": True}
        assert {row["channel"] for row in replied["rows"]} >= {"search", "social"}
        receipt = replied["receipt"]
        assert receipt["amounts"] == {"acquisition_cost": 82.54, "new_customers": 2}
        assert receipt["formula"] == "acquisition_cost / new_customers"

    calling(ask)


def test_two_readings_come_back_as_choices() -> None:
    """이탈률 is churn and bounce: the assistant gets both as whole questions, and each of them is answered."""

    async def ask(client: Client) -> None:
        replied = await called(client, "ask", question="이탈률 지난달", language="ko")
        assert len(replied["choices"]) >= 2
        for choice in replied["choices"]:
            assert "choices" not in await called(client, "ask", question=choice, language="ko")

    calling(ask)


def test_every_kind_of_question_has_its_reply() -> None:
    """Lists, goals, definitions, reasons, what changed and what is normal, asked in words or by their tools."""

    async def ask(client: Client) -> None:
        for language in LANGUAGES:
            listed = await called(client, "list_kpis", language=language)
            assert "cac" in " ".join(listed["kpis"])
        assert "cac" in (await called(client, "list_kpis", search="획득 비용"))["kpis"][0]
        assert (await called(client, "explain", kpi="cac"))["formula"] == "acquisition_cost / new_customers"
        why = await called(client, "why", question="ad spend this month")
        assert sum(row["effect"] for row in why["rows"]) == pytest.approx(why["change"]) == -71
        assert (await called(client, "goals"))["rows"] == []
        for words in ("list", "goals", "explain cac", "why did ad spend change this month", "what changed last week"):
            await called(client, "ask", question=words)

    calling(ask)


def test_definitions_of_the_whole_catalogue_fit() -> None:
    """Each KPI's explanation, in the language that takes most tokens."""

    async def ask(client: Client) -> None:
        for metric in CATALOG.kpis()[:: times(6, 1)]:
            assert (await called(client, "explain", kpi=metric.id, language="ko"))["kpi"] == metric.id

    calling(ask)


def test_what_a_person_may_not_see_no_assistant_tells_them() -> None:
    """A limited KPI is refused, offered nowhere, explained nowhere, and in no list; its relatives neither."""
    access = {"sales_revenue": Access(users=("U0MINA",))}

    async def ask(client: Client) -> None:
        for name, words in (("ask", "revenue last month"), ("why", "revenue last-month"), ("explain", "revenue")):
            result = await client.call_tool(name, {"kpi" if name == "explain" else "question": words})
            text = result.content[0].text  # type: ignore[union-attr]
            assert result.is_error, text
            assert "100" not in text
        assert "sales_revenue" not in str(await called(client, "list_kpis"))

    calling(ask, terminal(access, Person("U0ALEX")))


@pytest.mark.parametrize("most", [200, 500, 1_000])
def test_rows_that_do_not_fit_are_counted(most: int) -> None:
    """As many as fit, and how many there are besides; the document stays under its limit."""
    document = {
        "says": "채널별 매출",
        "rows": [{"channel": f"채널 {number}", "value": number} for number in range(500)],
    }
    cut = fitted(document, "rows", most)
    assert tokens(json.dumps(cut, ensure_ascii=False, separators=(",", ":"))) <= most
    assert len(cut["rows"]) + cut["left_out"] == 500
    assert fitted(document, "rows", 10**6) is document


@given(
    says=st.text(max_size=3_000),
    rows=st.lists(st.dictionaries(st.sampled_from(["channel", "campaign"]), st.text(max_size=300)), max_size=40),
    warnings=st.lists(st.text(max_size=600), max_size=10),
)
def test_whatever_stands_in_a_reply_it_fits(says: str, rows: list[dict[str, str]], warnings: list[str]) -> None:
    """Long sentences in any script, many rows, many doubts: under 3,000 tokens, the value always there."""
    document = {"says": says, "value": 41.27, "rows": rows, "receipt": {"warnings": warnings}}
    cut = fitted(document, "rows")
    assert tokens(json.dumps(cut, ensure_ascii=False, separators=(",", ":"))) <= 3_000
    assert cut["value"] == 41.27


def hostile(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A call that no tool takes."""
    name = chance.choice(list(TOOLS))
    needed = TOOLS[name].needed
    junk = "".join(chance.choices(string.printable, k=20))
    wrong: Any = chance.choice([7, None, [], ["x"], {"a": 1}, True, 1e308, "x" * (LONGEST + 1), "a\x00b", "\x1b[31m"])
    first = needed[0] if needed else "language"
    return chance.choice(
        [
            (junk, {}),
            (f"{name}; DROP TABLE goals", {"question": "cac"}),
            (name, {first: wrong}),
            (name, {first: "cac", "sql": "select 1"}),
            (name, {first: "cac", "language": junk}),
            ("ask", {"question": "SELECT value FROM orders; --"}),
            ("ask", {"question": chance.choice(["", " ", "../../etc/passwd", "{{7*7}}", "%s%n", "zzzzqqqq 999"])}),
            ("explain", {"kpi": chance.choice(["", "zzzzqqqq", "__class__", "information_schema.tables"])}),
            ("why", {}),
        ]
    )


@pytest.mark.long
def test_hostile_calls_get_nothing_but_errors() -> None:
    """Unknown tools, wrong arguments, SQL and nonsense: an error each, no number, and the next question is answered."""
    chance, count = random.Random(20261123), times(60, 1_000)

    async def call(client: Client) -> None:
        for _number in range(count):
            name, arguments = hostile(chance)
            result = await client.call_tool(name, arguments)
            text = result.content[0].text  # type: ignore[union-attr]
            replied = json.loads(text)
            assert result.is_error or "choices" in replied, (name, arguments, text)
            assert "value" not in replied
            assert replied.get("error") != "internal", (name, arguments)
            assert tokens(text) < 1_000
        assert (await called(client, "ask", question="cac last-month"))["value"] == pytest.approx(41.27)

    calling(call)
    ran("hostile calls of an assistant", count, answered=0)


# Over HTTP

SECRET = "0123456789abcdef0123456789abcdef"


def of_our_team(user: str, team: str, _enterprise: str) -> str | None:
    return user if team == "T0KPIBOT" else None


@asynccontextmanager
async def over_http(
    store: Store, access: dict[str, Access] | None = None, clock: Callable[[], datetime] = lambda: NOW
) -> Any:
    """The tools behind their gate, beside a local Slack; yields both."""
    async with start_slack() as slack:
        made = replace(services(access=access), clock=clock)
        members = Members(made, slack_access(slack.environment), frozenset({"T0KPIBOT"}))
        server = assistants_server(members.asker, lambda _person, _words: None, "en")
        app = assistants_app(server, lambda token: person_of_token(store, token), SlackIdentity(SECRET, of_our_team))
        async with serving_assistants(app, "127.0.0.1", 0) as url:
            yield url, slack


def requested(url: str, token: str) -> Any:
    """The client's own transport, with a token."""
    import httpx2

    return streamable_http_client(url, http_client=httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}))


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = open_store("sqlite:///state.db", tmp_path)
    yield opened
    opened.close()


MADE = datetime(2026, 11, 23, tzinfo=UTC)


def test_over_http_each_token_has_its_persons_rights(store: Store) -> None:
    """Mina may see revenue and Alex may not; Mina's Slack speaks Korean, and so does her assistant."""

    async def whole() -> None:
        async with over_http(store, {"sales_revenue": Access(users=("U0MINA",))}) as (url, _slack):
            for person, is_error in (("U0MINA", False), ("U0ALEX", True)):
                async with Client(requested(url, new_assistant_token(store, person, MADE))) as client:
                    result = await client.call_tool("ask", {"question": "revenue last-month"})
                    assert result.is_error is is_error
                    text = result.content[0].text  # type: ignore[union-attr]
                    assert ("매출 · 2026년 10월" in text) is not is_error

    asyncio.run(whole())


def slackbots(method: str, secret: str = SECRET, ago: float = 0.0, **says: object) -> tuple[bytes, dict[str, str]]:
    """A request as Slack's own assistant sends it, with what it says of who asks."""
    params: dict[str, object] = {"_meta": {"slack": says}} if says else {}
    if method == "tools/call":
        params |= {"name": "ask", "arguments": {"question": "revenue last-month"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    return body.encode(), headers | signed_headers(secret, body, time.time() - ago)


def test_slacks_own_assistant_asks_for_whom_slack_names(store: Store) -> None:
    """By Slack's signature, with that person's rights and language; which tools there are it may ask for nobody."""

    async def whole() -> None:
        limited = {"sales_revenue": Access(users=("U0MINA",))}
        async with over_http(store, limited) as (url, _slack), aiohttp.ClientSession() as session:

            async def sent(body: bytes, headers: dict[str, str]) -> tuple[int, str]:
                async with session.post(url, data=body, headers=headers) as answer:
                    return answer.status, await answer.text()

            ours = {"team_id": "T0KPIBOT"}
            status, text = await sent(*slackbots("tools/call", user_id="U0MINA", **ours))
            assert (status, "매출 · 2026년 10월" in text) == (200, True), text
            status, text = await sent(*slackbots("tools/call", user_id="U0ALEX", **ours))
            assert (status, "$100" in text, 'isError":true' in text) == (200, False, True), text
            status, text = await sent(*slackbots("tools/list"))
            assert (status, "list_kpis" in text) == (200, True)
            body, headers = slackbots("tools/call", user_id="U0MINA", **ours)
            wrong = [
                slackbots("tools/call", "another secret", user_id="U0MINA", **ours),
                slackbots("tools/call", ago=400, user_id="U0MINA", **ours),
                slackbots("tools/call"),
                slackbots("tools/call", **ours),
                slackbots("tools/call", user_id="U0MINA", team_id="T0OTHER"),
                slackbots("tools/call", user_id=["U0MINA"], **ours),
                slackbots("tools/call", user_id="", **ours),
                (body.replace(b"U0MINA", b"U0ALEX"), headers),
                (b"[" + body + b"]", headers),
                (b"x" * 70_000, headers),
                (b"\xff", headers),
                (body, headers | {"X-Slack-Request-Timestamp": "soon"}),
                (body, headers | {"Authorization": "Bearer kpi-x"}),
            ]
            assert [(await sent(*each))[0] for each in wrong] == [401] * len(wrong)

    asyncio.run(whole())


def test_a_revoked_token_and_one_of_nobody_get_401(store: Store) -> None:
    """Without a token, with another's shape, revoked, or two at once: 401, whatever the request is."""
    token = new_assistant_token(store, "U0ALEX", MADE)
    good = f"Bearer {token}"

    async def whole() -> None:
        async with over_http(store) as (url, _slack), aiohttp.ClientSession() as session:

            async def status(*tokens: str, method: str = "POST", data: bytes = b"{}") -> int:
                headers = [("Content-Type", "application/json"), *(("Authorization", each) for each in tokens)]
                async with session.request(method, url, headers=headers, data=data) as answer:
                    return answer.status

            assert await status(good) != 401
            for bad in (
                (),
                ("",),
                ("Bearer",),
                ("Bearer ",),
                (token,),
                (f"Basic {token}",),
                (good, good),
                (good + "x",),
            ):
                assert await status(*bad) == 401, bad
            assert await status(f"Bearer {'a' * 5000}") == 401
            for method in ("GET", "DELETE", "PUT"):
                assert await status(method=method) == 401
            assert revoke_assistant_tokens(store, "U0ALEX") == 1
            assert await status(good) == 401

    asyncio.run(whole())


def test_whoever_left_the_workspace_learns_nothing(store: Store) -> None:
    """A person whom Slack has no more, and one who is a guest there, is refused by name of the reason."""
    token = new_assistant_token(store, "U0GONE", MADE)

    async def whole() -> None:
        async with over_http(store) as (url, _slack), Client(requested(url, token)) as client:
            result = await client.call_tool("ask", {"question": "cac last-month"})
            assert result.is_error
            assert "41" not in result.content[0].text  # type: ignore[union-attr]

    asyncio.run(whole())


def test_slack_is_asked_once_a_minute(store: Store) -> None:
    """Of many questions in a row the first alone looks its asker up; a minute later a guest is one."""
    token, clock = new_assistant_token(store, "U0ALEX", MADE), [NOW]

    async def whole() -> None:
        async with (
            over_http(store, clock=lambda: clock[-1]) as (url, slack),
            Client(requested(url, token)) as client,
        ):
            await called(client, "list_kpis", search="cac")
            looked_up = len(slack.requests)
            slack.workspace.users["U0ALEX"].is_restricted = True
            await called(client, "list_kpis", search="cac")
            assert len(slack.requests) == looked_up
            clock.append(NOW + timedelta(seconds=61))
            assert (await client.call_tool("list_kpis", {})).is_error

    asyncio.run(whole())


def test_nobody_holds_a_stream_open(store: Store) -> None:
    """There is no news to wait for, so with a good token anything but a call gets 405."""
    token = new_assistant_token(store, "U0ALEX", MADE)

    async def whole() -> None:
        async with over_http(store) as (url, _slack), aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
            for method in ("GET", "DELETE", "PUT", "HEAD"):
                async with session.request(method, url, headers=headers) as answer:
                    assert (answer.status, answer.headers["Allow"]) == (405, "POST")

    asyncio.run(whole())


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, and the bot itself runs without it."""
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    with pytest.raises(ServiceError, match="mcp is not installed") as caught:
        terminal()
    assert "kpi-bot[mcp]" in caught.value.hint


def test_no_token_is_written_down(store: Store, tmp_path: Path) -> None:
    """Only a hash stands in the state: who reads it cannot ask in anybody's name."""
    token = new_assistant_token(store, "U0ALEX", MADE)
    assert person_of_token(store, token) == "U0ALEX"
    assert not any(token.encode() in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"jsonrpc":"2.0"}', b"\xff\xfe", b"[" * 20_000, b"x" * 70_000]
)
def test_what_is_no_call_is_refused(store: Store, body: bytes) -> None:
    """Malformed JSON, something else, too much: 4xx, with a good token."""
    token = new_assistant_token(store, "U0ALEX", MADE)

    async def whole() -> None:
        async with over_http(store) as (url, _slack), aiohttp.ClientSession() as session:
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream",
            }
            async with session.post(url, headers=headers, data=body) as answer:
                assert 400 <= answer.status < 500

    asyncio.run(whole())


def test_an_assistant_on_this_machine_starts_it_by_itself(tmp_path: Path) -> None:
    """`kpi mcp` speaks the protocol on stdin and stdout, and nothing else there."""
    (tmp_path / "kpi.yaml").write_text("company: Hanok Goods\ntimezone: Asia/Seoul\ncurrency: KRW\n", "utf-8")

    async def whole() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "bot.cli", "mcp", "--config", str(tmp_path / "kpi.yaml")]
        )
        async with Client(server) as client:
            assert "cac" in (await called(client, "list_kpis"))["without_data"]

    asyncio.run(whole())


def test_tokens_are_made_and_ended_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kpi mcp token USER` prints one, `tokens` counts it, `revoke` ends it; each stands in the audit log."""
    (tmp_path / "kpi.yaml").write_text("company: Hanok Goods\ntimezone: Asia/Seoul\ncurrency: KRW\n", "utf-8")

    def kpi(*words: str) -> str:
        assert main(["mcp", *words, "--config", str(tmp_path / "kpi.yaml")]) == 0
        return capsys.readouterr().out.strip()

    token = kpi("token", "U0ALEX")
    assert kpi("tokens") == "U0ALEX  1"
    store = open_store("sqlite:///state.db", tmp_path)
    assert person_of_token(store, token) == "U0ALEX"
    assert kpi("revoke", "U0ALEX") == "1 revoked"
    assert person_of_token(store, token) is None
    assert [each.command for each in newest_entries(store)] == ["mcp revoke U0ALEX", "mcp token U0ALEX"]
    store.close()
    assert main(["mcp", "token", "alex", "--config", str(tmp_path / "kpi.yaml")]) == 2


def test_a_token_of_a_teams_folder_names_the_team(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From inside the folder as from outside: that is how one process of several teams knows whose it is."""
    for name, prefix in (("T0FIRST", "kpi-T0FIRST."), ("shop", "kpi-")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kpi.yaml").write_text("company: Hanok\ntimezone: UTC\ncurrency: USD\n", "utf-8")
        monkeypatch.chdir(tmp_path / name)
        for config in ("kpi.yaml", str(tmp_path / name / "kpi.yaml")):
            assert main(["mcp", "token", "U0ALEX", "--config", config]) == 0
            token = capsys.readouterr().out.strip()
            assert token.startswith(prefix)
            assert ("." in token) is (name == "T0FIRST")
