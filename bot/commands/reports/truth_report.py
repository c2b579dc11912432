"""What ads brought in, by all who claim it: `kpi ask "roas three ways"`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import period_json
from kpi_core.reasons.three_truths import LOOK_BACK_DAYS, REVENUE, SPEND, three_truths

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery
    from kpi_core.reasons.three_truths import Truths


def show_truths(call: Call, query: MetricQuery) -> int:
    """Show the readings of a question side by side."""
    door, now = call.workspace.door(OPERATOR), call.now()
    truths = three_truths(lambda queries: door.answers(queries, now), door.may_see, query)
    if call.as_json:
        call.show_json(truths_json(truths, call.language))
        return 0
    from bot.cards.reasons.truth_lines import truths_lines
    from bot.terminal.text import WIDTH, wrapped

    lines = (line for text in truths_lines(truths, call.language, door.catalog) for line in wrapped(text, WIDTH))
    call.show("\n".join(lines))
    return 0


def truths_json(truths: Truths, language: str) -> dict[str, Any]:
    """By reading: value (revenue over spend) and both parts; None where it is not known or not for the reader."""
    answer = truths.claimed
    return {
        "period": period_json(answer.query.period, language) | {"complete": answer.complete},
        "currency": answer.currency,
        "ways": [
            {
                "metric": way.metric.id,
                "value": way.value,
                "revenue": way.parts.get(REVENUE),
                "ad_spend": way.parts.get(SPEND),
            }
            for way in truths.ways
        ],
        "over_claim": truths.over_claim,
        "untouched_share": None if truths.untouched is None else truths.untouched.value,
        "look_back_days": LOOK_BACK_DAYS,
    }
