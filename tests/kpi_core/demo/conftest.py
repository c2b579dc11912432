"""Demo companies for these tests: each made once, read through plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest

from kpi_core.demo.write import DemoCompany, write_demo

TODAY = date(2026, 11, 23)
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[date, int], tuple[DemoCompany, Ask]]:
    """The company of a day and seed, and `ask`: rows of a query over its tables.

    `local(x)` turns an instant into the company's own date; the view `bought` numbers each customer's orders.
    """
    made: dict[tuple[date, int], tuple[DemoCompany, Ask]] = {}

    def company(today: date, seed: int) -> tuple[DemoCompany, Ask]:
        if (today, seed) not in made:
            written = write_demo(tmp_path_factory.mktemp("demo"), today, seed)
            made[today, seed] = written, _asking(written)
        return made[today, seed]

    return company


@pytest.fixture(scope="session")
def company(make: Callable[[date, int], tuple[DemoCompany, Ask]]) -> DemoCompany:
    return make(TODAY, 7)[0]


@pytest.fixture(scope="session")
def ask(make: Callable[[date, int], tuple[DemoCompany, Ask]]) -> Ask:
    return make(TODAY, 7)[1]


def _asking(company: DemoCompany) -> Ask:
    connection = duckdb.connect(config={"threads": 2})
    for table in company.rows:
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM '{company.file(table)}'")
    connection.execute("CREATE MACRO local(x) AS CAST(x AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York' AS DATE)")
    connection.execute(
        "CREATE TABLE bought AS SELECT *, local(ordered_at) AS day,"
        " row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS number"
        " FROM orders WHERE revenue > 0"
    )
    return lambda sql, *values: connection.execute(sql, list(values)).fetchall()
