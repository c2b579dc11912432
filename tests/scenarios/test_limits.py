"""A limited KPI asked through every face by those who may not see it: nothing of its value leaves, the rest answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase

import pytest
from companies.odd_amounts import NOW, tables
from limits_side import NOT_HERE, leaks, limited, reply, secrets_of, whole
from slack_side import bot_messages, run

from bot.cli import main
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, User
from bot.slack.app import Services
from kpi_core.access.doorway import Door
from kpi_core.access.relatives import relatives_of
from kpi_core.answering.engine import Engine
from sheets_sync.sandbox import start_sheets
from sheets_sync.sandbox.running import LocalSheets

from tables import CATALOG, engine_on, write_tables

OPEN = ("cac", "cac@paid", "ad_spend", "new_customers", "roas", "cpc", "website_traffic", "purchase_frequency")
SAMPLE = ("sales_revenue", "ad_spend", "new_customer_revenue")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_on(tmp_path_factory.mktemp("limits") / "kpi.duckdb", tables())


@pytest.mark.parametrize("metric_id", SAMPLE)
def test_in_slack_a_stranger_learns_nothing_of_a_limited_kpi(plain: Engine, metric_id: str) -> None:
    """Asked for by command with and without a split, and explained: each relative is refused, the others answer."""
    closed, counts = relatives_of(metric_id, CATALOG).closed, {"closed": 0, "open": 0}
    still_open = [each for each in (*OPEN, "sales_revenue", "aov") if each not in closed]

    async def ask(slack: LocalSlack) -> None:
        for kpi in closed:
            for words in (f"{kpi} 2026-10", f"explain {kpi}"):
                refused = await reply(slack, "alex", "marketing", words)
                assert NOT_HERE in refused.text
                counts["closed"] += 1
        for kpi in still_open:
            answer = await reply(slack, "alex", "marketing", f"{kpi} 2026-10 by channel")
            assert NOT_HERE not in answer.text
            assert answer.to == ""
            counts["open"] += 1
        assert leaks(secrets_of(plain, metric_id), map(whole, bot_messages(slack))) == []

    run(ask, limited(plain, metric_id))
    assert counts["closed"] == 2 * len(closed) > 4
    assert counts["open"] == len(still_open) > 3


def test_every_way_to_ask_in_slack_is_refused_to_a_stranger(plain: Engine) -> None:
    """Mentions, direct messages, buttons that somebody else's answer left there, and the list."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> aov@gross 2026-10")
        await slack.acting.say("alex", "dm", "arpu@gross 2026-10 by channel")
        found = await slack.until(lambda: found if len(found := bot_messages(slack)) == 2 else None)
        assert [NOT_HERE in each.text for each in found] == [True, True]
        public = await reply(slack, "mina", "board", "sales_revenue 2026-10")
        assert public.to == ""
        await slack.acting.press("alex", "board", public.ts, elements_of(public)[0]["action_id"])
        pressed = await slack.until(lambda: found[-1] if len(found := bot_messages(slack)) == 4 else None)
        assert pressed.channel == "C0BOARD"
        listed = whole(await reply(slack, "alex", "marketing", "list"))
        assert "`cac`" in listed
        assert "`sales_revenue`" not in listed
        assert "`mer`" not in listed
        assert "more are shown only to some people" in listed
        elsewhere = [whole(each) for each in bot_messages(slack) if each.channel != "C0BOARD"]
        assert leaks(secrets_of(plain, "sales_revenue"), elsewhere) == []

    run(ask, limited(plain, "sales_revenue"))


def test_those_who_may_see_it_are_answered_alone(plain: Engine) -> None:
    """A member of the group gets the relative's answer for herself, and so do its buttons; in the channel nobody."""

    async def ask(slack: LocalSlack) -> None:
        answer = await reply(slack, "mina", "marketing", "aov@gross 2026-10")
        assert (answer.to, NOT_HERE in answer.text) == ("U0MINA", False)
        await slack.acting.press("mina", "marketing", answer.ts, elements_of(answer)[0]["action_id"])
        again = await slack.until(lambda: found[-1] if len(found := bot_messages(slack)) == 2 else None)
        assert again.to == "U0MINA"
        explained = await reply(slack, "wei", "marketing", "explain aov")
        assert explained.to == "U0WEI"
        listed = whole(await reply(slack, "mina", "marketing", "list"))
        assert "`sales_revenue`" in listed
        await slack.acting.say("mina", "dm", "sales_revenue 2026-10")
        direct = await slack.until(lambda: found[-1] if len(found := bot_messages(slack)) == 5 else None)
        assert leaks(secrets_of(plain, "sales_revenue"), [whole(direct)])

    run(ask, limited(plain, "sales_revenue"))


def test_people_of_other_workspaces_see_nothing(plain: Engine) -> None:
    """Through a shared channel they ask in vain, for the list as well; colleagues are answered there, each alone."""

    async def ask(slack: LocalSlack) -> None:
        guest = User("U0GUEST", "gus", "Gus Gale", team="T0OTHER")
        slack.workspace.users[guest.id] = guest
        slack.workspace.channels["C0SHARED"] = shared = Channel("C0SHARED", "shared", shared=True)
        shared.members |= {guest.id, "U0ALEX", BOT_USER}
        for words in ("cac 2026-10", "list", "explain cac", "cacc"):
            refused = await reply(slack, "gus", "shared", words)
            assert refused.text.startswith("The bot answers members of its own workspace.")
        await slack.acting.say("gus", "shared", "<@U0KPIBOT> cac 2026-10")
        mentioned = await slack.until(lambda: found[-1] if len(found := bot_messages(slack)) == 5 else None)
        assert mentioned.text.startswith("The bot answers members of its own workspace.")
        answer = await reply(slack, "alex", "shared", "cac 2026-10")
        assert (answer.to, NOT_HERE in answer.text) == ("U0ALEX", False)
        assert sum(each["method"] == "conversations.info" for each in slack.requests) == 1

    configured = plain.settings
    run(ask, Services(lambda audience: Door(plain, audience), configured, lambda: NOW))


@pytest.mark.parametrize("words", ["revenu 2026-10", "aovv 2026-10", "2026-10"])
def test_buttons_of_a_mistyped_question_lead_to_what_one_may_see(plain: Engine, words: str) -> None:
    """Every suggestion that a stranger can press is answered."""

    async def ask(slack: LocalSlack) -> None:
        error = await reply(slack, "alex", "marketing", words)
        offered = elements_of(error)
        for button in offered:
            before = len(bot_messages(slack))
            await slack.acting.press("alex", "marketing", error.ts, button["action_id"], button["value"])
            found = await slack.until(lambda before=before: bot_messages(slack)[before:])
            assert NOT_HERE not in found[-1].text
        allowed = await reply(slack, "mina", "marketing", words)
        values = {each["value"] for each in elements_of(allowed) if "value" in each}
        assert values - {each["value"] for each in offered}

    run(ask, limited(plain, "sales_revenue"))


SETTINGS = """\
company: Case
timezone: UTC
currency: USD
locale: {locale}
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db
summaries: [{{name: weekly, channel: C0MARKET, audience: manager, every: month 1 09:00}}]
audiences: {{manager: [sales_revenue, aov, new_customers, cac], exec: [mer, ad_spend]}}
goals:
  - {{kpi: sales_revenue, target: 77777, by: 2026-12-31}}
  - {{kpi: cac, target: 40, by: 2026-12-31}}
sheets: [{{spreadsheet: {sheet}, tabs: [overview, goals, trends, channels, funnel, dictionary]}}]
access: {{sales_revenue: {{channels: [C0BOARD], sheets: [{allowed}]}}}}
"""


@pytest.fixture
def sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSheets]:
    """The company in the current folder, with a local Sheets."""
    write_tables(tmp_path / "kpi.duckdb", tables())
    monkeypatch.chdir(tmp_path)
    with start_sheets() as running:
        monkeypatch.setenv("KPI_SHEETS_API_URL", running.url)
        monkeypatch.setenv("KPI_DRIVE_API_URL", running.drive_url)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(running.credentials_file))
        yield running


def configure(sheet: str = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", allowed: str = "", locale: str = "en") -> None:
    Path("kpi.yaml").write_text(SETTINGS.format(sheet=sheet, allowed=allowed, locale=locale), "utf-8")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main([*words, "--now", "2026-11-23T09:00"]) == 0
    return capsys.readouterr().out


def cells(sheets: LocalSheets, spreadsheet: str) -> str:
    """Everything that stands in the spreadsheet, and what its charts and notes carry."""
    state = sheets.spreadsheet(spreadsheet)
    return json.dumps([[sheet.title, *map(str, sheet.cells.values())] for sheet in state.sheets], ensure_ascii=False)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Sales revenue: left out here, for it is shown only to some people"),
        ("ko", "매출: 일부 사람에게만 공개되어 여기서는 제외됨"),
        ("zh-TW", "銷售額：只開放給部分人員，此處略過"),
    ],
)
def test_a_summary_leaves_out_what_its_channel_may_not_see_and_says_so(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], plain: Engine, locale: str, said: str
) -> None:
    """As printed, as JSON and as posted; the other lines stand."""
    configure(locale=locale)
    text, found = printed(capsys, "summary", "weekly"), json.loads(printed(capsys, "summary", "weekly", "--json"))
    assert [line["metric"] for line in found["lines"]] == ["cac", "new_customers"]
    assert [each["metric"] for each in found["missing"]] == ["sales_revenue", "aov"]
    name = CATALOG.metrics["sales_revenue"].name(locale)
    assert f"{name}{said[said.index('：' if '：' in said else ':') :]}" in text
    assert leaks(secrets_of(plain, "sales_revenue"), [text, json.dumps(found)]) == []


def test_a_posted_summary_shows_nothing_else(
    sheets: LocalSheets, monkeypatch: pytest.MonkeyPatch, plain: Engine
) -> None:
    """What arrives in the channel is what was printed."""
    configure()

    async def post() -> None:
        async with start_slack() as slack:
            for name, value in slack.environment.items():
                monkeypatch.setenv(name, value)
            words = ["summary", "weekly", "--post", "--now", "2026-11-23T09:00"]
            assert await asyncio.to_thread(main, words) == 0
            (message,) = bot_messages(slack)
            assert "left out here" in message.text
            assert leaks(secrets_of(plain, "sales_revenue"), [whole(message)]) == []

    asyncio.run(post())


def test_a_sheet_shows_what_it_may_and_says_what_is_missing(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], plain: Engine
) -> None:
    """No tab holds anything of a closed KPI; a goal typed for one counts elsewhere; an allowed sheet holds it all."""
    closed, allowed = sheets.create("Team"), sheets.create("Board")
    configure(closed, allowed)
    report = json.loads(printed(capsys, "sync", "--json"))
    assert any("Sales revenue" in warning for warning in report["warnings"])
    shown = cells(sheets, closed)
    assert leaks([*secrets_of(plain, "sales_revenue"), 77777], [shown]) == []
    assert "not shown here: Sales revenue, Average order value" in shown
    assert "Ad spend" in shown
    type_goal(sheets, closed, "Sales revenue", "99999")
    printed(capsys, "sync")
    assert any("not shown here" in sheets.person.shown(closed, f"Goals!{column}5") for column in ascii_uppercase)
    assert json.loads(printed(capsys, "ask", "sales_revenue 2026-10", "--json"))["goal"]["target"] == 99999
    configure(allowed, allowed)
    printed(capsys, "sync")
    assert leaks(secrets_of(plain, "sales_revenue"), [cells(sheets, allowed)])


def type_goal(sheets: LocalSheets, spreadsheet: str, kpi: str, target: str) -> None:
    for cell, text in (("A5", kpi), ("C5", target), ("E5", "2026-12-31")):
        sheets.person.edit(spreadsheet, f"Goals!{cell}", text)


def test_the_terminal_is_the_operators(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """Kpi ask, list and explain show everything; kpi check says beforehand what the limit does, and where."""
    configure()
    assert json.loads(printed(capsys, "ask", "aov@gross 2026-10", "--json"))["parts"]["revenue"] > 1000
    assert len(json.loads(printed(capsys, "list", "--json"))["kpis"]) == len(CATALOG.kpis())
    assert json.loads(printed(capsys, "explain", "mer", "--json"))["id"] == "mer"
    notes = json.loads(printed(capsys, "check", "--json"))["notes"]
    of_limits = [each for each in notes if not each["message"].startswith("the goal for")]
    assert [(each["line"], each["message"][:35]) for each in of_limits] == [
        (13, "the limit on sales_revenue also clo"),
        (7, "the summary weekly leaves out sales"),
        (12, "this sheet leaves out sales_revenue"),
    ]
