"""Whether a number is normal: its newest day beside what was usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.alerts.scopes import scope_of
from kpi_core.alerts.usual_band import since_of, usual_band
from kpi_core.formats.answer_json import answer_json

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery


def show_band(call: Call, query: MetricQuery) -> int:
    """Show a question's newest day with its band; as JSON each day, beside the answer."""
    door, now = call.workspace.door(OPERATOR), call.now()
    band = usual_band(query, scope_of(door, min(query.period.end, door.today(now)) - since_of(query), now))
    if call.as_json:
        days = [
            {"date": day.on.isoformat(), "value": day.value, "low": day.low, "high": day.high, "news": day.news}
            for day in band.days
        ]
        call.show_json(answer_json(band.answer, call.language) | {"usual": days})
        return 0
    from bot.cards.reasons.band import band_lines
    from bot.terminal.text import WIDTH, wrapped

    lines = (line for text in band_lines(band, call.language, door.catalog) for line in wrapped(text, WIDTH))
    call.show("\n".join(lines))
    return 0
