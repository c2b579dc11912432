"""Two months of cost and customers by channel, as other libraries do it; each where it is installed.

Customers are the month's distinct ones: a plain question that every library can be asked.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

SINCE, UNTIL = "2026-09-01", "2026-11-01"
COST = f"""SELECT date_trunc('month', date) AS month, channel, sum(spend) FROM ad_performance
    WHERE date >= DATE '{SINCE}' AND date < DATE '{UNTIL}' GROUP BY ALL"""
CUSTOMERS = f"""SELECT date_trunc('month', ordered_at) AS month, channel, count(DISTINCT customer_id) FROM orders
    WHERE ordered_at >= TIMESTAMP '{SINCE}' AND ordered_at < TIMESTAMP '{UNTIL}' GROUP BY ALL"""


def main() -> None:
    """Print processor milliseconds, each run in turns with the same two queries in DuckDB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, help="folder of a store that bench/run.py kept")
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with duckdb.connect(str(options.store / "kpi.duckdb"), read_only=True) as connection:
        for table in ("ad_performance", "orders"):
            if not (options.store / f"{table}.parquet").exists():
                connection.execute(f"COPY {table} TO '{options.store / table}.parquet'")
        print(f"{'processor time, ms':<40}{'library':>9}{'DuckDB':>9}{'ratio':>10}")
        for name, module, make in (
            ("polars, on Parquet", "polars", with_polars),
            ("pandas, on Parquet", "pandas", with_pandas),
            ("Ibis, on the store", "ibis", with_ibis),
            ("boring-semantic-layer, on the store", "boring_semantic_layer", with_semantic_layer),
        ):
            if find_spec(module) is None:
                print(f"{name:<40}{'not installed':>28}")
                continue
            theirs, ours = in_turns(make(options.store, connection), lambda: in_duckdb(connection), options.runs)
            print(f"{name:<40}{theirs:>9.1f}{ours:>9.1f}{theirs / ours:>8.2f} ×")


def in_turns(theirs: Callable[[], object], ours: Callable[[], object], runs: int) -> tuple[float, float]:
    """The medians of both in turns, each tried twice before it counts."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 2):
        for side, run in zip(spent, (theirs, ours), strict=True):
            started = time.process_time()
            run()
            side.append((time.process_time() - started) * 1000)
    return statistics.median(spent[0][2:]), statistics.median(spent[1][2:])


def in_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    for sql in (COST, CUSTOMERS):
        connection.execute(sql).fetchall()


def with_polars(store: Path, _connection: object) -> Callable[[], object]:
    import polars as pl

    def run() -> None:
        for table, day, value in (
            ("ad_performance", "date", pl.col("spend").sum()),
            ("orders", "ordered_at", pl.col("customer_id").n_unique()),
        ):
            kept = pl.scan_parquet(store / f"{table}.parquet").filter(
                (pl.col(day) >= pl.lit(SINCE).str.to_date()) & (pl.col(day) < pl.lit(UNTIL).str.to_date())
            )
            kept.group_by(pl.col(day).dt.truncate("1mo"), "channel").agg(value).collect()

    return run


def with_pandas(store: Path, _connection: object) -> Callable[[], object]:
    import pandas as pd

    def run() -> None:
        for table, day, value, how in (
            ("ad_performance", "date", "spend", "sum"),
            ("orders", "ordered_at", "customer_id", "nunique"),
        ):
            facts = pd.read_parquet(store / f"{table}.parquet", columns=[day, "channel", value])
            facts[day] = pd.to_datetime(facts[day])
            kept = facts[(facts[day] >= SINCE) & (facts[day] < UNTIL)]
            kept.groupby([kept[day].dt.to_period("M"), "channel"])[value].agg(how)

    return run


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, str, str, str]]:
    """The tables of Ibis on the open store: table, day, column, aggregate."""
    import ibis

    store = ibis.duckdb.from_connection(connection)
    yield store.table("ad_performance"), "date", "spend", "sum"
    yield store.table("orders"), "ordered_at", "customer_id", "nunique"


def with_ibis(_store: Path, connection: duckdb.DuckDBPyConnection) -> Callable[[], object]:
    tables = list(_tables(connection))

    def run() -> None:
        for table, day, value, how in tables:
            kept = table.filter(table[day] >= SINCE, table[day] < UNTIL)
            months = kept.group_by(month=kept[day].truncate("M"), channel=kept.channel)
            months.aggregate(value=getattr(kept[value], how)()).to_pyarrow()

    return run


def with_semantic_layer(_store: Path, connection: duckdb.DuckDBPyConnection) -> Callable[[], object]:
    from boring_semantic_layer import to_semantic_table

    models = [
        to_semantic_table(table)
        .with_dimensions(channel=lambda t: t.channel, month=lambda t, day=day: t[day].truncate("M"))
        .with_measures(value=lambda t, value=value, how=how: getattr(t[value], how)())
        .filter(lambda t, day=day: (t[day] >= SINCE) & (t[day] < UNTIL))
        for table, day, value, how in _tables(connection)
    ]

    def run() -> None:
        for model in models:
            model.group_by("month", "channel").aggregate("value").execute()

    return run


if __name__ == "__main__":
    main()
