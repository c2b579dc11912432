"""Every KPI on random tables, asked of each engine that is there: it says what DuckDB says.

`make engines` tries 10,000 questions on each and counts what became of them; one that is not installed is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from clickhouse_side import ClickHouse
from companies.compared import compare_many
from postgres_side import Postgres
from spark_side import Spark

import long

PARTS = 4
"""In which the companies are tried, so that more than one process can."""


def lucks(part: int, companies: int) -> Sequence[int]:
    """A company has a question for each KPI and variant, about 160."""
    count = long.times(1, companies)
    return [2**32 + number for number in range(part, count, PARTS)]


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_postgres_says_what_duckdb_says(part: int, postgres: Postgres) -> None:
    """Instants kept with a zone or as naive UTC."""
    assert compare_many("Postgres", postgres, ("timestamptz", "timestamp"), lucks(part, 64)) == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_clickhouse_says_what_duckdb_says(part: int, clickhouse: ClickHouse) -> None:
    """Columns as wide as they can be, or as firms have them, without NULL where a value must be there."""
    assert compare_many("ClickHouse", clickhouse, ("wide", "usual"), lucks(part, 64)) == []


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="Spark takes a minute to start, and a second for each question")
def test_spark_says_what_duckdb_says(spark: Spark) -> None:
    """A thousand questions of a cluster of two workers, instants kept with a zone or without."""
    companies = [2**32 + number for number in range(long.times(1, 7))]
    assert compare_many("Spark", spark, ("timestamp", "timestamp_ntz"), companies) == []
