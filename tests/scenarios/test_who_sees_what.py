"""Role x place x face x metric: whoever reads something in Slack may see it. Counted, and nothing leaks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from companies.odd_amounts import NOW, OCTOBER, tables
from form_side import button_in, filled, sent
from limits_side import BOARD, leaks, limited, mention, newest, press, readers_of, reply, secrets_of, whole
from slack_side import bot_messages, run

from bot.assistants.callers import Members
from bot.assistants.fitting import written
from bot.assistants.replies import reply as reply_of_tool
from bot.cards.alert import alert_card
from bot.cards.answer import ASK
from bot.cards.onward.buttons import ALERT_ME, MORE, SET_GOAL
from bot.cards.summary import summary_card
from bot.running.telling.alerting import reader_of, rules_of
from bot.running.telling.summarising import composed
from bot.running.typed_values import TypedValues
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.envelopes import payloads
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, Message, User
from bot.slack.app import slack_access
from bot.slack.listeners.people import People
from bot.slack.listeners.places.pointing import SHORTCUT
from bot.slack.listeners.readers import Audiences, Place
from bot.slack.listeners.services import Services
from bot.slack.posting import slack_client
from bot.workspace import Workspace, settings_of
from kpi_core.access.audiences import Channel as AudienceOf
from kpi_core.access.relatives import relatives_of
from kpi_core.alerts.all_rules import incidents
from kpi_core.alerts.scopes import scope_of
from kpi_core.answering.engine import Engine
from kpi_core.errors import KpiBotError
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert, Summary
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.admissions import admit

import long
from tables import CATALOG, engine_on, write_tables

LIMITED, RELATIVE, OPEN = "sales_revenue", "aov@gross", "cac"
CLOSED = frozenset(relatives_of(LIMITED, CATALOG).closed)
OUTSIDE = {"U0GIL", "U0SOL", "U0GUS"}
"""A guest of several channels, one of one channel, somebody of another workspace."""
ROLES = ("alex", "wei", "mina", "gil", "sol", "gus")
"""A member, one whom kpi.yaml names, an admin in the group that it names, and those outside."""
PLACES = ("marketing", "board", "hosting", "shared", "huddle", "nowhere", "dm")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_on(tmp_path_factory.mktemp("matrix") / "kpi.duckdb", tables())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store("sqlite:///state.db", tmp_path)
    yield made
    made.close()


def with_state(plain: Engine, store: Store) -> Services:
    return replace(limited(plain, LIMITED), store=lambda: store, typed=TypedValues(lambda: NOW))


def people_it(slack: LocalSlack) -> None:
    """Members alone in two channels; with guests or strangers in a public, a shared, a group and an unseen one."""
    workspace = slack.workspace
    workspace.users["U0GIL"] = User("U0GIL", "gil", "Gil Gray", is_restricted=True)
    workspace.users["U0SOL"] = User("U0SOL", "sol", "Sol Song", is_ultra_restricted=True)
    workspace.users["U0GUS"] = User("U0GUS", "gus", "Gus Gale", team="T0OTHER")
    members = {"U0ALEX", "U0WEI", "U0MINA"}
    for name, kind, others in (
        ("hosting", "channel", {"U0GIL", "U0SOL", BOT_USER}),
        ("shared", "channel", {"U0GUS", BOT_USER}),
        ("huddle", "mpim", {"U0GUS", "U0GIL", BOT_USER}),
        ("nowhere", "group", {"U0GIL"}),
    ):
        channel = Channel(f"C0{name.upper()}", name, kind, members | others, shared=name == "shared")
        workspace.channels[channel.id] = channel


def is_inside(slack: LocalSlack, user: str, place: str) -> bool:
    conversation = slack.workspace.channel(place)
    return place == "dm" or (conversation is not None and f"U0{user.upper()}" in conversation.members)


def may_read(user: str, channel: str, kpi: str, admitted: frozenset[str] = frozenset()) -> bool:
    """The rule, said again: outsiders see what nobody is kept from, where they are let in; members by kpi.yaml."""
    if user in OUTSIDE:
        return channel in admitted and kpi not in CLOSED
    return kpi not in CLOSED or user in {"U0WEI", "U0MINA"} or channel == "C0BOARD"


@pytest.mark.long
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "shown to all"])
def test_every_audience_opens_what_all_of_it_may_see(plain: Engine, store: Store, opened: bool) -> None:
    """Every role in every place, every KPI of the catalogue: who is answered, and who reads along, may see it."""
    services = with_state(plain, store)
    admitted = frozenset({"C0HOSTING", "C0SHARED", "C0HUDDLE", "C0NOWHERE"}) if opened else frozenset()
    counted = {"answered": 0, "refused": 0}
    wrong: list[str] = []

    async def look() -> None:
        async with start_slack() as slack:
            people_it(slack)
            access = slack_access(slack.environment)
            client, audiences = slack_client(access.bot_token, access.api_url), Audiences(People("en"), services)
            own = frozenset({"T0KPIBOT"})
            for user, name in itertools.product(ROLES, PLACES):
                if not is_inside(slack, user, name):
                    continue
                channel = slack.acting._channel(user, name)
                place = Place(f"U0{user.upper()}", channel.id, direct=name == "dm", own=own)
                everybody = services.door(await audiences.readers(client, place))
                alone = services.door(await audiences.asker(client, place, ("S0FINANCE",)))
                for kpi in CATALOG.metrics:
                    readers = channel.members - {BOT_USER} if everybody.may_see(kpi) else set()
                    readers |= {place.user} if alone.may_see(kpi) else set()
                    counted["answered" if readers else "refused"] += 1
                    wrong.extend(
                        f"{reader} reads {kpi} in {name}"
                        for reader in readers
                        if not may_read(reader, channel.id, kpi, admitted)
                    )

    for channel in admitted:
        admit(store, channel, "U0ALEX", NOW)
    asyncio.run(look())
    assert wrong == []
    assert min(counted.values()) > 500
    long.ran("audiences and KPIs", sum(counted.values()), leaks=len(wrong))


@dataclass
class Ledger:
    """What was shown: how often with a number, and to whom it should not have been."""

    limited: list[float]
    opened: list[float]
    admitted: frozenset[str]
    holding: int = 0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, slack: LocalSlack) -> None:
        """Every message and every view, with all that it carries, and everybody who reads it."""
        for message in bot_messages(slack):
            self.one(whole(message), readers_of(slack, message), message.channel)
        workspace = slack.workspace
        for user, stack in workspace.opened.items():
            for view in stack:
                self.one(str(workspace.views[view]), {user}, "")
        for user, home in workspace.homes.items():
            self.one(str(home), {user}, "")
        for request in slack.requests:
            if request["method"] == "assistant.threads.setSuggestedPrompts":
                conversation = slack.workspace.channels[request["params"]["channel_id"]]
                self.one(str(request["params"]), conversation.members - {BOT_USER}, "")

    def one(self, text: str, readers: set[str], channel: str) -> None:
        held = 0
        for kpi, secrets in ((LIMITED, self.limited), (OPEN, self.opened)):
            if leaks(secrets, [text]):
                held += 1
                bad = [user for user in readers if not may_read(user, channel, kpi, self.admitted)]
                self.wrong += [f"{user} reads {kpi} in {channel}: {text[:70]}" for user in bad]
        self.holding += held > 0
        self.silent += held == 0


AT_ONCE = 60
"""Questions to one Slack; a run has an end."""
QUESTIONS = (f"{LIMITED} 2026-10", f"{RELATIVE} 2026-10 by channel", f"{OPEN} 2026-10", "goals", "list")


async def pointed_at(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    """The shortcut on somebody's message."""
    workspace, before = slack.workspace, len(bot_messages(slack))
    url = f"{slack.url}/response/{workspace.new_response_url(channel, f'U0{user.upper()}')}"
    payload = {
        "type": "message_action", "callback_id": SHORTCUT, "trigger_id": workspace.new_id("tr"), "response_url": url,
        "team": {"id": "T0KPIBOT", "domain": "local"}, "user": {"id": f"U0{user.upper()}", "team_id": "T0KPIBOT"},
        "channel": {"id": channel, "name": "x"}, "api_app_id": "A0KPIBOT",
        "message": {"type": "message", "user": "U0WEI", "ts": workspace.new_ts(), "text": words},
    }  # fmt: skip
    await slack.delivery.deliver("interactive", payload)
    await newest(slack, before)


async def shared(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    """An answer's menu, its form, and wherever it goes: each time to another place, whoever reads there."""
    targets = [f"C0{place.upper()}" for place in PLACES[:-1]]
    target = targets[len(slack.workspace.views) % len(targets)]
    workspace, person = slack.workspace, f"U0{user.upper()}"
    option = {"text": {"type": "plain_text", "text": "Share"}, "value": f"share {words}"}
    menu = {"type": "actions", "elements": [{"type": "overflow", "action_id": MORE, "options": [option]}]}
    card = workspace.add(Message(workspace.new_ts(), channel, BOT_USER, "A card", [menu]))
    before = len(workspace.opened.get(person) or [])
    await slack.acting.press(user, channel, card.ts, MORE, option["value"])
    form = await filled(slack, user, before)
    if "callback_id" in form:
        await sent(slack, user, form, channel=target)
        await filled(slack, user, before)


async def looked_at(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    """The agent's view beside a channel: what it offers, and a question asked there."""
    workspace, place = slack.workspace, slack.workspace.direct(f"U0{user.upper()}").id
    entity = {"type": "slack#/types/channel_id", "value": channel, "team_id": "T0KPIBOT"}
    looking = {"type": "app_context_changed", "user": f"U0{user.upper()}", "channel": place, "ts": workspace.new_ts()}
    whole_event = payloads.event(workspace, {**looking, "context": {"entities": [entity]}})
    await slack.delivery.deliver("events_api", whole_event)
    await mention(slack, user, place, words)


async def mentioned(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    # Where the bot is no member it hears nothing.
    if BOT_USER in slack.workspace.channels[channel].members:
        await mention(slack, user, channel, words)


async def pressed(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    card = button_in(slack, channel, ASK, words)
    await press(slack, user, channel, card.ts, ASK)


async def home(slack: LocalSlack, user: str, _channel: str, _words: str) -> None:
    slack.workspace.homes.pop(f"U0{user.upper()}", None)
    await slack.acting.open_home(user)
    await slack.until(lambda: slack.workspace.homes.get(f"U0{user.upper()}"))


def form(action: str) -> Asking:
    async def opened(slack: LocalSlack, user: str, channel: str, words: str) -> None:
        before = len(slack.workspace.opened.get(f"U0{user.upper()}") or [])
        card = button_in(slack, channel, action, words)
        await slack.acting.press(user, channel, card.ts, action)
        await filled(slack, user, before)

    return opened


async def went_on(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    """What one who may see it was told alone in a thread, another goes on from."""
    members = slack.workspace.channels[channel].members
    if {BOT_USER, "U0WEI"} <= members:
        root = slack.workspace.add(Message(slack.workspace.new_ts(), channel, "U0WEI", "thread"))
        await mention(slack, "wei", channel, words, root.ts)
        await mention(slack, user, channel, "and by channel?", root.ts)


async def commanded(slack: LocalSlack, user: str, channel: str, words: str) -> None:
    await reply(slack, user, channel, words)


Asking = Callable[[LocalSlack, str, str, str], Awaitable[None]]
FACES: dict[str, Asking] = {
    "command": commanded, "mention": mentioned, "button": pressed, "goal form": form(SET_GOAL),
    "alert form": form(ALERT_ME), "home": home, "shortcut": pointed_at, "share": shared, "agent": looked_at,
    "old question": went_on,
}  # fmt: skip
"""How somebody asks in a place; each is done when the bot has said what it says."""


@pytest.mark.long
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "shown to all"])
def test_whoever_reads_something_in_slack_may_see_it(plain: Engine, store: Store, opened: bool) -> None:
    """Through the real bolt: each role in each place asks by each face for a limited KPI, a relative, an open one."""
    services = with_state(plain, store)
    admitted = frozenset({"C0HOSTING", "C0SHARED", "C0HUDDLE", "C0NOWHERE"}) if opened else frozenset()
    for channel in admitted:
        admit(store, channel, "U0ALEX", NOW)
    (answer,) = plain.answers([MetricQuery(OPEN, OCTOBER)], NOW)
    assert answer.value is not None
    ledger = Ledger(secrets_of(plain, LIMITED), [answer.value], admitted)
    every = list(itertools.product(ROLES, PLACES, FACES, QUESTIONS))
    # A stride that shares no factor with any side of the matrix meets every pair of role and place, face and question.
    step = 1 if long.share() == 1 else 37
    tried = 0

    async def part_of_it(slack: LocalSlack, part: list[tuple[str, str, str, str]]) -> None:
        nonlocal tried
        people_it(slack)
        # Of one state: an event of another Slack with the same id would be one that was answered.
        slack.workspace._numbers = itertools.count(tried * 1_000)
        for user, place, face, words in part:
            if is_inside(slack, user, place):
                await FACES[face](slack, user, slack.acting._channel(user, place).id, words)
                tried += 1
        ledger.count(slack)

    asked = every[::step]
    for start in range(0, len(asked), AT_ONCE):
        run(lambda slack, start=start: part_of_it(slack, asked[start : start + AT_ONCE]), services)
    assert ledger.wrong == []
    assert ledger.holding > tried / 8
    assert ledger.silent > tried / 4
    long.ran("questions of the matrix", tried, leaks=len(ledger.wrong))


def test_the_matrix_would_see_a_leak(plain: Engine, store: Store) -> None:
    """A number posted where a stranger reads is counted as what it is."""
    ledger = Ledger(secrets_of(plain, LIMITED), [], frozenset())

    async def leak(slack: LocalSlack) -> None:
        people_it(slack)
        before = len(bot_messages(slack))
        answer = await reply(slack, "wei", "dm", f"{LIMITED} 2026-10")
        answer.channel = "C0SHARED"
        assert await newest(slack, before)
        ledger.count(slack)

    run(leak, with_state(plain, store))
    assert {line.split()[0] for line in ledger.wrong} == {"U0ALEX", "U0GUS"}


@pytest.mark.long
def test_no_assistant_tells_a_person_what_they_may_not_see(plain: Engine, store: Store) -> None:
    """Each tool asked in each person's name: of outsiders none is answered at all."""
    services, ledger = with_state(plain, store), Ledger(secrets_of(plain, LIMITED), [], frozenset())
    calls = [("ask", {"question": words}) for words in QUESTIONS] + [("goals", {}), ("list_kpis", {})]
    calls += [("why", {"question": words}) for words in QUESTIONS[:3]]
    calls += [("explain", {"kpi": kpi}) for kpi in (LIMITED, RELATIVE, OPEN)]

    async def call() -> None:
        async with start_slack() as slack:
            people_it(slack)
            members = Members(services, slack_access(slack.environment), frozenset({"T0KPIBOT"}))
            for user, (name, arguments) in itertools.product(ROLES, calls):
                person = f"U0{user.upper()}"
                try:
                    asker = await members.asker(person, "en")
                    told = written(await asyncio.to_thread(reply_of_tool, name, arguments, asker))
                    assert person not in OUTSIDE
                except KpiBotError as error:
                    told = f"{error.message} {error.hint}"
                ledger.one(told, {person}, "")

    asyncio.run(call())
    assert ledger.wrong == []
    assert ledger.holding > 3
    long.ran("calls of assistants in the matrix", ledger.holding + ledger.silent, leaks=len(ledger.wrong))


KPI_YAML = """
company: Odd Amounts
timezone: UTC
currency: USD
warehouse: duckdb:///kpi.duckdb
access: {sales_revenue: {channels: [C0BOARD], users: [U0WEI]}}
goals:
  - {kpi: sales_revenue, target: 100, by: 2026-12-31, per: month}
  - {kpi: cac, target: 1, by: 2026-12-31}
audiences: {manager: [sales_revenue, aov, cac, roas, ad_spend, new_customers]}
"""


@pytest.mark.long
def test_nothing_that_comes_by_itself_tells_a_channel_what_it_may_not_see(tmp_path: Path, plain: Engine) -> None:
    """Summaries of three audiences and alerts of every kind, in each channel: the limited one in the board's alone."""
    write_tables(tmp_path / "kpi.duckdb", tables())
    kinds = {"above": 1.0, "below": 1e12, "change": 0.001}
    channels, audiences = [f"C0{place.upper()}" for place in PLACES[:-1]], ("manager", "exec", "specialist")
    if long.share() is None:
        channels, audiences = ["C0BOARD", "C0MARKETING"], audiences[:1]
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    secrets, wrong, holding, tried = secrets_of(plain, LIMITED), [], 0, 0
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    for channel in channels:
        texts = []
        for audience in audiences:
            setting = Summary("monthly", channel, audience, "month 1 09:00")
            card = summary_card(composed(workspace, setting, now), "en")
            texts.append(f"{card.text}{card.blocks}")
        door = workspace.door(AudienceOf(channel))
        rules = [
            Alert("threshold" if kind != "change" else "change", channel, kpi, per="month", **{kind: limit})
            for kpi in (LIMITED, "aov", OPEN)
            for kind, limit in kinds.items()
        ]
        rules += [Alert("target_missed", channel, kpi) for kpi in (LIMITED, OPEN)]
        scope = scope_of(door, date(2026, 10, 1), now)
        for incident in incidents(rules_of(door, channel, rules), scope, door.vocabulary().splits_of):
            card = alert_card(incident, reader_of(door))
            texts.append(f"{card.text}{card.blocks}")
        tried += len(texts)
        held = [text for text in texts if leaks(secrets, [text])]
        holding += len(held)
        wrong += [f"{channel}: {text[:80]}" for text in held if channel != "C0BOARD"]
    workspace.close()
    assert wrong == []
    assert holding > 0
    assert tried > 4
    long.ran("summaries and alerts of the matrix", tried, leaks=len(wrong))


def test_the_board_is_a_limit_of_its_own(plain: Engine) -> None:
    """What the matrix takes for its rule is what kpi.yaml says."""
    assert (BOARD.channels, BOARD.groups, BOARD.users) == (("C0BOARD",), ("S0FINANCE",), ("U0WEI",))
    assert {LIMITED, "aov", RELATIVE} <= CLOSED
    assert OPEN not in CLOSED
