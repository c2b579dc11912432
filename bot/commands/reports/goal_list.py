"""What `kpi goals` prints: each goal as it stands, what its owner said last, what is wrong with how it was set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.cards.lines import goal_line, headline, title
from bot.commands.call import Call
from bot.commands.reports.task_report import fresh_tasks, task_json
from bot.terminal.text import wrapped
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import goal_json
from kpi_core.formats.goals.goal_words import check_in_text, remark_text
from kpi_core.formats.goals.task_words import task_text
from kpi_core.goals.check_ins import CheckIn
from kpi_core.goals.goal_task import GoalTask
from kpi_core.goals.smart import MOST_GOALS, running_goals
from kpi_core.phrases import say
from kpi_core.review.goal_review import ReviewedGoal, reviewed_goals
from kpi_core.settings.values import Goal
from kpi_core.state.check_in_rows import newest_check_ins
from sheets_sync.tabs.typed import spelled


def show_goals(call: Call, goals: Sequence[Goal]) -> int:
    """As a list, or as JSON."""
    door, now = call.workspace.door(OPERATOR), call.now()
    reviewed = reviewed_goals(door, goals, now)
    check_ins = newest_check_ins(call.workspace.store) if goals else {}
    tasks = fresh_tasks(call, list(goals)) if goals else {}
    if call.as_json:
        listed = [_json(each, check_ins, call.language) for each in reviewed]
        told = ({"task": task_json(tasks[each.goal.key])} if each.goal.key in tasks else {} for each in reviewed)
        call.show_json({"goals": [own | task for own, task in zip(listed, told, strict=True)]})
        return 0
    if not goals:
        call.show(say(call.language, "goals_command.none"))
    for each in reviewed:
        task = tasks.get(each.goal.key)
        call.show("\n".join([*_lines(each, check_ins, call), *_task_lines(task, call.language)]))
    if (count := running_goals(goals, door.today(now))) > MOST_GOALS:
        call.show(say(call.language, "goals_command.too_many", count=count, most=MOST_GOALS))
    return 0


def _task_lines(task: GoalTask | None, language: str) -> list[str]:
    return [f"  {line}" for line in wrapped(task_text(task, language), 98)] if task is not None else []


def _lines(reviewed: ReviewedGoal, check_ins: Mapping[str, CheckIn], call: Call) -> Iterator[str]:
    """The KPI with its segment, then indented how the goal stands and what is said of it."""
    goal, answer, language = reviewed.goal, reviewed.answer, call.language
    if answer is None:
        parts = (goal.kpi, spelled(goal.where), f"{goal.target:g}", goal.per or "", goal.by.isoformat(), goal.owner)
        yield "  ".join(part for part in parts if part)
        yield f"  {say(language, 'goals_command.no_kpi')}"
        return
    yield say(
        language, "card.text", title=title(answer, language, call.workspace.catalog), value=headline(answer, language)
    )
    details = [goal_line(answer, language) or ""]
    if goal.owner:
        details.append(say(language, "goal.owner", owner=goal.owner))
    if check_in := check_ins.get(goal.key):
        details.append(check_in_text(check_in, language, call.workspace.settings.calendar.today(check_in.at)))
    yield from (f"  {line}" for line in wrapped(" · ".join(details), 98))
    for remark in reviewed.remarks:
        yield f"  ! {remark_text(remark, language)}"


def _json(reviewed: ReviewedGoal, check_ins: Mapping[str, CheckIn], language: str) -> dict[str, object]:
    goal, check_in = reviewed.goal, check_ins.get(reviewed.goal.key)
    stands = goal_json(reviewed.answer.goal, language) if reviewed.answer and reviewed.answer.goal else {}
    own: dict[str, object] = {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "per": goal.per,
        "where": dict(goal.where),
        "owner": goal.owner,
        "note": goal.note,
        "action": goal.action,
        "key": goal.key,
        "check_in": check_in and _check_in_json(check_in),
        "remarks": [{"code": remark.flaw, "message": remark_text(remark, language)} for remark in reviewed.remarks],
    }
    return (stands or {}) | own


def _check_in_json(check_in: CheckIn) -> dict[str, object]:
    return {
        "at": check_in.at.isoformat(),
        "who": check_in.who,
        "confidence": check_in.confidence,
        "note": check_in.note,
    }
