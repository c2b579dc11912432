"""The whole catalogue to dbt and back: each KPI is refused with a reason, or answers as it did."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from companies.any_data import NOW, alike, drawn, told
from hypothesis import Phase, given
from hypothesis import strategies as st

from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.exchange.carried import Carried, documents_under, write_files
from kpi_core.exchange.dbt.exported import FILE, metric_name, names_written, to_dbt
from kpi_core.exchange.dbt.imported import from_dbt
from kpi_core.metrics import Catalog

import long
from tables import CATALOG, engine_on


@pytest.fixture(scope="module")
def exported() -> Carried:
    return to_dbt(CATALOG, {metric.id: metric for metric in CATALOG.kpis()})


@pytest.fixture(scope="module")
def back(exported: Carried, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("dbt")
    write_files(folder / "there", exported.files)
    documents, problems = documents_under(folder / "there")
    carried = from_dbt(documents)
    assert (problems, carried.refused) == ([], ())
    write_files(folder / "here", carried.files)
    return load_catalog([folder / "here"])


def test_each_kpi_is_carried_or_refused_with_a_reason(exported: Carried) -> None:
    written = set(names_written(exported.files[FILE]))
    refused = {problem.message.partition(":")[0] for problem in exported.refused}
    assert {metric_name(metric.id) for metric in CATALOG.kpis()} - refused <= written
    assert all(problem.message.partition(": ")[2] for problem in exported.refused)


@long.examples("the catalogue through dbt and back", 1, 60, phases=[Phase.generate])
@given(luck=st.integers(0, 2**32))
def test_what_came_back_answers_as_before(luck: int, exported: Carried, back: Catalog) -> None:
    """Values, parts, comparisons and groups, on any rows."""
    any_data = drawn(luck)
    refused = {problem.message.partition(":")[0] for problem in exported.refused}
    questions = [query for query in any_data.questions if "@" not in query.metric and query.metric not in refused]
    questions = questions if long.share() else questions[luck % 4 :: 4]
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(Path(folder) / "a.duckdb", any_data.tables, calendar=any_data.calendar)
        other = engine_on(Path(folder) / "b.duckdb", any_data.tables, catalog=back, calendar=any_data.calendar)
        answers = engine.answers(questions, NOW), other.answers(questions, NOW)
        engine.warehouse.close()
        other.warehouse.close()
    for before, after in zip(*answers, strict=True):
        here, there = numbers(before), numbers(after)
        assert here.keys() == there.keys()
        assert [(before.query, place) for place in here if not alike(here[place], there[place])] == []


def numbers(answer: Answer) -> dict[str, float | None]:
    """All that an answer tells, without the parts: another file may name them otherwise."""
    return {each.place: each.value for each in told(answer)}
