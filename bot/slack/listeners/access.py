"""Who may see a KPI, and where: the channel's widest reader counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kpi_core.answering.layout import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpi_core.metrics import Catalog, Metric
    from kpi_core.settings.values import Access, Settings

Showing = Literal["public", "asker", "nobody"]


def limits_of(settings: Settings, metric: Metric, catalog: Catalog) -> tuple[Access, ...]:
    """Every limit that an answer must keep: the KPI's own, and those of limited KPIs that its parts give away.

    A variant without a limit of its own is limited as its KPI. MER prints revenue ÷ marketing cost, so where
    sales revenue is limited, MER is limited alike.
    """
    whole = metric.variant_of or metric.id.partition("@")[0]
    own = settings.access.get(metric.id) or settings.access.get(whole)
    parts = _measures(metric, catalog) if settings.access else frozenset()
    given_away = [
        access
        for metric_id, access in settings.access.items()
        if metric_id not in {metric.id, whole} and metric_id in catalog.metrics
        if (other := _measures(catalog.metrics[metric_id], catalog)) and other <= parts
    ]
    return (*([own] if own else []), *given_away)


def showing(limits: Sequence[Access], channel: str, *, direct: bool, asker_allowed: bool) -> Showing:
    """To whom an answer may be shown when asked in `channel`; in a direct conversation the asker is all there is."""
    if all(channel in access.channels for access in limits):
        return "public"
    if not asker_allowed:
        return "nobody"
    return "public" if direct else "asker"


def _measures(metric: Metric, catalog: Catalog) -> frozenset[tuple[str, str]]:
    return frozenset((leaf.model, leaf.measure) for leaf in leaves(metric, catalog))
