"""Which KPIs moved, and why one did, as JSON: full precision, the parts sum to the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.formats.periods import period_label

if TYPE_CHECKING:
    from kpi_core.dates.periods import Period
    from kpi_core.reasons.movers import Changes
    from kpi_core.reasons.why import Split, Why


def why_json(why: Why, language: str) -> dict[str, Any]:
    """The change, what it is made of by the dimension that tells most, by the others, and along the formula."""
    change = why.change
    return {
        "metric": why.answer.metric.id,
        "unit": why.answer.metric.unit,
        "currency": why.answer.currency,
        "period": _period(change.compared, language),
        "against": _period(change.period, language),
        "value": change.current,
        "before": change.value,
        "change": change.change,
        "verdict": change.verdict,
        "splits": [_split(split) for split in why.splits],
        "steps": [
            {"part": step.name, "before": step.before, "after": step.after, "effect": step.effect} for step in why.steps
        ],
    }


def changes_json(changes: Changes, question: str, language: str) -> dict[str, Any]:
    """Of each KPI that moved its value, the one before, and between which values it would have been no news."""
    period = _period(changes.period, language)
    return {
        "question": question,
        "period": period,
        "compared": changes.compared,
        "changes": [
            {
                "metric": mover.answer.metric.id,
                "unit": mover.answer.metric.unit,
                "currency": mover.answer.currency,
                "against": _period(mover.change.period, language),
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


def _period(period: Period, language: str) -> dict[str, str]:
    return {
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "label": period_label(period, language),
    }


def _split(split: Split) -> dict[str, Any]:
    return {
        "dimension": split.dimension,
        "reasons": [
            {
                "segment": reason.name,
                "effect": reason.effect,
                "rate": reason.rate,
                "mix": reason.mix,
                "before": reason.before,
                "after": reason.after,
                "folded": reason.folded,
            }
            for reason in split.reasons
        ],
    }
