"""What came of an action on an alert, some days after it: what its KPI did, and what else did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.cards.alert import Reader, looked_back_text, thread_card
from bot.workspace import Workspace
from kpi_core.access.audiences import Channel
from kpi_core.access.doorway import Door
from kpi_core.alerts.episode import filters_of
from kpi_core.alerts.incident import Trace
from kpi_core.alerts.record import record_of
from kpi_core.answering.layout import leaves
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.deliveries.incident_course import Event, actions_due, known_incidents, looked_back
from kpi_core.errors import QuestionError
from kpi_core.metrics import Metric
from kpi_core.query import Comparison, MetricQuery

MOST_RELATIVES = 12
"""So many other KPIs of the same measures are looked at."""


def look_back(workspace: Workspace, now: datetime) -> None:
    """Tell of each action that is due what the days after it were, beside as many before."""
    due = actions_due(workspace.store, now)
    if not due:
        return
    entries = {entry.id: entry for entry in known_incidents(workspace.store, now)}
    for row in due:
        incident = entries.get(row["incident"])
        text = ""
        if incident is not None and (trace := record_of(incident.body).lead).kpi:
            text = _text(workspace.door(Channel(incident.channel)), trace, row["at"], now)
        card = thread_card(text) if text else None
        message: Mapping[str, object] | None = {"text": card.text, "blocks": card.blocks} if card else None
        looked_back(workspace.store, row["key"], Event(row["incident"], "looked_back", now, message=message))


def _text(door: Door, trace: Trace, acted_at: datetime, now: datetime) -> str:
    """Empty where readers of the channel may not see the KPI any more."""
    if not door.may_see(trace.kpi) or trace.kpi not in door.catalog.metrics:
        return ""
    after, before = _spans(door.today(acted_at), door.today(now))
    own, *others = _answers(door, trace, after, before, now)
    reader = Reader(door.settings.locale, door.catalog, door.settings.currency)
    return looked_back_text(own, [other for other in others if _is_news(other)], reader, after.days)


def _spans(acted: date, today: date) -> tuple[Period, Period]:
    """The days since the action, and as many before it; that day itself belongs to neither."""
    length = max((today - acted).days - 1, 1)
    start = acted + timedelta(days=1)
    return Period(start, start + timedelta(days=length)), Period(acted - timedelta(days=length), acted)


def _answers(door: Door, trace: Trace, after: Period, before: Period, now: datetime) -> Iterator[Answer]:
    """Of the KPI first, then of those made of the same measures, in the same segment where they have it."""
    beside = (Comparison("period", before),)
    for metric in (door.catalog.metrics[trace.kpi], *_relatives(door, trace.kpi)):
        query = MetricQuery(metric.id, after, beside, (), filters_of(trace.segment), trended=False)
        try:
            yield door.answer(query, now)
        except QuestionError:
            continue


def _relatives(door: Door, kpi: str) -> Sequence[Metric]:
    own = _measures(door, door.catalog.metrics[kpi])
    others = (metric for metric in door.catalog.kpis() if metric.id != kpi and own & _measures(door, metric))
    return sorted(others, key=lambda metric: len(_measures(door, metric)))[:MOST_RELATIVES]


def _measures(door: Door, metric: Metric) -> set[tuple[str, str]]:
    return {(leaf.model, leaf.measure) for leaf in leaves(metric, door.catalog)}


def _is_news(answer: Answer) -> bool:
    return any(change.verdict in {"better", "worse"} for change in answer.comparisons)
