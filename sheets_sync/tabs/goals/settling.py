"""What was typed in the tab, what kpi.yaml says and what was set elsewhere, brought together. Pure.

`docs/decisions/sheet.md` says who wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import Notice, say
from kpi_core.settings.goal_history import GoalChange, Moved, Occasion, changes_between, merged
from kpi_core.settings.values import Goal
from sheets_sync.tabs.goals.goal_rows import NOWHERE, GoalRow, GoalsRead, fingerprint, fingerprint_of
from sheets_sync.tabs.typed import spelled

COLUMNS = {
    "target": "target", "owner": "owner", "note": "note", "action": "action", "by": "by", "where": "segment",
    "per": "per",
}  # fmt: skip
"""Field of a goal -> the column in which people type it."""


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
            seeds.append(GoalRow(NOWHERE, key, goal, None, fingerprint(goal)))
            typed_keys.add(key)
        elif key in by_key and by_key[key].fingerprint != fingerprint(goal):
            warnings.append(Notice("sheet.warning.settings_differ", {"goal": called(goal)}))
        elif key in placed and key not in by_key and key not in typed_keys:
            warnings.append(Notice("sheet.warning.archived", {"goal": called(goal)}))
    # Archived ones stay among them: a row that people deleted must not come back with the next sync.
    every = placed | {goal.key for goal in configured}
    return replace(read, warnings=tuple(warnings), placed=every), tuple(seeds)


def with_goals_moved(read: GoalsRead, moved: Sequence[Moved]) -> tuple[GoalsRead, frozenset[str]]:
    """Take in that goals were moved elsewhere to another date or segment; answers the keys of those that are settled.

    A month of a plan leaves its column and is a goal with a row of its own; where people have typed there since, or
    nothing would be left in the row, it stays, and that is told.
    """
    rows = {goal.key: row for row in read.rows for goal in row.goals}
    changed: dict[int, GoalRow] = {}
    settled, overruled = set(), list(read.overruled)
    for move in moved:
        row = rows.get(move.base.key)
        if row is None or move.goal.key in rows:
            continue
        row = changed.get(row.row, row)
        own = next(each for each in row.goals if each.key == move.base.key)
        if own is not row.goal and _may_leave(row, own, move.base):
            changed[row.row] = _without_month(row, own)
            continue
        settled.add(move.goal.key)
        if own is not row.goal or row.still:
            overruled.append(lost_notice("by", move.goal, own, is_month=own is not row.goal))
            continue
        there = replace(own, by=move.goal.by, where=move.goal.where, per=move.goal.per)
        both = merged(move.base, there, move.goal)
        overruled += [lost_notice(name, move.goal, own) for name in both.lost]
        columns = frozenset(
            column for name, column in COLUMNS.items() if getattr(both.goal, name) != getattr(own, name)
        )
        mark = fingerprint_of((both.goal, *row.plan))
        changed[row.row] = replace(
            row, goal=both.goal, fingerprint=mark, changed=None, elsewhere=row.elsewhere | columns
        )
    after = tuple(changed.get(row.row, row) for row in read.rows)
    return replace(read, rows=after, overruled=tuple(overruled)), frozenset(settled)


def _may_leave(row: GoalRow, month: Goal, base: Goal) -> bool:
    """Whether a month's cell holds what it held when it was moved, and is not all that the row is about."""
    return month.target == base.target and row.months.get(month.key) not in {None, *row.problems} and len(row.goals) > 1


def _without_month(row: GoalRow, month: Goal) -> GoalRow:
    plan = tuple(each for each in row.plan if each.key != month.key)
    mark = fingerprint_of((row.goal, *plan) if row.goal else plan)
    months = {key: place for key, place in row.months.items() if key != month.key}
    emptied = row.emptied | {row.months[month.key]}
    return replace(row, plan=plan, months=months, fingerprint=mark, changed=None, emptied=emptied)


def with_goals_set(read: GoalsRead, new: Sequence[Goal], last: Sequence[Goal]) -> tuple[GoalsRead, tuple[Goal, ...]]:
    """Take in goals that were set elsewhere since the last sync; answers those that have no row yet.

    `last` are the goals after that sync. What people have typed since too is newer than what was set, for nobody knows
    when they typed it; what they left alone takes the value that was set.
    """
    rows = {goal.key: row for row in read.rows for goal in row.goals}
    agreed = {goal.key: goal for goal in last}
    changed: dict[int, GoalRow] = {}
    rowless, overruled = [], list(read.overruled)
    for goal in new:
        if goal.key not in rows:
            rowless.append(goal)
            continue
        row = changed.get(rows[goal.key].row, rows[goal.key])
        own = next(each for each in row.goals if each.key == goal.key)
        both = merged(agreed.get(goal.key), own, goal)
        # Of a month owner, note and action are the row's, for all of its months.
        shared = (
            () if own is row.goal else (each for each in ("owner", "note", "action") if _differs(each, both.goal, own))
        )
        overruled += [lost_notice(name, goal, own, is_month=own is not row.goal) for name in (*both.lost, *shared)]
        if own is not row.goal:
            if both.goal.target != own.target:
                changed[row.row] = _with_month(row, replace(own, target=both.goal.target))
        elif both.goal != own:
            changed[row.row] = _with_values(row, own, both.goal)
    after = tuple(changed.get(row.row, row) for row in read.rows)
    return replace(read, rows=after, overruled=tuple(overruled)), tuple(rowless)


def _with_values(row: GoalRow, own: Goal, goal: Goal) -> GoalRow:
    # What nobody can read stays until it is mended: beside it cells may lie that do not count yet.
    names = () if row.still else ("target", "owner", "note", "action")
    columns = frozenset(name for name in names if _differs(name, goal, own))
    mark = fingerprint_of((goal, *row.plan))
    return replace(row, goal=goal, fingerprint=mark, changed=None, elsewhere=row.elsewhere | columns)


def _with_month(row: GoalRow, goal: Goal) -> GoalRow:
    """The row with another target in the column of a month; one that nobody can read stays until it is mended."""
    plan = tuple(goal if each.key == goal.key else each for each in row.plan)
    unread = row.months.get(goal.key) in row.problems
    written = row.set_elsewhere | ({goal.key} if goal.key in row.months and not unread else set())
    mark = fingerprint_of((row.goal, *plan) if row.goal else plan)
    return replace(row, plan=plan, fingerprint=mark, changed=None, set_elsewhere=written)


def with_history(
    read: GoalsRead, before: Sequence[Goal], after: Sequence[Goal], past: Mapping[str, GoalChange], now: Occasion
) -> GoalsRead:
    """The last change of each goal: those that this sync is about to write down, else that of the history."""
    changes = {change.goal.key: change for change in changes_between(before, after, now)}
    return replace(read, history={**past, **changes})


def lost_notice(name: str, elsewhere: Goal, typed: Goal, *, is_month: bool = False) -> tuple[Goal, Notice]:
    """A value set elsewhere that does not count, and whose goal it is."""
    which = f"{called(typed)} {typed.by:%Y-%m}" if is_month else called(typed)
    params = {"goal": which, "set": _word(getattr(elsewhere, name)), "typed": _word(getattr(typed, name))}
    return typed, Notice(
        "sheet.warning.both_changed",
        {**params, "column": {each: say(each, f"sheet.column.{name}") for each in LANGUAGES}},
    )


def called(goal: Goal) -> str:
    return f"{goal.kpi} {spelled(goal.where)}".strip()


def _differs(name: str, one: Goal, other: Goal) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "–"
