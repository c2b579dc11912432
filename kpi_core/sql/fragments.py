"""Pieces of SQL as trees."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kpi_core.metrics import ColumnType

if TYPE_CHECKING:
    from sqlglot import exp


def fragment(sql: str) -> exp.Expr:
    """A piece of SQL from a definition, parsed: the caller's own tree. Definitions are written in DuckDB's dialect."""
    return _parsed(sql).copy()


@lru_cache(maxsize=1024)
def _parsed(sql: str) -> exp.Expr:
    """Parsed once, for a definition is asked of again and again; a copy takes a fraction of it."""
    import sqlglot

    return sqlglot.parse_one(sql, dialect="duckdb")


def as_text(column: exp.Column, kind: ColumnType) -> exp.Expr:
    """A column as text, in words that every dialect writes alike."""
    from sqlglot import exp

    if kind == "boolean":
        yes, no = exp.Literal.string("true"), exp.Literal.string("false")
        return exp.Case().when(column, yes).when(exp.not_(column.copy()), no)
    return column if kind == "text" else exp.cast(column, "VARCHAR")


def called(relation: exp.Expr, name: str) -> exp.Expr:
    """The relation under another name."""
    from sqlglot import exp

    if isinstance(relation, exp.Subquery):
        query: exp.Query = relation.this
        return query.subquery(name)
    return exp.alias_(relation, name, table=True)
