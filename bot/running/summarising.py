"""A summary from kpi.yaml to the message of the ledger: composed, drawn."""

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
    names = [setting.name for setting in settings.summaries]
    if name in names:
        return settings.summaries[names.index(name)]
    near = did_you_mean(name, names) or names
    hint = f"Did you mean {' or '.join(near)}?" if near else "Add it under summaries: in kpi.yaml."
    raise UsageError(f"There is no summary {name}.", code="unknown_summary", hint=hint)


def composed(engine: Engine, setting: SummarySetting, now: datetime, missed_since: datetime | None = None) -> Summary:
    """What the summary says at an instant."""
    day = engine.today(now)
    queries = summary_queries(setting, engine.settings, engine.catalog, engine.goals(), day, engine.unavailable_kpis())
    return compose_summary(setting, engine.answers(queries, now), engine.settings, day, missed_since)


def message_of(summary: Summary, setting: SummarySetting, language: str) -> Message:
    """The finished message: a retry posts identical numbers."""
    card = summary_card(summary, language)
    numbers = tuple(posted_number(line.answer) for line in summary.lines)
    return Message(setting.channel, {"text": card.text, "blocks": list(card.blocks)}, numbers)
