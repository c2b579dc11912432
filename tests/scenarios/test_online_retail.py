"""The example of a real shop: its folder, the public file, one load, the figures one can check by hand."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bot.cli import main
from kpi_core.catalog import load_catalog
from kpi_core.loading.load import load
from kpi_core.settings.file import read_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "online-retail"
PLACES = (EXAMPLE / "data" / "online_retail.parquet", ROOT.parent / "shared" / "data" / "online_retail.parquet")

NOVEMBER = """
    WITH placed AS (
        SELECT *, timezone('Europe/London', timezone('UTC', ordered_at))::date AS day FROM orders
    ), first_days AS (SELECT customer_id, min(day) AS day FROM placed GROUP BY customer_id)
    SELECT sum(revenue), count(*), round(sum(revenue) / count(*), 4), (
        SELECT count(*) FROM first_days WHERE day BETWEEN DATE '2011-11-01' AND DATE '2011-11-30'
    ) FROM placed WHERE day BETWEEN DATE '2011-11-01' AND DATE '2011-11-30'"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The example's folder with the public file where its kpi.yaml expects it."""
    file = next((place for place in PLACES if place.is_file()), None)
    if file is None:
        pytest.skip("the public Online Retail file is not here: see examples/online-retail/README.md")
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("data", "*.duckdb*", "*.db"))
    (folder / "data").mkdir()
    (folder / "data" / "online_retail.parquet").symlink_to(file)
    return folder


def test_november(shop: Path) -> None:
    """November 2011 comes to 1,161,817.38 pounds in 2,657 orders, 437.2666 an order, 323 new customers."""
    settings = read_settings(shop / "kpi.yaml")
    report = load(settings, load_catalog(), now=datetime(2011, 12, 10, tzinfo=UTC))
    assert (report.failed, report.rejected, report.sources[0].rows) == ((), 0, 18_532)
    with duckdb.connect(str(shop / "kpi.duckdb"), read_only=True) as snapshot:
        assert snapshot.execute(NOVEMBER).fetchall() == [(Decimal("1161817.380000"), 2657, 437.2666, 323)]
        countries = snapshot.execute("SELECT count(DISTINCT region), count(region) FROM orders").fetchall()
        assert countries == [(37, 18_532)]


def asked(question: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON answer of `kpi ask` in the shop's folder on 10 December 2011."""
    config = str(shop / "kpi.yaml")
    assert main(["ask", question, "--config", config, "--now", "2011-12-10", "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_kpi_ask_gives_the_shops_november(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `kpi load`, the command line answers with the figures that one can check by hand, against October."""
    assert main(["load", "--config", str(shop / "kpi.yaml"), "--now", "2011-12-10"]) == 0
    capsys.readouterr()
    revenue = asked("sales_revenue 2011-11", shop, capsys)
    assert (round(revenue["value"], 2), revenue["currency"]) == (1_161_817.38, "GBP")
    before = revenue["comparisons"][0]
    assert (before["basis"], before["period"]["label"]) == ("previous_period", "October 2011")
    assert (round(before["value"], 2), round(before["change"], 2)) == (1_039_318.79, 122_498.59)
    assert round(asked("aov 2011-11", shop, capsys)["value"], 4) == 437.2666
    assert asked("aov 2011-11", shop, capsys)["parts"]["orders"] == 2657
    assert asked("new customers 2011-11", shop, capsys)["value"] == 323
    countries = asked("sales_revenue 2011-11 by region", shop, capsys)["breakdown"]
    assert countries[0]["region"] == "United Kingdom"
    assert round(sum(row["value"] for row in countries), 2) == 1_161_817.38
