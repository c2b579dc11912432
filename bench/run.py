"""How much an answer costs beside the SQL that one would write by hand, on the same store and in the same run.

A million ad rows, 200,000 orders and two years of costs; medians of interleaved runs, in milliseconds of processor
time. Ratios carry from machine to machine, times do not.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bot.wiring import Workspace
from kpi_core.question import parse_question
from kpi_core.settings_file import read_settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AD_ROWS = 1_000_000
SETTINGS = "company: Bench\ntimezone: UTC\ncurrency: USD\nwarehouse: duckdb:///kpi.duckdb\n"
CHANNEL = "(['search', 'social', 'display', 'affiliate', 'email'])[(1 + hash(n, 'channel') % 5)::BIGINT]"
STORE = f"""
CREATE TABLE ad_performance AS
SELECT DATE '2024-11-23' + (n % 730)::INTEGER AS date, 'ads' AS platform, {CHANNEL} AS channel,
    'campaign ' || n % 50 AS campaign, 'group ' || n % 500 AS ad_group, 'KR' AS region, 'mobile' AS device,
    (hash(n, 'seen') % 5000)::BIGINT AS impressions, (hash(n, 'clicked') % 90)::BIGINT AS clicks,
    (hash(n, 'spent') % 4000 / 100)::DECIMAL(17, 6) AS spend, 0::BIGINT AS conversions,
    0::DECIMAL(17, 6) AS conversion_value, 0::BIGINT AS installs, 0::BIGINT AS video_views
FROM range({AD_ROWS}) AS rows(n);
CREATE TABLE costs AS
SELECT DATE '2024-11-23' + n::INTEGER AS date, 'tools' AS category, {CHANNEL} AS channel, 20::DECIMAL(17, 6) AS amount
FROM range(730) AS rows(n);
CREATE TABLE orders AS
SELECT 'order ' || n AS order_id, 'customer ' || hash(n, 'who') % 90000 AS customer_id,
    TIMESTAMP '2024-11-23' + to_minutes((n * 5.2)::BIGINT) AS ordered_at, {CHANNEL} AS channel,
    NULL::VARCHAR AS campaign, 'KR' AS region, 'mobile' AS device, 30::DECIMAL(17, 6) AS revenue,
    10::DECIMAL(17, 6) AS cost_of_goods,
    0::DECIMAL(17, 6) AS refunded_amount, NULL::VARCHAR AS landing
FROM range(200000) AS rows(n);
"""
COST_PER_CLICK = (
    """SELECT date_trunc('month', date) AS month, sum(spend), sum(clicks) FROM ad_performance
    WHERE date >= DATE '2025-10-01' AND date < DATE '2026-11-01' GROUP BY ALL""",
)
# Channels are shown for the month and the one before, so only those are split.
SPLIT = "CASE WHEN {day} >= DATE '2026-09-01' THEN channel END AS part"
MONTHS = "{day} >= DATE '2025-10-01' AND {day} < DATE '2026-11-01'"
COST_OF_A_CUSTOMER = (
    f"""SELECT date_trunc('month', date) AS month, {SPLIT.format(day="date")}, sum(spend) FROM ad_performance
    WHERE {MONTHS.format(day="date")} GROUP BY ALL""",
    f"""SELECT date_trunc('month', date) AS month, {SPLIT.format(day="date")}, sum(amount) FROM costs
    WHERE category <> 'salaries' AND {MONTHS.format(day="date")} GROUP BY ALL""",
    f"""SELECT date_trunc('month', ordered_at) AS month, {SPLIT.format(day="ordered_at")}, count(*) FROM (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS number
        FROM orders WHERE revenue > 0 AND customer_id IS NOT NULL)
    WHERE number = 1 AND {MONTHS.format(day="ordered_at")} GROUP BY ALL""",
)
ONE_QUERY = "import duckdb; print(duckdb.connect('kpi.duckdb', read_only=True).execute({sql!r}).fetchall())"


@dataclass(frozen=True, slots=True)
class Race:
    """Ours and the reference, in milliseconds."""

    name: str
    ours: float
    reference: float

    def __str__(self) -> str:
        return f"{self.name:<52}{self.ours:>9.1f}{self.reference:>11.1f}{self.ours / self.reference:>8.2f} ×"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="of each side; the median counts (default 15)")
    runs = parser.parse_args().runs
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_store(folder)
        print(f"{'processor time, ms':<52}{'ours':>9}{'reference':>11}{'ratio':>10}")
        for question, queries in (
            ("cpc last-month", COST_PER_CLICK),
            ("cac last-month by channel", COST_OF_A_CUSTOMER),
        ):
            print(warm(folder, question, queries, runs))
        print(new_process(folder, "cpc last-month", COST_PER_CLICK[0], max(5, runs // 3)))
    print(
        "\nReference: SQL by hand for the same months and channels, without the words; in a new process: import duckdb,"
    )
    print("open, one query. Targets: 1.15 × warm, 1.3 × in a new process.")


def make_store(folder: Path) -> None:
    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
        connection.execute(STORE)
    (folder / "kpi.yaml").write_text(SETTINGS, "utf-8")


def warm(folder: Path, question: str, queries: tuple[str, ...], runs: int) -> Race:
    """An answer in a process that has answered before, against the queries over an open connection."""
    workspace = Workspace(read_settings(folder / "kpi.yaml"), {})
    engine = workspace.engine
    query = parse_question(question, engine.vocabulary(), workspace.settings.calendar, engine.today(NOW))
    # By hand over the same connection: within a process DuckDB keeps one instance a file.
    ours = processor_time(lambda: engine.answer(query, NOW), lambda: by_hand(workspace, queries), runs)
    workspace.close()
    return Race(f"kpi ask, warm: {question}", *ours)


def by_hand(workspace: Workspace, queries: tuple[str, ...]) -> None:
    for sql in queries:
        workspace.warehouse.rows(sql, {})


def processor_time(ours: Callable[[], object], reference: Callable[[], object], runs: int) -> tuple[float, float]:
    """The medians of both in turns, each tried twice before it counts."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 2):
        for side, run in zip(spent, (ours, reference), strict=True):
            started = time.process_time()
            run()
            side.append((time.process_time() - started) * 1000)
    return statistics.median(spent[0][2:]), statistics.median(spent[1][2:])


def new_process(folder: Path, question: str, sql: str, runs: int) -> Race:
    """`kpi ask` from start to exit, against a Python that opens the store for one query."""
    commands = (
        [sys.executable, "-m", "bot.cli", "ask", question, "--now", NOW.isoformat()],
        [sys.executable, "-c", ONE_QUERY.format(sql=sql)],
    )
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):
        for side, command in zip(spent, commands, strict=True):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            side.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return Race(f"kpi ask, new process: {question}", statistics.median(spent[0][1:]), statistics.median(spent[1][1:]))


if __name__ == "__main__":
    main()
