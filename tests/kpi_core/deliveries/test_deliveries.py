"""Posts reach their channel effectively once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from state_side import States

from kpi_core.dates.periods import Period
from kpi_core.dates.schedule import Fire, parse_every
from kpi_core.deliveries.delivery_states import (
    LEASE,
    Delivery,
    NotNow,
    Outcome,
    Refused,
    Sent,
    Unknown,
    Waiting,
    delivery_key,
)
from kpi_core.deliveries.ledger import claim, deliver, settle, unsettled
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import due_now, plan, plan_once, upcoming
from kpi_core.deliveries.posted import posts_since
from kpi_core.deliveries.posted_number import PostedNumber
from kpi_core.errors import ServiceError
from kpi_core.query import Comparison, Filter, MetricQuery
from kpi_core.state.schema import deliveries, posted_numbers, schedules
from kpi_core.state.store import Store, open_store
from kpi_core.state.transactions import Transaction

import long

HERE = Path()
NUMBERS = itertools.count(1)
SEOUL = ZoneInfo("Asia/Seoul")
DUE = datetime(2026, 11, 23, 9, 0, tzinfo=SEOUL)
EVERY = parse_every("monday 09:00")
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23), "week")
QUERY = MetricQuery(
    "cac",
    WEEK,
    (Comparison("previous_period"), Comparison("period", Period(date(2026, 3, 1), date(2026, 4, 1), "month"))),
    ("channel",),
    (Filter("channel", ("검색", None)), Filter("device", ("mobile",), excludes=True)),
    top=5,
    grain="week",
    question="cac last-week",
    trended=False,
)
NUMBER = PostedNumber(QUERY, 41270.123456789, "v1")
MESSAGES = (Posting("C1", "₩41,300", numbers=(NUMBER,)), Posting("C2", "two"))


@pytest.fixture
def url(states: States) -> str:
    return states.new()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, HERE)
    yield opened
    opened.close()


class Killed(BaseException):
    """The process ends here."""


@dataclass
class World:
    """A clock, a Slack that keeps what it was sent, and the moment at which the process dies."""

    now: datetime = DUE + timedelta(seconds=5)
    faults: list[str] = field(default_factory=list)
    dies_at: int = -1
    boundaries: int = 0
    posted: list[tuple[str, str, datetime]] = field(default_factory=list)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def boundary(self) -> None:
        self.boundaries += 1
        if self.boundaries == self.dies_at:
            raise Killed

    def send(self, delivery: Delivery) -> Outcome:
        self.boundary()
        fault = self.faults.pop() if self.faults else "fine"
        if fault == "not_now":
            return NotNow(30)
        if fault == "before":
            return Unknown("internal_error")
        late = timedelta(seconds=40 if fault == "slow" else 0)
        self.posted.append((delivery.message.channel, delivery.key, self.now + late))
        self.boundary()
        if fault == "raises":
            raise ServiceError("The connection was lost.", code="lost")
        return Sent(f"{len(self.posted)}.0") if fault == "fine" else Unknown("timeout")

    def lookup(self, delivery: Delivery) -> Outcome | None:
        channel, key, oldest = delivery.message.channel, delivery.key, delivery.oldest
        self.boundary()
        if self.faults and self.faults[-1] == "unseen":
            raise ServiceError(f"{self.faults.pop()} history", code="down")
        for number, (there, own, at) in enumerate(self.posted, 1):
            if (there, own) == (channel, key) and oldest <= at <= self.now:
                return Sent(f"{number}.0")
        return None


class DyingStore(Store):
    """A store in a process that dies before or after a commit."""

    world: World

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        with super().writing() as transaction:
            self.world.boundary()
            yield transaction
        self.world.boundary()


def restarted(store: Store, world: World) -> DyingStore:
    dying = DyingStore(store.engine)
    dying.world = world
    return dying


def run(store: Store, world: World, name: str = "weekly") -> None:
    """The bot's life from the moment before the fire until nothing is left to do; it is restarted when it dies."""
    assert due_now(store, name, EVERY, DUE - timedelta(days=1), SEOUL) is None
    for _ in range(60):
        dying = restarted(store, world)
        with suppress(Killed):
            fire = due_now(dying, name, EVERY, world.clock(), SEOUL)
            if fire:
                plan(dying, name, EVERY, fire, MESSAGES, now=world.clock(), zone=SEOUL)
            deliver(dying, world.clock, world.send, world.lookup)
            if not unsettled(dying) and not fire:
                return
        world.now += timedelta(seconds=31)
    raise AssertionError("something was left behind")


def assert_once(store: Store, world: World, name: str = "weekly") -> None:
    installation = store.installation_key()
    channels = [message.channel for message in MESSAGES]
    keys = [(channel, delivery_key(installation, name, DUE, channel)) for channel in channels]
    assert Counter((channel, key) for channel, key, _ in world.posted) == Counter(keys)


def test_a_plain_delivery(store: Store) -> None:
    """What is due is posted to each channel once, its numbers are kept, and the schedule moves on."""
    world = World()
    run(store, world)
    assert_once(store, world)
    posts = posts_since(store, DUE)
    assert [(post.channel, post.numbers) for post in posts] == [("C1", (NUMBER,))]
    assert world.posted[int(float(posts[0].ts)) - 1][0] == "C1"
    assert upcoming(store) == {"weekly": DUE + timedelta(days=7)}


FAULTS = ("not_now", "before", "after", "raises", "slow", "unseen")


@pytest.mark.long
@pytest.mark.parametrize("fault", ["fine", *FAULTS])
def test_dying_at_every_boundary(fault: str, store: Store) -> None:
    """Killed before or after any commit, send or look-up, with any fault of Slack: nothing lost, nothing doubled.

    The short form kills at every third boundary, with another fault at the next ones.
    """
    step = long.step(3)
    for dies_at in range(1 + ["fine", *FAULTS].index(fault) % step, 40 + step, step):
        name, world = f"weekly {dies_at}", World(faults=[fault, fault], dies_at=dies_at)
        run(store, world, name)
        assert_once(store, world, name)
        long.ran("kills at a boundary of a delivery")
        if world.boundaries < dies_at:
            return
    raise AssertionError("the boundaries did not end")


@long.examples("series of faults and kills", 8, 2_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(("fine", *FAULTS)), max_size=12), st.integers(-1, 40))
@example(["slow", "unseen", "slow", "not_now"], 11)
def test_any_series_of_faults(store: Store, faults: list[str], dies_at: int) -> None:
    """Any series of faults and a kill anywhere: nothing lost, nothing doubled."""
    name, world = f"weekly {next(NUMBERS)}", World(faults=list(faults), dies_at=dies_at)
    run(store, world, name)
    assert_once(store, world, name)


def planned(store: Store, now: datetime = DUE) -> None:
    assert due_now(store, "weekly", EVERY, now - timedelta(days=1), SEOUL) is None
    assert plan(store, "weekly", EVERY, Fire(DUE), MESSAGES[:1], now=now, zone=SEOUL) == 1


def test_a_pause_longer_than_the_lease(store: Store) -> None:
    """Whoever sleeps through its lease before sending does not send; the next one does."""
    planned(store)
    world = World(now=DUE)
    moments = iter([DUE, DUE + timedelta(seconds=1), DUE + timedelta(seconds=51), DUE + timedelta(seconds=52)])
    (after,) = deliver(store, lambda: next(moments, DUE + timedelta(seconds=53)), world.send, world.lookup)
    assert (after.state, world.posted) == ("pending", [])
    world.now = DUE + timedelta(seconds=70)
    assert [delivery.state for delivery in deliver(store, world.clock, world.send, world.lookup)] == ["sent"]
    assert len(world.posted) == 1


def test_a_late_word_does_not_undo(store: Store) -> None:
    """A process whose lease ran out cannot overwrite what the next one found; its own success still counts."""
    planned(store)
    slow = claim(store, DUE)
    later = DUE + LEASE
    quick = claim(store, later)
    assert slow is not None
    assert quick is not None
    assert claim(store, later) is None
    assert quick.state == "sending"
    assert settle(store, slow, Unknown("timeout"), later).state == "sending"
    assert settle(store, slow, Sent("1.0"), later).ts == "1.0"
    assert settle(store, quick, Sent("2.0"), later).ts == "1.0"


def test_not_now_waits(store: Store) -> None:
    """After "not now" the next try comes when Slack said, without a look-up."""
    planned(store)
    outcomes: list[Outcome] = [NotNow(30), Sent("7.0")]

    def no_lookup(*_: object) -> None:
        raise AssertionError("nothing to look up")

    now = DUE
    for wait, states in ((0, ["pending"]), (29, []), (31, ["sent"])):
        now = DUE + timedelta(seconds=wait)
        done = deliver(store, lambda: now, lambda _: outcomes.pop(0), no_lookup)  # noqa: B023 - called at once
        assert [delivery.state for delivery in done] == states


def test_a_refusal_is_told_and_not_repeated(store: Store) -> None:
    """What Slack refuses for good stays, with its reason, until someone acts."""
    planned(store)
    world = World(now=DUE)
    (refused,) = deliver(store, world.clock, lambda _: Refused("not_in_channel"), world.lookup)
    assert (refused.state, refused.error) == ("refused", "not_in_channel")
    assert deliver(store, world.clock, world.send, world.lookup) == ()
    assert [delivery.error for delivery in unsettled(store)] == ["not_in_channel"]


def test_a_failing_lookup_never_guesses(store: Store) -> None:
    """While it cannot be looked up, what may have arrived is not sent again, and the reason is kept."""
    planned(store)
    world = World(now=DUE, faults=["unseen", "unseen", "after"])
    for _ in range(3):
        deliver(store, world.clock, world.send, world.lookup)
        world.now += timedelta(minutes=6)
    (waiting,) = unsettled(store)
    assert (waiting.state, waiting.error, len(world.posted)) == ("uncertain", "unseen history", 1)
    deliver(store, world.clock, world.send, world.lookup)
    assert (unsettled(store), len(world.posted)) == ((), 1)


def test_state_restored_from_a_backup(store: Store) -> None:
    """A state database from before the post finds the post instead of repeating it."""
    world = World()
    run(store, world)
    with store.writing() as transaction:
        transaction.run(delete(deliveries))
        transaction.run(delete(posted_numbers))
        transaction.run(update(schedules).values(last_fire=DUE - timedelta(days=1), next_fire=DUE))
    world.now += timedelta(hours=2)
    fire = due_now(store, "weekly", EVERY, world.now, SEOUL)
    assert fire is not None
    assert plan(store, "weekly", EVERY, fire, MESSAGES, now=world.now, zone=SEOUL) == 2
    deliver(store, world.clock, world.send, world.lookup)
    assert_once(store, world)


def test_planning_twice_adds_nothing(store: Store) -> None:
    """Two processes that find the same schedule due plan it once."""
    planned(store)
    assert plan(store, "weekly", EVERY, Fire(DUE), MESSAGES, now=DUE, zone=SEOUL) == 0
    assert due_now(store, "weekly", EVERY, DUE, SEOUL) is None
    assert len(unsettled(store)) == 1


def test_a_changed_schedule_starts_anew(store: Store) -> None:
    """A schedule whose times were changed owes nothing for the past."""
    planned(store)
    later = DUE + timedelta(days=30)
    assert due_now(store, "weekly", parse_every("day 07:00"), later, SEOUL) is None
    assert upcoming(store) == {"weekly": datetime(2026, 12, 24, 7, 0, tzinfo=SEOUL)}


def test_a_catch_up_posts_once(store: Store) -> None:
    """After weeks of downtime one post is due, and it knows since when."""
    planned(store)
    fire = due_now(store, "weekly", EVERY, DUE + timedelta(days=24), SEOUL)
    assert fire == Fire(DUE + timedelta(days=21), 2, DUE + timedelta(days=7))
    assert fire is not None
    plan(store, "weekly", EVERY, fire, MESSAGES, now=DUE + timedelta(days=24), zone=SEOUL)
    assert due_now(store, "weekly", EVERY, DUE + timedelta(days=24), SEOUL) is None


def test_by_hand(store: Store) -> None:
    """What is asked for by hand is posted each time it is asked for."""
    world = World(now=DUE)
    for minute in (0, 1):
        assert plan_once(store, "weekly", MESSAGES, DUE + timedelta(minutes=minute)) == 2
        world.now = DUE + timedelta(minutes=minute)
        deliver(store, world.clock, world.send, world.lookup)
    assert len(world.posted) == 4


def test_keys_tell_nothing() -> None:
    """A key is the same for the same post, another for any other, and names neither schedule nor channel."""
    installation = bytes(32)
    key = delivery_key(installation, "weekly", DUE, "C1")
    assert key == delivery_key(installation, "weekly", DUE.astimezone(UTC), "C1")
    others = {
        delivery_key(b"another" * 5, "weekly", DUE, "C1"),
        delivery_key(installation, "monthly", DUE, "C1"),
        delivery_key(installation, "weekly", DUE + timedelta(minutes=1), "C1"),
        delivery_key(installation, "weekly", DUE, "C2"),
    }
    assert len(others | {key}) == 5
    assert all(len(each) == 32 and set(each) <= set("0123456789abcdef") for each in others | {key})


def test_a_try_posts_identical_text(store: Store) -> None:
    """Every try of a delivery carries the text fixed when it was planned."""
    planned(store)
    seen: list[Delivery] = []
    world = World(now=DUE, faults=["before", "before"])

    def send(delivery: Delivery) -> Outcome:
        seen.append(delivery)
        return world.send(delivery)

    for _ in range(3):
        deliver(store, world.clock, send, world.lookup)
        world.now += timedelta(minutes=2)
    assert [delivery.message for delivery in seen] == [MESSAGES[0]] * 3
    assert {replace(delivery, attempts=0).key for delivery in seen} == {seen[0].key}


DAILY = parse_every("day 09:00")


def a_day(store: Store, world: World, day: int, *, up: bool = True) -> Fire | None:
    """One morning of a daily summary: planned when it is due, and sent where Slack is up."""
    world.now = DUE + timedelta(days=day, seconds=5)
    fire = due_now(store, "daily", DAILY, world.clock(), SEOUL)
    if fire is not None:
        message = Posting("C1", f"day {day}, since {fire.since}", series="summary:daily")
        plan(store, "daily", DAILY, fire, [message], now=world.clock(), zone=SEOUL)
    if up:
        deliver(store, world.clock, world.send, world.lookup)
    return fire


@pytest.mark.long
def test_a_backlog_is_one_post(store: Store) -> None:
    """After 20 days without Slack the newest summary comes alone, and says since when it stands for others."""
    world, away, day = World(), long.times(1, 20), 0
    due_now(store, "daily", DAILY, DUE - timedelta(hours=1), SEOUL)
    for time in range(1, away + 1):
        first = DUE + timedelta(days=day)
        fires = [a_day(store, world, day + each, up=each == 20) for each in range(21)]
        assert [fire.since for fire in fires if fire][1:] == [first] * 20
        assert not unsettled(store)
        day += 21
        a_day(store, world, day)
        day += 1
        assert len(world.posted) == 2 * time
    long.ran("backlogs of 20 days, one post each", away)


def test_a_newer_post_stands_for_older_ones_of_its_channel_alone(store: Store) -> None:
    """A summary that has moved to another channel does not hold back what the first one is still due."""
    world = World()
    for day, channel in enumerate(("C1", "C2", "C2")):
        message = Posting(channel, f"day {day}", series="summary:daily")
        due = DUE + timedelta(days=day)
        plan(store, "daily", DAILY, Fire(due), [message], now=due + timedelta(seconds=5), zone=SEOUL)
    world.now = DUE + timedelta(days=2, minutes=1)
    done = deliver(store, world.clock, world.send, world.lookup)
    assert [(each.message.text, each.state) for each in done if isinstance(each.message, Posting)] == [
        ("day 0", "sent"),
        ("day 1", "folded"),
        ("day 2", "sent"),
    ]


def test_a_backlog_with_one_of_unknown_fate(store: Store) -> None:
    """What may have come is looked up before it is given up: it is there, or the newest stands for it."""
    for fault, count in (("after", 2), ("before", 1)):
        world = World(faults=[fault])
        name = f"daily {fault}"
        for day in (0, 1):
            due = DUE + timedelta(days=day)
            world.now = due + timedelta(seconds=5)
            plan(store, name, DAILY, Fire(due), [Posting("C1", fault, series=name)], now=world.clock(), zone=SEOUL)
            if day == 0:
                deliver(store, world.clock, world.send, world.lookup)
        world.now += timedelta(minutes=10)
        deliver(store, world.clock, world.send, world.lookup)
        assert len(world.posted) == count
        assert not unsettled(store)


def test_what_waits_for_a_person_goes_on_by_itself(store: Store) -> None:
    """Refused until somebody mends it, however long that takes; then it comes, once."""
    world = World()
    plan_once(store, "weekly", MESSAGES[:1], DUE)
    for _ in range(50):
        (waiting,) = deliver(store, world.clock, lambda _delivery: Waiting("Not in C1."), world.lookup)
        assert (waiting.state, waiting.error) == ("waiting", "Not in C1.")
        assert deliver(store, world.clock, world.send, world.lookup) == ()
        world.now += timedelta(minutes=6)
    (sent,) = deliver(store, world.clock, world.send, world.lookup)
    assert sent.state == "sent"
    assert len(world.posted) == 1


def test_a_look_up_that_waits_for_a_person_guesses_nothing(store: Store) -> None:
    """A post of unknown fate whose channel cannot be read stays unknown until somebody has mended that."""
    world = World(faults=["after"])
    plan_once(store, "weekly", MESSAGES[:1], DUE)
    deliver(store, world.clock, world.send, world.lookup)
    world.now += timedelta(minutes=2)
    (waiting,) = deliver(store, world.clock, world.send, lambda _delivery: Waiting("May not read C1."))
    assert waiting.state == "waiting"
    world.now += timedelta(minutes=6)
    (sent,) = deliver(store, world.clock, world.send, world.lookup)
    assert (sent.state, sent.ts, len(world.posted)) == ("sent", "1.0", 1)


def mornings(store: Store, wrong: timedelta) -> Counter[str]:
    """Which days' summaries come in a week on whose second and third day the machine's clock is wrong."""
    due_now(store, "daily", DAILY, DUE - timedelta(days=1), SEOUL)
    posted: Counter[str] = Counter()
    rounds = [DUE - timedelta(hours=5) + quarter * timedelta(minutes=15) for quarter in range(7 * 96)]
    # Every third hour, and every quarter of one while a clock that is wrong by hours may take the time for the
    # summary's.
    for true in (each for each in rounds if 6 <= each.hour < 12 or (each.minute == 0 and each.hour % 3 == 0)):
        own = true + wrong if rounds[96] <= true < rounds[3 * 96] else true
        fire = due_now(store, "daily", DAILY, own, SEOUL)
        if fire is not None:
            message = Posting("C1", str(fire.due.astimezone(SEOUL).date()), series="summary:daily")
            plan(store, "daily", DAILY, fire, [message], now=own, zone=SEOUL)
        done = deliver(store, partial(lambda now: now, true), lambda _delivery: Sent("1.0"), lambda _delivery: None)
        texts = [each.message.text for each in done if each.state == "sent" and isinstance(each.message, Posting)]
        posted.update(texts)
    assert not unsettled(store)
    return posted


@pytest.mark.long
@pytest.mark.parametrize("wrong", [timedelta(minutes=10), timedelta(hours=2)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_wrong_by_hours_costs_nothing(store: Store, wrong: timedelta, sign: int) -> None:
    """Each morning has its summary, and none comes twice."""
    long.ran("weeks with a clock that is wrong for two days", lost=0, doubled=0)
    assert mornings(store, sign * wrong) == Counter(str((DUE + timedelta(days=day)).date()) for day in range(7))


@pytest.mark.long
@pytest.mark.parametrize("wrong", [timedelta(days=3), timedelta(days=365)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_wrong_by_days_heals(store: Store, wrong: timedelta, sign: int) -> None:
    """Once it is right again each morning has its summary, whatever went out under a date to come."""
    long.ran("weeks with a clock that is wrong for two days", silent=0)
    assert mornings(store, sign * wrong) >= Counter(str((DUE + timedelta(days=day)).date()) for day in (0, 4, 5, 6))


@pytest.mark.parametrize("off", [timedelta(minutes=10), timedelta(days=365), -timedelta(days=365)])
def test_what_a_wrong_clock_planned_is_sought_by_slacks(store: Store, off: timedelta) -> None:
    """Planned by a clock that is wrong, sent without an answer: it is found where Slack's clock has it."""
    world = World(faults=["after"], now=DUE + timedelta(seconds=5))
    plan_once(store, "weekly", MESSAGES[:1], DUE + off)
    deliver(store, world.clock, world.send, world.lookup)
    world.now += timedelta(minutes=2)
    (sent,) = deliver(store, world.clock, world.send, world.lookup)
    assert (sent.state, len(world.posted)) == ("sent", 1)


def test_a_lease_written_by_a_wrong_clock_holds_nothing_up(store: Store) -> None:
    """A process that claimed a post by a clock a year ahead, and died, is not waited for."""
    world = World()
    plan_once(store, "weekly", MESSAGES[:1], DUE)
    assert claim(store, DUE + timedelta(days=365)) is not None
    (sent,) = deliver(store, world.clock, world.send, world.lookup)
    assert sent.state == "sent"
