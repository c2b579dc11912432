"""Figures that people type into the tab of inputs, read as a source like any other."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.catalog import load_catalog
from kpi_core.loading.intake import Intake, take_in
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest, reader_of
from kpi_core.sources.inputs.source import _scores as scores

MODELS = load_catalog().models
TITLES = ["Day", "What", "Our own", "Value", "Answers", "Channel", "Region", "Note"]
SERIAL = 46327
"""1 November 2026."""


def taken(
    folder: Path, table: str, rows: Sequence[Sequence[object]], select: str, titles: Sequence[object] = TITLES
) -> tuple[list[tuple[object, ...]], Intake]:
    """What a load takes from a tab of these rows below its header."""
    workspace = folder / "work"
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir()
    source = Source("inputs", "inputs", table, replace="all", options={"spreadsheet": "ID"})
    asked: list[tuple[str, str]] = []

    def reader(spreadsheet: str, cells: str) -> Sequence[Sequence[object]]:
        asked.append((spreadsheet, cells))
        return [["Inputs"], ["Type figures"], titles, *rows] if titles else []

    request = ReadRequest(source, folder, workspace, {}, None, reader)
    with duckdb.connect(str(workspace / "rows.duckdb")) as into:
        raw = reader_of("inputs")(request, into)
        intake = take_in(source, MODELS[table], raw, into, zone="Asia/Seoul", since=None)
        found = into.execute(f"SELECT {select} FROM ready ORDER BY ALL").fetchall()
    assert asked == [("ID", "tab:inputs")]
    return found, intake


ROWS: Sequence[Sequence[object]] = (
    [SERIAL, "Tools", "mine", 120.5, None, None, None, "invoice 7"],
    [],
    ["2026-11-03", "급여", "", 3000, "", "search"],
    [SERIAL + 4, "agency", "", "a lot"],
    [SERIAL + 5, "Toolz", "", 12],
    [None, None, None, None, None, None, None, "a note alone"],
    [SERIAL + 6, "Brand awareness", "", 0.34, 50, "", "KR"],
    [SERIAL + 7, "NPS", "", -20, 10],
    [SERIAL + 8, "csat", "", "80%", 5],
    [SERIAL + 9, "csat", "", 0.345, 10],
    [SERIAL + 9, "csat", "", 0.8],
)


def test_costs_are_read_with_the_checks_of_every_source(tmp_path: Path) -> None:
    """Words in three languages, dates as dates; what is no number or no known word is kept out, with its row."""
    found, intake = taken(tmp_path, "costs", ROWS, "date, category, amount, channel")
    assert found == [
        (date(2026, 11, 1), "tools", Decimal("120.5"), None),
        (date(2026, 11, 3), "salaries", Decimal(3000), "search"),
    ]
    said = {each.header or each.column: [(str(at), text) for at, text in each.examples] for each in intake.rejections}
    assert said == {"what": [("inputs, row 8", "Toolz")], "amount": [("inputs, row 7", "a lot")]}
    assert intake.rejected == 2


def test_a_surveys_figure_is_as_many_answers(tmp_path: Path) -> None:
    """34 % of 50 answers are 17 that knew the brand; a share that no whole number of answers gives is kept out."""
    select = "survey, region, count(*), sum(score), min(responded_at)"
    found, intake = taken(tmp_path, "survey_responses", ROWS, f"{select} FROM ready GROUP BY survey, region --")
    found.sort(key=str)
    assert [(survey, region, count, total) for survey, region, count, total, _at in found] == [
        ("awareness", "KR", 50, Decimal(17)),
        ("csat", None, 5, Decimal(4 * 5 + 1)),
        ("nps", None, 10, Decimal(8 * 7)),
    ]
    assert found[0][4] == datetime(2026, 11, 6, 15)
    said = {each.header: [(str(at), text) for at, text in each.examples] for each in intake.rejections}
    assert said == {"value": [("inputs, row 13", "0.345 / 10")], "answers": [("inputs, row 14", "")]}


@pytest.mark.parametrize("titles", [["날짜", "항목", "값"], ["日期", "項目", "數值"], ["VALUE", " day ", "What"]])
def test_columns_are_known_by_their_titles(titles: list[str], tmp_path: Path) -> None:
    """In three languages and in whatever order the team has them."""
    by_key = {"날짜": SERIAL, "日期": SERIAL, " day ": SERIAL, "항목": "tools", "項目": "tools", "What": "tools"}
    found, _intake = taken(tmp_path, "costs", [[by_key.get(each, 5) for each in titles]], "date, amount", titles)
    assert found == [(date(2026, 11, 1), Decimal(5))]


def test_a_tab_that_is_not_there_yet_has_no_figures(tmp_path: Path) -> None:
    """Nor has one whose header people deleted: nothing is read, and nothing is taken for a zero."""
    assert taken(tmp_path, "costs", ROWS, "*", [])[0] == []
    assert taken(tmp_path, "costs", ROWS, "*", ["a", "b"])[0] == []


@given(st.sampled_from(["awareness", "csat", "nps"]), st.integers(0, 300), st.integers(1, 300))
def test_answers_give_the_figure_that_was_typed(kind: str, part: int, answers: int) -> None:
    """To the digit in which people type it; whoever typed a figure of a real survey has it read."""
    exact = min(part, answers) / answers
    typed = round(100 * exact) if kind == "nps" else round(exact, 3)
    made = scores(kind, str(typed), answers)
    assert made is not None
    assert len(made) == answers
    counts = {"awareness": 1, "csat": 5, "nps": 10}[kind]
    share = sum(score == counts for score in made) / answers
    assert abs(share - exact) <= (0.0101 if kind == "nps" else 0.0011)
