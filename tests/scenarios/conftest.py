"""Databases for whole scenarios."""

from clickhouse_side import clickhouse
from state_side import postgres, states

__all__ = ["clickhouse", "postgres", "states"]
