"""A summary as JSON, for `kpi summary --json`: full precision, ISO dates, None for "no data". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.formats.answer_json import answer_json, period_json
from kpi_core.formats.findings import health_json
from kpi_core.formats.notices import notice_text
from kpi_core.formats.why_json import why_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpi_core.answers import BreakdownRow
    from kpi_core.deliveries.summaries import Extremes, Late, Missing, Summary, SummaryLine
    from kpi_core.query import Filter
    from kpi_core.reasons.funnel import Bottleneck

Json = dict[str, Any]
_OF_ANSWER = ("metric", "unit", "currency", "direction", "value")


def summary_json(summary: Summary, language: str) -> Json:
    """Everything the summary says; names and labels in `language`, numbers as stored."""
    return {
        "name": summary.name,
        "company": summary.company,
        "audience": summary.audience,
        "period": period_json(summary.period, language),
        "week": summary.week,
        "tally": {
            "on_track": summary.tally.on_track,
            "at_risk": summary.tally.at_risk,
            "off_track": summary.tally.off_track,
            "running": summary.tally.running,
        },
        "health": [health_json(note, language) for note in summary.health],
        "lines": [_line_json(line, language) for line in summary.lines],
        "more": summary.more,
        "best": summary.best.metric.id if summary.best else None,
        "worst": summary.worst.metric.id if summary.worst else None,
        "chart": summary.chart.metric.id if summary.chart else None,
        "actions": [
            {
                "metric": action.metric.id,
                "filters": _filters_json(action.filters),
                "text": action.agreed or action.metric.playbook.get(language) or action.metric.playbook.get("en"),
                "agreed": bool(action.agreed),
                "owner": action.owner or None,
            }
            for action in summary.actions
        ],
        "why": why_json(summary.why, language) if summary.why else None,
        "bottleneck": _bottleneck_json(summary.bottleneck, language) if summary.bottleneck else None,
        "incidents": list(summary.incidents),
        "endangered": [_line_json(line, language) for line in summary.endangered],
        "extremes": _extremes_json(summary.extremes),
        "freshness": {
            "data_through": summary.data_through.isoformat() if summary.data_through else None,
            "late": [_late_json(late) for late in summary.late],
        },
        "missing": [_missing_json(missing, language) for missing in summary.missing],
        "sheet": summary.sheet_url,
        "missed_since": summary.missed_since.isoformat() if summary.missed_since else None,
    }


def _line_json(line: SummaryLine, language: str) -> Json:
    document = answer_json(line.answer, language)
    changes = [change for change in document["comparisons"] if change["basis"] == "previous_period"]
    return {
        **{key: document[key] for key in _OF_ANSWER},
        "name": line.metric.name(language),
        "filters": _filters_json(line.filters),
        "complete": line.answer.complete,
        "change": changes[0] if changes else None,
        "status": line.status,
        "goal": document["goal"],
        # A key that readers may count on; no line has a note yet.
        "note": None,
    }


def _filters_json(filters: Iterable[Filter]) -> dict[str, list[str | None]]:
    return {clause.dimension: list(clause.values) for clause in filters}


def _bottleneck_json(narrow: Bottleneck, language: str) -> Json:
    period = period_json(narrow.period, language)
    return {"period": period, "above": narrow.above.id, "step": narrow.step.id, "rate": narrow.rate}


def _extremes_json(extremes: Extremes | None) -> Json | None:
    if extremes is None:
        return None
    (dimension,) = extremes.answer.query.dimensions

    def rows(groups: Iterable[BreakdownRow]) -> list[Json]:
        return [{dimension: row.keys[0], "value": row.value} for row in groups]

    metric = extremes.answer.metric.id
    return {"metric": metric, "dimension": dimension, "best": rows(extremes.best), "worst": rows(extremes.worst)}


def _late_json(late: Late) -> Json:
    through = late.through.isoformat() if late.through else None
    return {"metrics": [metric.id for metric in late.metrics], "data_through": through}


def _missing_json(missing: Missing, language: str) -> Json:
    reason = notice_text(missing.reason, language, missing.metric) if missing.reason else None
    return {"metric": missing.metric.id, "name": missing.metric.name(language), "reason": reason}
