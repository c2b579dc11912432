"""What changed in a period: the KPIs beyond their usual swing, in the terminal or as JSON."""

from __future__ import annotations

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.dates.periods import Period
from kpi_core.formats.why_json import changes_json
from kpi_core.reasons.movers import what_changed


def show_changes(call: Call, question: str, period: Period) -> int:
    """Show which KPIs moved in a period, against the one before."""
    door, now = call.workspace.door(OPERATOR), call.now()
    changes = what_changed(lambda queries: door.answers(queries, now), door.catalog, door.unavailable_kpis(), period)
    if call.as_json:
        call.show_json(changes_json(changes, question, call.language))
        return 0
    from bot.cards.reasons.movers import changes_lines
    from bot.terminal.text import WIDTH, wrapped

    call.show("\n".join(line for text in changes_lines(changes, call.language) for line in wrapped(text, WIDTH)))
    return 0
