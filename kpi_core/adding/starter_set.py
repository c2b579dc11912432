"""The first KPIs of a firm: few, fit for its aim, and with numbers already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Literal, get_args

from kpi_core.metrics import Metric

Aim = Literal["awareness", "leads", "sales", "loyalty", "all"]
AIMS: tuple[Aim, ...] = get_args(Aim)
FEWEST, MOST = 5, 7
"""More than a handful nobody looks at; fewer do not show what drives the result."""

_BY_AIM: Mapping[Aim, tuple[str, ...]] = {
    "awareness": (
        "branded_search_volume", "new_users", "cpm", "website_traffic", "engagement_rate", "ctr", "direct_traffic",
        "share_of_voice", "conversion_rate", "new_customers", "reach", "follower_growth_rate",
    ),
    "leads": (
        "leads", "cpl", "lead_conversion_rate", "mql_to_sql_rate", "win_rate", "pipeline_value", "sales_cycle_length",
        "ctr", "conversion_rate", "email_click_rate", "cost_per_mql", "opportunities",
    ),
    "sales": (
        "sales_revenue", "cac", "roas", "conversion_rate", "aov", "new_customers", "ctr", "refund_rate", "ad_spend",
        "cpc", "win_rate", "leads",
    ),
    "loyalty": (
        "repeat_purchase_rate", "retention_rate", "nps", "churn_rate", "ltv", "purchase_frequency", "csat", "nrr",
        "email_open_rate", "email_unsubscribe_rate", "arpu", "repeat_customer_revenue",
    ),
    "all": (
        "sales_revenue", "cac", "roas", "leads", "conversion_rate", "retention_rate", "nps", "new_users", "ctr",
        "email_click_rate", "win_rate", "aov",
    ),
}  # fmt: skip


def starter_set(aim: Aim, ready: Collection[str], metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    """Ids of KPIs that have data, at most seven, the most telling of the aim first.

    What leads and what lags are both there where the data has both, and a vanity KPI never stands alone.
    """
    fitting = [kpi for kpi in _BY_AIM[aim] if kpi in ready]
    if len(fitting) < FEWEST:
        fitting += [kpi for kpi in _fillers(ready, metrics) if kpi not in fitting][: FEWEST - len(fitting)]
    chosen = _balanced(fitting, ready, metrics)
    return () if all(metrics[kpi].vanity for kpi in chosen) else tuple(chosen)


def _fillers(ready: Collection[str], metrics: Mapping[str, Metric]) -> Iterator[str]:
    usual = chain(_BY_AIM["all"], *(_BY_AIM[aim] for aim in AIMS))
    others = (kpi for kpi, metric in metrics.items() if metric.variant_of is None and not metric.vanity)
    return (kpi for kpi in dict.fromkeys(chain(usual, others)) if kpi in ready)


def _balanced(fitting: Sequence[str], ready: Collection[str], metrics: Mapping[str, Metric]) -> list[str]:
    """The first of them; the last one gives way where all of them lead, or all lag."""
    chosen = list(fitting[:MOST])
    kinds = {metrics[kpi].indicator for kpi in chosen}
    if len(kinds) == 1:
        others = (kpi for kpi in chain(fitting[MOST:], _fillers(ready, metrics)) if metrics[kpi].indicator not in kinds)
        if (other := next((kpi for kpi in others if not metrics[kpi].vanity), None)) is not None:
            chosen = [*chosen[: MOST - 1], other]
    return chosen
