"""What changed in a period as JSON: full precision, the furthest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.formats.answer_json import period_json

if TYPE_CHECKING:
    from kpi_core.reasons.movers import Changes


def changes_json(changes: Changes, question: str, language: str) -> dict[str, Any]:
    """Of each KPI that moved its value, the one before, and between which values it would have been no news."""
    period = period_json(changes.period, language)
    return {
        "question": question,
        "period": period,
        "compared": changes.compared,
        "changes": [
            {
                "metric": mover.answer.metric.id,
                "unit": mover.answer.metric.unit,
                "currency": mover.answer.currency,
                "against": period_json(mover.change.period, language),
                "value": mover.change.current,
                "before": mover.change.value,
                "change": mover.change.change,
                "change_ratio": mover.change.change_ratio,
                "verdict": mover.change.verdict,
                "usual": list(mover.change.usual or ()),
            }
            for mover in changes.movers
        ],
        "reading": {"intent": "changes", "kpi": None, "period": {"start": period["start"], "end": period["end"]}},
    }
