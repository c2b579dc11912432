"""Every KPI on random tables: Postgres says what DuckDB says, and both what the plain query says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
from companies.any_data import NOW, drawn, unlike, unlike_plain
from hypothesis import Phase, given
from hypothesis import strategies as st
from postgres_side import Postgres

from kpi_core.answering.engine import Engine
from kpi_core.warehouse.sqlalchemy import SqlWarehouse

import long
from tables import CATALOG, engine_on
from tables import settings as workspace


@long.examples("random companies on Postgres", 1, 40, phases=[Phase.generate])
@given(luck=st.integers(2**32, 2**33), instants=st.sampled_from(["timestamptz", "timestamp"]))
def test_every_kpi_is_worth_the_same_in_postgres(luck: int, instants: str, postgres: Postgres) -> None:
    """All numbers of every answer, and which groups there are; instants kept with a zone or as naive UTC."""
    any_data = drawn(luck)
    postgres.write("drawn", any_data.tables, instants)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.duckdb"
        duck = engine_on(path, any_data.tables, calendar=any_data.calendar)
        ours = Engine(workspace(calendar=any_data.calendar), CATALOG, SqlWarehouse(postgres.url("drawn")))
        expected, found = (engine.answers(any_data.questions, NOW) for engine in (duck, ours))
        for engine in (duck, ours):
            engine.warehouse.close()
        with duckdb.connect(str(path)) as connection:
            assert unlike_plain(found, duck, connection) == []
    assert unlike(expected, found) == []
    assert sum(answer.value is not None for answer in found) > len(found) / 10
