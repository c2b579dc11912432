"""Answers and the catalogue as JSON: full precision, ISO dates, None for "no data". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.formats.benchmarks import benchmark_json
from kpi_core.formats.findings import finding_json, health_json
from kpi_core.formats.notices import notice_text
from kpi_core.formats.periods import period_label
from kpi_core.formats.reading_json import reading_json
from kpi_core.metrics import LANGUAGES, localized

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from kpi_core.answers import Answer, BreakdownRow, Change, GoalState, Landing, Maturity
    from kpi_core.dates.periods import Period
    from kpi_core.health.facts import Finding
    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice

Json = dict[str, Any]


def answer_json(answer: Answer, language: str) -> Json:
    """An answer with every key a reader may rely on; labels and warnings in `language`, numbers as stored."""
    query, metric = answer.query, answer.metric
    rows = answer.breakdown
    known_vat: Json = {"vat": dict(answer.vat)} if answer.vat else {}
    return {
        "question": query.question,
        "metric": metric.id,
        "unit": metric.unit,
        "currency": answer.currency,
        "direction": metric.direction,
        "period": period_json(query.period, language) | {"complete": answer.complete},
        "value": answer.value,
        "parts": dict(answer.parts),
        "comparisons": [_change_json(change, metric, language) for change in answer.comparisons],
        "goal": goal_json(answer.goal, language),
        "benchmark": benchmark_json(metric),
        "breakdown": None if rows is None else [_row_json(row, query.dimensions, metric, language) for row in rows],
        "trend": [
            days_json(point.period) | {"value": point.value, "complete": point.complete} for point in answer.trend
        ],
        "freshness": {
            "data_through": answer.freshness.data_through and _iso(answer.freshness.data_through),
            "stale": answer.freshness.stale,
        },
        "warnings": [notice_text(warning, language, metric) for warning in (*answer.warnings, *query.assumed)],
        "definition": {"formula": answer.definition.formula, "version": answer.definition.version}
        | {"reading": answer.definition.reading},
        "health": [health_json(note, language) for note in answer.health],
        "reading": reading_json(query),
        **known_vat,
        **_maturity_json(answer.maturity),
        **_breaks_json(answer, language),
    }


def _maturity_json(maturity: Maturity | None) -> Json:
    """How far the number has settled, where it still moves."""
    if maturity is None:
        return {}
    ends = {"value": maturity.value, "low": maturity.low, "high": maturity.high}
    facts: Json = {"share": maturity.share, "until": _iso(maturity.until), "sources": list(maturity.sources)}
    return {"maturity": facts | ends}


def _breaks_json(answer: Answer, language: str) -> Json:
    """The days in its course from which on it means something else, where there are any."""
    lines = [
        {"since": _iso(each.since), "source": each.source, "columns": list(each.columns)}
        | {"text": localized(each.text, language)}
        for each in answer.breaks
        if each.parts((point.period.start, point.period.end) for point in answer.trend)
    ]
    return {"breaks": lines} if lines else {}


def kpi_list_json(
    catalog: Catalog,
    unavailable: Mapping[str, Notice],
    language: str = "en",
    incomplete: Mapping[str, Sequence[Finding]] | None = None,
) -> Json:
    """The plain KPIs in catalogue order.

    `unavailable` gives, by id, why a KPI cannot be computed, `incomplete` what is wrong with its newest data, if
    that is known.
    """
    kpis = [_kpi_json(metric, unavailable.get(metric.id), language) for metric in catalog.kpis()]
    if incomplete is not None:
        for entry in kpis:
            entry["health"] = [finding_json(finding, language) for finding in incomplete.get(entry["id"], ())]
    return {"kpis": kpis}


def period_json(period: Period, language: str) -> Json:
    """A period for a reader; `period_values` of `dates/periods.py` is for a program that wants it back."""
    return days_json(period) | {"label": period_label(period, language)}


def days_json(period: Period) -> Json:
    return {"start": _iso(period.start), "end": _iso(period.end)}


def _kpi_json(metric: Metric, reason: Notice | None, language: str) -> Json:
    return {
        "id": metric.id,
        "names": {code: metric.name(code) for code in LANGUAGES},
        "type": metric.type,
        "unit": metric.unit,
        "direction": metric.direction,
        "stage": metric.stage,
        "cadence": metric.cadence,
        "available": reason is None,
        "reason": notice_text(reason, language, metric) if reason else None,
    }


def _change_json(change: Change, metric: Metric, language: str) -> Json:
    document: Json = {
        "basis": change.basis,
        "period": period_json(change.period, language),
        "value": change.value,
        "change": change.change,
        "change_ratio": change.change_ratio,
        "verdict": change.verdict,
    }
    if change.usual is not None:
        # The lowest and the highest value that would be no news after such a base.
        document["usual"] = list(change.usual)
    if change.notice:
        document["note"] = notice_text(change.notice, language, metric)
    return document


def goal_json(goal: GoalState | None, language: str) -> Json | None:
    """How the goal stands now, by the period and value beside it; `asked` is the answer's own period."""
    if goal is None:
        return None
    return {
        "target": goal.target,
        "by": _iso(goal.by),
        "status": goal.status,
        "gap": goal.gap,
        "owner": goal.owner or None,
        "where": dict(goal.where),
        "per": goal.per or None,
        "period": period_json(goal.period, language) | {"complete": goal.complete},
        "value": goal.value,
        "asked": goal.asked and {"reached": goal.asked.reached, "gap": goal.asked.gap},
        "landing": goal.landing and _landing_json(goal.landing),
        "probability": goal.probability,
        "required_rate": goal.required_rate,
        "unforeseen": goal.unforeseen,
        "action": goal.action or None,
    }


def _landing_json(landing: Landing) -> Json:
    return {"value": landing.value, "low": landing.low, "high": landing.high, "on": _iso(landing.on)}


def _row_json(row: BreakdownRow, dimensions: tuple[str, ...], metric: Metric, language: str) -> Json:
    document: Json = dict(zip(dimensions, row.keys, strict=True))
    if row.folded:
        document["folded"] = row.folded
    return document | {
        "value": row.value,
        "parts": dict(row.parts),
        "comparisons": [_change_json(change, metric, language) for change in row.comparisons],
    }


def _iso(day: date) -> str:
    return day.isoformat()
