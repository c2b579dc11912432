"""A change of a goal in a reader's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_core.formats.numbers import value_text
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpi_core.metrics import Metric
    from kpi_core.settings.goal_history import GoalChange
    from kpi_core.settings.values import Goal

_COLUMNS = {"where": "segment"}


def by_name(change: GoalChange, names: Mapping[str, str]) -> GoalChange:
    """The change with its people by their names, as far as `names` has them."""
    before, after = (
        goal and replace(goal, owner=names.get(goal.owner, goal.owner)) for goal in (change.before, change.after)
    )
    occasion = replace(change.occasion, who=names.get(change.occasion.who, change.occasion.who))
    return replace(change, occasion=occasion, before=before, after=after)


def change_text(change: GoalChange, metric: Metric | None, currency: str, language: str) -> str:
    """Such as "Target: $40 → $38 · By: 2026-10-31 → 2026-12-31"; without `metric` targets are plain numbers."""
    if change.after is None:
        return say(language, "goal_change.archived")
    if change.before is None:
        target = _field_text(change.after, "target", metric, currency, language)
        return say(language, "goal_change.added", target=target, day=change.after.by.isoformat())
    before, after = change.before, change.after
    return " · ".join(
        say(
            language,
            "goal_change.field",
            name=say(language, f"sheet.column.{_COLUMNS.get(name, name)}"),
            before=_field_text(before, name, metric, currency, language) or "–",
            after=_field_text(after, name, metric, currency, language) or "–",
        )
        for name in change.fields()
    )


def _field_text(goal: Goal, name: str, metric: Metric | None, currency: str, language: str) -> str:
    match name:
        case "target":
            return value_text(goal.target, metric, currency, language, "exact") if metric else f"{goal.target:g}"
        case "by":
            return goal.by.isoformat()
        case "per":
            return say(language, f"sheet.per.{goal.per}") if goal.per else ""
        case "where":
            return ", ".join(f"{dimension}={value}" for dimension, value in goal.where.items())
        case _:
            return str(getattr(goal, name))
