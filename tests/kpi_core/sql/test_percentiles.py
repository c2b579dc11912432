"""Percentiles in the words of each warehouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlglot

from kpi_core.errors import ServiceError
from kpi_core.metrics import Measure, Model, Percentile
from kpi_core.sql.rows import Shape
from kpi_core.sql.statement import sql_of

from tables import CATALOG

WORDS = {
    "duckdb": "QUANTILE_CONT(revenue, 0.95)",
    "postgres": "PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY revenue)",
    "snowflake": "PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY revenue)",
    "spark": "PERCENTILE(revenue, 0.95)",
    "clickhouse": "quantileExactInclusive(0.95)(CAST(revenue AS Nullable(Float64)))",
    "bigquery": "PERCENTILE_CONT(revenue, 0.95) OVER (PARTITION BY",
}


def with_percentile(*, discrete: bool) -> Model:
    measure = Measure("p95", "percentile", "revenue", agg_params=Percentile(0.95, discrete))
    return replace(CATALOG.models["orders"], measures={"p95": measure})


def text(dialect: str, *, discrete: bool) -> str:
    shape = Shape(dialect, "ordered_at", ("p95",), ("channel",), (), (True,))
    return sql_of(shape, with_percentile(discrete=discrete)).text


@pytest.mark.parametrize("dialect", WORDS)
def test_each_dialect_has_its_percentile(dialect: str) -> None:
    """Never an estimate, and a text that the dialect can read."""
    plain = " ".join(text(dialect, discrete=False).replace("NULLS FIRST", "").replace("NULLS LAST", "").split())
    assert WORDS[dialect] in plain.replace(" )", ")")
    assert sqlglot.parse_one(text(dialect, discrete=False).replace("$", ""), dialect=dialect)


def test_discrete_ones_are_of_the_values_themselves() -> None:
    """Where a warehouse would take another value, it says so."""
    assert "QUANTILE_DISC(revenue, 0.95)" in text("duckdb", discrete=True)
    for dialect in ("postgres", "snowflake", "spark"):
        assert "PERCENTILE_DISC(0.95) WITHIN GROUP" in text(dialect, discrete=True)
    with pytest.raises(ServiceError, match="no discrete percentile"):
        text("clickhouse", discrete=True)
