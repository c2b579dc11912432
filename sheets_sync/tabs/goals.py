"""The Goals: people type what they want into their own columns, the bot answers in its own beside them.

A row is known by a key in a hidden column. The two sets of columns never meet: the bot reads people's columns and
writes them only once, when a goal of kpi.yaml gets its row. `docs/decisions/sheet.md` says who wins afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from itertools import count

from kpi_core.answering.layout import dimensions_of
from kpi_core.answers import Answer, GoalState
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import percent_text
from kpi_core.goals.standing import goal_query
from kpi_core.metrics import Catalog, Metric
from kpi_core.phrases import Notice, say
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.settings.goal_history import merged
from kpi_core.settings.values import PER, Goal
from sheets_sync.tabs.cells import KEEP, Cell, Day, EnteredValue, Number, Text, day_of, text_of
from sheets_sync.tabs.number_formats import telling_apart, value_format
from sheets_sync.tabs.overview import measured_over, status_shades
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Column, Tab, filled
from sheets_sync.tabs.typed import (
    TypedError,
    day_typed,
    kpi_typed,
    per_typed,
    segment_typed,
    spelled,
    target_typed,
)

HEADER = 2
PEOPLE = ("kpi", "segment", "target", "per", "by", "owner", "note")
BOT = ("actual", "gap", "status", "measured", "changed")
_WIDTHS = {"kpi": 200, "segment": 150, "per": 80, "status": 240, "measured": 150, "note": 200}
_ABOUT = {"gap": "goal_gap", "status": "goal_status"}
NOWHERE = -1
"""The place of a row that is still to come."""
FAR_FROM_VALUE = 20
"""A rate's target this many times its value was probably meant in percent."""

_NEED = ("kpi", "segment", "target", "by")
"""Columns that make a row a goal; an owner or a note alone is only a remark."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row below the header as read: where it lies, counted from 0, its key, and its cells by column.

    `fingerprint` is that of the goal which stood there at the last sync.
    """

    row: int
    key: str
    cells: Mapping[str, EnteredValue]
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A row people filled in. `row` counts from 0; exactly one of `goal` and `problem` is there."""

    row: int
    key: str
    goal: Goal | None
    problem: Notice | None
    fingerprint: str
    """Changes with what the row asks for, not with its note."""
    changed: date | None = None
    """When it last changed, as far as the tab says; None where it has changed since the last sync."""
    elsewhere: bool = False
    """Whether its target was set outside the tab and is still to be written into it."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What typed words may mean."""

    catalog: Catalog
    vocabulary: Vocabulary
    locale: str


@dataclass(frozen=True, slots=True)
class GoalsRead:
    """All goals of the tab.

    `placed` are keys of the kpi.yaml goals that ever had a row.
    """

    rows: tuple[GoalRow, ...] = ()
    conflicts: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    placed: frozenset[str] = frozenset()

    @property
    def goals(self) -> tuple[Goal, ...]:
        return tuple(row.goal for row in self.rows if row.goal)


def read_goals(typed: Sequence[TypedRow], catalog: Catalog, vocabulary: Vocabulary, locale: str) -> GoalsRead:
    """The goals people typed; `locale` is the spreadsheet's. A row that cannot be read carries its problem."""
    rows: list[GoalRow] = []
    seen: dict[str, int] = {}
    words = _Words(catalog, vocabulary, locale)
    for line in typed:
        people = {key: line.cells.get(key, {}) for key in PEOPLE}
        if not any(people[key] for key in _NEED):
            continue
        goal_row = replace(_read_row(line.row, people, words), key=line.key)
        if goal_row.fingerprint == line.fingerprint:
            goal_row = replace(goal_row, changed=_day_in(line.cells.get("changed", {})))
        if goal_row.goal and (first := seen.setdefault(goal_row.goal.key, line.row)) != line.row:
            # The upper row stays a goal; people count rows from 1.
            goal_row = replace(goal_row, goal=None, problem=Notice("sheet.problem.twice", {"row": first + 1}))
        rows.append(goal_row)
    keyed, conflicts = _keyed(rows)
    return GoalsRead(keyed, conflicts)


def _keyed(rows: Sequence[GoalRow]) -> tuple[tuple[GoalRow, ...], tuple[Notice, ...]]:
    """Every row with a key of its own: that of its goal where the tab has it, since people may have sorted their
    columns alone; else the one that stands in the row; else a new one. Copied keys are conflicts.
    """
    there = {row.key for row in rows}
    own = {row.row: row.goal.key for row in rows if row.goal and row.goal.key in there}
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


def with_seeds(
    read: GoalsRead, configured: Sequence[Goal], placed: frozenset[str]
) -> tuple[GoalsRead, tuple[GoalRow, ...]]:
    """Give each goal of kpi.yaml that never had a row one of its own; the person's row wins for the others."""
    by_key = {row.key: row for row in read.rows}
    typed_keys = {goal.key for goal in read.goals}
    seeds: list[GoalRow] = []
    warnings = list(read.warnings)
    for goal in configured:
        key = goal.key
        if key not in placed and key not in by_key and key not in typed_keys:
            seeds.append(GoalRow(NOWHERE, key, goal, None, _fingerprint(goal)))
            typed_keys.add(key)
        elif key in by_key and by_key[key].fingerprint != _fingerprint(goal):
            warnings.append(Notice("sheet.warning.settings_differ", {"goal": _called(goal)}))
        elif key in placed and key not in by_key and key not in typed_keys:
            warnings.append(Notice("sheet.warning.archived", {"goal": _called(goal)}))
    # Archived ones stay among them: a row that people deleted must not come back with the next sync.
    every = placed | {goal.key for goal in configured}
    return replace(read, warnings=tuple(warnings), placed=every), tuple(seeds)


def with_goals_set(read: GoalsRead, new: Sequence[Goal], last: Sequence[Goal]) -> tuple[GoalsRead, tuple[Goal, ...]]:
    """Take in goals that were set elsewhere since the last sync; answers those that have no row yet.

    `last` are the goals after that sync. What people have typed since too is newer than what was set, for nobody knows
    when they typed it; what they left alone takes the value that was set.
    """
    rows = {row.goal.key: row for row in read.rows if row.goal}
    agreed = {goal.key: goal for goal in last}
    rowless, warnings = [], list(read.warnings)
    for goal in new:
        row = rows.get(goal.key)
        if row is None or row.goal is None:
            rowless.append(goal)
            continue
        both = merged(agreed.get(goal.key), row.goal, goal)
        if "target" in both.lost:
            params = {"goal": _called(goal), "set": f"{goal.target:g}", "typed": f"{row.goal.target:g}"}
            warnings.append(Notice("sheet.warning.both_changed", params))
        if both.goal != row.goal:
            mark = _fingerprint(both.goal)
            rows[goal.key] = replace(row, goal=both.goal, fingerprint=mark, changed=None, elsewhere=True)
    after = tuple(rows[row.goal.key] if row.goal else row for row in read.rows)
    return replace(read, rows=after, warnings=tuple(warnings)), tuple(rowless)


def goals_tab(material: Material, read: GoalsRead, seeds: Sequence[GoalRow]) -> Tab:
    """The tab with the bot's cells filled."""
    language = material.language
    columns = _columns(material)
    rows: list[list[Cell]] = [
        [Text(say(language, "sheet.tab.goals"))],
        [Text(say(language, "sheet.line.goals"))],
        [Text(column.title) for column in columns],
    ]
    lines = sorted(read.rows, key=lambda row: row.row)
    rows += [[*_typed_cells(material, row), *_bot_cells(material, row)] for row in lines]
    rows += [[*_people_cells(material, row), *_bot_cells(material, row)] for row in seeds]
    status = len(PEOPLE) + BOT.index("status")
    return Tab(
        block="goals",
        title=say(language, "sheet.tab.goals"),
        columns=columns,
        rows=filled(rows, len(columns)),
        header=HEADER,
        shades=status_shades(language, Area(HEADER + 1, status, None, status + 1)),
        memory={"placed": sorted(read.placed)},
        keys=tuple(row.key for row in (*lines, *seeds)),
        places={row.key: row.row for row in lines},
        fingerprints={row.key: row.fingerprint for row in (*lines, *seeds)},
    )


def goal_titles(language: str) -> dict[str, str]:
    """The words of the header row by column."""
    return {key: say(language, f"sheet.column.{key}") for key in (*PEOPLE, *BOT)}


def _columns(material: Material) -> tuple[Column, ...]:
    language = material.language
    offered = {
        "kpi": tuple(material.vocabulary.words_for(metric.id, language) for metric in material.kpis),
        "per": tuple(say(language, f"sheet.per.{period}") for period in PER),
    }
    return tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            "" if key == "measured" else say(language, f"sheet.about.{_ABOUT.get(key, key)}"),
            width=_WIDTHS.get(key, 110),
            people=key in PEOPLE,
            choices=offered.get(key, ()),
        )
        for key in (*PEOPLE, *BOT)
    )


def _read_row(index: int, people: Mapping[str, EnteredValue], words: _Words) -> GoalRow:
    try:
        goal = _read_goal(people, words)
    except TypedError as error:
        # Without a goal, its words stand in: the day of the last change still moves with them.
        raw = _digest("|".join(text_of(people[key]) for key in (*_NEED, "per", "owner")))
        return GoalRow(index, "", None, error.notice, raw)
    return GoalRow(index, "", goal, None, _fingerprint(goal))


def _read_goal(people: Mapping[str, EnteredValue], words: _Words) -> Goal:
    metric = kpi_typed(people["kpi"], words.catalog, words.vocabulary)
    where = segment_typed(people["segment"], words.vocabulary)
    for dimension in where:
        if dimension not in dimensions_of(metric, words.catalog):
            raise TypedError("no_dimension", kpi=metric.id, dimension=dimension)
    return Goal(
        kpi=metric.id,
        target=target_typed(people["target"], metric, words.locale),
        by=day_typed(people["by"], words.locale),
        owner=text_of(people["owner"]),
        where=where,
        per=per_typed(people["per"]),
        note=text_of(people["note"]),
    )


def _new_key(row: GoalRow, taken: Mapping[str, int]) -> str:
    """A key for a row without one: that of its goal, or the next free one."""
    stem = row.goal.key if row.goal else _digest(f"row {row.row}")
    numbered = (stem if number == 1 else _digest(f"{stem} {number}") for number in count(1))
    return next(key for key in numbered if key not in taken)


def _fingerprint(goal: Goal) -> str:
    return _digest(f"{goal.key}|{goal.target!r}|{goal.owner}")


def _digest(text: str) -> str:
    return "g" + sha256(text.encode()).hexdigest()[:9]


def _called(goal: Goal) -> str:
    return f"{goal.kpi} {spelled(goal.where)}".strip()


def _day_in(value: EnteredValue) -> date | None:
    number = value.get("numberValue")
    try:
        return day_of(number) if isinstance(number, int | float) else None
    except OverflowError:
        return None


def _typed_cells(material: Material, row: GoalRow) -> list[Cell]:
    """People's cells as they are, but for a target that was set elsewhere."""
    if not row.elsewhere:
        return [KEEP] * len(PEOPLE)
    written = zip(PEOPLE, _people_cells(material, row), strict=True)
    return [cell if column in {"target", "owner", "note"} else KEEP for column, cell in written]


def _people_cells(material: Material, row: GoalRow) -> list[Cell]:
    """What people would have typed for a goal of kpi.yaml."""
    assert row.goal
    goal, language = row.goal, material.language
    metric = material.catalog.metrics[goal.kpi]
    return [
        Text(material.vocabulary.words_for(metric.id, language)),
        Text(spelled(goal.where)),
        Number(goal.target, value_format(metric, material.settings.currency, language)),
        Text(say(language, f"sheet.per.{goal.per}")) if goal.per else None,
        Day(goal.by),
        Text(goal.owner),
        Text(goal.note),
    ]


def _bot_cells(material: Material, row: GoalRow) -> list[Cell]:
    ending: list[Cell] = [Day(row.changed or material.today)]
    if row.goal is None:
        assert row.problem
        return [None, None, Text(notice_text(row.problem, material.language)), None, *ending]
    metric = material.catalog.metrics[row.goal.kpi]
    if metric in material.left_out:
        return [None, None, Text(say(material.language, "sheet.status.limited")), None, *ending]
    query = goal_query(row.goal, metric, material.settings.calendar, material.today)
    answer, state = material.answers.get(query), material.standing(row.goal, metric)
    number_format = value_format(metric, material.settings.currency, material.language)
    number_format = telling_apart(number_format, state.value if state else None, row.goal.target)
    return [
        Number(state.value if state else None, number_format),
        Number(state.gap if state else None, number_format),
        Text(_status(material, metric, answer, state)),
        Text(measured_over(state, material)) if state else None,
        *ending,
    ]


def _status(material: Material, metric: Metric, answer: Answer | None, state: GoalState | None) -> str:
    language = material.language
    if answer and answer.value is None and answer.warnings and state and state.status == "no_data":
        return notice_text(answer.warnings[0], language)
    word = say(language, f"goal.{state.status}" if state else "goal.no_data")
    if answer and answer.value and state and _forgot_percent(metric, state.target, answer.value):
        typed, meant = percent_text(state.target, language), percent_text(state.target / 100, language)
        return say(language, "sheet.problem.percent", status=word, typed=typed, meant=meant)
    return word


def _forgot_percent(metric: Metric, target: float, value: float) -> bool:
    """Whether 5 was typed for 5 %: a target of 100 % or more, and far from what the KPI ever was."""
    return metric.unit == "percent" and target >= 1 and target / abs(value) >= FAR_FROM_VALUE
