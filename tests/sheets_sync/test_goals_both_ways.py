"""Goals changed at random in the Sheet and elsewhere: both agree after a sync, and no change is lost in silence."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from sheet_side import CATALOG, VOCABULARY, material

from kpi_core.errors import KpiBotError
from kpi_core.settings.goal_history import Occasion
from kpi_core.settings.values import Goal
from kpi_core.state.goals import SheetGoals, changes_of_goals, goals_of, move_goal, set_goal, typed_goals
from kpi_core.state.store import Store, open_store
from sheets_sync.tabs.cells import EnteredValue, Keep, entered
from sheets_sync.tabs.goals.goal_rows import HEADER, GoalsRead, TypedRow, Words, read_goals
from sheets_sync.tabs.goals.goals_tab import goals_tab
from sheets_sync.tabs.goals.settling import with_goals_moved, with_goals_set, with_history, with_seeds
from sheets_sync.tabs.tab import Tab

import long

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = date(2026, 12, 31)
KPIS = ("cac", "sales_revenue", "leads")
BOOKS = ("one", "two")


@dataclass
class Book:
    """The goals' tab of a spreadsheet: people's cells by key, and what the hidden column says."""

    name: str
    rows: list[TypedRow] = field(default_factory=list)
    placed: frozenset[str] = frozenset()

    def written(self, tab: Tab, placed: frozenset[str]) -> None:
        """What the tab's cells become: what people typed stays, the bot's own are new."""
        lines = []
        before = {row.row: row.cells for row in self.rows}
        for at, key in enumerate(tab.keys):
            cells = dict(before.get(tab.places.get(key, -1), {}))
            for column, cell in zip(tab.columns, tab.rows[HEADER + 1 + at], strict=True):
                if not isinstance(cell, Keep):
                    cells[column.key] = entered(cell)
            lines.append(TypedRow(HEADER + 1 + at, key, cells, tab.fingerprints[key]))
        self.rows, self.placed = lines, placed

    def type(self, number: int, column: str, value: EnteredValue) -> None:
        at = number % len(self.rows)
        self.rows[at] = replace(self.rows[at], cells={**self.rows[at].cells, column: value})


def sync(book: Book, store: Store, configured: list[Goal], now: datetime) -> GoalsRead:
    """A sync without the wire: read, settle, lay out, and remember."""
    memory = SheetGoals(store)
    last, coming = memory.last(book.name), memory.coming(book.name)
    typed = read_goals(book.rows, Words(CATALOG, VOCABULARY, "en_US", now.date(), last))
    typed, settled = with_goals_moved(typed, coming.moved)
    typed, rowless = with_goals_set(typed, [goal for goal in coming.goals if goal.key not in settled], last)
    book.placed |= {move.base.key for move in coming.moved}
    named = {goal.key for goal in rowless}
    seeds_of = [*rowless, *(goal for goal in configured if goal.key not in named)]
    read, seeds = with_seeds(typed, seeds_of, book.placed - named)
    goals = (*read.goals, *(seed.goal for seed in seeds if seed.goal))
    occasion = Occasion(now, "", book.name)
    before = {goal.key: goal for goal in (*last, *coming.goals)}
    read = with_history(read, tuple(before.values()), goals, memory.changes(), occasion)
    tab = goals_tab(material("en", goals), read, seeds)
    memory.take_in(goals, coming, occasion)
    book.written(tab, read.placed)
    return read


ACTS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(KPIS), st.integers(1, 9), st.sampled_from(["", "mina", "jun"])),
    st.tuples(st.just("move"), st.sampled_from(KPIS), st.integers(1, 3), st.integers(1, 9)),
    st.tuples(st.just("type"), st.sampled_from(BOOKS), st.integers(0, 5), st.integers(1, 9)),
    st.tuples(st.just("owner"), st.sampled_from(BOOKS), st.integers(0, 5), st.sampled_from(["", "mina", "lee"])),
    st.tuples(st.just("spoil"), st.sampled_from(BOOKS), st.integers(0, 5), st.sampled_from(["target", "by", "kpi"])),
    st.tuples(st.just("delete"), st.sampled_from(BOOKS), st.integers(0, 5), st.none()),
    st.tuples(st.just("sync"), st.sampled_from(BOOKS), st.just(0), st.none()),
)


@contextmanager
def a_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store("sqlite:///state.db", Path(folder))
        yield store
        store.close()


def number(value: float) -> EnteredValue:
    return {"numberValue": float(value)}


Act = tuple[str, str, int, object]


def do(act: Act, books: dict[str, Book], store: Store, now: datetime) -> None:
    """One thing that people do; in a tab without rows there is nothing to type into."""
    kind, where, at, what = act
    if kind == "set":
        base = next((goal for goal in typed_goals(store) if goal.kpi == where), Goal(where, 0.0, END))
        set_goal(store, replace(base, target=float(at), owner=str(what)), Occasion(now, "terminal", "terminal"))
        return
    if kind == "move":
        moved = next((goal for goal in typed_goals(store) if goal.kpi == where), None)
        if moved is not None:
            goal = replace(moved, by=END + timedelta(days=at), where={"channel": str(what)}, target=float(str(what)))
            with suppress(KpiBotError):
                move_goal(store, moved, goal, Occasion(now, "U1", "slack"))
        return
    book = books[where]
    if kind == "sync":
        sync(book, store, [], now)
    elif book.rows:
        if kind == "delete":
            del book.rows[at % len(book.rows)]
        elif kind == "type":
            book.type(at, "target", number(float(str(what))))
        elif kind == "owner":
            book.type(at, "owner", {"stringValue": str(what)} if what else {})
        else:
            book.type(at, str(what), {"stringValue": "whatever"})


@long.examples("histories of goals changed in two Sheets and elsewhere", 6, 1_000)
@given(st.lists(ACTS, min_size=1, max_size=12))
@example(
    [
        ("set", "leads", 7, ""),
        ("sync", "one", 0, None),
        ("delete", "one", 1, None),
        ("sync", "one", 0, None),
        ("set", "leads", 5, ""),
    ]
)
def test_the_state_and_the_sheets_agree_and_nothing_is_lost_in_silence(
    acts: list[tuple[str, str, int, object]],
) -> None:
    """After a sync of each, the Sheets and the state say the same; the history leads from each value to the next.

    So whatever was typed or set either counts, or stands in the history as what it was and what it became.
    """
    with a_store() as store:
        now, configured = START, [Goal("cac", 5.0, END, "mina"), Goal("leads", 3.0, END)]
        books = {name: Book(name) for name in BOOKS}
        for book in books.values():
            sync(book, store, configured, now)
        for act in acts:
            now += timedelta(hours=1)
            do(act, books, store, now)
        for book in (*books.values(), *books.values()):
            now += timedelta(hours=1)
            sync(book, store, [], now)
        agree(books, store, now)


def agree(books: dict[str, Book], store: Store, now: datetime) -> None:
    counting = {goal.key: goal for goal in typed_goals(store)}
    for book in books.values():
        last = goals_of(store, book.name)
        assert SheetGoals(store).coming(book.name).goals == ()
        assert read_goals(book.rows, Words(CATALOG, VOCABULARY, "en_US", now.date(), last)).goals == last
        assert all(counting[goal.key] == goal for goal in last)
    past: dict[str, Goal | None] = {}
    for change in reversed(changes_of_goals(store, limit=1000)):
        # A goal of another date or segment has another key.
        assert past.pop((change.before or change.goal).key, None) == change.before
        past[change.goal.key] = change.after
    assert {key: goal for key, goal in past.items() if goal} == counting


def test_values_changed_in_different_places_both_count() -> None:
    """A target set elsewhere and an owner typed in the Sheet come together; of two targets the typed one counts."""
    with a_store() as store:
        book, cac = Book("one"), Goal("cac", 5.0, END, "mina")
        sync(book, store, [cac], START)
        set_goal(store, replace(cac, target=4.0), Occasion(START, "terminal", "terminal"))
        book.type(0, "owner", {"stringValue": "jun"})
        assert sync(book, store, [], START + timedelta(hours=1)).overruled == ()
        assert typed_goals(store) == (replace(cac, target=4.0, owner="jun"),)
        set_goal(store, replace(cac, target=3.0, owner="jun"), Occasion(START, "terminal", "terminal"))
        book.type(0, "target", number(6))
        ((goal, notice),) = sync(book, store, [], START + timedelta(hours=2)).overruled
        assert (goal.target, notice.params["set"], notice.params["typed"]) == (6.0, "3", "6")
        assert typed_goals(store) == (replace(cac, target=6.0, owner="jun"),)
