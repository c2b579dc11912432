"""From which day on a KPI's numbers may be held against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache

from kpi_core.answering.days.moved import looks_back
from kpi_core.answering.layout import Leaf
from kpi_core.dates.periods import add_months
from kpi_core.health.facts import Finding, Health
from kpi_core.metrics import Catalog, Model
from kpi_core.warehouse.coverage import Coverage

SETTLED = timedelta(days=60)
"""How much history must lie before a number that depends on earlier rows: who has ordered before is known by then."""
_WINDOW = " over ("


@lru_cache(maxsize=4096)
def rests_on_history(model: Model, name: str) -> bool:
    """Whether a row's part in a measure depends on earlier rows: a customer's first order, who is still a customer."""
    if model.relation is not None:
        return not model.sparse and _WINDOW in model.relation.lower()
    measure = model.measures[name]
    sql = f"{measure.expr or ''} {measure.filter or ''}"
    return any(column in sql for column, text in model.computed.items() if _WINDOW in text.lower())


def history_since(leaves: Iterable[Leaf], catalog: Catalog, coverage: Mapping[str, Coverage]) -> date | None:
    """The first day whose numbers all leaves know and have enough history for; None where a table has no rows."""
    days = []
    for leaf in leaves:
        first = coverage[leaf.model].first
        if first is None:
            return None
        if leaf.trailing_months:
            first = add_months(first, leaf.trailing_months)
        back = looks_back(leaf)
        first = add_months(first, back.months) + timedelta(days=back.days)
        days.append(first + SETTLED if rests_on_history(catalog.models[leaf.model], leaf.measure) else first)
    return max(days, default=None)


def young_histories(leaves: Iterable[Leaf], catalog: Catalog, health: Health) -> Iterator[Finding]:
    """Tables on whose history a KPI rests, by the source that begins first, with the days it is too short for."""
    parts = [(catalog.models[leaf.model], leaf.measure) for leaf in leaves]
    models = [model for model, measure in parts if rests_on_history(model, measure)]
    for table in dict.fromkeys(name for model in models for name in model.reads or (model.name,)):
        begun = [(facts.first_day, facts.source) for facts in health.of_table(table) if facts.first_day is not None]
        if begun:
            first, source = min(begun)
            yield Finding("history_young", source, table, days=(first, first + SETTLED))
