"""Made-up facts of any size, and the SQL that one would write by hand for the questions asked of them."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb

from kpi_core.catalog import load_catalog
from kpi_core.settings.file import read_settings
from kpi_core.sql.types import SQL_TYPES
from kpi_core.warehouse.rollup_tables import build_rollups

SETTINGS = "company: Bench\ntimezone: UTC\ncurrency: USD\nwarehouse: duckdb:///kpi.duckdb\n"
CHANNEL = "(['search', 'social', 'display', 'affiliate', 'email'])[(1 + hash(n, 'channel') % 5)::BIGINT]"
ORDERS_PER_AD_ROW = 0.2
CAMPAIGNS = 150_000
"""Of the store whose split nobody can read whole."""
TABLES = ("ad_performance", "orders", "costs")

AD_PERFORMANCE = f"""
SELECT DATE '2024-11-23' + (n * 730 // {{rows}})::INTEGER AS date, 'ads' AS platform, {CHANNEL} AS channel,
    'campaign ' || n % ({{rows}} // 20000 + 1) AS campaign, 'group ' || n % 500 AS ad_group, 'KR' AS region,
    (['mobile', 'desktop'])[(1 + n % 2)::BIGINT] AS device, (hash(n, 'seen') % 5000)::BIGINT AS impressions,
    (hash(n, 'clicked') % 90)::BIGINT AS clicks, (hash(n, 'spent') % 4000 / 100)::DECIMAL(17, 6) AS spend,
    0::DECIMAL(17, 6) AS conversions, 0::DECIMAL(17, 6) AS conversion_value, 0::BIGINT AS installs,
    0::BIGINT AS video_views
FROM range({{rows}}) AS rows(n)
"""
ORDERS = f"""
SELECT 'order ' || n AS order_id, 'customer ' || hash(n, 'who') % ({{rows}} * 9 // 20) AS customer_id,
    TIMESTAMP '2024-11-23' + to_seconds((n * 63072000.0 / {{rows}})::BIGINT) AS ordered_at, {CHANNEL} AS channel,
    NULL::VARCHAR AS campaign, 'KR' AS region, 'mobile' AS device,
    (10 + hash(n, 'paid') % 9000 / 100)::DECIMAL(17, 6) AS revenue, 10::DECIMAL(17, 6) AS cost_of_goods,
    0::DECIMAL(17, 6) AS refunded_amount, NULL::BOOLEAN AS landing
FROM range({{rows}}) AS rows(n)
"""
COSTS = f"""
SELECT DATE '2024-11-23' + n::INTEGER AS date, 'tools' AS category, {CHANNEL} AS channel, 20::DECIMAL(17, 6) AS amount
FROM range(730) AS rows(n)
"""

# Channels are shown for the month, the one before and the one a year ago, so only those are split.
_SPLIT = "CASE WHEN {day} >= DATE '2026-09-01' OR {day} < DATE '2025-11-01' THEN channel END AS part"
_MONTHS = "{day} >= DATE '2025-10-01' AND {day} < DATE '2026-11-01'"
_ADS = f"""SELECT date_trunc('month', date) AS month, {{columns}} FROM ad_performance
    WHERE {_MONTHS.format(day="date")} GROUP BY ALL"""
BY_HAND = {
    "cpc last-month": (_ADS.format(columns="sum(spend), sum(clicks)"),),
    "cac last-month by channel": (
        _ADS.format(columns=f"{_SPLIT.format(day='date')}, sum(spend)"),
        f"""SELECT date_trunc('month', date) AS month, {_SPLIT.format(day="date")}, sum(amount) FROM costs
        WHERE category <> 'salaries' AND {_MONTHS.format(day="date")} GROUP BY ALL""",
        f"""SELECT date_trunc('month', ordered_at) AS month, {_SPLIT.format(day="ordered_at")}, count(*) FROM (
            SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS number
            FROM orders WHERE revenue > 0 AND customer_id IS NOT NULL)
        WHERE number = 1 AND {_MONTHS.format(day="ordered_at")} GROUP BY ALL""",
    ),
}
GRID_SCAN = (
    """SELECT sum(spend), sum(impressions), sum(clicks), sum(conversions), sum(conversion_value), sum(installs),
        sum(video_views), count(campaign), count(channel), count(device) FROM ad_performance
    WHERE date >= DATE '2025-07-01'""",
    """SELECT sum(revenue), sum(refunded_amount), sum(cost_of_goods), count(channel), count(device), count(customer_id)
    FROM orders WHERE ordered_at >= TIMESTAMP '2025-07-01'""",
    "SELECT sum(amount), count(category), count(channel) FROM costs WHERE date >= DATE '2025-07-01'",
)
"""The columns of the grid, once, of the days it asks for."""


def make_store(folder: Path, rows: int) -> None:
    """A store of so many ad rows, a fifth as many orders and two years of daily costs; no rollups yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kpi.yaml").write_text(SETTINGS, "utf-8")
    path = folder / "kpi.duckdb"
    if path.exists():
        return
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE ad_performance AS {AD_PERFORMANCE.format(rows=rows)}")
        connection.execute(f"CREATE TABLE orders AS {ORDERS.format(rows=int(rows * ORDERS_PER_AD_ROW))}")
        connection.execute(f"CREATE TABLE costs AS {COSTS}")
        _complete(connection)


def make_split_store(folder: Path) -> None:
    """A store of two months of ads in 150,000 campaigns, two days a month of each."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kpi.yaml").write_text(SETTINGS, "utf-8")
    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE ad_performance AS {AD_PERFORMANCE.format(rows=4 * CAMPAIGNS)}")
        connection.execute(
            f"""UPDATE ad_performance SET campaign = 'campaign ' || rowid % {CAMPAIGNS},
            date = DATE '2026-09-01' + (rowid // {CAMPAIGNS} * 15)::INTEGER, conversion_value = rowid % 900"""
        )
        _complete(connection)


def _complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Every column of a model that was not made up, empty, as a load adds it: a model may grow."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    for name in tables & set(TABLES):
        for column in load_catalog().models[name].columns.values():
            kind = SQL_TYPES[column.type]
            connection.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {column.name} {kind}")


def roll_up(folder: Path, tables: tuple[str, ...] = TABLES) -> None:
    """Put the rollups beside the facts, as `kpi load` does."""
    settings = replace(read_settings(folder / "kpi.yaml"), folder=folder)
    catalog = load_catalog()
    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
        for name in tables:
            # As kpi load does: sums need little, windows may take what there is.
            computed = catalog.models[name].computed
            connection.execute("RESET memory_limit" if computed else "SET memory_limit = '160MB'")
            build_rollups(catalog.models[name], settings.calendar, lambda sql: connection.execute(sql).fetchall())


if __name__ == "__main__":
    # In a process of its own, so that its memory can be told: seconds of processor time, megabytes at most.
    started = time.process_time()
    roll_up(Path(sys.argv[1]), tuple(sys.argv[2:]))
    # The peak of this program alone: what rusage says begins with the size of the process that started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    print(time.process_time() - started, int(status["VmHWM"].split()[0]) / 1024)
