"""What was told of rows that are not there stands for the days that a load has not read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from kpi_core.health.facts import Finding
from kpi_core.loading.fact_tables import FactTables, finding_line
from kpi_core.loading.misfits import day_counts, lasting_findings
from kpi_core.sql.quoting import quoted

FIRST = date(2026, 11, 1)


def left_out(rows: dict[int, int]) -> Finding:
    """Dollars without a rate, so many rows on each of some days of November."""
    days = {FIRST + timedelta(days=day - 1): count for day, count in rows.items()}
    span = (min(days), max(days) + timedelta(days=1))
    counts = day_counts(days)
    return Finding("currency_left_out", "crm", "leads", "", "USD", span, sum(rows.values()), examples=counts)


ROWS = {3: 2, 5: 1, 8: 4, 12: 1}


@pytest.mark.parametrize(
    ("read", "lasting"),
    [
        ([], ROWS),
        ([(20, 30)], ROWS),
        ([(8, 30)], {3: 2, 5: 1}),
        ([(1, 6)], {8: 4, 12: 1}),
        ([(5, 5), (7, 10)], {3: 2, 12: 1}),
        ([(4, 4), (6, 7)], ROWS),
        ([(1, 30)], {}),
        ([(3, 8), (9, 12)], {}),
    ],
)
def test_days_that_were_read_again(read: list[tuple[int, int]], lasting: dict[int, int]) -> None:
    """Each row that was left out is told by the load that has read its day for the last time."""
    spans = [(FIRST + timedelta(days=first - 1), FIRST + timedelta(days=last - 1)) for first, last in read]
    with duckdb.connect() as connection:
        tables = FactTables(lambda sql: connection.execute(sql).fetchall(), quoted, "duckdb")
        tables.prepare()
        tables.insert("kpi_findings", finding_line(left_out(ROWS)))
        assert lasting_findings(tables, "crm", spans) == ([left_out(lasting)] if lasting else [])


def test_what_has_no_counts_of_its_days() -> None:
    """Of a finding from before they were written down its share stands, rounded up: nothing is told as nothing."""
    before = replace(left_out(ROWS), examples=())
    with duckdb.connect() as connection:
        tables = FactTables(lambda sql: connection.execute(sql).fetchall(), quoted, "duckdb")
        tables.prepare()
        tables.insert("kpi_findings", finding_line(before))
        (rest,) = lasting_findings(tables, "crm", [(FIRST, FIRST + timedelta(days=6))])
        assert (rest.days, rest.count) == ((FIRST + timedelta(days=7), FIRST + timedelta(days=12)), 4)
