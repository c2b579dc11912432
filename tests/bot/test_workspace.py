"""A workspace reads a question once, and anew whenever something it depends on has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.workspace import Workspace
from kpi_core import catalog
from kpi_core.cache import caching
from kpi_core.errors import QuestionError
from kpi_core.query import Filter, MetricQuery

from tables import settings, write_tables

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A workspace's folder, with everything kept beside it."""
    write_tables(tmp_path / "kpi.duckdb", {"ad_performance": [{"date": date(2026, 10, 3), "channel": "search"}]})
    with caching(tmp_path / "kept"):
        yield tmp_path


def asked(folder: Path, text: str, now: datetime = NOW, *definitions: Path) -> MetricQuery:
    """What a new process would read in a question."""
    workspace = Workspace(replace(settings(), folder=folder, catalog=definitions), {})
    try:
        return workspace.question(text, now)
    finally:
        workspace.close()


def questions_cached(folder: Path) -> int:
    return len(list((folder / "kept").glob("question-*")))


def test_a_question_is_read_once_a_day(folder: Path) -> None:
    """Asked again it means the same days and is not read anew; tomorrow "yesterday" is another day."""
    first, again = (asked(folder, "cpc yesterday") for _ in range(2))
    assert first == again
    assert questions_cached(folder) == 1
    tomorrow = asked(folder, "cpc yesterday", NOW + timedelta(days=1))
    assert (first.period.start, tomorrow.period.start) == (date(2026, 11, 22), date(2026, 11, 23))


def test_a_load_brings_new_words(folder: Path) -> None:
    """A channel that the data did not have is unknown, and not remembered as such: after the load it is a filter."""
    with pytest.raises(QuestionError):
        asked(folder, "cpc channel=radio last-month")
    write_tables(folder / "next", {"ad_performance": [{"date": date(2026, 10, 3), "channel": "radio"}]})
    (folder / "next").replace(folder / "kpi.duckdb")
    query = asked(folder, "cpc channel=radio last-month")
    assert query.filters == (Filter("channel", ("radio",)),)


def test_other_definitions_are_asked_anew(folder: Path) -> None:
    """A word that a team teaches a KPI is understood at once, though it meant nothing a moment ago."""
    own = folder / "definitions"
    own.mkdir()
    built_in = next((Path(catalog.__file__).parent / "metrics").rglob("cpc.yaml")).read_text("utf-8")
    (own / "cpc.yaml").write_text(built_in, "utf-8")
    assert asked(folder, "cpc last-month", NOW, own).metric == "cpc"
    (own / "cpc.yaml").write_text(built_in.replace("aliases: [", "aliases: [tap price, "), "utf-8")
    assert asked(folder, "tap price last-month", NOW, own).metric == "cpc"
