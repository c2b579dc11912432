"""A summary from kpi.yaml to the message of the ledger: asked, composed, drawn."""

from __future__ import annotations

from datetime import datetime

from bot.cards.summary import summary_card
from kpi_core.answering.engine import Engine
from kpi_core.deliveries.ledger import Message
from kpi_core.deliveries.posted import posted_number
from kpi_core.deliveries.summaries import Summary, compose_summary, summary_queries
from kpi_core.errors import UsageError, did_you_mean
from kpi_core.settings.values import Settings
from kpi_core.settings.values import Summary as SummarySetting


def summary_setting(settings: Settings, name: str) -> SummarySetting:
    """The summary of that name in kpi.yaml. UsageError with the names there are."""
    found = next((each for each in settings.summaries if each.name == name), None)
    if found is not None:
        return found
    known = [each.name for each in settings.summaries]
    near = did_you_mean(name, known) or known
    hint = f"Did you mean {' or '.join(near)}?" if near else "Add it under summaries: in kpi.yaml."
    raise UsageError(f"There is no summary {name}.", code="unknown_summary", hint=hint)


def composed(engine: Engine, asked: SummarySetting, now: datetime, missed_since: datetime | None = None) -> Summary:
    """What the summary says at an instant."""
    day = engine.today(now)
    without = [metric.id for metric in engine.catalog.kpis() if engine.unavailable(metric.id)]
    queries = summary_queries(asked, engine.settings, engine.catalog, engine.goals(), day, without)
    return compose_summary(asked, engine.answers(queries, now), engine.settings, day, missed_since)


def message_of(summary: Summary, asked: SummarySetting, language: str) -> Message:
    """The finished message: a retry posts identical numbers."""
    card = summary_card(summary, language)
    numbers = tuple(posted_number(line.answer) for line in summary.lines)
    return Message(asked.channel, {"text": card.text, "blocks": list(card.blocks)}, numbers)
