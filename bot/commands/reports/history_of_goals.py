"""The history of goals, newest first: when, where, who, and from what to what."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.formats.goals.goal_changes import by_name, change_text
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import say
from kpi_core.settings.goal_history import GoalChange, goal_document
from kpi_core.state.goals import changes_of_goals
from kpi_core.state.owner_names import names_of_people
from sheets_sync.tabs.typed import TypedError, kpi_typed


def show_history(call: Call, words: Sequence[str]) -> int:
    """Every change of a goal; of one KPI's where its name follows."""
    changes = changes_of_goals(call.workspace.store, kpi=_kpi(call, words) if words else None)
    if call.as_json:
        call.show_json({"changes": [_json(change) for change in changes]})
        return 0
    if not changes:
        call.show(say(call.language, "goal_change.none"))
    door, zone = call.workspace.door(OPERATOR), call.workspace.settings.calendar.zone
    names = names_of_people(call.workspace.store)
    for change in (by_name(each, names) for each in changes):
        at = change.occasion.at.astimezone(zone)
        metric = door.definitions.metrics.get(change.goal.kpi)
        text = change_text(change, metric, call.workspace.settings.currency, call.language)
        parts = (f"{at:%Y-%m-%d %H:%M}", change.occasion.place, change.occasion.who, change.goal.kpi, text)
        # Somebody at this machine is a place and a name in one.
        call.show("  ".join(dict.fromkeys(part for part in parts if part)))
    return 0


def _kpi(call: Call, words: Sequence[str]) -> str:
    door = call.workspace.door(OPERATOR)
    try:
        return kpi_typed({"stringValue": " ".join(words)}, door.definitions, door.vocabulary()).id
    except TypedError as error:
        hint = "kpi goals --history cac shows the changes of one KPI's goals."
        raise UsageError(notice_text(error.notice, call.language), code="usage", hint=hint) from error


def _json(change: GoalChange) -> dict[str, object]:
    occasion = change.occasion
    return {
        "at": occasion.at.isoformat(),
        "who": occasion.who,
        "place": occasion.place,
        "goal": change.goal.key,
        "before": goal_document(change.before),
        "after": goal_document(change.after),
    }
