"""What a limit closes: every KPI from which a reader who knows every other number could work the limited one out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from kpi_core.access.measures import revealed_by
from kpi_core.access.relatives import Relatives, relatives_of
from kpi_core.answering.layout import leaves
from kpi_core.metrics import Column, Measure, Metric, Model

from tables import CATALOG


def closed_by(metric_id: str) -> set[str]:
    return set(relatives_of(metric_id, CATALOG).closed)


@pytest.mark.parametrize(
    ("limited", "closed", "still_open"),
    [
        pytest.param(
            "sales_revenue",
            "sales_revenue@gross aov@gross arpu@gross gross_margin_rate@gross mer roi ltv ltv_cac revenue_growth_rate "
            "new_customer_revenue repeat_customer_revenue@period roas@last_click refund_rate@by_value historical_cltv",
            "cac new_customers roas ad_spend refund_rate purchase_frequency mrr",
            id="an amount: its readings, its parts, what is divided by an open number",
        ),
        pytest.param(
            "cac",
            "cac@paid cac@fully_loaded cac@leads paid_cac ltv_cac cac_payback",
            "ad_spend new_customers cpl cost_per_mql mer ltv",
            id="a ratio: what holds it as a part, not what it is made of",
        ),
        pytest.param(
            "new_customer_revenue",
            "new_customer_revenue@gross repeat_customer_revenue repeat_customer_revenue@gross",
            "sales_revenue aov campaign_roi",
            id="a part: its complement, not the total",
        ),
        pytest.param("churn_rate", "retention_rate retention_rate@orders", "mrr nrr", id="one less the other"),
        pytest.param("roi", "mer mer@gross", "cac sales_revenue", id="the same ratio, less 1"),
        pytest.param("website_traffic", "direct_traffic bounce_rate ecommerce_cvr", "unique_visitors", id="a slice"),
        pytest.param("mrr", "nrr grr", "churn_rate", id="its amount at another moment"),
        pytest.param(
            "direct_traffic",
            "website_traffic bounce_rate traffic_by_channel",
            "landing_page_cvr unique_visitors new_visitor_share goal_completions",
            id="a part that a question splits off its total",
        ),
        pytest.param("landing_page_cvr", "conversion_rate", "website_traffic", id="a ratio of such parts"),
        pytest.param(
            "new_customers",
            "cac cohort_retention website_new_sales existing_customer_share win_rate",
            "leads aov",
            id="the same in a model, what is left without it",
        ),
        pytest.param("cac@fully_loaded", "cac@fully_loaded", "cac cac@paid mer@fully_loaded", id="one reading alone"),
    ],
)
def test_a_limit_closes_what_gives_it_away_and_nothing_else(limited: str, closed: str, still_open: str) -> None:
    """Readings, complements, parts and what contains it are closed; what does not reveal it stays open."""
    found = closed_by(limited)
    assert limited in found
    assert not set(closed.split()) - found
    assert not set(still_open.split()) & found


def test_parts_are_hidden_where_only_they_give_it_away() -> None:
    """NRR's value does not tell GRR, but its parts beside it do; MER's parts hold MER@paid's."""
    assert "nrr" in relatives_of("grr", CATALOG).without_parts
    assert "mer" in relatives_of("mer@paid", CATALOG).without_parts


def test_what_stays_open_although_the_kpi_is_made_of_it_is_named() -> None:
    """Limiting CAC leaves ad spend and new customers open."""
    assert {"ad_spend", "new_customers"} <= set(relatives_of("cac", CATALOG).sources)
    assert relatives_of("sales_revenue", CATALOG).sources == ()


def test_a_model_of_ones_own_gives_away_what_its_sql_reads() -> None:
    """Without `reveals:` an amount worked out from the table of orders is taken for their revenue; a count is not."""
    own = Model(
        "basket", "", {"amount": Column("amount", "decimal"), "day": Column("day", "date")}, (), "day", {}, (),
        {"worth": Measure("worth", "sum", "amount"), "baskets": Measure("baskets", "count")},
        relation="select revenue as amount, cast(ordered_at as date) as day from orders", reads=("orders",),
    )  # fmt: skip
    catalog = replace(CATALOG, models={**CATALOG.models, "basket": own})
    assert ("orders", "revenue") in revealed_by(("basket", "worth"), catalog)
    assert revealed_by(("basket", "baskets"), catalog) == {("basket", "baskets")}


@pytest.mark.parametrize(
    ("computed", "expr"),
    [({}, "REVENUE"), ({"net": "revenue * 0.9"}, "net"), ({"Net": "Revenue - 1", "worth": "net * 2"}, "worth")],
    ids=["in capitals", "under another name", "under another name's name"],
)
def test_an_amount_under_another_name_gives_away_the_same(computed: dict[str, str], expr: str) -> None:
    """A team's own sum of a column is known for one however it spells the column, and through computed columns."""
    orders = CATALOG.models["orders"]
    measures = {**orders.measures, "own": Measure("own", "sum", expr)}
    own = replace(orders, computed={**orders.computed, **computed}, measures=measures)
    catalog = replace(CATALOG, models={**CATALOG.models, "orders": own})
    assert ("orders", "revenue") in revealed_by(("orders", "own"), catalog)


def test_every_kpi_and_variant_limited_in_turn_closes_its_readings_and_all_that_contains_it() -> None:
    """Of every single measure, nothing that reads it or gives it away stays open with its numbers; both are counted."""
    counts = {"closed": 0, "without parts": 0, "open": 0}
    for limited in CATALOG.metrics.values():
        relatives = relatives_of(limited.id, CATALOG)
        found = set(relatives.closed)
        assert {limited.id, *limited.variants} <= found
        assert not {each.id for each in CATALOG.metrics.values() if nests(each, found)} - found
        if one_measure(limited):
            told = {each.id for each in CATALOG.metrics.values() if shares_measure(each, limited)}
            assert told <= found | set(relatives.without_parts), limited.id
        counts = counted(counts, relatives)
    assert counts["closed"] > len(CATALOG.metrics)
    assert counts["without parts"] > 10
    assert counts["open"] > 100 * len(CATALOG.metrics)


def nests(metric: Metric, closed: set[str]) -> bool:
    words = itertools.chain.from_iterable(each.expression.split() for each in metric.inputs.values())
    return bool(closed.intersection(words))


def one_measure(metric: Metric) -> bool:
    return len({(leaf.model, leaf.measure) for leaf in leaves(metric, CATALOG)}) == 1


def shares_measure(metric: Metric, limited: Metric) -> bool:
    (place,) = {(leaf.model, leaf.measure) for leaf in leaves(limited, CATALOG)}
    return any(place in revealed_by((leaf.model, leaf.measure), CATALOG) for leaf in leaves(metric, CATALOG))


def counted(counts: dict[str, int], relatives: Relatives) -> dict[str, int]:
    closed, hidden = len(relatives.closed), len(relatives.without_parts)
    return {
        "closed": counts["closed"] + closed,
        "without parts": counts["without parts"] + hidden,
        "open": counts["open"] + len(CATALOG.metrics) - closed - hidden,
    }
