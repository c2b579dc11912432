"""kpi load into the firm's Postgres: the same tables as in a DuckDB snapshot, all at once or not at all."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from loading_side import ADVERTS, CATALOG, NOW, Service, both, costs, csv, day, orders, settings
from loading_side import service as service  # noqa: PLC0414  (a fixture)
from postgres_side import Postgres

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from kpi_core.loading.into_postgres import stored_name
from kpi_core.loading.load import LoadReport, load
from kpi_core.loading.staged import SourceLoad
from kpi_core.metrics import Catalog, Column
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import Covered
from kpi_core.warehouse.door import Warehouse, open_warehouse
from kpi_core.warehouse.health_tables import read_health

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
_numbers = itertools.count(1)


@dataclass
class Place:
    """A warehouse that loads go into."""

    url: str
    folder: Path

    def settings(self, *sources: Source) -> Settings:
        return settings(self.folder, *sources, warehouse=self.url)

    def load(self, *sources: Source, catalog: Catalog = CATALOG, **options: Any) -> LoadReport:
        return load(self.settings(*sources), catalog, now=NOW, **options)

    @cached_property
    def warehouse(self) -> Warehouse:
        return open_warehouse(self.url, self.folder)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(map(_plain, row)) for row in self.warehouse.rows(sql, {})]

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """A model's rows, sorted; empty where there is no such table."""
        if not self.warehouse.columns(name):
            return []
        columns = ", ".join(f'"{column}"' for column in CATALOG.models[name].columns)
        return sorted(self.rows(f"SELECT {columns} FROM {name}"), key=repr)


def _plain(value: object) -> object:
    """Instants as naive UTC, as DuckDB has them."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


@pytest.fixture
def schema(postgres: Postgres) -> Iterator[str]:
    """An empty schema of its own."""
    name = f"load {next(_numbers)}"
    with postgres.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{name}"')
    yield name
    with postgres.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{name}" CASCADE')


@pytest.fixture
def firm(postgres: Postgres, schema: str, tmp_path: Path) -> Iterator[Place]:
    made = Place(postgres.url(schema), tmp_path)
    yield made
    made.warehouse.close()


ROOT = Path(__file__).parents[3]
ODD = 'semi;colon ""quoted"" \\N \\. back\\slash %s % 한글'


def steps(folder: Path) -> Iterator[tuple[Sequence[Source], dict[str, Any]]]:
    """One load after the other, as a team's year might bring them; each writes its files when it is reached."""
    shop = orders(folder, "1,2026-10-31T15:00Z,5.25\n2,2026-11-02,7\n3,2026-11-02,x\n4,,4\n")
    books = costs(folder, "2026-11-01,tools,3\n2026-11-02,tools,2\n2026-11-02,other,9\n")
    yield (shop, books), {}
    yield (orders(folder, "2,2026-11-05,20\n5,2026-11-05,5\n"), costs(folder, "2026-11-02,tools,20\n")), {}
    yield (shop, costs(folder, "2026-11-01,tools,1\n2026-11-09,tools,9\n")), {"since": date(2026, 11, 2)}
    market = orders(folder, "5,2026-11-06,50\n6,2026-11-06,6\n", name="market " * 9 + "시장")
    yield (shop, market, costs(folder, "")), {}
    odd = costs(folder, f'2026-11-01,"{ODD}",1\n2026-11-03,"two\nlines\ttab",1\n')
    yield (orders(folder, "1,2026-11-01,1\n", replace="all"), market, odd), {}
    yield (shop, costs(folder, "1970-01-01,tools,1\n2026-11-03,tools,4\n2205-03-01,tools,1\n")), {}
    yield (shop, books), {"only": "shop"}
    twice = "".join(f"2026-11-{day:02},tools,{100 + day}\n" for day in (1, 2, 3, 5))
    yield (costs(folder, twice), costs(folder, twice + "2026-11-06,other,7\n", name="ledger")), {}
    yield (books,), {}


def _plain_report(report: LoadReport) -> list[tuple[SourceLoad, str]]:
    return [(replace(load, error=None), str(load.error)) for load in report.sources]


def test_the_same_as_in_duckdb(firm: Place, tmp_path: Path) -> None:
    """Through restated days, moved keys, `since`, two sources of one table and of one account, dropped sources and
    odd texts, Postgres holds row for row what DuckDB holds, with the same health and reports.
    """
    ours = Place("duckdb:///kpi.duckdb", tmp_path)
    lists = "SELECT table_name, source, rows, rejected, first_day, last_day, loaded_at FROM kpi_loads ORDER BY source"
    for sources, options in steps(tmp_path):
        reports = [place.load(*sources, **options) for place in (ours, firm)]
        assert _plain_report(reports[0]) == _plain_report(reports[1])
        for table in ("orders", "costs"):
            assert firm.table(table) == ours.table(table)
        assert firm.rows(lists) == ours.rows(lists)
        assert read_health(firm.warehouse) == read_health(ours.warehouse)
    assert firm.table("orders") == []
    ours.warehouse.close()


def test_days_are_held_against_the_load_before_as_in_duckdb(firm: Place, tmp_path: Path) -> None:
    """Rows and values that are gone, come late, differ or stand twice, a week's end, `accept`: the same findings."""
    ours = Place("duckdb:///kpi.duckdb", tmp_path)
    whole = [(n, 1 + n % 9, "search", "autumn") for n in range(90)]
    steps: list[tuple[list[tuple[int, int, str, str]], int, int, bool]] = [
        (whole, 1, 0, False),
        ([line for line in whole if line[1] != 5], 2, 1, False),
        ([(*line[:3], "" if line[1] == 6 else "autumm" if line[0] == 2 else line[3]) for line in whole], 2, 2, False),
        ([(*line[:2], "Search ", line[3]) for line in whole], 2, 11, True),
        ([*whole, *((n, 4, "search", "winter") for n in range(90, 95))], 1, 12, False),
    ]
    seen: set[str] = set()
    for lines, copies, later, accept in steps:
        text = "".join(f"{n},2026-10-{day:02} 12:00,{channel},{word},5\n" for n, day, channel, word in lines)
        shop = csv(tmp_path, "shop", "orders", "order_id,ordered_at,channel,campaign,revenue\n" + text)
        tools = costs(
            tmp_path,
            "".join(f"2026-{n}-01,tools,9\n" for n in range(1, 11))
            + "2026-9-01,TOOLS,9\n"
            + "2026-10-01,tools,9\n" * copies,
        )
        for place in (ours, firm):
            now = NOW + timedelta(days=later)
            load(place.settings(shop, tools), CATALOG, now=now, accept=accept)
        assert read_health(firm.warehouse) == read_health(ours.warehouse)
        seen |= {finding.code for finding in read_health(firm.warehouse).findings}
    assert seen >= {"rows_gone", "rows_added", "rows_doubled", "values_gone", "values_changed"}
    ours.warehouse.close()


def test_days_that_no_load_touches_are_not_counted_again(
    firm: Place, postgres: Postgres, schema: str, tmp_path: Path
) -> None:
    """A week's file counts its own days and those whose rows it moves; all days counted anew say the same."""
    month = [(n, 1 + n % 28, "search") for n in range(90)]
    week = [(n, 20 + n % 5, "search" if n % 2 else "social") for n in range(15)]
    counts = "SELECT day, column_name, row_count, digest FROM kpi_days ORDER BY 1, 2"

    def loaded_with(lines: list[tuple[int, int, str]], later: int) -> None:
        text = "".join(f"{n},2026-10-{day:02} 12:00,{channel},5\n" for n, day, channel in lines)
        shop = csv(tmp_path, "shop", "orders", "order_id,ordered_at,channel,revenue\n" + text)
        load(firm.settings(shop), CATALOG, now=NOW + timedelta(days=later), accept=True)

    loaded_with(month, 0)
    with postgres.cursor() as cursor:
        other = f"""UPDATE "{schema}".kpi_days SET digest = 7 WHERE day = '2026-10-18' AND column_name = 'channel'"""
        cursor.execute(other)
    loaded_with(week, 1)
    assert (date(2026, 10, 18), "channel", 3, 7) in firm.rows(counts)
    with postgres.cursor() as cursor:
        cursor.execute(f"""UPDATE "{schema}".kpi_counted SET basis = 'older'""")
    loaded_with(week, 2)
    whole = firm.rows(counts)
    assert (date(2026, 10, 18), "channel", 3, 7) not in whole
    loaded_with(week, 3)
    assert firm.rows(counts) == whole


def test_the_same_answers(firm: Place, tmp_path: Path) -> None:
    """Questions to the loaded Postgres are answered as those to a DuckDB snapshot of the same sources."""
    header = "order_id,customer_id,ordered_at,channel,revenue,refunded_amount\n"
    lines = "".join(f"{n},{n % 7},2026-11-{n % 20 + 1:02} 0{n % 9}:30,{'ab'[n % 2]},{n}.5,{n % 3}\n" for n in range(60))
    (tmp_path / "shop.csv").write_text(header + lines)
    sources = (Source("shop", "csv", "orders", options={"path": "shop.csv"}), costs(tmp_path, "2026-11-01,tools,3\n"))
    answers = []
    for place in (Place("duckdb:///kpi.duckdb", tmp_path), firm):
        place.load(*sources)
        engine = Engine(place.settings(*sources), CATALOG, place.warehouse)
        queries = [
            MetricQuery(kpi, NOVEMBER, dimensions=by)
            for kpi in ("sales_revenue", "aov", "new_customers", "cac@fully_loaded", "repeat_purchase_rate")
            for by in ((), ("channel",))
        ]
        answers.append([(answer.value, answer.parts, answer.breakdown) for answer in engine.answers(queries, NOW)])
        place.warehouse.close()
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 1740.0


def test_one_spelling(firm: Place, tmp_path: Path) -> None:
    """Names take the commonest spelling there, too, with what earlier loads have left, and words their meaning."""
    ads = csv(tmp_path, "ads", "ad_performance", "date,channel,spend\n2026-11-01,Google,1\n2026-11-02,google,1\n")
    books = csv(
        tmp_path,
        "books",
        "costs",
        "date,category,channel,amount\n2026-11-01,급여,GOOGLE,1\n2026-11-02,Tools,GOOGLE,1\n",
    )
    firm.load(ads, books, only="ads")
    assert firm.rows("SELECT DISTINCT channel FROM ad_performance") == [("google",)]
    firm.load(ads, books, only="books")
    assert firm.rows("SELECT category, channel FROM costs ORDER BY 1") == [("salaries", "google"), ("tools", "google")]
    more = csv(tmp_path, "ads", "ad_performance", "date,channel,spend\n2026-11-02,Google,1\n2026-11-03,Google,1\n")
    firm.load(replace(more, replace="all"), books, only="ads")
    assert firm.rows("SELECT DISTINCT channel FROM costs") == [("google",)]


def test_what_is_covered(firm: Place, service: Service) -> None:
    """Days and accounts are replaced as the source says, and its state comes back with the next load."""
    service.rows = [("a", "2026-11-01", "x", 1), ("a", "2026-11-02", "x", 2), ("b", "2026-11-02", "y", 20)]
    service.covers, service.state = both(1, 3), {"cursor": "é"}
    firm.load(ADVERTS)
    service.rows, service.covers, service.state = [], (Covered("a", day(2), day(5)),), None
    firm.load(ADVERTS)
    spend = "SELECT date, campaign, spend FROM ad_performance ORDER BY date"
    assert firm.rows(spend) == [(day(1), "x", 1), (day(2), "y", 20)]
    assert firm.rows("SELECT account, first_day, last_day FROM kpi_covered ORDER BY account") == [
        ("a", day(1), day(5)), ("b", day(1), day(3))
    ]  # fmt: skip
    assert service.states == [{}, {"cursor": "é"}]
    # Both loads were at one moment: of its days the second one's word counts, and what never was is not written.
    trail = "SELECT account, day, value FROM kpi_restatements WHERE measure = 'spend' ORDER BY account"
    assert firm.rows(trail) == [("a", day(1), 1), ("b", day(2), 20)]


def test_a_changed_model(firm: Place, tmp_path: Path) -> None:
    """A column that the model gained is there after the next load, one whose type changed has the new type, and rows
    of earlier loads stay; a value that cannot become the new type leaves the source as it was.
    """
    shop = orders(tmp_path, "1,2026-11-01,1\n")
    firm.load(shop)
    model = CATALOG.models["orders"]

    def catalog_with(**columns: Column) -> Catalog:
        return replace(
            CATALOG, models={**CATALOG.models, "orders": replace(model, columns={**model.columns, **columns})}
        )

    wider = catalog_with(shop=Column("shop", "text"), revenue=Column("revenue", "text"))
    (report,) = firm.load(orders(tmp_path, "2,2026-11-02,many\n"), catalog=wider).sources
    assert report.error is None
    wide = "SELECT order_id, revenue, shop FROM orders ORDER BY order_id"
    assert firm.rows(wide) == [("1", "1.000000", None), ("2", "many", None)]
    (report,) = firm.load(orders(tmp_path, "3,2026-11-03,3\n")).sources
    assert report.error is not None
    assert report.error.code == "load_value"
    assert firm.rows(wide) == [("1", "1.000000", None), ("2", "many", None)]


def test_own_tables_stay(firm: Place, postgres: Postgres, schema: str, tmp_path: Path) -> None:
    """A table of the firm in the way of a source is never replaced, and the other sources are loaded."""
    with postgres.cursor() as cursor:
        cursor.execute(f"""CREATE TABLE "{schema}".costs AS SELECT 'ours' AS a""")
    report = firm.load(orders(tmp_path, "1,2026-11-01,1\n"), costs(tmp_path, "2026-11-01,tools,1\n"))
    assert [source.error.code for source in report.failed if source.error] == ["load_foreign_table"]
    assert firm.rows("SELECT a FROM costs") == [("ours",)]
    assert len(firm.table("orders")) == 1


def test_readers_see_the_old_or_the_new(firm: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a load is under way, others read the old rows without waiting; after it, the new ones."""
    from kpi_core.loading import into_postgres

    amounts = "SELECT amount FROM costs"
    firm.load(costs(tmp_path, "2026-11-01,tools,1\n"))
    publish, meanwhile = into_postgres._publish, []

    def publish_and_read(*arguments: Any) -> list[str]:
        warnings = publish(*arguments)
        meanwhile.extend(firm.rows(amounts))
        return warnings

    monkeypatch.setattr(into_postgres, "_publish", publish_and_read)
    firm.load(costs(tmp_path, "2026-11-01,tools,2\n"))
    assert (meanwhile, firm.rows(amounts)) == ([(1,)], [(2,)])


@pytest.mark.parametrize("step", ["_replace_rows", "_publish"])
def test_killed_anywhere(firm: Place, postgres: Postgres, schema: str, tmp_path: Path, step: str) -> None:
    """Killed with rows replaced but not committed, every reader has the old ones, and the next load succeeds."""
    firm.load(costs(tmp_path, "2026-11-01,tools,1\n"))
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(ROOT / "tests")!r})
        from pathlib import Path
        import loading_side
        from kpi_core.loading import into_postgres
        original = into_postgres.{step}
        def dying(*arguments):
            original(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        into_postgres.{step} = dying
        folder = Path({str(tmp_path)!r})
        source = loading_side.costs(folder, "2026-11-01,tools,2\\n2026-11-02,tools,3\\n")
        loading_side.loaded(folder, source, warehouse={firm.url!r})
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    with postgres.cursor() as cursor:  # the server may need a moment to see that the process has gone
        cursor.execute(f"SELECT pg_advisory_lock(hashtext('kpi load {schema}'))")
    assert firm.rows("SELECT date, amount FROM costs") == [(day(1), 1)]
    assert firm.rows("SELECT rows FROM kpi_loads") == [(1,)]
    firm.load(costs(tmp_path, "2026-11-01,tools,4\n"))
    assert firm.rows("SELECT date, amount FROM costs") == [(day(1), 4)]


def test_one_at_a_time(firm: Place, tmp_path: Path) -> None:
    """A second load of the same schema is refused while one runs, and works after it."""
    source = Source("s", "sheet", "costs", options={"spreadsheet": "ID", "range": "A:C"})

    def reader(_spreadsheet: str, _cells: str) -> Sequence[Sequence[object]]:
        with pytest.raises(ServiceError, match="Another load is running"):
            firm.load(source)
        return [["date", "category", "amount"], [46327, "tools", 1]]

    firm.load(source, sheet_reader=reader)
    assert firm.rows("SELECT amount FROM costs") == [(1,)]


def test_who_may_not_write(firm: Place, postgres: Postgres, schema: str, tmp_path: Path) -> None:
    """A user without the right to write is told which, and a schema or server that is not there likewise."""
    with postgres.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS reading_only")
        cursor.execute("CREATE ROLE reading_only LOGIN")
        cursor.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO reading_only')
    books = costs(tmp_path, "2026-11-01,tools,1\n")
    codes = []
    for url in (
        firm.url.replace("postgres@", "reading_only@"),
        postgres.url("nowhere"),
        postgres.url(schema).replace(f":{postgres.port}", ":1"),
    ):
        with pytest.raises(ServiceError) as caught:
            Place(url, tmp_path).load(books)
        assert caught.value.hint
        codes.append(caught.value.code)
    assert codes == ["load_rights", "warehouse_schema", "warehouse"]
    with postgres.cursor() as cursor:
        cursor.execute("DROP OWNED BY reading_only")
        cursor.execute("DROP ROLE reading_only")


def test_long_names_of_sources() -> None:
    """Sources whose long names begin alike have tables of their own, in names that Postgres does not cut."""
    names = [stored_name(text) for text in ("shop", "가" * 40, "가" * 39 + "나")]
    assert names[0] == "kpi source shop"
    assert len(set(names)) == 3
    assert max(len(name.encode()) for name in names) <= 63


def test_lists_and_balances_are_read_as_in_duckdb(firm: Place, tmp_path: Path) -> None:
    """A list without dates splits orders, and a network that is late is named with its source, in Postgres too."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "people.yaml").write_text(
        "{model: people, description: One row is one customer., primary_entity: customer, key: [customer_id],"
        " columns: {customer_id: {type: text, required: true}, vip: {type: boolean}}, dimensions: [vip]}"
    )
    catalog = load_catalog([tmp_path / "m"])
    shop = csv(
        tmp_path, "shop", "orders", "order_id,customer_id,ordered_at,revenue\n1,a,2026-11-02,5\n2,b,2026-11-03,7\n"
    )
    people = csv(tmp_path, "people", "people", "customer_id,vip\na,true\n")
    meta = csv(tmp_path, "meta", "social_accounts", "date,network,followers\n2026-11-22,ig,10\n")
    tiktok = csv(tmp_path, "tiktok", "social_accounts", "date,network,followers\n2026-11-20,tt,4\n")
    ours = Place("duckdb:///kpi.duckdb", tmp_path)
    queries = [
        MetricQuery("sales_revenue", NOVEMBER, dimensions=("vip",)),
        MetricQuery("followers", Period(date(2026, 11, 22), date(2026, 11, 23), "day")),
    ]
    answers = []
    for place in (ours, firm):
        assert not place.load(shop, people, meta, tiktok, catalog=catalog).failed
        engine = Engine(place.settings(shop, people, meta, tiktok), catalog, place.warehouse)
        answers.append(engine.answers(queries, NOW))
    ours.warehouse.close()
    for revenue, followers in answers:
        assert {row.keys: row.value for row in revenue.breakdown or ()} == {("true",): 5, (None,): 7}
        assert followers.value == 14
        carried = [note.finding for note in followers.health if note.scope == "period" and note.incomplete]
        assert [(finding.source, finding.member) for finding in carried] == [("tiktok", "tt")]


def test_amounts_in_other_currencies(firm: Place) -> None:
    """They are converted at the rates of all loads so far, or left out and told, as into a snapshot."""
    text = "date,campaign,spend,currency\n2026-11-05,a,10,USD\n2026-11-06,b,10,EUR\n2026-11-07,c,10,\n"
    ads = csv(firm.folder, "ads", "ad_performance", text, vat="with", vat_rate=0.0)
    fx = csv(firm.folder, "fx", "rates", "date,currency,rate\n2026-11-05,USD,1300.5\n")
    workspace = replace(firm.settings(ads, fx), rates="fx", vat="without")
    for only in (None, "ads"):
        load(workspace, CATALOG, now=NOW, only=only)
        assert firm.rows("SELECT campaign, spend FROM ad_performance ORDER BY 1") == [("a", 13005), ("c", 10)]
        csv(firm.folder, "fx", "rates", "date,currency,rate\n2026-11-20,USD,1\n")
    health = read_health(firm.warehouse)
    assert [(each.member, each.column) for each in health.findings if each.code == "currency_left_out"] == [
        ("EUR", "rate")
    ]
    assert health.sources[0].vat == {"spend": "without"}
