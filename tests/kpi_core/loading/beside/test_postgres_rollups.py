"""Day rollups in the firm's Postgres: the same answers out of fewer rows, changed only where rows changed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from postgres_side import Postgres

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from kpi_core.loading.load import LoadReport, load
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Settings, Source
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.door import open_warehouse
from kpi_core.warehouse.rollup_tables import Worth

import long

CATALOG = load_catalog()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
START = datetime(2026, 10, 24)  # two clock changes of the zones below lie in the weeks after
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin")
COLUMNS = {
    "orders": "order_id,customer_id,ordered_at,channel,region,revenue,refunded_amount",
    "ad_performance": "date,channel,campaign,spend,clicks,impressions",
    "leads": "lead_id,customer_id,created_at,channel,mql_at",
}
METRICS = ("cac", "sales_revenue", "cpc", "roas", "aov", "mql", "leads")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Firm:
    """A schema that loads go into, and beside it one for rollups."""

    server: Postgres
    schema: str
    folder: Path
    zone: str = "Asia/Seoul"

    @property
    def rollups(self) -> str:
        return f"{self.schema} sums"

    def settings(self, sources: Sequence[Source], **changes: Any) -> Settings:
        url = self.server.url(self.schema)
        made = Settings(
            "", Calendar(self.zone), "en", "USD", url, "sqlite:///s.db", self.folder, sources=tuple(sources)
        )
        return replace(made, **{"rollups": self.rollups, **changes})

    def source(self, table: str, rows: Sequence[str], name: str = "") -> Source:
        (self.folder / f"{name or table}.csv").write_text("\n".join((COLUMNS[table], *rows)) + "\n", "utf-8")
        return Source(name or table, "csv", table, options={"path": f"{name or table}.csv"})

    def load(self, sources: Sequence[Source], **options: Any) -> LoadReport:
        changes = options.pop("changes", {})
        return load(self.settings(sources, **changes), CATALOG, now=NOW, accept=True, **options)

    def answers(self, asked: Sequence[MetricQuery], url: str = "") -> tuple[list[Answer], str]:
        """The answers without their SQL; and that."""
        with closing(open_warehouse(url or self.server.url(self.schema), self.folder)) as warehouse:
            found = Engine(self.settings(()), CATALOG, warehouse).answers(asked, NOW)
        texts = " ".join(text for answer in found for text in answer.definition.sql)
        return [replace(answer, definition=replace(answer.definition, sql=())) for answer in found], texts

    def from_facts(self, asked: Sequence[MetricQuery]) -> list[Answer]:
        """The answers of the same tables while nothing tells of rollups."""
        self.run(f'ALTER TABLE "{self.schema}".kpi_rollups RENAME TO aside')
        found, texts = self.answers(asked)
        self.run(f'ALTER TABLE "{self.schema}".aside RENAME TO kpi_rollups')
        assert self.rollups not in texts
        return found

    def run(self, sql: str) -> list[Any]:
        with self.server.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def tables(self) -> dict[str, list[Any]]:
        """The rows of each rollup, with the transaction that wrote them."""
        names = self.run(f"SELECT tablename::text FROM pg_tables WHERE schemaname = '{self.rollups}'")
        return {name: self.run(f'SELECT xmin::text, * FROM "{self.rollups}"."{name}" ORDER BY 2') for (name,) in names}


@pytest.fixture(scope="module", autouse=True)
def every_table_is_worth_it() -> Iterator[None]:
    """The tables of tests are small; beside most rollups stands one with fewer dimensions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1, few=6))
        yield


@contextmanager
def open_firm(postgres: Postgres, folder: Path, zone: str = "Asia/Seoul") -> Iterator[Firm]:
    made = Firm(postgres, f"rolled {next(_numbers)}", folder, zone)
    for name in (made.schema, made.rollups):
        made.run(f'CREATE SCHEMA "{name}"')
    yield made
    for name in (made.rollups, made.schema):
        made.run(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')


@pytest.fixture
def firm(postgres: Postgres, tmp_path: Path) -> Iterator[Firm]:
    with open_firm(postgres, tmp_path) as made:
        yield made


Shop = tuple[Firm, list[Source]]


def loaded(firm: Firm) -> Shop:
    """Thirty days of orders and of advertising."""
    days = [START + timedelta(days=number) for number in range(30)]
    orders = firm.source("orders", [f"o{n},c{n % 7},{day},search,KR,{n}.10," for n, day in enumerate(days)])
    ads = firm.source("ad_performance", [f"{day.date()},search,brand,5,1,10" for day in days])
    assert not firm.load([orders, ads]).failed
    return firm, [orders, ads]


@pytest.fixture(scope="module")
def shop(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One that no test changes."""
    with open_firm(postgres, tmp_path_factory.mktemp("shop")) as made:
        yield loaded(made)


@pytest.fixture
def changing(firm: Firm) -> Shop:
    return loaded(firm)


def month(metric: str, *dimensions: str, where: tuple[Filter, ...] = ()) -> MetricQuery:
    return MetricQuery(metric, Period(date(2026, 11, 1), date(2026, 11, 21)), dimensions=dimensions, filters=where)


def order_rows(chance: random.Random, days: tuple[int, int]) -> list[str]:
    """Orders of some days: numbers that come again, few customers, channels that are left out."""
    rows = []
    for _order in range(chance.randrange(1, 25)):
        at = START + timedelta(hours=chance.randrange(24 * days[0], 24 * days[1]))
        customer, channel = chance.choice(("ann", "ben", "cho", "")), chance.choice(("search", "social", "검색", ""))
        amounts = f"{chance.randrange(50_000) / 100},{chance.choice(('', '1.5'))}"
        rows.append(f"o{chance.randrange(60)},{customer},{at},{channel},KR,{amounts}")
    return rows


def ad_rows(chance: random.Random, days: tuple[int, int]) -> list[str]:
    dates = [(START + timedelta(days=chance.randrange(*days))).date() for _row in range(chance.randrange(1, 15))]
    return [f"{day},{chance.choice('ab')},{chance.choice('xyz')},{chance.randrange(999) / 7:.6f},3,9" for day in dates]


def lead_rows(chance: random.Random, days: tuple[int, int]) -> list[str]:
    """Leads whose later step falls on another day than they do."""
    rows = []
    for _lead in range(chance.randrange(1, 15)):
        at = START + timedelta(hours=chance.randrange(24 * days[0], 24 * days[1]))
        step = chance.choice(("", at + timedelta(hours=chance.randrange(400))))
        rows.append(f"l{chance.randrange(40)},{chance.choice('pq')},{at},search,{step}")
    return rows


ROWS = {"orders": order_rows, "ad_performance": ad_rows, "leads": lead_rows}


def drawn_questions(chance: random.Random) -> list[MetricQuery]:
    asked = []
    for _question in range(6):
        first = date(2026, 10, 24) + timedelta(days=chance.randrange(26))
        where = chance.choice(((), (Filter("channel", ("search",)),), (Filter("channel", (None, "검색"), True),)))
        period = Period(first, first + timedelta(days=chance.randrange(1, 30)))
        by = chance.choice(((), ("channel",)))
        asked.append(MetricQuery(chance.choice(METRICS), period, dimensions=by, filters=where))
    return asked


@pytest.mark.long
def test_with_and_without(postgres: Postgres, tmp_path: Path) -> None:
    """Whatever was loaded, and loaded again for some days, by one source or two, a question has the same answer with
    rollups as without; what was never changed is never written anew.
    """
    rolled_up = 0
    for number in range(long.times(1, 150)):
        chance = random.Random(number)
        with open_firm(postgres, tmp_path, chance.choice(ZONES)) as firm:
            for step in range(long.times(2, 4)):
                first = 0 if step == 0 else chance.randrange(20)
                days = (first, 29 if step == 0 else first + chance.randrange(1, 9))
                sources = [firm.source(table, rows(chance, days)) for table, rows in ROWS.items()]
                if chance.random() < 0.3:
                    sources.append(firm.source("orders", order_rows(chance, days), "market"))
                assert not firm.load(sources).failed
                asked = drawn_questions(chance)
                found, texts = firm.answers(asked)
                rolled_up += firm.rollups in texts
                assert found == firm.from_facts(asked), (number, step)
                long.ran("loads into Postgres with and without rollups", questions=len(asked))
    assert rolled_up


def test_read_from_rollups(shop: Shop) -> None:
    """New customers, which need all history, are counted when the data is loaded and not when somebody asks."""
    firm, _sources = shop
    _found, texts = firm.answers([month("cpc", "channel"), month("cpc"), month("new_customers")])
    assert texts.count(f'FROM "{firm.rollups}".') == 3
    assert "ROW_NUMBER" not in texts.upper()


def test_only_the_days_that_changed_are_written(changing: Shop) -> None:
    """Of a table whose sums belong to a day each, the rows of all other days stay as an earlier load wrote them."""
    firm, sources = changing
    before = {row[1]: row for name, rows in firm.tables().items() if name.startswith("ad_") for row in rows}
    firm.source("ad_performance", ["2026-11-13,search,brand,500,1,10", "2026-11-14,search,brand,5,1,10"])
    assert not firm.load(sources, only="ad_performance").failed
    after = {row[1]: row for name, rows in firm.tables().items() if name.startswith("ad_") for row in rows}
    assert {day for day in before if before[day] != after[day]} == {date(2026, 11, 13), date(2026, 11, 14)}
    (found,), texts = firm.answers([month("ad_spend")])
    assert firm.rollups in texts
    assert found.value == 19 * 5 + 500


def test_rollups_go_with_what_they_were_made_of(changing: Shop) -> None:
    """Of another zone they are none, until the next load; they go with a source that is gone, and with the key."""
    firm, sources = changing
    moved = replace(firm, zone="America/New_York")
    assert firm.rollups not in moved.answers([month("sales_revenue")])[1]
    assert not moved.load(sources[1:]).failed
    assert {name.partition("__")[0] for name in moved.tables()} == {"ad_performance"}
    assert firm.rollups in moved.answers([month("cpc")])[1]
    assert not moved.load(sources[1:], changes={"rollups": None}).failed
    assert moved.tables() == {}
    assert firm.rollups not in moved.answers([month("cpc")])[1]


def test_a_table_that_hides_the_loaded_one_is_read_itself(shop: Shop) -> None:
    """Where another schema of the search path has a table of the name, rollups of ours say nothing of it."""
    firm, _sources = shop
    firm.run("CREATE SCHEMA IF NOT EXISTS hiding")
    firm.run(f'CREATE TABLE hiding.orders AS SELECT * FROM "{firm.schema}".orders LIMIT 0')
    try:
        url = firm.server.url(f"hiding, {firm.schema}")
        (found,), texts = firm.answers([month("sales_revenue")], url)
        assert not found.value
        assert firm.rollups not in texts
    finally:
        firm.run("DROP SCHEMA hiding CASCADE")


def test_a_reader_without_rights_reads_the_facts(shop: Shop) -> None:
    """Slower, and the same."""
    firm, _sources = shop
    firm.run("DROP ROLE IF EXISTS facts_only")
    firm.run("CREATE ROLE facts_only LOGIN")
    firm.run(f'GRANT USAGE ON SCHEMA "{firm.schema}" TO facts_only')
    firm.run(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{firm.schema}" TO facts_only')
    try:
        url = firm.server.url(firm.schema).replace("postgres@", "facts_only@")
        (found,), texts = firm.answers([month("cpc")], url)
        assert found.value == 5
        assert firm.rollups not in texts
    finally:
        firm.run("DROP OWNED BY facts_only")
        firm.run("DROP ROLE facts_only")


def test_a_schema_that_is_not_there_is_told(firm: Firm) -> None:
    """Before anything is read, with what to do."""
    source = firm.source("ad_performance", ["2026-11-13,search,brand,500,1,10"])
    with pytest.raises(ServiceError, match="has no schema nowhere") as refusal:
        firm.load([source], changes={"rollups": "nowhere"})
    assert "CREATE SCHEMA" in str(refusal.value.hint)
