"""A load looks at the days that it has changed alone; what it leaves is what a look at all days would leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import Phase, given
from hypothesis import strategies as st
from loading_side import CATALOG, NOW, csv, settings

from kpi_core.dates.calendars import Calendar
from kpi_core.loading.load import load
from kpi_core.settings.values import Source

import long
from tables import read_tables

CHANNELS = ("search", "social", "Search", "display", "")
DAYS = st.integers(1, 44)
ORDERS = st.tuples(
    st.integers(1, 60), DAYS, st.integers(0, 23), st.sampled_from(CHANNELS), st.sampled_from(("", "3.5"))
)
COSTS = st.tuples(DAYS, st.sampled_from(("tools", "Tools", "agency")), st.sampled_from(CHANNELS), st.integers(1, 2))
LOADS = st.lists(
    st.tuples(
        st.lists(ORDERS, min_size=1, max_size=40),
        st.lists(COSTS, min_size=1, max_size=20),
        st.sampled_from((44, 7, 4)),
        st.sampled_from((0, 1, 3, 9)),
        st.booleans(),
        st.sampled_from(("Asia/Seoul", "Asia/Seoul", "America/New_York")),
    ),
    min_size=2,
    max_size=4,
)
"""Each with orders, costs, how old they are at most, the days since the load before, whether it is accepted, a zone."""


def day(number: int) -> str:
    return f"{NOW.date() - timedelta(days=number)}"


def sources(folder: Path, orders: list[Any], costs: list[Any], oldest: int = 44) -> list[Source]:
    sold = "".join(
        f"{order},{day(1 + on % oldest)} {hour:02}:00,{where},9,{back}\n" for order, on, hour, where, back in orders
    )
    paid = "".join(f"{day(1 + on % oldest)},{category},{where},{amount}\n" for on, category, where, amount in costs)
    return [
        csv(folder, "shop", "orders", f"order_id,ordered_at,channel,revenue,refunded_amount\n{sold}"),
        csv(folder, "books", "costs", f"date,category,channel,amount\n{paid}"),
    ]


def left(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All tables of a warehouse: those of the sources as they lie there, what is written down beside them sorted."""
    with read_tables(folder / "kpi.duckdb") as connection:
        names = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {
            name: connection.execute(f'FROM {schema}."{name}" {"ORDER BY ALL" * (schema != "loaded")}').fetchall()
            for schema, name in names
        }


def in_order(folder: Path) -> bool:
    """Whether the rows of each source lie in the order of their times."""
    with read_tables(folder / "kpi.duckdb") as connection:
        return all(
            connection.execute(f'SELECT {time} FROM loaded."source {name}"').fetchall()
            == connection.execute(f'SELECT {time} FROM loaded."source {name}" ORDER BY ALL').fetchall()
            for name, time in (("shop", "ordered_at"), ("books", "date"))
        )


@long.examples("loads that look at changed days", 2, 400, phases=(Phase.generate,))
@given(LOADS)
def test_changed_days_are_enough(loads: list[Any]) -> None:
    """Restated, late, lost, doubled and respelled rows, in any order of loads, some of them a week apart."""
    with TemporaryDirectory() as name:
        folders = [Path(name) / kind for kind in ("changed", "whole")]
        now = NOW
        for folder in folders:
            folder.mkdir()
        for orders, costs, oldest, later, accept, zone in loads:
            now += timedelta(days=later)
            for folder in folders:
                if folder.name == "whole" and (folder / "kpi.duckdb").exists():
                    # By definitions that nobody knows any more all days are counted, and all values.
                    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
                        connection.execute("UPDATE kpi_counted SET basis = 'older'")
                        connection.execute("UPDATE kpi_spellings_by SET basis = 'older'")
                made = replace(settings(folder, *sources(folder, orders, costs, oldest)), calendar=Calendar(zone))
                load(made, CATALOG, now=now, accept=accept)
            # By what definitions was counted is made older above, and stays so where a load is refused; what values
            # have left the rows may stay listed.
            but = {"kpi_counted", "kpi_spellings", "kpi_spellings_by"}
            changed, whole = ({k: v for k, v in left(folder).items() if k not in but} for folder in folders)
            assert changed == whole
            assert in_order(folders[0])


def test_counts_that_somebody_removed(tmp_path: Path) -> None:
    """Where lines of the counts are missing, all days are counted anew: no number is made of what is left."""
    rows = [(n, 1 + n % 30, 9, "search", "") for n in range(300)]
    made = settings(tmp_path, *sources(tmp_path, rows, [(1, "tools", "", 1)]))
    load(made, CATALOG, now=NOW)
    before = left(tmp_path)
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as connection:
        connection.execute(f"DELETE FROM kpi_days WHERE day < DATE '{day(10)}'")
    sources(tmp_path, [row for row in rows if row[1] < 5], [(1, "tools", "", 1)])
    load(made, CATALOG, now=NOW)
    after = left(tmp_path)
    assert {name for name, lines in after.items() if lines != before[name]} == {"kpi_files"}
