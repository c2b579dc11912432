"""The SQL that makes a model's rows out of other tables, with other rows in the place of some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Model
from kpi_core.sql.fragments import fragment
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


@frozen
class Incomplete:
    """The relation of a model some of whose optional tables are not there, each with its columns' names and types."""

    model: str
    relation: str
    empty: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def incomplete(catalog: Catalog, absent: frozenset[str]) -> tuple[Incomplete, ...]:
    """The models whose relation reads tables that are not there."""
    return tuple(
        Incomplete(model.name, model.relation, tuple((name, _typed(catalog.models[name])) for name in sorted(lacking)))
        for model in catalog.models.values()
        if model.relation is not None and (lacking := absent & set(model.may_lack))
    )


@lru_cache(maxsize=8)
def completed(relations: tuple[Incomplete, ...]) -> tuple[tuple[str, str], ...]:
    """Each model with its relation where the tables that are not there have no row. Parses SQL, which takes long."""
    return tuple((lacking.model, _without_rows(lacking)) for lacking in relations)


@lru_cache(maxsize=8)
def without_tables(catalog: Catalog, absent: frozenset[str], relations: tuple[tuple[str, str], ...]) -> Catalog:
    """The catalogue without tables that are not there: optional ones have no row, look-ups tell nothing.

    `relations` are the `completed` ones.
    """
    written = dict(relations)
    models = {name: _without(model, absent, written.get(name)) for name, model in catalog.models.items()}
    return replace(catalog, models=models)


def _without(model: Model, absent: frozenset[str], relation: str | None) -> Model:
    gone = {name for name, lookup in model.lookups.items() if not absent.isdisjoint(lookup.tables())}
    if gone:
        lookups = {name: lookup for name, lookup in model.lookups.items() if name not in gone}
        dimensions = tuple(name for name in model.dimensions if name not in gone)
        model = replace(model, lookups=lookups, dimensions=dimensions)
    untold = {name for name, lookup in model.calendars.items() if lookup.table in absent}
    if untold:
        model = replace(model, calendars={name: each for name, each in model.calendars.items() if name not in untold})
    if relation is None:
        return model
    lacking = absent & set(model.may_lack)
    return replace(model, relation=relation, reads=tuple(name for name in model.reads if name not in lacking))


def _typed(model: Model) -> tuple[tuple[str, str], ...]:
    return tuple((column.name, SQL_TYPES[column.type]) for column in model.columns.values())


def _without_rows(lacking: Incomplete) -> str:
    from sqlglot import exp

    def no_rows(columns: tuple[tuple[str, str], ...]) -> exp.Select:
        return exp.select(*(exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns)).limit(0)

    return with_rows(lacking.relation, {table: no_rows(columns) for table, columns in lacking.empty})
