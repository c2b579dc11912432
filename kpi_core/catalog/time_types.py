"""Which named times of a model are dates: their days are those of the table, whatever the zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpi_core.metrics import Model
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import quoted
from kpi_core.sql.rows import columns_of
from kpi_core.sql.types import SQL_TYPES

if TYPE_CHECKING:
    from sqlglot import exp

_TIMES = ("DATE", "TIMESTAMP")


def times_of_dates(model: Model) -> tuple[str, ...]:
    """The named times that are made of dates alone, or come out as dates. Their SQL must parse."""
    return tuple(name for name, sql in model.times.items() if _is_date(sql, model))


def mixes_kinds(sql: str, model: Model) -> bool:
    """Whether a named time is a date in some rows and an instant in others: then a zone would move its dates."""
    kinds = {_is_date(part.sql(dialect="duckdb"), model) for part in _outcomes(fragment(sql)) if _reads(part, model)}
    return len(kinds) > 1


def _outcomes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The expressions one of which an expression comes out as."""
    from sqlglot import exp

    match tree:
        case exp.Paren():
            yield from _outcomes(tree.this)
        case exp.Coalesce() | exp.Greatest() | exp.Least():
            for part in (tree.this, *tree.expressions):
                yield from _outcomes(part)
        case exp.Case() | exp.If():
            branches = [part.args["true"] for part in tree.args.get("ifs", [tree])]
            otherwise = tree.args.get("default") or tree.args.get("false")
            for part in (*branches, *([otherwise] if otherwise else [])):
                yield from _outcomes(part)
        case _:
            yield tree


def _reads(tree: exp.Expr, model: Model) -> bool:
    from sqlglot import exp

    return any(column.name in model.columns for column in tree.find_all(exp.Column))


def _is_date(sql: str, model: Model) -> bool:
    columns = [model.columns[name].type for name in columns_of(sql) if name in model.columns]
    if columns and all(kind == "date" for kind in columns):
        return True
    return (_plain_type(sql, model) or _tried_type(sql, model)) == "DATE"


def _plain_type(sql: str, model: Model) -> str:
    """The type of an expression as its text tells it; empty where functions hide it."""
    from sqlglot import exp
    from sqlglot.optimizer.annotate_types import annotate_types

    tree = fragment(f"({sql})")
    for column in list(tree.find_all(exp.Column)):
        if column.name in model.columns:
            column.replace(exp.cast(exp.null(), SQL_TYPES[model.columns[column.name].type]))
    kind = annotate_types(tree).type
    name = kind.this.name if kind is not None else ""
    return name if name in _TIMES else ""


def _tried_type(sql: str, model: Model) -> str:
    from kpi_core.errors import DataError
    from kpi_core.warehouse.scratch import ScratchWarehouse

    columns = ", ".join(
        f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {quoted(column.name)}" for column in model.columns.values()
    )
    tried = f"SELECT ({fragment(sql).sql(dialect='duckdb')}) AS tried FROM (SELECT {columns})"  # noqa: S608 - nothing is computed
    with ScratchWarehouse() as scratch:
        try:
            ((_name, kind),) = scratch.types(tried)
        except DataError:
            return ""
    return kind
