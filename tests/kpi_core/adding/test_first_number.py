"""The first number that somebody sees: of a KPI and of a month that have one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpi_core.access.doorway import Door
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.first_number import first_number
from kpi_core.answering.engine import Engine
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG, settings, write_tables

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def order(day: str) -> dict[str, object]:
    return {"order_id": day, "customer_id": "kim", "ordered_at": f"{day}T12:00", "channel": "search", "revenue": 60}


def door_on(path: Path, tables: dict[str, list[dict[str, object]]]) -> Door:
    write_tables(path / "kpi.duckdb", tables)
    return Door(Engine(settings(), CATALOG, DuckDBWarehouse(path / "kpi.duckdb")), OPERATOR)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["2026-10-02", "2026-11-20"], "sales_revenue last month"),
        (["2026-03-02", "2026-04-10"], "sales_revenue 2026-04"),
    ],
)
def test_a_month_that_has_data(tmp_path: Path, days: list[str], words: str) -> None:
    """Last month where it has some, else the newest."""
    first = first_number(door_on(tmp_path, {"orders": [order(day) for day in days]}), NOW)
    assert first is not None
    assert (first.words("en"), first.answer.value) == (words, 60)


def test_where_nothing_has_a_number(tmp_path: Path) -> None:
    """There is none to begin with."""
    assert first_number(door_on(tmp_path, {"orders": []}), NOW) is None
