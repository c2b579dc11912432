"""kpi goals: every goal that counts; kpi goals set KPI TARGET --by DATE: one more, or another target."""

from __future__ import annotations

from bot.commands.call import Call
from bot.commands.reports.history_of_goals import show_history
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import say
from kpi_core.settings.goal_history import Occasion
from kpi_core.settings.values import Goal
from kpi_core.state.goals import set_goal
from sheets_sync.tabs.goals.typed_days import Deadlines, day_typed
from sheets_sync.tabs.typed import TypedError, kpi_typed, per_typed, segment_typed, spelled, target_typed


def run_goals(call: Call) -> int:
    """List the goals, or set one: it counts at once, and stands in the Sheet from its next sync on."""
    words = call.options.words
    if call.options.history:
        return show_history(call, words)
    if not words:
        return list_goals(call)
    if words[0] != "set" or len(words) != 3 or not call.options.by:
        message = "kpi goals lists goals; kpi goals set KPI TARGET --by DATE sets one."
        raise UsageError(message, code="usage", hint="For instance: kpi goals set cac 40 --by 2026-12-31")
    goal = _typed(call, words[1], words[2])
    call.audit(f"goals set {goal.kpi} {goal.target:g} --by {goal.by}", goal.kpi, goal.where)
    set_goal(call.workspace.store, goal, Occasion(call.now(), "terminal", "terminal"))
    return _shown(call, (goal,))


def list_goals(call: Call) -> int:
    """Show every goal that counts; as JSON with how the words were read."""
    return _shown(call, call.workspace.door(OPERATOR).goals())


def _typed(call: Call, kpi: str, target: str) -> Goal:
    """The goal in the words that people type into the Sheet."""
    door, options, language = call.workspace.door(OPERATOR), call.options, call.language
    locale = language.replace("-", "_")
    try:
        metric = kpi_typed({"stringValue": kpi}, door.definitions, door.vocabulary())
        return Goal(
            metric.id,
            target_typed({"stringValue": target}, metric, locale),
            day_typed({"stringValue": options.by}, Deadlines(locale, door.today(call.now()))),
            options.owner,
            segment_typed({"stringValue": options.where}, door.vocabulary()),
            per_typed({"stringValue": options.per}),
            options.note,
            options.action,
        )
    except TypedError as error:
        raise UsageError(notice_text(error.notice, language), code="usage", hint="See kpi goals --help.") from error


def _shown(call: Call, goals: tuple[Goal, ...]) -> int:
    if call.as_json:
        call.show_json({"goals": [_json(goal) for goal in goals]})
        return 0
    if not goals:
        call.show(say(call.language, "goals_command.none"))
    for goal in goals:
        parts = (goal.kpi, spelled(goal.where), f"{goal.target:g}", goal.per or "", goal.by.isoformat(), goal.owner)
        call.show("  ".join(part for part in parts if part))
    return 0


def _json(goal: Goal) -> dict[str, object]:
    return {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "per": goal.per,
        "where": dict(goal.where),
        "owner": goal.owner,
        "note": goal.note,
        "action": goal.action,
    }
