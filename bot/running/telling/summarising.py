"""A summary from kpi.yaml to the message of the ledger: composed, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.summary import summary_card
from bot.workspace import Workspace
from kpi_core.access.audiences import Channel
from kpi_core.access.doorway import Door
from kpi_core.alerts.record import record_of
from kpi_core.answers import Answer
from kpi_core.dates.periods import previous, unit_of
from kpi_core.deliveries.incident_course import SNOOZED, known_incidents
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.posted_number import posted_number
from kpi_core.deliveries.receipts import receipt_name
from kpi_core.deliveries.summaries import (
    Summary,
    audience_kpis,
    compose_summary,
    endangered,
    goal_queries,
    summary_period,
    summary_queries,
)
from kpi_core.errors import QuestionError, UsageError, did_you_mean
from kpi_core.query import MetricQuery
from kpi_core.reasons.funnel import Bottleneck, bottleneck
from kpi_core.reasons.why import Why, explained
from kpi_core.settings.values import Settings
from kpi_core.settings.values import Summary as SummarySetting


def summary_setting(settings: Settings, name: str) -> SummarySetting:
    """The summary of that name in kpi.yaml. UsageError with the names there are."""
    names = [setting.name for setting in settings.summaries]
    if name in names:
        return settings.summaries[names.index(name)]
    near = did_you_mean(name, names) or names
    hint = f"Did you mean {' or '.join(near)}?" if near else "Add it under summaries: in kpi.yaml."
    raise UsageError(f"There is no summary {name}.", code="unknown_summary", hint=hint)


def composed(
    workspace: Workspace, setting: SummarySetting, now: datetime, missed_since: datetime | None = None
) -> Summary:
    """What the summary says at an instant to those who read its channel."""
    door = workspace.door(Channel(setting.channel))
    day, goals, without_data, settings = door.today(now), door.goals(), door.unavailable_kpis(), door.settings
    queries = summary_queries(setting, settings, door.catalog, goals, day, without_data)
    grain = summary_period(setting.every, day, settings.calendar).grain
    # Of all definitions, not of those that may be seen: what is missing here is to be named.
    kpis = audience_kpis(setting.audience, settings, door.definitions, goals, grain, without_data)
    answers = _answers(door, queries, now)
    summary = compose_summary(setting, answers, settings, day, missed_since, door.left_out(kpis))
    beside = _answers(door, goal_queries(queries, setting, settings, door.catalog, goals, day), now)
    return replace(
        summary,
        endangered=endangered(beside),
        why=_why(door, summary, now),
        bottleneck=_bottleneck(door, summary, now),
        incidents=tuple(_incidents(workspace, door, setting.channel)),
    )


def _answers(door: Door, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
    """All at once; without those that cannot be asked any more, such as the segment of an old goal."""
    try:
        return door.answers(queries, now)
    except QuestionError:
        if len(queries) == 1:
            return []
        return [answer for query in queries for answer in _answers(door, [query], now)]


def _bottleneck(door: Door, summary: Summary, now: datetime) -> Bottleneck | None:
    """Of the last whole month, as in the Sheet: a week's steps are too few to hold against each other."""
    if summary.audience != "manager":
        return None
    calendar = door.settings.calendar
    month = previous(unit_of(door.today(now), "month", calendar), calendar)
    return bottleneck(lambda queries: door.answers(queries, now), door.catalog, month)


def _why(door: Door, summary: Summary, now: datetime) -> Why | None:
    """What the biggest move for the worse is made of."""
    if summary.worst is None or summary.audience == "exec":
        return None
    query = summary.worst.answer.query
    try:
        why = explained(lambda queries: door.answers(queries, now), query, door.vocabulary().splits_of(query.metric))
    except QuestionError:
        return None
    return why if why.splits else None


def _incidents(workspace: Workspace, door: Door, channel: str) -> Iterator[str]:
    """What the channel was alarmed of and is not over, the newest first."""
    # A summary makes no state where there was none.
    if not workspace.has_state:
        return
    for incident in reversed(known_incidents(workspace.store)):
        record = record_of(incident.body)
        if incident.channel == channel and incident.state != SNOOZED and _may_see(door, record.lead.kpi):
            yield record.line


def _may_see(door: Door, kpi: str) -> bool:
    """Limits may have come since the alarm."""
    return not kpi or door.may_see(kpi)


def message_of(summary: Summary, setting: SummarySetting, language: str) -> Posting:
    """The finished message: a retry posts identical numbers."""
    numbers = tuple(posted_number(line.answer) for line in summary.lines)
    card = summary_card(summary, language, receipt_name(numbers))
    blocks = tuple(card.blocks)
    return Posting(
        setting.channel, card.text, blocks, numbers=numbers, series=f"summary:{setting.name}", about=about(summary)
    )


def about(summary: Summary) -> str:
    """The period of a summary, as the ledger knows it."""
    return f"{summary.period.start}/{summary.period.end}"
