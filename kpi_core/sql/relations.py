"""The SQL that makes a model's rows out of other tables, with other rows in the place of some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kpi_core.metrics import Catalog, Model
from kpi_core.sql.rows import fragment
from kpi_core.sql.types import SQL_TYPES

if TYPE_CHECKING:
    from sqlglot import exp


def with_rows(relation: str, rows: Mapping[str, exp.Select]) -> str:
    """The SQL of a relation that reads queries instead of the tables they are named after."""
    from sqlglot import exp

    tree = fragment(relation)
    named = {clause.alias for clause in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in rows and table.name not in named:
            table.replace(rows[table.name].copy().subquery(table.alias_or_name))
    return tree.sql(dialect="duckdb")


@lru_cache(maxsize=8)
def without_tables(catalog: Catalog, absent: frozenset[str]) -> Catalog:
    """The catalogue without tables that are not there: optional ones have no row, look-ups tell nothing."""
    models = {name: _without(model, catalog.models, absent) for name, model in catalog.models.items()}
    return replace(catalog, models=models)


def _without(model: Model, models: Mapping[str, Model], absent: frozenset[str]) -> Model:
    gone = {name for name, lookup in model.lookups.items() if lookup.table in absent}
    if gone:
        lookups = {name: lookup for name, lookup in model.lookups.items() if name not in gone}
        dimensions = tuple(name for name in model.dimensions if name not in gone)
        model = replace(model, lookups=lookups, dimensions=dimensions)
    lacking = absent & set(model.may_lack)
    if model.relation is None or not lacking:
        return model
    empty = tuple((name, tuple(_typed(models[name]))) for name in sorted(lacking))
    relation = _without_rows(model.relation, empty)
    return replace(model, relation=relation, reads=tuple(name for name in model.reads if name not in lacking))


def _typed(model: Model) -> Iterator[tuple[str, str]]:
    return ((column.name, SQL_TYPES[column.type]) for column in model.columns.values())


@lru_cache(maxsize=256)
def _without_rows(relation: str, empty: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> str:
    """The relation where these tables, given with the names and types of their columns, have no row."""
    from sqlglot import exp

    def no_rows(columns: tuple[tuple[str, str], ...]) -> exp.Select:
        return exp.select(*(exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns)).limit(0)

    return with_rows(relation, {table: no_rows(columns) for table, columns in empty})
