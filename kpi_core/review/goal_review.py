"""Goals as they stand, each with what is wrong with how it was set: for whoever lists, checks or sets goals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kpi_core.access.doorway import Door
from kpi_core.answering.layout import dimensions_of
from kpi_core.answers import Answer
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.smart import Remark, history_query, remarks_on
from kpi_core.goals.standing import goal_query, with_goal
from kpi_core.metrics import Metric
from kpi_core.settings.values import Goal


@frozen
class ReviewedGoal:
    """A goal with the answer that it stands by; both None where its KPI or its segment is none that there is."""

    goal: Goal
    metric: Metric | None
    answer: Answer | None
    remarks: tuple[Remark, ...] = ()


def reviewed_goals(door: Door, goals: Sequence[Goal], now: datetime) -> list[ReviewedGoal]:
    """How each goal stands at an instant, and whether it is well set; what the audience may not see is left out."""
    calendar, today = door.settings.calendar, door.today(now)
    seen = [goal for goal in goals if goal.kpi not in door.definitions.metrics or door.may_see(goal.kpi)]
    askable = {goal.key: goal for goal in seen if _can_be_asked(goal, door)}
    metrics = {key: door.definitions.metrics[goal.kpi] for key, goal in askable.items()}
    standings = [goal_query(goal, metrics[key], calendar, today) for key, goal in askable.items()]
    pasts = [history_query(goal, metrics[key], calendar, today) for key, goal in askable.items()]
    answers = door.answers([*standings, *pasts], now)
    by_key = dict(zip(askable, zip(answers[: len(askable)], answers[len(askable) :], strict=True), strict=True))
    reviewed = []
    for goal in seen:
        if goal.key not in by_key:
            reviewed.append(ReviewedGoal(goal, door.definitions.metrics.get(goal.kpi), None))
            continue
        measured, past = by_key[goal.key]
        history = [(point.period, point.value) for point in past.trend]
        remarks = remarks_on(goal, metrics[goal.key], history, calendar, today)
        reviewed.append(ReviewedGoal(goal, metrics[goal.key], with_goal(measured, goal, measured, today), remarks))
    return reviewed


def _can_be_asked(goal: Goal, door: Door) -> bool:
    metric = door.definitions.metrics.get(goal.kpi)
    return metric is not None and goal.where.keys() <= set(dimensions_of(metric, door.definitions))
