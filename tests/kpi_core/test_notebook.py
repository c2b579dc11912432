"""`kpi_core.open(…).ask(…).frame()`: what `kpi ask` says, as pandas frames."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pandas as pd
import pytest

import kpi_core
from bot.cli import main
from kpi_core.errors import QuestionError
from kpi_core.notebook import Notebook

NOW = datetime(2026, 11, 22, 9)
SETTINGS = """\
company: Small shop
timezone: Asia/Seoul
currency: KRW
sources: [{name: shop, type: csv, path: orders.csv, table: orders}]
"""
ORDERS = """\
order_id,customer_id,ordered_at,channel,revenue
a,kim,2026-09-05 12:00,search,30000
b,lin,2026-10-05 23:59,search,10000
c,kim,2026-10-06 00:00,social,5000
"""


@pytest.fixture(scope="module")
def kpis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A small shop, loaded."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "kpi.yaml").write_text(SETTINGS, "utf-8")
    (folder / "orders.csv").write_text(ORDERS, "utf-8")
    assert main(["load", "--config", str(folder / "kpi.yaml"), "--now", "2026-11-22T09:00"]) == 0
    with kpi_core.open(folder / "kpi.yaml") as opened:
        yield opened


def test_one_number_is_one_row(kpis: Notebook) -> None:
    """The value under the KPI's id, with parts and comparisons beside it."""
    asked = kpis.ask("aov 2026-10", NOW)
    frame = asked.frame()
    assert frame.shape[0] == 1
    assert (frame.loc[0, "aov"], frame.loc[0, "revenue"], frame.loc[0, "previous_period"]) == (7500, 15000, 30000)
    assert asked.value == 7500
    assert asked.json()["metric"] == "aov"


def test_a_split_is_a_row_a_group(kpis: Notebook) -> None:
    """Each group with its dimension, and what is not known is NaN, never 0."""
    frame = kpis.ask("sales_revenue 2026-10 by channel", NOW).frame().set_index("channel")
    assert dict(frame["sales_revenue"]) == {"search": 10000, "social": 5000}
    assert frame.loc["search", "previous_period_change"] == -20000
    assert pd.isna(frame.loc["social", "previous_period_change_ratio"])


def test_a_trend_is_a_row_a_period(kpis: Notebook) -> None:
    """Half-open local dates, oldest first."""
    trend = kpis.ask("sales_revenue 2026-10", NOW).trend()
    last = trend.iloc[-1]
    assert (last["start"], last["end"], last["sales_revenue"]) == (
        pd.Timestamp("2026-10-01"),
        pd.Timestamp("2026-11-01"),
        15000,
    )
    assert trend["start"].is_monotonic_increasing


def test_words_that_ask_nothing(kpis: Notebook) -> None:
    """The same error as everywhere, with suggestions."""
    with pytest.raises(QuestionError) as refusal:
        kpis.ask("sales_revenoo last-month", NOW)
    assert refusal.value.suggestions
