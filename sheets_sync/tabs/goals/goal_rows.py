"""The rows that people typed, read as goals. A row is known by a key in a hidden column.

What cannot be read carries its problem, cell by cell, and counts as it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from hashlib import sha256
from itertools import count
from typing import TypeVar

from kpi_core.answering.layout import dimensions_of
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Metric
from kpi_core.phrases import Notice
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.settings.goal_history import GoalChange
from kpi_core.settings.values import Goal
from sheets_sync.tabs.cells import EnteredValue, day_of, text_of
from sheets_sync.tabs.goals.typed_days import Deadlines, day_typed, last_day, month_typed
from sheets_sync.tabs.typed import (
    TypedError,
    kpi_typed,
    owner_shown,
    owner_typed,
    per_typed,
    segment_typed,
    target_typed,
)

HEADER = 2
PEOPLE = ("kpi", "segment", "target", "per", "by", "owner", "note", "action")
NOWHERE = -1
"""The place of a row that is still to come."""

_NEED = ("kpi", "segment", "target", "by")
"""Columns that make a row a goal; an owner or a note alone is only a remark."""

TWICE = "sheet.problem.twice"
T = TypeVar("T")
Place = str | int
"""A cell of a row: the key of one of our columns, or the place of one of people's own, counted from 0."""


@frozen
class Beside:
    """A cell in a column of people's own, below what stands in the header row there."""

    place: int
    title: EnteredValue
    value: EnteredValue


@frozen
class TypedRow:
    """A row below the header as read: where it lies, counted from 0, its key, and its cells by column.

    `fingerprint` is that of the goal which stood there at the last sync.
    """

    row: int
    key: str
    cells: Mapping[str, EnteredValue]
    fingerprint: str = ""
    beside: tuple[Beside, ...] = ()


@frozen
class GoalRow:
    """A row people filled in. `row` counts from 0; a goal, a plan by month or a problem is there, or more of them."""

    row: int
    key: str
    goal: Goal | None
    problem: Notice | None
    fingerprint: str
    """Changes with what the row asks for, not with its note."""
    changed: date | None = None
    """When it last changed, as far as the tab says; None where it has changed since the last sync."""
    elsewhere: frozenset[str] = frozenset()
    """Columns whose value was set outside the tab and is still to be written into it."""
    plan: tuple[Goal, ...] = ()
    """The goals of its months, the earliest first."""
    months: Mapping[str, int] = field(default_factory=dict)
    """Places of the columns in which the targets of these goals stand, by the goals' keys."""
    set_elsewhere: frozenset[str] = frozenset()
    """Of these goals those whose target was set outside the tab and is still to be written into it, by key."""
    emptied: frozenset[int] = frozenset()
    """Places of columns whose month was moved away outside the tab: its target is still to be taken out."""
    problems: Mapping[Place, Notice] = field(default_factory=dict)
    """What is wrong, by cell."""
    meant: str = ""
    """The key of the goal that a row which cannot be read would be."""
    still: bool = False
    """Whether the goal is the one from before, since what stands there now cannot be read."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        return (self.goal, *self.plan) if self.goal else self.plan

    @property
    def about(self) -> str:
        """What the row is about; "" where nobody knows."""
        if self.goal:
            return self.goal.key
        return _digest(f"plan {self.plan[0].kpi} {sorted(self.plan[0].where.items())}") if self.plan else ""

    def current(self, today: date) -> Goal | None:
        """The goal that the bot's cells speak of: its own, else that of the month that yesterday was in."""
        if self.goal or not self.plan:
            return self.goal
        return next((goal for goal in self.plan if goal.by >= today), self.plan[-1])


@frozen
class Words:
    """What typed words may mean: `locale` is the spreadsheet's, `today` the local date."""

    catalog: Catalog
    vocabulary: Vocabulary
    locale: str
    today: date
    last: Sequence[Goal] = ()
    """The goals after the last sync."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What owners are called, by their ids in Slack."""
    calendar: Calendar = Calendar()
    """Whose fiscal year it is."""
    last_by_key: Mapping[str, Goal] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "last_by_key", {goal.key: goal for goal in reversed(self.last)})


@frozen
class GoalsRead:
    """All goals of the tab.

    `placed` are keys of the kpi.yaml goals that ever had a row; `history` is the last change of a goal, by key.
    """

    rows: tuple[GoalRow, ...] = ()
    conflicts: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    placed: frozenset[str] = frozenset()
    overruled: tuple[tuple[Goal, Notice], ...] = ()
    """Values set elsewhere that do not count, each with the goal that does."""
    history: Mapping[str, GoalChange] = field(default_factory=dict)
    titles: frozenset[int] = frozenset()
    """Places of people's columns whose title is a month: what stands below are targets."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        return tuple(goal for row in self.rows for goal in row.goals)


def read_goals(typed: Sequence[TypedRow], words: Words) -> GoalsRead:
    """The goals people typed. A row that cannot be read carries its problem, and the goal that it was before."""
    rows: list[GoalRow] = []
    seen: dict[str, int] = {}
    for line in typed:
        people = {key: line.cells.get(key, {}) for key in PEOPLE}
        if not any(people[key] for key in _NEED):
            continue
        row = replace(_Reading(line, words).row(), key=line.key)
        if row.fingerprint == line.fingerprint:
            row = replace(row, changed=_day_in(line.cells.get("changed", {})))
        rows.append(_once(row, seen))
    keyed, conflicts = _keyed(_with_former(rows, typed, words.last))
    return GoalsRead(keyed, conflicts, titles=_month_titles(typed, words))


def _once(row: GoalRow, seen: dict[str, int]) -> GoalRow:
    """The row without what a row above it says already; people count rows from 1."""
    twice = [goal.key for goal in row.goals if seen.setdefault(goal.key, row.row) != row.row]
    if not twice:
        return row
    problem = Notice(TWICE, {"row": seen[twice[0]] + 1})
    goal = None if row.goal and row.goal.key in twice else row.goal
    plan = tuple(each for each in row.plan if each.key not in twice)
    return replace(row, goal=goal, plan=plan, problem=problem, problems={"kpi": problem})


def _with_former(rows: Sequence[GoalRow], typed: Sequence[TypedRow], last: Sequence[Goal]) -> list[GoalRow]:
    """Rows that cannot be read, with the goal that they were before."""
    marks = {line.row: line.fingerprint for line in typed}
    free = {goal.key: goal for goal in last}
    for goal in (goal for row in rows for goal in row.goals):
        free.pop(goal.key, None)
    after = []
    for row in rows:
        unread = row.problem is not None and not row.goals and row.problem.key != TWICE
        former = (free.pop(row.meant, None) or free.pop(row.key, None)) if unread else None
        mark = marks[row.row] or row.fingerprint
        after.append(replace(row, goal=former, fingerprint=mark, still=True) if former else row)
    return after


class _Reading:
    """One row being read: every cell by itself, so that each problem stands at its own."""

    def __init__(self, line: TypedRow, words: Words) -> None:
        self._line, self._words = line, words
        self._cells = {key: line.cells.get(key, {}) for key in PEOPLE}
        self._former = words.last_by_key.get(line.key)
        self._problems: dict[Place, Notice] = {}
        self._note, self._action = (text_of(self._cells[key]) for key in ("note", "action"))
        self._owner = owner_typed(self._cells["owner"], words.people)

    def row(self) -> GoalRow:
        metric = self._read("kpi", self._kpi)
        where = self._read("segment", lambda value: self._segment(value, metric))
        months = list(_months_of(self._line, self._words))
        # A plan says by when and how much for each of its months.
        whole = not months or any(self._cells[key] for key in ("target", "by"))
        target = self._read("target", lambda value: self._target(value, metric)) if whole and metric else None
        by = self._read("by", self._day) if whole and metric else None
        per: Grain | None = self._read("per", self._per) if metric else None
        goal: Goal | None = None
        plan: tuple[Goal, ...] = ()
        meant = ""
        if metric and where is not None and "per" not in self._problems:
            plan = tuple(self._plan(metric, where, months))
            if by:
                draft = self._goal(metric, target, by, where, per)
                goal, meant = (draft, "") if target is not None else (None, draft.key)
        problem = next(iter(self._problems.values()), None)
        mark = fingerprint_of((goal, *plan) if goal else plan) or _digest(self._raw())
        named = goal is not None and owner_shown(text_of(self._cells["owner"]), self._words.people)
        unnamed = frozenset({"owner"} if named and named != text_of(self._cells["owner"]) else ())
        places = {each.key: cell.place for first, cell in months for each in plan if each.by == last_day(first)}
        row = GoalRow(self._line.row, "", goal, problem, mark, None, unnamed, plan, places)
        return replace(row, problems=self._problems, meant=meant)

    def _goal(
        self, metric: Metric, target: float | None, by: date, where: Mapping[str, str], per: Grain | None
    ) -> Goal:
        return Goal(metric.id, target or 0.0, by, self._owner, where, per, self._note, self._action)

    def _plan(self, metric: Metric, where: Mapping[str, str], months: Sequence[tuple[date, Beside]]) -> list[Goal]:
        """The goals of the months, the earliest first; one whose cell cannot be read stays as it was."""
        goals = []
        for first, cell in months:
            target = self._read(cell.place, lambda value: self._target(value, metric), cell.value)
            goal = self._goal(metric, target, last_day(first), where, "month")
            if target is None:
                goals += [former for former in (self._words.last_by_key.get(goal.key),) if former]
            else:
                goals.append(goal)
        return sorted(goals, key=lambda goal: goal.by)

    def _read(
        self, place: Place, reader: Callable[[EnteredValue], T | None], value: EnteredValue | None = None
    ) -> T | None:
        try:
            return reader(self._cells[str(place)] if value is None else value)
        except TypedError as error:
            self._problems[place] = error.notice
            return None

    def _kpi(self, value: EnteredValue) -> Metric:
        return kpi_typed(value, self._words.catalog, self._words.vocabulary)

    def _segment(self, value: EnteredValue, metric: Metric | None) -> dict[str, str]:
        where = segment_typed(value, self._words.vocabulary)
        for dimension in where if metric else ():
            if metric and dimension not in dimensions_of(metric, self._words.catalog):
                raise TypedError("no_dimension", kpi=metric.id, dimension=dimension)
        return where

    def _target(self, value: EnteredValue, metric: Metric | None) -> float:
        assert metric
        return target_typed(value, metric, self._words.locale)

    def _per(self, value: EnteredValue) -> Grain | None:
        return per_typed(value)

    def _day(self, value: EnteredValue) -> date:
        former = self._former.by if self._former else None
        return day_typed(value, Deadlines(self._words.locale, self._words.today, former, self._words.calendar))

    def _raw(self) -> str:
        """Without a goal, its words stand in: the day of the last change still moves with them."""
        return "|".join(text_of(self._cells[key]) for key in (*_NEED, "per", "owner"))


def _months_of(line: TypedRow, words: Words) -> Iterator[tuple[date, Beside]]:
    """The filled cells of a row below titles that are months, each with its first day."""
    end = _written_end(line, words)
    for cell in line.beside:
        if cell.value and (first := month_typed(cell.title, words.locale, end)) is not None:
            yield first, cell


def _written_end(line: TypedRow, words: Words) -> date:
    """The day up to which months without a year count: by when the row is to be reached, else this year's end."""
    try:
        return day_typed(line.cells.get("by", {}), Deadlines(words.locale, words.today, calendar=words.calendar))
    except TypedError:
        return date(words.today.year, 12, 31)


def _month_titles(typed: Sequence[TypedRow], words: Words) -> frozenset[int]:
    end = date(words.today.year, 12, 31)
    cells = (cell for line in typed for cell in line.beside if cell.value)
    return frozenset(cell.place for cell in cells if month_typed(cell.title, words.locale, end) is not None)


def _keyed(rows: Sequence[GoalRow]) -> tuple[tuple[GoalRow, ...], tuple[Notice, ...]]:
    """Every row with a key of its own: that of its goal where the tab has it, since people may have sorted their
    columns alone; else the one that stands in the row; else a new one. Copied keys are conflicts.
    """
    there = {row.key for row in rows}
    own = {row.row: row.about for row in rows if row.about in there and row.about}
    taken = {key: row for row, key in own.items()}
    stood: dict[str, int] = {}
    conflicts: list[Notice] = []
    keyed = []
    for row in rows:
        if row.key and (first := stood.setdefault(row.key, row.row)) != row.row:
            conflicts.append(Notice("sheet.conflict.key_twice", {"first": first + 1, "second": row.row + 1}))
        key = own.get(row.row) or (row.key if row.key and row.key not in taken else _new_key(row, taken))
        taken[key] = row.row
        keyed.append(replace(row, key=key))
    return tuple(keyed), tuple(conflicts)


def _new_key(row: GoalRow, taken: Mapping[str, int]) -> str:
    """A key for a row without one: that of its goal, or the next free one."""
    stem = row.about or _digest(f"row {row.row}")
    numbered = (stem if number == 1 else _digest(f"{stem} {number}") for number in count(1))
    return next(key for key in numbered if key not in taken)


def fingerprint(goal: Goal) -> str:
    """Changes with what a goal asks for, not with its note."""
    return _digest(f"{goal.key}|{goal.target!r}|{goal.owner}")


def fingerprint_of(goals: Sequence[Goal]) -> str:
    if len(goals) == 1:
        return fingerprint(goals[0])
    return _digest(" ".join(map(fingerprint, goals))) if goals else ""


def _digest(text: str) -> str:
    return "g" + sha256(text.encode()).hexdigest()[:9]


def _day_in(value: EnteredValue) -> date | None:
    number = value.get("numberValue")
    try:
        return day_of(number) if isinstance(number, int | float) else None
    except OverflowError:
        return None
