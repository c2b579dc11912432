"""Every kind of input equals its plain query, on any rows and in any combination."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pytest
from companies.any_data import unlike_plain
from companies.any_kind import MEMBERS, NOW, any_catalog, drawn
from hypothesis import Phase, given
from hypothesis import strategies as st

from kpi_core.metrics import Catalog

import long
from tables import engine_on


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return any_catalog(tmp_path_factory.mktemp("kinds") / "kpis")


@long.examples("drawn kinds of input against their plain queries", 1, 300, phases=[Phase.generate])
@given(luck=st.integers(0, 2**32))
def test_every_kind_of_input_equals_its_plain_query(luck: int, catalog: Catalog) -> None:
    """Other days, filters by numbers, fills, aggregations, look-ups over hops and by span, hours, own calendars."""
    any_kind = drawn(luck, catalog, long.times(12, 30))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.duckdb"
        engine = engine_on(path, any_kind.tables, catalog=any_kind.catalog, calendar=any_kind.calendar)
        answers = engine.answers(any_kind.questions, NOW)
        engine.warehouse.close()
        with duckdb.connect(str(path)) as connection:
            assert unlike_plain(answers, engine, connection, NOW, MEMBERS) == []
