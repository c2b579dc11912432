"""A state that has lost its end: nothing is lost or doubled without a word."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.schedule import parse_every
from kpi_core.deliveries.delivery_states import Delivery, Outcome, Sent
from kpi_core.deliveries.incident_course import Event, Known, go_on, known_incidents, open_incident
from kpi_core.deliveries.incident_posts import tell_incidents
from kpi_core.deliveries.ledger import deliver
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import due_now, plan, plan_once
from kpi_core.errors import DataError
from kpi_core.settings.values import Attention
from kpi_core.state.lapses.lapse import lapse_told, untold_lapse
from kpi_core.state.store import Store, open_store
from kpi_core.state.transactions import Transaction

import long

ZONE = ZoneInfo("UTC")
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCHEDULES = {"weekly": parse_every("monday 09:00"), "daily": parse_every("day 09:01")}
ROUND = timedelta(seconds=40)
ENDS = NINE + timedelta(minutes=4)
FRAME = 24 + 4096
"""Bytes of a page in SQLite's log, behind a head of 32."""
Files = dict[str, bytes]


@dataclass
class Slack:
    """What stands in its channels, each with its key and its time; the clock is its own."""

    now: datetime = NINE - timedelta(minutes=2)
    posted: list[tuple[str, str, datetime]] = field(default_factory=list)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def send(self, delivery: Delivery) -> Outcome:
        assert isinstance(delivery.message, Posting)
        self.posted.append((delivery.message.text, delivery.key, self.now))
        return Sent(f"{len(self.posted)}.0")

    def lookup(self, delivery: Delivery) -> Outcome | None:
        places = [
            number
            for number, (_text, key, at) in enumerate(self.posted, 1)
            if key == delivery.key and at >= delivery.oldest
        ]
        return Sent(f"{places[0]}.0") if places else None


def live(store: Store, slack: Slack, until: datetime = ENDS) -> None:
    """Rounds of a bot with a first message, two schedules, and an alert from nine on that is over two minutes later."""
    while slack.now < until:
        for name, every in SCHEDULES.items():
            fire = due_now(store, name, every, slack.now, ZONE)
            if fire:
                plan(store, name, every, fire, [Posting("C1", f"{name} {fire.due:%d}")], now=slack.now, zone=ZONE)
        plan_once(store, "welcome", [Posting("U1", "hello")], slack.now, in_all=True)
        watch(store, slack.now)
        tell_incidents(store, Attention(), Calendar("UTC"), slack.now, lambda lines, _receipt: (" ".join(lines), []))
        deliver(store, slack.clock, slack.send, slack.lookup)
        slack.now += ROUND


def watch(store: Store, now: datetime) -> None:
    """What the data says of the alert, whatever the state remembers."""
    (entry,) = known_incidents(store, now) or (None,)
    if entry is None and now >= NINE:
        message = {"text": "alert", "blocks": [], "line": "alert", "rank": 1.0, "urgent": False}
        open_incident(store, Known("a1", "C1", "open", now, "", None, {}), message)
    elif entry is not None and entry.state == "open" and now >= NINE + timedelta(minutes=2):
        over = Event("a1", "resolved", now, message={"text": "over", "blocks": []})
        go_on(store, "a1", {}, "resolved", [over])


EXPECTED = Counter(["hello", "weekly 23", "daily 23", "alert", "over"])
URL = "sqlite:///state.db"


@dataclass(frozen=True)
class Moment:
    """What a machine has on its disk at a moment, and Slack by then."""

    files: Files
    now: datetime
    posted: tuple[tuple[str, str, datetime], ...]

    @property
    def frames(self) -> int:
        return (len(self.files["state.db-wal"]) - 32) // FRAME


class Watched(Store):
    """A state whose files are looked at after each of its commits."""

    moments: list[Moment]
    slack: Slack
    folder: Path

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        with super().writing() as transaction:
            yield transaction
        files = {path.name: path.read_bytes() for path in self.folder.iterdir() if not path.name.endswith("-shm")}
        self.moments.append(Moment(files, self.slack.now, tuple(self.slack.posted)))


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Moment]:
    """A life in which all that was to come has come, commit by commit; nobody has tidied the log up meanwhile."""
    folder = tmp_path_factory.mktemp("life")
    with closing(open_store(URL, folder)) as before:
        # The day before, so that the state remembers something; the weekly summary is new.
        yesterday = Slack(NINE - timedelta(days=1, minutes=-5))
        due_now(before, "daily", SCHEDULES["daily"], yesterday.now, ZONE)
    slack, opened = Slack(), open_store(URL, folder)
    watched = Watched(opened.engine, opened.mark)
    watched.moments, watched.slack, watched.folder = [], slack, folder
    live(watched, slack)
    opened.close()
    assert Counter(text for text, _key, _at in slack.posted) == EXPECTED
    return watched.moments


def restored(folder: Path, moment: Moment, kept: int | None) -> Store:
    """The state of a moment, opened again; of its log only the first `kept` bytes, None for all."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in moment.files.items():
        (folder / name).write_bytes(content[:kept] if name.endswith("-wal") else content)
    return open_store(URL, folder)


def outcome(folder: Path, moment: Moment, kept: int | None) -> tuple[Counter[str], bool]:
    """What stands in Slack at the end where a machine dies and is back half a minute later; whether that was told."""
    slack = Slack(moment.now + timedelta(seconds=30), list(moment.posted))
    with closing(restored(folder, moment, kept)) as store:
        with store.reading() as transaction:
            told = untold_lapse(transaction) is not None
        live(store, slack, slack.now + timedelta(seconds=1))
        with store.writing() as transaction:
            lapse_told(transaction)
        live(store, slack, max(ENDS, slack.now))
    return Counter(text for text, _key, _at in slack.posted), told


@pytest.mark.long
def test_a_log_that_was_cut_anywhere(moments: Sequence[Moment], tmp_path: Path) -> None:
    """Whatever of it is left: each message stands in Slack once, and the owner hears that something is missing."""
    step = long.step(9)
    for number, moment in enumerate(moments[::step]):
        for tenth in range(0, 10, step):
            kept = moment.frames * ((tenth + number) % 10) // 10
            # In the midst of a page, too.
            bytes_kept = 32 + kept * FRAME + 1000 * (number % 3) if kept else 0
            assert outcome(tmp_path / "cut", moment, bytes_kept) == (EXPECTED, True), (number, kept, moment.frames)
            long.ran("logs of the state that were cut", lost=0, doubled=0, untold=0)


def test_a_machine_that_loses_nothing_is_not_accused(moments: Sequence[Moment], tmp_path: Path) -> None:
    """Killed after a commit, with all of its log: it goes on as before."""
    for moment in moments[3::20]:
        assert outcome(tmp_path / "whole", moment, None) == (EXPECTED, False)


def test_a_log_that_is_older_than_its_file(moments: Sequence[Moment], tmp_path: Path) -> None:
    """What SQLite has moved into the file lies under the beginning of its log: refused or told, never believed."""
    moved, mixed = tmp_path / "moved", tmp_path / "mixed"
    for number, moment in enumerate(moments[6::12]):
        with closing(restored(moved, moment, None)), closing(sqlite3.connect(moved / "state.db")) as own:
            own.execute("PRAGMA wal_checkpoint(PASSIVE)")
            whole = moment.files | {"state.db": (moved / "state.db").read_bytes()}
        frames = (2 + number % 3) * moment.frames // 5
        log = moment.files["state.db-wal"]
        # Of a frame's head the second word is other than 0 where a transaction ends.
        ends = [log[32 + frame * FRAME + 4 : 32 + frame * FRAME + 8] != bytes(4) for frame in range(frames)]
        assert is_doubted(mixed, Moment(whole, moment.now, moment.posted), 32 + frames * FRAME) is any(ends)


def is_doubted(folder: Path, moment: Moment, kept: int) -> bool:
    """Whether a state is refused as damaged, or told to lack something."""
    try:
        store = restored(folder, moment, kept)
    except DataError as error:
        return error.code == "state_damaged"
    with closing(store), store.reading() as transaction:
        return untold_lapse(transaction) is not None


def test_an_older_copy_in_its_place(moments: Sequence[Moment], tmp_path: Path) -> None:
    """A backup that was put back: nothing comes twice, and the owner hears since when what people did is gone."""
    early, late = moments[4], moments[-1]
    files = early.files | {"state.db-mark": late.files["state.db-mark"]}
    for days in (0, 3):
        back = Moment(files, late.now + timedelta(days=days), late.posted)
        with closing(restored(tmp_path / "back", back, None)) as store, store.reading() as transaction:
            lapse = untold_lapse(transaction)
            assert lapse is not None
            assert lapse.since is not None
            assert lapse.since <= early.now
        texts, told = outcome(tmp_path / "back", back, None)
        assert told
        assert texts - Counter({f"daily {23 + days}": 1}) == EXPECTED - Counter({f"daily {23 + days}": 1})
        assert max(texts.values()) == 1


def test_another_state_in_its_place(moments: Sequence[Moment], tmp_path: Path) -> None:
    """A new file where an old one was is told once; nobody knows since when, so it begins now."""
    mark = moments[-1].files["state.db-mark"]
    (tmp_path / "state.db-mark").write_bytes(mark)
    for first in (True, False):
        with closing(open_store(URL, tmp_path)) as store:
            with store.reading() as transaction:
                lapse = untold_lapse(transaction)
            assert (lapse is not None) is first
            assert lapse is None or lapse.since is None
            assert due_now(store, "weekly", SCHEDULES["weekly"], NINE, ZONE) is None
            with store.writing() as transaction:
                lapse_told(transaction)


def test_processes_beside_each_other_are_not_accused(tmp_path: Path) -> None:
    """Several write one state in turns and at once; a mark that nobody can read or write accuses nobody either."""

    def write(_number: int) -> None:
        with closing(open_store(URL, tmp_path)) as own:
            for _ in range(5):
                with own.writing():
                    pass

    open_store(URL, tmp_path).close()
    with ThreadPoolExecutor(4) as processes:
        list(processes.map(write, range(4)))
    mark = tmp_path / "state.db-mark"
    for content in (None, b"", b"\x00" * 40, b"abc -1x\n"):
        if content is not None:
            mark.write_bytes(content)
        with closing(open_store(URL, tmp_path)) as store:
            with store.reading() as transaction:
                assert untold_lapse(transaction) is None
            with store.writing():
                pass
        assert int(mark.read_text().split()[1]) > 20
