"""What is known of many sources is written in one statement a table, and the same lines stand there afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.health.facts import Finding
from kpi_core.loading.fact_tables import FactTables, GatheredFacts, finding_line
from kpi_core.sql.quoting import quoted
from kpi_core.warehouse.health_tables import ALIKE

import long

FIRST = date(2026, 11, 1)
SOURCES = ("books", "it's", "shop")
PAIR = Finding("sources_added_up", "books", "costs", days=(FIRST, FIRST + timedelta(days=1)), examples=("shop",))
FINDINGS = (
    Finding("days_missing", "books", "costs", days=(FIRST, FIRST + timedelta(days=2)), count=3),
    Finding("look_alike", "shop", "orders", "channel", "serach", (FIRST, date.max), 1, examples=("search", "it's")),
    Finding("load_failed", "it's", "orders"),
)
COUNTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**24)), max_size=3)


def written(
    facts: FactTables, replaced: dict[str, list[tuple[int, int]]], added: dict[str, list[tuple[int, int]]]
) -> None:
    facts.prepare()
    facts.run('CREATE TABLE "counts" (source VARCHAR, day DATE, digest HUGEINT)')
    facts.insert("counts", ["shop", FIRST, 1], ["books", FIRST, 2])
    facts.insert("kpi_findings", finding_line(PAIR), *map(finding_line, FINDINGS))
    for source, counts in replaced.items():
        facts.replace("counts", source, ([source, FIRST + timedelta(days=day), count] for day, count in counts))
        facts.replace("kpi_findings", source, (finding_line(each) for each in FINDINGS if each.source == source))
        facts.replace(ALIKE, source, ([source, FIRST, count] for count, _digest in counts))
    for source, counts in added.items():
        facts.add("counts", source, [[source, FIRST + timedelta(days=day), count] for day, count in counts])


def lines(run: Any) -> list[Any]:
    tables = ("counts", "kpi_findings", ALIKE)
    return [run(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


@long.examples("facts written at once and one by one", 5, 300)
@given(st.dictionaries(st.sampled_from(SOURCES), COUNTS), st.dictionaries(st.sampled_from(SOURCES), COUNTS))
def test_written_at_once(replaced: dict[str, list[tuple[int, int]]], added: dict[str, list[tuple[int, int]]]) -> None:
    """Gathered or each by itself: the lines are the same, and those of pairs of sources stay."""
    with duckdb.connect() as one, duckdb.connect() as other:
        single = FactTables(lambda sql: one.execute(sql).fetchall(), quoted, "duckdb")
        gathered = GatheredFacts(lambda sql: other.execute(sql).fetchall(), quoted, "duckdb")
        written(single, replaced, added)
        written(gathered, replaced, added)
        gathered.write()
        assert lines(gathered.run) == lines(single.run)
        assert gathered.run("SELECT count(*) FROM kpi_findings WHERE code = 'sources_added_up'") == [(1,)]


def test_a_source_that_did_not_go_in() -> None:
    """What a source would have replaced stays when it is refused; that of others is written."""
    with duckdb.connect() as connection:
        facts = GatheredFacts(lambda sql: connection.execute(sql).fetchall(), quoted, "duckdb")
        written(facts, {"shop": [(1, 5)], "books": [(1, 6)]}, {"shop": [(2, 7)]})
        facts.discard("shop")
        facts.write()
        assert facts.run("SELECT source, digest FROM counts ORDER BY 1") == [("books", 6), ("shop", 1)]


def test_what_was_there_before() -> None:
    """A load is told what earlier ones wrote down, whatever it has gathered since."""
    with duckdb.connect() as connection:
        facts = GatheredFacts(lambda sql: connection.execute(sql).fetchall(), quoted, "duckdb")
        written(facts, {"shop": [(1, 5)]}, {})
        assert facts.before("digest", "counts", "shop") == [(1,)]
        assert facts.before("digest", "counts", "it's") == []
