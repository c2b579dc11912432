"""Role x place x face x metric: whoever reads something in Slack may see it. Counted, and nothing leaks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from companies.odd_amounts import NOW, OCTOBER, tables
from form_side import button_in, filled
from limits_side import BOARD, leaks, limited, mention, newest, press, readers_of, reply, secrets_of, whole
from slack_side import bot_messages, run

from bot.cards.answer import ASK
from bot.cards.onward.buttons import ALERT_ME, SET_GOAL
from bot.running.typed_values import TypedValues
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, User
from bot.slack.app import slack_access
from bot.slack.listeners.people import People
from bot.slack.listeners.readers import Audiences, Place
from bot.slack.listeners.services import Services
from bot.slack.posting import slack_client
from kpi_core.access.relatives import relatives_of
from kpi_core.answering.engine import Engine
from kpi_core.query import MetricQuery
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.admissions import admit

import long
from tables import CATALOG, engine_on

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
            self._one(whole(message), readers_of(slack, message), message.channel)
        workspace = slack.workspace
        for user, stack in workspace.opened.items():
            for view in stack:
                self._one(str(workspace.views[view]), {user}, "")
        for user, home in workspace.homes.items():
            self._one(str(home), {user}, "")

    def _one(self, text: str, readers: set[str], channel: str) -> None:
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
FACES = ("command", "mention", "button", "goal form", "alert form", "home")
QUESTIONS = (f"{LIMITED} 2026-10", f"{RELATIVE} 2026-10 by channel", f"{OPEN} 2026-10", "goals", "list")


async def ask(slack: LocalSlack, user: str, place: str, face: str, words: str) -> None:
    """Somebody asks, by whichever face; done when the bot has said what it says."""
    channel = slack.acting._channel(user, place).id
    match face:
        case "command":
            await reply(slack, user, place, words)
        case "mention":
            # Where the bot is no member it hears nothing.
            if BOT_USER in slack.workspace.channels[channel].members:
                await mention(slack, user, place, words)
        case "button":
            card = button_in(slack, channel, ASK, words)
            await press(slack, user, place, card.ts, ASK)
        case "home":
            slack.workspace.homes.pop(f"U0{user.upper()}", None)
            await slack.acting.open_home(user)
            await slack.until(lambda: slack.workspace.homes.get(f"U0{user.upper()}"))
        case _:
            action = SET_GOAL if face == "goal form" else ALERT_ME
            before = len(slack.workspace.opened.get(f"U0{user.upper()}") or [])
            card = button_in(slack, channel, action, words)
            await slack.acting.press(user, place, card.ts, action)
            await filled(slack, user, before)


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
    step = 1 if long.share() == 1 else 23
    tried = 0

    async def part_of_it(slack: LocalSlack, part: list[tuple[str, str, str, str]]) -> None:
        nonlocal tried
        people_it(slack)
        for user, place, face, words in part:
            if is_inside(slack, user, place):
                await ask(slack, user, place, face, words)
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


def test_the_board_is_a_limit_of_its_own(plain: Engine) -> None:
    """What the matrix takes for its rule is what kpi.yaml says."""
    assert (BOARD.channels, BOARD.groups, BOARD.users) == (("C0BOARD",), ("S0FINANCE",), ("U0WEI",))
    assert {LIMITED, "aov", RELATIVE} <= CLOSED
    assert OPEN not in CLOSED
