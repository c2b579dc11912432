"""The whole catalogue to another tool and back: each KPI is refused with a reason, or answers as it did."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from companies.any_data import NOW, alike, drawn, told
from hypothesis import Phase, given
from hypothesis import strategies as st

from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.exchange.carried import documents_under, write_files
from kpi_core.exchange.dbt.from_dbt import from_dbt
from kpi_core.exchange.dbt.to_dbt import to_dbt
from kpi_core.exchange.osi.from_osi import from_osi
from kpi_core.exchange.osi.to_osi import to_osi

import long
from tables import CATALOG, engine_on


class Way:
    """To another tool and back."""

    def __init__(self, kind: str, folder: Path) -> None:
        there, back = WAYS[kind]
        self.exported = there(CATALOG, {metric.id: metric for metric in CATALOG.kpis()})
        self.refused = {problem.message.partition(":")[0] for problem in self.exported.refused}
        write_files(folder / "there", self.exported.files)
        documents, self.problems = documents_under(folder / "there")
        self.carried = back(documents)
        write_files(folder / "here", self.carried.files)
        self.catalog = load_catalog([folder / "here"])


WAYS = {"dbt": (to_dbt, from_dbt), "osi": (to_osi, from_osi)}


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Way:
    return Way(request.param, tmp_path_factory.mktemp("exchange"))


def test_each_kpi_is_carried_or_refused_with_a_reason(way: Way) -> None:
    """Nothing gets lost between: whatever was written is read again without a complaint."""
    assert (way.problems, way.carried.refused) == ([], ())
    written = {f"metrics/{metric.id}.yaml" for metric in CATALOG.kpis() if metric.id not in way.refused}
    assert written <= way.carried.files.keys()
    assert len(written) > 50
    assert all(problem.message.partition(": ")[2] for problem in way.exported.refused)


@long.examples("the catalogue through dbt and OSI and back", 1, 60, phases=[Phase.generate])
@given(luck=st.integers(0, 2**32))
def test_what_came_back_answers_as_before(luck: int, way: Way) -> None:
    """Values, parts, comparisons and groups, on any rows."""
    any_data = drawn(luck)
    questions = [query for query in any_data.questions if "@" not in query.metric and query.metric not in way.refused]
    questions = questions if long.share() else questions[luck % 12 :: 12]
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(Path(folder) / "a.duckdb", any_data.tables, calendar=any_data.calendar)
        other = engine_on(Path(folder) / "b.duckdb", any_data.tables, catalog=way.catalog, calendar=any_data.calendar)
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
