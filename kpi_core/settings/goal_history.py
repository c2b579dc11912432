"""What becomes of goals: changes of a list of goals, and two changes of one goal brought together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Goal

FIELDS = ("target", "owner", "note", "action")
"""What of a goal may change while it stays the same goal."""


@frozen
class Occasion:
    """When, by whom and where goals were changed.

    `who` is a member's id in Slack or "terminal", and "" for somebody in a spreadsheet, of whom Google says no name.
    `place` is a spreadsheet's id, "terminal" or "slack".
    """

    at: datetime
    who: str
    place: str


@frozen
class GoalChange:
    """One change of one goal. Without `before` it is new, without `after` archived."""

    occasion: Occasion
    before: Goal | None
    after: Goal | None

    @property
    def goal(self) -> Goal:
        """The goal as it is now, or was at last."""
        goal = self.after or self.before
        assert goal
        return goal

    def fields(self) -> tuple[str, ...]:
        """What differs between before and after; nothing for a goal that is new or archived."""
        if self.before is None or self.after is None:
            return ()
        names = (*FIELDS, "by", "per", "where")
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))


@frozen
class Moved:
    """A goal that was given another date or segment outside the spreadsheet: as it was at its last sync, and as it is.

    Each has a key of its own.
    """

    base: Goal
    goal: Goal


@frozen
class Coming:
    """Goals that a spreadsheet has not taken in yet; `through` is the last change of the history that they include."""

    goals: tuple[Goal, ...] = ()
    through: int = 0
    moved: tuple[Moved, ...] = ()


@frozen
class Merged:
    """A goal changed in two places since both last agreed. `lost` are values set elsewhere that do not count."""

    goal: Goal
    lost: Mapping[str, Any]


def with_unsaid(goal: Goal, before: Goal | None) -> Goal:
    """The goal with the owner, note and action that it had, where whoever sets its target says nothing of them."""
    if before is None:
        return goal
    said = {name: getattr(goal, name) or getattr(before, name) for name in ("owner", "note", "action")}
    return replace(goal, **said)


def merged(base: Goal | None, typed: Goal, elsewhere: Goal) -> Merged:
    """What was changed in one place counts. What was changed in both counts as it was typed: `lost` says the other."""
    changes: dict[str, Any] = {}
    lost: dict[str, Any] = {}
    for name in FIELDS:
        new, own = getattr(elsewhere, name), getattr(typed, name)
        agreed = getattr(base, name) if base else own
        if new in (own, agreed):
            continue
        if own == agreed:
            changes[name] = new
        else:
            lost[name] = new
    return Merged(replace(typed, **changes), lost)


def changes_between(before: Sequence[Goal], after: Sequence[Goal], occasion: Occasion) -> Iterator[GoalChange]:
    """What was done to make the one list of goals into the other, in the order of the later one; archived ones last.

    One that went and one that came for the same KPI and segment are one goal that was moved to another date or period.
    """
    old, new = ({goal.key: goal for goal in goals} for goals in (before, after))
    gone = [goal for key, goal in old.items() if key not in new]
    came = [goal for key, goal in new.items() if key not in old]
    moved = _moved(gone, came)
    for key, goal in new.items():
        origin = old.get(key) or moved.get(key)
        if origin != goal:
            yield GoalChange(occasion, origin, goal)
    went = {origin.key for origin in moved.values()}
    yield from (GoalChange(occasion, goal, None) for goal in gone if goal.key not in went)


def moved_by(changes: Iterable[tuple[str, Goal | None, Goal | None]]) -> Iterator[Moved]:
    """The goals that have another key after changes (the key before, before, after) in their order."""
    bases: dict[str, Goal] = {}
    newest: dict[str, Goal] = {}
    for was, before, after in changes:
        if before is None or after is None:
            continue
        base = bases.pop(was, before)
        newest.pop(was, None)
        bases[after.key], newest[after.key] = base, after
    yield from (Moved(base, newest[key]) for key, base in bases.items() if base.key != key)


def _moved(gone: Sequence[Goal], came: Sequence[Goal]) -> dict[str, Goal]:
    """The goals that became others, by the keys of these; none where several could have."""
    origins, others = (_by_subject(goals) for goals in (gone, came))
    alone = {subject: goals[0] for subject, goals in origins.items() if len(goals) == 1}
    return {goals[0].key: alone[subject] for subject, goals in others.items() if len(goals) == 1 and subject in alone}


def _by_subject(goals: Sequence[Goal]) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[Goal]]:
    grouped: dict[tuple[str, tuple[tuple[str, str], ...]], list[Goal]] = {}
    for goal in goals:
        grouped.setdefault((goal.kpi, tuple(sorted(goal.where.items()))), []).append(goal)
    return grouped


def goal_document(goal: Goal | None) -> dict[str, Any] | None:
    """A goal as plain JSON."""
    if goal is None:
        return None
    return {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "owner": goal.owner,
        "where": dict(goal.where),
        "per": goal.per,
        "note": goal.note,
        "action": goal.action,
    }


def goal_of_document(document: Mapping[str, Any] | None) -> Goal | None:
    """The goal of such a document."""
    return None if document is None else Goal(**{**document, "by": date.fromisoformat(document["by"])})


Row = Mapping[str, Any]
"""A row of the state's table of goals, by column."""


def counting(rows: Iterable[Row]) -> tuple[Goal, ...]:
    """The goals in the rows; one that stands in several counts as it changed last, in the place of the first."""
    newest: dict[str, tuple[str, Goal]] = {}
    for row in rows:
        # An earlier release wrote no times: then the first counts.
        goal, at = goal_of_row(row), str(row["changed_at"] or "")
        if goal.key not in newest or at > newest[goal.key][0]:
            newest[goal.key] = at, goal
    return tuple(goal for _at, goal in newest.values())


def with_last_words(goals: Iterable[Goal], changed: Mapping[str, Goal | None]) -> tuple[Goal, ...]:
    """The goals as they were changed last; what became of one that went, and is in some row again, the row says."""
    return tuple(changed.get(goal.key) or goal for goal in goals)


def goal_of_row(row: Row) -> Goal:
    """The goal in such a row; one of an older database has no action."""
    by, action = date.fromisoformat(row["by"]), row.get("action") or ""
    return Goal(row["kpi"], row["target"], by, row["owner"], row["filters"], row["per"], row["note"], action)


def archived_by(changes: Iterable[tuple[str, str, bool]]) -> frozenset[str]:
    """The keys that count no more after changes (the goal's key, its key before, whether it went) in their order."""
    archived: set[str] = set()
    for goal, was, went in changes:
        archived.discard(goal)
        archived |= {goal} if went else {was} - {goal, ""}
    return frozenset(archived)
