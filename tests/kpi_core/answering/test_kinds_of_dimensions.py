"""Dimensions that are no texts: yes or no, and whole numbers, split and filter like any other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.catalog.inspection import inspect_definitions
from kpi_core.dates.calendars import Calendar
from kpi_core.loading.load import load
from kpi_core.metrics import Model
from kpi_core.query import Filter
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.sql.plan import Need, plan
from kpi_core.sql.statement import statement
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.rollup_tables import Worth

from tables import settings

MODEL = """\
model: bookings
description: One row is one booking.
time: booked_on
columns:
  booked_on: {type: date, required: true}
  instant: {type: boolean}
  nights: {type: integer}
  check_in: {type: date}
dimensions: [instant, nights, check_in]
measures:
  bookings: {agg: count}
"""
KPI = """\
id: bookings_made
names: {en: bookings made, ko: 예약 수, zh-TW: 訂房數}
description: {en: Bookings made., ko: 예약 건수., zh-TW: 訂房數。}
stage: conversion
cadence: daily
unit: count
direction: higher
type: simple
inputs: {bookings: bookings.bookings}
formula: bookings
indicator: leading
reading: Bookings on the day they were made.
"""
ROWS = """\
booked_on,instant,nights,check_in
2026-10-01,true,2,2026-12-01
2026-10-02,false,3,2026-12-01
2026-10-03,true,2,
2026-10-04,,1,2026-12-24
"""


@pytest.fixture(scope="module", params=[False, True], ids=["raw", "rolled up"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("bookings")
    (folder / "m").mkdir()
    (folder / "m" / "bookings.yaml").write_text(MODEL)
    (folder / "m" / "bookings_made.yaml").write_text(KPI)
    (folder / "b.csv").write_text(ROWS)
    catalog = load_catalog([folder / "m"])
    configured = settings(folder=folder, sources=(Source("b", "csv", "bookings", options={"path": "b.csv"}),))
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1))
        assert not load(configured, catalog, now=datetime(2026, 11, 2, tzinfo=UTC)).failed
    return Engine(configured, catalog, DuckDBWarehouse(folder / "kpi.duckdb"))


@pytest.fixture(scope="module")
def bookings(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("bookings")
    (folder / "bookings.yaml").write_text(MODEL)
    return load_catalog([folder]).models["bookings"]


@pytest.mark.parametrize(
    ("split", "groups"),
    [
        ("instant", {"true": 2, "false": 1, None: 1}),
        ("nights", {"1": 1, "2": 2, "3": 1}),
        ("check in", {"2026-12-01": 2, "2026-12-24": 1, None: 1}),
        ("instant, nights", {("true", "2"): 2, ("false", "3"): 1, (None, "1"): 1}),
    ],
)
def test_any_kind_of_column_splits_and_filters(engine: Engine, split: str, groups: dict[object, int]) -> None:
    """Each group by its name, and asked for by that name alone it has the same number."""

    def ask(question: str) -> object:
        query = parse_question(question, engine.vocabulary(), Calendar(), date(2026, 11, 2))
        return engine.answer(query, datetime(2026, 11, 2, 9, tzinfo=UTC))

    found = ask(f"bookings_made 2026-10 by {split}").breakdown  # type: ignore[attr-defined]
    assert {row.keys if len(row.keys) > 1 else row.keys[0]: row.value for row in found} == groups
    if "," not in split:
        for name, number in groups.items():
            assert ask(f"bookings_made 2026-10 where {split}={name or 'none'}").value == number  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["instant=yes", "instant=예", "instant=是", "instant=true"])
def test_yes_and_no_are_words_of_three_languages(engine: Engine, words: str) -> None:
    """A value of yes or no may be asked for as people say it."""
    query = parse_question(f"bookings_made 2026-10 where {words}", engine.vocabulary(), Calendar(), date(2026, 11, 2))
    assert query.filters == (Filter("instant", ("true",)),)


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_every_dialect_has_names_for_groups(bookings: Model, dialect: str) -> None:
    """Yes and no are texts of our own, numbers are cast, in a split as in a filter."""
    days = (date(2026, 10, 1), date(2026, 11, 1))
    kept = (Filter("instant", ("true",)),)
    fetch = plan([Need("bookings", "bookings", days, ("instant", "nights"), kept)], {"bookings": bookings})[0]
    text = statement(fetch, bookings, dialect).text
    assert text.count("'true'") == 2
    assert text.count("CAST(nights AS ") == 1


def test_a_model_s_own_dimensions_need_no_second_file(tmp_path: Path) -> None:
    """A dimension that no file names is called as its column is, and `kpi check` has nothing to say."""
    (tmp_path / "bookings.yaml").write_text(MODEL)
    (tmp_path / "bookings_made.yaml").write_text(KPI)
    inspection = inspect_definitions([tmp_path])
    assert inspection.problems == ()
    assert inspection.catalog.dimensions["check_in"].name("ko") == "check in"
