"""A number of another tool is held against ours: each cause with its amount, what is left named, the sum exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import CATALOG, csv
from loading_side import settings as workspace

from bot.commands.reports.reconcile_report import reconciliation_json, reconciliation_lines
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.loading.load import load
from kpi_core.query import MetricQuery
from kpi_core.review.reconciliation import Claim, Reconciliation, reconcile
from kpi_core.settings.values import Settings
from kpi_core.warehouse.duckdb import DuckDBWarehouse

import long

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
Firm = tuple[Settings, DuckDBWarehouse]
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """Meta: 1000 spent without VAT, 3300 claimed. TikTok: 1000 spent, 700 claimed. Two orders in October.

    Meta's claim was 3000 on 2 November, and 3300 later. The first order was made at 01:00 of 1 October.
    """
    folder = tmp_path_factory.mktemp("firm")
    ads = "date,platform,channel,spend,conversion_value\n"
    meta = csv(folder, "ads", "ad_performance", ads + "2026-10-31,meta,social,1000,3300\n", vat="without")
    tiktok = csv(folder, "clips", "ad_performance", ads + "2026-10-31,tiktok,video,1000,700\n", vat="without")
    shop = "order_id,ordered_at,channel,revenue,refunded_amount\n"
    shop += "a,2026-10-01 01:00,social,500,\nb,2026-10-20 12:00,social,300,100\nc,2026-11-09 12:00,social,1,\n"
    orders = csv(folder, "shop", "orders", shop)
    place = replace(
        workspace(folder, replace(meta, set={"platform": "meta"}), tiktok, orders), calendar=Calendar("UTC")
    )
    load(place, CATALOG, now=NOW)
    with duckdb.connect(str(folder / "kpi.duckdb")) as snapshot:
        snapshot.execute("""
            INSERT INTO kpi_restatements VALUES
            ('ads', '', DATE '2026-10-31', 'conversion_value', TIMESTAMP '2026-11-01 08:00', 3000),
            ('ads', '', DATE '2026-10-31', 'conversion_value', TIMESTAMP '2026-11-05 08:00', 3300)""")
    return place, DuckDBWarehouse(folder / "kpi.duckdb")


def taken_apart(firm: Firm, kpi: str, value: float, source: str, **how: Any) -> Reconciliation:
    return reconcile(firm[0], CATALOG, firm[1], MetricQuery(kpi, OCTOBER), Claim(value, source, **how), NOW)


def amounts(found: Reconciliation) -> dict[str, float]:
    return {step.cause: step.amount for step in found.steps} | {"residual": found.residual}


def test_roas_by_hand(firm: Firm) -> None:
    """Ours is 4000 / 2000 = 2. Meta alone is 3.3, VAT is in both its amounts, and it was 3 on 2 November."""
    found = taken_apart(firm, "roas", 2.9, "meta", vat="with", read_on=date(2026, 11, 2))
    told = amounts(found)
    assert told["others"] == pytest.approx(2 - 3.3)
    assert told["restated"] == pytest.approx(3.3 - 3)
    assert told["residual"] == pytest.approx(2.9 - 3)
    assert "vat" not in told
    assert found.unknown == ("window",)


def test_what_is_not_told_is_not_claimed(firm: Firm) -> None:
    """Without a word on VAT and the day of reading both are named as not computed, and have no amount."""
    found = taken_apart(firm, "roas", 2.9, "meta")
    assert amounts(found).keys() == {"others", "residual"}
    assert set(found.unknown) == {"vat", "restated", "window"}


def test_our_own_sales(firm: Firm) -> None:
    """By orders the channel with spend had 700 of 2000: the rest of what platforms claim has no sale of ours."""
    found = taken_apart(firm, "roas@last_click", 3.3, "meta")
    assert found.answer.value == pytest.approx(0.35)
    assert amounts(found)["unmatched"] == pytest.approx(0.35 - 2)
    assert amounts(found)["residual"] == pytest.approx(0)


def test_refunds_and_zone(firm: Firm) -> None:
    """The shop's screen leaves 100 of refunds in, and in New York the order of 01:00 was made in September."""
    found = taken_apart(firm, "sales_revenue", 300, "shop", is_gross=True, zone="America/New_York")
    assert found.answer.value == 700
    assert amounts(found) == {"refunds": -100, "zone": 500, "residual": pytest.approx(0)}
    assert "others" not in found.unknown
    ads = taken_apart(firm, "ad_spend", 2200, "all", zone="America/New_York", vat="with")
    assert "zone" in ads.unknown
    assert amounts(ads)["vat"] == pytest.approx(-200)


def test_no_number_is_refused(firm: Firm) -> None:
    """Where we have no number there is nothing to hold another against."""
    with pytest.raises(QuestionError):
        taken_apart(firm, "mrr", 5, "shop")


@pytest.mark.parametrize("language", ["en", "ko", "zh-TW"])
def test_the_lines(firm: Firm, language: str) -> None:
    """Both numbers first, then a line a cause, the rest, and what was not computed."""
    lines = reconciliation_lines(taken_apart(firm, "roas", 2.9, "meta"), language)
    assert len(lines) == 4
    assert "meta" in lines[0]
    assert "--vat" in lines[-1]


@long.examples("reconciliations", 6, 500)
@given(
    value=st.floats(-1e6, 1e6),
    kpi=st.sampled_from(["roas", "roas@last_click", "ad_spend", "sales_revenue", "cpa"]),
    source=st.sampled_from(["meta", "shop", "nobody"]),
    vat=st.sampled_from(["", "with", "without"]),
    is_gross=st.booleans(),
    read_on=st.sampled_from([None, date(2026, 11, 2), date(2026, 11, 9)]),
)
def test_the_parts_sum_exactly(firm: Firm, value: float, kpi: str, source: str, **how: Any) -> None:
    """Theirs, and each amount, less what is left, is ours; whatever is known of the tool."""
    try:
        found = taken_apart(firm, kpi, value, source, **how)
    except QuestionError:
        return
    told = reconciliation_json(found, "en")
    total = told["theirs"] + sum(step["amount"] for step in told["steps"]) - told["residual"]
    assert total == pytest.approx(told["ours"], rel=1e-9, abs=1e-6)
