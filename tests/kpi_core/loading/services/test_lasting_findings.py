"""What was told of rows that are not there stands for the days that a load has not read again."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from kpi_core.health.facts import Finding
from kpi_core.loading.fact_tables import FactTables, finding_line
from kpi_core.loading.misfits import lasting_findings
from kpi_core.sql.quoting import quoted

FIRST = date(2026, 11, 1)


def left_out(begin: int, days: int, count: int) -> Finding:
    """Dollars without a rate, on so many days from the `begin`-th of November on."""
    start = FIRST + timedelta(days=begin - 1)
    return Finding("currency_left_out", "crm", "leads", "", "USD", (start, start + timedelta(days=days)), count)


@pytest.mark.parametrize(
    ("read", "told", "lasting"),
    [
        ([], [], [left_out(3, 10, 8)]),
        ([(20, 30)], [left_out(20, 5, 2)], [left_out(3, 10, 8)]),
        ([(8, 30)], [left_out(8, 5, 3)], [left_out(3, 5, 5)]),
        ([(1, 6)], [left_out(4, 2, 3)], [left_out(7, 6, 5)]),
        ([(5, 5), (7, 30)], [left_out(5, 1, 1), left_out(8, 3, 4)], [left_out(3, 4, 3)]),
        ([(8, 30)], [left_out(8, 5, 8)], []),
        ([(1, 30)], [], []),
        ([(3, 12)], [left_out(3, 10, 4)], []),
    ],
)
def test_days_that_were_read_again(read: list[tuple[int, int]], told: list[Finding], lasting: list[Finding]) -> None:
    """Rows of days between are counted once: among those that stay, or among what is told of them now."""
    spans = [(FIRST + timedelta(days=first - 1), FIRST + timedelta(days=last - 1)) for first, last in read]
    with duckdb.connect() as connection:
        tables = FactTables(lambda sql: connection.execute(sql).fetchall(), quoted, "duckdb")
        tables.prepare()
        tables.insert("kpi_findings", finding_line(left_out(3, 10, 8)))
        assert lasting_findings(tables, "crm", spans, told) == lasting
