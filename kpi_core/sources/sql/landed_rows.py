"""SQL that makes a model's rows out of the tables which another tool has loaded, as far as they are there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.landed import Joined, LandedLayout, LandedTable, landed_named
from kpi_core.phrases import Notice

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = re.compile(r"\b([a-z_]\w*)\.([a-z_]\w*)")
_PLACE = re.compile(r"\{(\w+)\}")
Columns = Callable[[str], frozenset[str]]
"""The columns of a table; none where it is not there."""


@frozen
class LandedQuery:
    """A query for a model's rows; `lacking` are the model's columns that its tables do not tell."""

    sql: str
    lacking: tuple[str, ...]

    @property
    def notices(self) -> tuple[Notice, ...]:
        columns = ", ".join(self.lacking)
        return (Notice("load.landed_lacks", {"columns": columns}),) if self.lacking else ()


def landed_query(source: str, name: str, table: str, schema: str | None, connection: Connection) -> LandedQuery:
    """The query for a source, in the words of its database.

    A tool's name alone means its layout whose tables are there. DataError where none is, or where a column lacks
    without which the rows say nothing.
    """
    from sqlalchemy import inspect

    inspector, quote = inspect(connection), connection.dialect.identifier_preparer.quote
    schemas = frozenset(inspector.get_schema_names())

    def reading(layout: LandedLayout) -> tuple[Columns, Callable[[str], str]]:
        at = schema or (layout.schema if layout.schema in schemas else None)
        there = frozenset((*inspector.get_table_names(at), *inspector.get_view_names(at)))

        @cache
        def columns(of: str) -> frozenset[str]:
            return frozenset(join["name"] for join in inspector.get_columns(of, at)) if of in there else frozenset()

        return columns, lambda of: f"{quote(at)}.{quote(of)}" if at else quote(of)

    fitting = landed_named(name, table)
    layouts = [layout for layout in fitting if reading(layout)[0](layout.gives[table].rows)]
    if len(layouts) != 1:
        raise _no_layout(source, name, layouts or fitting)
    return rows_query(source, layouts[0], table, *reading(layouts[0]))


def rows_query(
    source: str, layout: LandedLayout, table: str, columns: Columns, at: Callable[[str], str]
) -> LandedQuery:
    """The query over the tables that are there; `at` is a table in SQL."""
    gives = layout.gives[table]
    joined = {join.name: join for join in gives.joins if _is_there(join, columns)}
    there = {"r": columns(gives.rows), **{name: _columns_of(join, columns) for name, join in joined.items()}}

    def fits(sql: str) -> bool:
        return all(column in there.get(name, ()) for name, column in _NAME.findall(sql))

    before = there
    joined = {name: join for name, join in joined.items() if fits(join.on)}
    there = {name: join for name, join in there.items() if name == "r" or name in joined}
    made = {column: sql for column, sql in gives.columns.items() if fits(sql)}
    for column in gives.needs:
        if column not in made:
            raise _lacking(source, layout, gives, column, before)
    select = ", ".join(f"{sql} AS {column}" for column, sql in made.items())
    sql = f"SELECT {select} FROM {at(gives.rows)} AS r"  # noqa: S608  (a layout of our own, quoted names)
    for name, join in joined.items():
        if fits(" ".join(made.values())) and any(f"{name}." in text for text in made.values()):
            sql += f" LEFT JOIN {_relation(join, at)} AS {name} ON {join.on}"
    conditions = [condition for condition in gives.where if fits(condition)]
    if conditions:
        sql += f" WHERE {' AND '.join(conditions)}"
    return LandedQuery(sql, (*(column for column in gives.columns if column not in made), *layout.lacks))


def _is_there(join: Joined, columns: Columns) -> bool:
    if join.table:
        return bool(columns(join.table))
    return all(set(names) <= columns(table) for table, names in join.reads.items())


def _columns_of(join: Joined, columns: Columns) -> frozenset[str]:
    """What a joined relation has: all of its table, or what its SQL names."""
    if join.table:
        return columns(join.table)
    return frozenset(re.findall(r"\bas (\w+)", join.sql)) | {name for names in join.reads.values() for name in names}


def _relation(join: Joined, at: Callable[[str], str]) -> str:
    return at(join.table) if join.table else f"({_PLACE.sub(lambda match: at(match[1]), join.sql)})"


def _lacking(
    source: str, layout: LandedLayout, gives: LandedTable, column: str, there: Mapping[str, frozenset[str]]
) -> DataError:
    joins = {join.name: join for join in gives.joins}
    tables = {"r": gives.rows, **{name: join.table or ", ".join(join.reads) for name, join in joins.items()}}
    names = _NAME.findall(gives.columns[column])
    names += [place for name, _column in names if name in joins for place in _NAME.findall(joins[name].on)]
    missing = ", ".join(
        dict.fromkeys(
            f"{tables.get(name, name)}.{join}" for name, join in names if join not in there.get(name, frozenset())
        )
    )
    message = f"Source {source}: {layout.id} needs {missing} for {column}, which is not there."
    hint = f"Have {layout.tool} load it, or write query: instead of layout:."
    return DataError(message, code="source_landed", hint=hint, params={"columns": missing, "layout": layout.id})


def _no_layout(source: str, name: str, layouts: Iterable[LandedLayout]) -> DataError:
    ids = ", ".join(f"{join.id} (schema {join.schema})" for join in layouts)
    message = f"Source {source}: the database has not just one set of tables that {name} would write for it."
    hint = f"Write layout: and schema:, one of {ids}." if ids else "Write query: instead; no layout fills that table."
    return DataError(message, code="source_landed_layout", hint=hint, params={"layout": name, "layouts": ids})
