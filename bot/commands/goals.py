"""kpi goals: every goal as it stands; set one, say how sure it is, make its task, or how the budgets run."""

from __future__ import annotations

from bot.cards.views.goal_view import GoalWords
from bot.commands.call import Call
from bot.commands.reports.budget_table import show_budgets
from bot.commands.reports.goal_list import show_goals
from bot.commands.reports.history_of_goals import show_history
from bot.commands.reports.task_report import make_goal_task
from bot.running.typed_values import TypedValues
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.formats.notices import notice_text
from kpi_core.goals.check_ins import CheckIn, confidence_typed
from kpi_core.phrases import Notice
from kpi_core.settings.goal_history import Occasion, with_unsaid
from kpi_core.settings.values import Goal
from kpi_core.state.check_in_rows import add_check_in
from kpi_core.state.goals import set_goal
from sheets_sync.tabs.typed import TypedError, kpi_typed, segment_typed

_USAGE = (
    "kpi goals lists goals; goals set KPI TARGET --by DATE, goals check-in KPI --confidence 7, goals task KPI, "
    "goals budget."
)


def run_goals(call: Call) -> int:
    """List the goals as they stand, set one, say how sure one is, or how the budgets run."""
    words = call.options.words
    if call.options.history:
        return show_history(call, words)
    if not words:
        return list_goals(call)
    match words:
        case ["set", kpi, target] if call.options.by:
            return _set(call, kpi, target)
        case ["check-in", kpi] if call.options.confidence:
            return _check_in(call, kpi)
        case ["task", kpi]:
            return make_goal_task(call, _meant(call, kpi))
        case ["budget"]:
            return show_budgets(call)
    hint = "For instance: kpi goals set cac 40 --by 2026-12-31"
    raise UsageError(_USAGE, code="usage", hint=hint)


def _set(call: Call, kpi: str, target: str) -> int:
    """It counts at once, and stands in the Sheet from its next sync on."""
    goal = _typed(call, kpi, target)
    there = (other for other in call.workspace.door(OPERATOR).goals() if other.key == goal.key)
    goal = with_unsaid(goal, next(there, None))
    call.audit(f"goals set {goal.kpi} {goal.target:g} --by {goal.by}", goal.kpi, goal.where)
    set_goal(call.workspace.store, goal, Occasion(call.now(), "terminal", "terminal"))
    return show_goals(call, (goal,))


def _check_in(call: Call, kpi: str) -> int:
    confidence = confidence_typed(call.options.confidence)
    goal = _meant(call, kpi)
    call.audit(f"goals check-in {goal.kpi} --confidence {confidence}", goal.kpi, goal.where)
    check_in = CheckIn(goal.key, goal.kpi, call.now(), "terminal", confidence, call.options.note)
    add_check_in(call.workspace.store, check_in)
    return show_goals(call, (goal,))


def _meant(call: Call, kpi: str) -> Goal:
    """The goal that a KPI's name, --where, --per and --by single out."""
    door, language, options = call.workspace.door(OPERATOR), call.language, call.options
    try:
        metric = kpi_typed({"stringValue": kpi}, door.definitions, door.vocabulary())
        where = segment_typed({"stringValue": options.where}, door.vocabulary())
    except TypedError as error:
        raise _refused(error.notice, language) from error
    own = [goal for goal in door.goals() if goal.kpi == metric.id and dict(goal.where) == dict(where)]
    running = [goal for goal in own if goal.by >= door.today(call.now())]
    fitting = [
        goal for goal in running or own if options.per in {"", goal.per} and options.by in {None, goal.by.isoformat()}
    ]
    if not fitting:
        hint = "See kpi goals; name its segment with --where channel=search."
        raise UsageError(f"There is no such goal for {metric.id}.", code="no_goal", hint=hint)
    return min(fitting, key=lambda goal: goal.by)


def list_goals(call: Call) -> int:
    """Show every goal that counts; as JSON with how the words were read."""
    return show_goals(call, call.workspace.door(OPERATOR).goals())


def _typed(call: Call, kpi: str, target: str) -> Goal:
    """The goal in the words that people type into the Sheet."""
    options, language = call.options, call.language
    words = GoalWords(kpi, target, options.by, options.owner, options.where, options.per, options.note, options.action)
    read = TypedValues(call.now).goal(words, call.workspace.door(OPERATOR), language)
    if isinstance(read, Goal):
        return read
    notice = next(iter(read.values()))
    raise _refused(notice, language)


def _refused(notice: Notice, language: str) -> UsageError:
    """Words that name no goal, and where to look."""
    hint = "kpi list shows every KPI." if ".unknown_kpi" in notice.key else "See kpi goals --help."
    return UsageError(notice_text(notice, language), code="usage", hint=hint)
