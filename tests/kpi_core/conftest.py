"""Databases for the tests of the core."""

from clickhouse_side import clickhouse
from spark_side import spark
from state_side import postgres, states

__all__ = ["clickhouse", "postgres", "spark", "states"]
