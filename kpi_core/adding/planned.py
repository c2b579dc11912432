"""A plan of goals becomes goals of kpi.yaml, and its budgets a source of their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.entries import path_from
from kpi_core.adding.goal_plans import GoalPlan, Target
from kpi_core.adding.look import Look
from kpi_core.adding.questions import Choice, Question
from kpi_core.adding.understanding import SAMPLE, Understanding, understand
from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from kpi_core.settings.file import goal_of
from kpi_core.settings.values import Goal
from kpi_core.sources import EXAMPLES, Place, Rejection

BUDGETS = "budgets"


@frozen
class Planned:
    """What a plan adds: entries of `goals:`, and of `sources:` for its budgets; `source` is the name of that one."""

    understanding: Understanding
    goals: tuple[dict[str, Any], ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    source: str = ""


def planned(look: Look, plan: GoalPlan, attempt: Attempt, place: Mapping[str, Any]) -> Planned:
    """What is new in a plan, and what is open about it. DataError where kpi.yaml has another target for the same.

    `place` are the keys of a source that say where the plan lies.
    """
    questions = tuple(_questions(plan, attempt))
    if questions:
        return Planned(_understanding(look, plan, 0, questions))
    metrics = attempt.catalog.metrics
    entries = [target.entry(metrics[target.kpi]) for target in plan.targets]
    goals = tuple(entry for entry in entries if not _is_there(goal_of(entry), look, attempt))
    if not plan.budgets:
        return Planned(_understanding(look, plan, len(entries), ()), goals)
    entry = _budgets(look, plan, place)
    budgets = understand(look, entry, attempt)
    both = _understanding(look, plan, len(entries) + budgets.rows, budgets.questions)
    is_read = any(source.name == entry["name"] for source in attempt.settings.sources)
    return Planned(both, goals, () if is_read else (entry,), str(entry["name"]))


def _questions(plan: GoalPlan, attempt: Attempt) -> Iterator[Question]:
    if plan.lacks_year and attempt.today is not None:
        years = (attempt.today.year, attempt.today.year + 1)
        yield Question("year", Notice("add.ask_year", {}), tuple(Choice(str(year)) for year in years))
    if plan.open_text:
        text = Notice("add.ask_decimal", {"text": plan.open_text})
        yield Question("decimal", text, (Choice("."), Choice(",")))


def _is_there(goal: Goal, look: Look, attempt: Attempt) -> bool:
    for old in attempt.settings.goals:
        if (old.kpi, old.by, old.per, dict(old.where)) == (goal.kpi, goal.by, goal.per, {}):
            if old.target != goal.target:
                raise _other_target(look, goal, old)
            return True
    return False


def _other_target(look: Look, goal: Goal, old: Goal) -> DataError:
    params = {"file": look.path.name, "kpi": goal.kpi, "day": goal.by.isoformat()}
    params |= {"old": f"{old.target:g}", "new": f"{goal.target:g}"}
    message = "{file}: {kpi} by {day} is {new} here and {old} in kpi.yaml.".format_map(params)
    hint = "Change it under goals: in kpi.yaml, or in the file, then add it again."
    return DataError(message, code="add_other_target", hint=hint, params=params)


def place_of(look: Look, plan: GoalPlan, attempt: Attempt) -> dict[str, Any]:
    """Where the plan in a file lies, as keys of a source."""
    path = path_from(attempt.settings.folder, look.path)
    place: dict[str, Any] = {"type": look.kind, "path": path, "header": plan.header_line}
    return place | ({"sheet": look.sheet} if look.is_one_of_several else {})


def _budgets(look: Look, plan: GoalPlan, place: Mapping[str, Any]) -> dict[str, Any]:
    """The source of the budgets, under a name that the same file gets again."""
    name = f"{PurePath(look.path).stem} {BUDGETS}"
    return {"name": name, **place, "table": BUDGETS, "query": plan.budgets}


def _understanding(look: Look, plan: GoalPlan, rows: int, questions: tuple[Question, ...]) -> Understanding:
    place = Place(look.path.name, plan.header_line)
    examples = tuple((place, f"{label}: {text}") for label, text in plan.unread[:EXAMPLES])
    return Understanding(
        rows=rows,
        first_day=min(plan.months, default=None),
        last_day=max(plan.months, default=None),
        left_out=(),
        rejections=(Rejection("target", len(plan.unread), examples),) if plan.unread else (),
        questions=questions,
        columns=("kpi", "month", "target"),
        sample=tuple(map(_shown, plan.targets[:SAMPLE])),
    )


def _shown(target: Target) -> tuple[object, ...]:
    # As written out: 1.2E+8 is nothing that people read.
    return target.kpi, target.month, Decimal(format(target.value, "f"))
