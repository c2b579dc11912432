"""kpi load into ClickHouse: row for row what a DuckDB snapshot holds, each table old or new whenever it is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from engines.clickhouse_side import ClickHouse
from loading_side import ADVERTS, CATALOG, NOW, Service, both, costs, csv, day, orders, settings
from loading_side import service as service  # noqa: PLC0414  (a fixture)

from kpi_core.answering.engine import Engine
from kpi_core.dates.periods import Period
from kpi_core.errors import DataError, ServiceError
from kpi_core.loading.load import LoadReport, load
from kpi_core.loading.mirrored.into_clickhouse import ClickHouseMirror
from kpi_core.loading.mirrored.staging_file import FILE
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Source
from kpi_core.sources import Covered
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.door import open_warehouse
from kpi_core.warehouse.health_tables import read_health
from kpi_core.warehouse.rollup_tables import Worth

_numbers = itertools.count(1)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 23))
ODD = 'semi;colon ""quoted"" \\N back\\slash %s 한글 😀'


@dataclass(frozen=True)
class Place:
    """A warehouse that loads go into."""

    url: str
    folder: Path
    rollups: str | None = None

    def load(self, *sources: Source, **options: Any) -> LoadReport:
        made = replace(settings(self.folder, *sources, warehouse=self.url), rollups=self.rollups)
        return load(made, CATALOG, now=options.pop("now", NOW), **options)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(open_warehouse(self.url, self.folder)) as warehouse:
            return [tuple(map(_plain, row)) for row in warehouse.rows(sql, {})]

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """A model's rows, sorted; empty where there is no such table."""
        with closing(open_warehouse(self.url, self.folder)) as warehouse:
            if not warehouse.columns(name):
                return []
        return sorted(self.rows(f"SELECT {', '.join(CATALOG.models[name].columns)} FROM {name}"), key=repr)

    def answers(self, *asked: MetricQuery) -> tuple[list[Any], str]:
        """Values with their splits, and the SQL."""
        with closing(open_warehouse(self.url, self.folder)) as warehouse:
            made = settings(self.folder, warehouse=self.url)
            found = Engine(made, CATALOG, warehouse).answers(asked, NOW)
        texts = " ".join(text for answer in found for text in answer.definition.sql)
        return [(each.value, each.breakdown, each.trend, each.health, each.freshness) for each in found], texts

    def health(self) -> Any:
        with closing(open_warehouse(self.url, self.folder)) as warehouse:
            return read_health(warehouse)


def _plain(value: object) -> object:
    """Instants as naive UTC, as DuckDB has them."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


@pytest.fixture
def firm(clickhouse: ClickHouse, tmp_path: Path) -> Iterator[Place]:
    """An empty database of its own, and one for rollups."""
    name = f"firm_{next(_numbers)}"
    for database in (name, f"{name}_sums"):
        clickhouse.client.command(f"CREATE DATABASE {database} ENGINE = Atomic")
    yield Place(clickhouse.url(name), tmp_path)
    for database in (name, f"{name}_sums"):
        clickhouse.client.command(f"DROP DATABASE {database} SYNC")


def steps(folder: Path) -> Iterator[tuple[Sequence[Source], dict[str, Any]]]:
    """One load after the other, as a team's year might bring them; each writes its files when it is reached."""
    shop = orders(folder, "1,2026-10-31T15:00Z,5.25\n2,2026-11-02,7\n3,2026-11-02,x\n4,,4\n")
    books = costs(folder, "2026-11-01,tools,3\n2026-11-02,tools,2\n2026-11-02,other,9\n")
    yield (shop, books), {}
    yield (orders(folder, "2,2026-12-05,20\n5,2026-11-05,5\n"), costs(folder, "2026-11-02,tools,20\n")), {}
    market = orders(folder, "5,2026-11-06,50\n6,2026-11-06,6\n", name="market " * 9 + "시장")
    yield (shop, market, costs(folder, "")), {}
    odd = costs(folder, f'2026-11-01,"{ODD}",1\n2026-11-03,"two\nlines\ttab",1\n')
    yield (orders(folder, "1,2026-11-01,1\n", replace="all"), market, odd), {}
    yield (shop, costs(folder, "1970-01-01,tools,1\n2026-11-03,tools,4\n2205-03-01,tools,1\n")), {}
    yield (shop, books), {"only": "shop"}
    yield (books,), {}


def test_the_same_as_in_duckdb(firm: Place, tmp_path: Path) -> None:
    """Through restated days, moved keys, two sources of one table, dropped sources, odd texts and odd days, ClickHouse
    holds what DuckDB holds, with the same health and reports.
    """
    (tmp_path / "own").mkdir()
    ours = Place("duckdb:///own/kpi.duckdb", tmp_path)
    for sources, options in steps(tmp_path):
        reports = [place.load(*sources, **options) for place in (ours, firm)]
        assert [replace(each, error=None) for each in reports[0].sources] == [
            replace(each, error=None) for each in reports[1].sources
        ]
        for table in ("orders", "costs"):
            assert firm.table(table) == ours.table(table)
        assert firm.health() == ours.health()
    assert firm.table("orders") == []


def days_of_ads(folder: Path, days: Sequence[int], spend: int, month: int = 11) -> Source:
    rows = "".join(f"2026-{month:02}-{day:02},search,brand,{spend},1,10\n" for day in days)
    return csv(folder, "ads", "ad_performance", f"date,channel,campaign,spend,clicks,impressions\n{rows}")


def partitions(firm: Place, table: str) -> dict[str, str]:
    """By month of a table the checksum of its files."""
    place = f"database = currentDatabase() AND table = '{table}' AND active"
    return dict(firm.rows(f"SELECT partition_id, hash_of_all_files FROM system.parts WHERE {place}"))


def test_only_the_months_that_changed_are_written(firm: Place, tmp_path: Path) -> None:
    """The others are the very parts that an earlier load wrote; a load of the same rows again writes nothing."""
    firm.load(days_of_ads(tmp_path, range(1, 31), 5, month=9))
    firm.load(days_of_ads(tmp_path, range(1, 20), 5))
    before = partitions(firm, "ad_performance")
    firm.load(days_of_ads(tmp_path, range(3, 5), 7))
    after = partitions(firm, "ad_performance")
    assert {month for month in after if after[month] != before[month]} == {"202611"}
    assert before.keys() == after.keys() == {"202609", "202611"}
    assert firm.rows("SELECT sum(spend) FROM ad_performance") == [(30 * 5 + 17 * 5 + 2 * 7,)]


@pytest.mark.parametrize("deadly", [1, 2])
@pytest.mark.parametrize("step", ["_insert", "_refuse_other_count"])
def test_a_load_that_dies_leaves_the_old_rows(
    firm: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, deadly: int
) -> None:
    """Whole, at whatever table it died; the next load brings the new ones, none twice."""
    firm.load(days_of_ads(tmp_path, range(1, 20), 5), costs(tmp_path, "2026-11-01,tools,3\n"))
    original, calls = getattr(ClickHouseMirror, step), itertools.count(1)

    def dying(*arguments: Any) -> None:
        original(*arguments)
        if next(calls) == deadly:
            raise KeyboardInterrupt

    sources = days_of_ads(tmp_path, range(1, 20), 7), costs(tmp_path, "2026-11-01,tools,4\n")
    monkeypatch.setattr(ClickHouseMirror, step, dying)
    with pytest.raises(KeyboardInterrupt):
        firm.load(*sources)
    ads, books = "SELECT sum(spend), count() FROM ad_performance", "SELECT sum(amount), count() FROM costs"
    assert firm.rows(ads) == [(19 * (5 if deadly == 1 else 7), 19)]
    assert firm.rows(books) == [(3, 1)]
    firm.load(*sources)
    assert firm.rows(ads) + firm.rows(books) == [(19 * 7, 19), (4, 1)]
    left = "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'kpi next%'"
    assert firm.rows(left) == []


def test_what_a_service_answered_for_is_replaced(firm: Place, service: Service) -> None:
    """Its accounts and days alone, also where no row came; what it keeps between loads comes back."""
    service.rows = [("a", "2026-11-01", "x", 1), ("a", "2026-11-02", "x", 2), ("b", "2026-11-02", "y", 20)]
    service.covers, service.state = both(1, 3), {"cursor": "é"}
    firm.load(ADVERTS)
    service.rows, service.covers, service.state = [], (Covered("a", day(2), day(5)),), None
    firm.load(ADVERTS)
    assert firm.rows("SELECT campaign, spend FROM ad_performance ORDER BY 1") == [("x", 1), ("y", 20)]
    assert service.states == [{}, {"cursor": "é"}]


def test_own_tables_stay(firm: Place, clickhouse: ClickHouse, tmp_path: Path) -> None:
    """A table of the firm in the way of a source is never replaced, and the other sources are loaded."""
    clickhouse.client.command(f"CREATE TABLE {firm.url.partition('=')[2]}.costs (a String) ENGINE = Memory")
    report = firm.load(orders(tmp_path, "1,2026-11-01,1\n"), costs(tmp_path, "2026-11-01,tools,1\n"))
    assert [source.error.code for source in report.failed if source.error] == ["load_foreign_table"]
    assert firm.rows("SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'costs'") == [
        ("a",)
    ]
    assert len(firm.table("orders")) == 1


def test_an_older_file_is_refused(firm: Place, tmp_path: Path) -> None:
    """Where another machine has loaded since, or the file is gone: else rows that no source has any more would go."""
    firm.load(days_of_ads(tmp_path, range(1, 20), 5))
    (tmp_path / FILE).unlink()
    source = days_of_ads(tmp_path, range(18, 20), 5)
    with pytest.raises(DataError, match="later load"):
        firm.load(source)
    assert firm.rows("SELECT count() FROM ad_performance") == [(19,)]
    assert not firm.load(source, accept=True).failed
    assert firm.rows("SELECT count() FROM ad_performance") == [(2,)]


def test_rollups_are_kept_where_they_are_asked_for(
    firm: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a database of their own, and answer as the facts do; without the key they go."""
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1, few=6))
    source = days_of_ads(tmp_path, range(1, 20), 5)
    asked = [MetricQuery("cpc", NOVEMBER), MetricQuery("ad_spend", NOVEMBER, dimensions=("channel",))]
    firm.load(source)
    facts, _texts = firm.answers(*asked)
    sums = firm.url.partition("=")[2] + "_sums"
    replace(firm, rollups=sums).load(source)
    rolled_up, texts = firm.answers(*asked)
    assert texts.count(sums) == 2
    assert rolled_up == facts
    firm.load(source)
    assert firm.rows(f"SELECT name FROM system.tables WHERE database = '{sums}'") == []
    with pytest.raises(ServiceError, match="no database nowhere"):
        replace(firm, rollups="nowhere").load(source)
