"""What a service said of a day is kept each time that it said something else; who did not answer is named."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loading_side import ADVERTS, CATALOG, Service, asked_of, both, day, sentences, settings
from loading_side import service as service  # noqa: PLC0414  (a fixture)

from kpi_core.formats.findings import finding_text
from kpi_core.loading.load import LoadReport, load
from kpi_core.sources import AccountFailure, Covered, Outcome
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.health_tables import read_health
from kpi_core.warehouse.reach import last_restated

from tables import read_tables


def loaded_at(folder: Path, hour: int) -> LoadReport:
    return load(settings(folder, ADVERTS), CATALOG, now=datetime(2026, 11, 5, hour, tzinfo=UTC))


def trail(folder: Path) -> list[tuple[Any, ...]]:
    """Hour of the reading, account, day of November, spend."""
    columns = "hour(read_at), account, day(day), value::double"
    sql = f"SELECT {columns} FROM kpi_restatements WHERE measure = 'spend' ORDER BY ALL"
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(sql).fetchall()


def test_what_moved_is_kept(tmp_path: Path, service: Service) -> None:
    """A line when a day is first told, one when it has moved, a 0 when its rows are gone, none when it is as it was."""
    service.covers = both(1, 3)
    service.rows = [("a", "2026-11-01", "x", 1), ("a", "2026-11-01", "y", 2.5), ("b", "2026-11-02", "x", 7)]
    loaded_at(tmp_path, 1)
    loaded_at(tmp_path, 2)
    service.rows = [("a", "2026-11-01", "x", 4), ("a", "2026-11-03", "x", 9)]
    loaded_at(tmp_path, 3)
    service.covers, service.rows = (Covered("a", day(3), day(3)),), []
    loaded_at(tmp_path, 4)
    first = [(1, "a", 1, 3.5), (1, "b", 2, 7)]
    assert trail(tmp_path) == [*first, (3, "a", 1, 4), (3, "a", 3, 9), (3, "b", 2, 0), (4, "a", 3, 0)]
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        assert last_restated(warehouse, ADVERTS.name) == datetime(2026, 11, 5, 4, tzinfo=UTC)
        assert last_restated(warehouse, "another") is None


def test_a_source_that_goes_takes_its_trail_along(tmp_path: Path, service: Service) -> None:
    """What kpi.yaml no longer names leaves nothing behind."""
    service.covers, service.rows = both(1, 1), [("a", "2026-11-01", "x", 1)]
    loaded_at(tmp_path, 1)
    (tmp_path / "o.csv").write_text("date,spend\n2026-11-01,1\n", "utf-8")
    other = type(ADVERTS)("file", "csv", "ad_performance", options={"path": "o.csv"})
    load(settings(tmp_path, other), CATALOG, now=datetime(2026, 11, 5, 2, tzinfo=UTC))
    assert trail(tmp_path) == []


@pytest.mark.parametrize("outcome", ["retry_now", "retry_tomorrow", "reconnect", "our_fault"])
def test_an_account_that_failed_is_named(tmp_path: Path, service: Service, outcome: Outcome) -> None:
    """Of two accounts one was not answered for: every answer names it from the day after its last good one on."""
    service.rows = [("a", "2026-11-01", "x", 1), ("b", "2026-11-01", "y", 20)]
    service.covers = (Covered("a", day(1), day(1)), Covered("b", day(1), day(1)))
    asked_of(tmp_path, "ad spend this-month", ADVERTS)
    service.rows, service.covers = [("a", "2026-11-01", "x", 5)], (Covered("a", day(1), day(1)),)
    service.failures = (AccountFailure("b", "Hanok Taiwan", outcome, "code 190"),)
    answer, (report,) = asked_of(tmp_path, "ad spend 2026-11-01", ADVERTS)
    assert answer.value == 25
    notes = [finding_text(note.finding, "en") for note in answer.health]
    assert "ours: Hanok Taiwan could not be read; its data of 2026-11-01 stands." in [
        note.replace("1 November 2026", "2026-11-01") for note in notes
    ]
    assert [text.partition(":")[0] for text in sentences(report)] == ["Hanok Taiwan"]
    assert "code 190" in sentences(report)[0]
    service.failures, service.covers = (), both(1, 1)
    asked_of(tmp_path, "ad spend this-month", ADVERTS)
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        assert "account_failed" not in {finding.code for finding in read_health(warehouse).findings}


def test_rows_that_a_service_takes_back_are_no_loss(tmp_path: Path, service: Service) -> None:
    """A day restated to fewer rows, or to none, is what the service says now: nothing is told of rows that are gone."""
    service.covers = both(1, 3)
    service.rows = [("a", f"2026-11-0{number}", name, 1) for number in (1, 2, 3) for name in "uvwxyz"]
    loaded_at(tmp_path, 1)
    service.rows = [("a", "2026-11-01", "u", 1)]
    report = loaded_at(tmp_path, 2)
    assert sentences(report.sources[0]) == ()
    with closing(DuckDBWarehouse(tmp_path / "kpi.duckdb")) as warehouse:
        assert not {finding.code for finding in read_health(warehouse).findings} & {"rows_gone", "values_gone"}
