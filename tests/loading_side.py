"""What tests of loads share: small sources, and a service that answers what a test says."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.formats.notices import notice_text
from kpi_core.loading.load import LoadReport, load
from kpi_core.loading.staged import SourceLoad
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import AccountFailure, Covered, Place, Raw, ReadRequest
from kpi_core.warehouse.duckdb import DuckDBWarehouse

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CATALOG = load_catalog()


def settings(folder: Path, *sources: Source, warehouse: str = "duckdb:///kpi.duckdb") -> Settings:
    return Settings("", Calendar("Asia/Seoul"), "en", "KRW", warehouse, "sqlite:///s.db", folder, sources=sources)


def csv(folder: Path, name: str, table: str, text: str, **changes: Any) -> Source:
    (folder / f"{name}.csv").write_text(textwrap.dedent(text).lstrip())
    return Source(name, "csv", table, options={"path": f"{name}.csv"}, **changes)


def orders(folder: Path, text: str, name: str = "shop", **changes: Any) -> Source:
    return csv(folder, name, "orders", "order_id,ordered_at,revenue\n" + textwrap.dedent(text).lstrip(), **changes)


def costs(folder: Path, text: str, name: str = "books", **changes: Any) -> Source:
    return csv(folder, name, "costs", "date,category,amount\n" + textwrap.dedent(text).lstrip(), **changes)


def loaded(folder: Path, *sources: Source, warehouse: str = "duckdb:///kpi.duckdb", **options: Any) -> LoadReport:
    return load(settings(folder, *sources, warehouse=warehouse), CATALOG, now=NOW, **options)


def sentences(load: SourceLoad) -> tuple[str, ...]:
    """What a load says of a source, in English."""
    return tuple(notice_text(notice, "en") for notice in load.warnings)


def engine_of(folder: Path, *sources: Source, load_first: bool = True) -> Callable[[str], Answer]:
    """What answers questions in UTC on 2 November after one load of the sources, or as they lie there."""
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    workspace = replace(settings(folder, *sources), calendar=Calendar("UTC"))
    if load_first:
        load(workspace, CATALOG, now=now)
    engine = Engine(workspace, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))

    def asked(question: str) -> Answer:
        return engine.answer(parse_question(question, engine.vocabulary(), workspace.calendar, engine.today(now)), now)

    return asked


def asked_of(folder: Path, question: str, *sources: Source, **changes: Any) -> tuple[Answer, tuple[SourceLoad, ...]]:
    """The answer after a load of the sources into a workspace of UTC on 2 November, and what the load said."""
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    workspace = replace(settings(folder, *sources), calendar=Calendar("UTC"), **changes)
    report = load(workspace, CATALOG, now=now)
    with closing(DuckDBWarehouse(folder / "kpi.duckdb")) as warehouse:
        engine = Engine(workspace, CATALOG, warehouse)
        query = parse_question(question, engine.vocabulary(), workspace.calendar, engine.today(now))
        return engine.answer(query, now), report.sources


Row = tuple[str, str, str, float]
"""Account, day or instant, campaign, spend."""


def day(number: int) -> date:
    return date(2026, 11, number)


@dataclass
class Service:
    """What the service answers next; `states` lists the state that each read was given."""

    rows: Sequence[Row] = ()
    covers: tuple[Covered, ...] | None = ()
    state: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    failures: tuple[AccountFailure, ...] = ()
    states: list[Mapping[str, Any]] = field(default_factory=list)
    account: str | None = "account_id"
    columns: str = "date"

    def read(self, request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
        self.states.append(request.state)
        into.execute(
            f"CREATE TABLE source (account_id VARCHAR, {self.columns} VARCHAR, campaign VARCHAR, spend DOUBLE)"
        )
        for row in self.rows:
            into.execute("INSERT INTO source VALUES (?, ?, ?, ?)", list(row))
        return Raw(
            lambda row: Place("the service", row, "row"),
            covers=self.covers,
            account=self.account,
            state=self.state,
            warnings=self.warnings,
            failures=self.failures,
        )


def both(first: int, last: int) -> tuple[Covered, ...]:
    """Days of November of the accounts a and b."""
    return (Covered("a", day(first), day(last)), Covered("b", day(first), day(last)))


ADVERTS = Source("ours", "adverts", "ad_performance")
"""A source of a type that stands in no folder of kpi_core/sources."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made, module = Service(), ModuleType("adverts")
    module.read = made.read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpi_core.sources.adverts.source", module)
    return made
