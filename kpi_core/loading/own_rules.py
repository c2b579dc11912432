# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""What kpi.yaml says of the rows of a source by itself: `leave_out`, rows that are none, and `set`, what all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kpi_core.layouts.recognition import plain_header
from kpi_core.loading.reading.meanings import words_of
from kpi_core.loading.reading.texts import trimmed_sql
from kpi_core.metrics import Column
from kpi_core.settings.values import Source
from kpi_core.sources import EXAMPLES, LeftOut, Place
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded, folded_sql
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL

if TYPE_CHECKING:
    import duckdb

OWN_REASON = "none_of_ours"


def own_rules_sql(source: Source, columns: Mapping[str, str]) -> str:
    """Whether kpi.yaml leaves a row out; `columns` are those of the source by their plain headers."""
    rules = [condition for rule in source.leave_out if (condition := _own_rule(columns, rule))]
    return f"({' OR '.join(rules)})" if rules else "false"


def _own_rule(columns: Mapping[str, str], rule: Mapping[str, tuple[str, ...]] | str) -> str:
    if isinstance(rule, str):
        return " OR ".join(_stands_in(column, (rule,)) for column in columns.values())
    named = {columns.get(plain_header(header)): texts for header, texts in rule.items()}
    if None in named:
        return ""
    return f"({' AND '.join(_stands_in(column, texts) for column, texts in named.items() if column)})"


def _stands_in(column: str, texts: tuple[str, ...]) -> str:
    """Whether a cell holds one of the texts; false where it is blank."""
    listed = ", ".join(literal(folded(text)) for text in texts)
    return f"coalesce({folded_sql(trimmed_sql(f'CAST({quoted(column)} AS VARCHAR)'))} IN ({listed}), false)"


def left_out_by(
    rule: str, table: str, place: Callable[[int], Place], into: duckdb.DuckDBPyConnection
) -> tuple[LeftOut, ...]:
    """The rows of a table for which a rule of `own_rules_sql` is true."""
    if rule == "false":
        return ()
    sql = f"SELECT count(*), list(rowid ORDER BY rowid)[1:{EXAMPLES}] FROM {table} WHERE {rule}"
    rows, first = into.execute(sql).fetchall()[0]
    return (LeftOut(OWN_REASON, rows, tuple((place(row + 1), "") for row in first)),) if rows else ()


def constant_sql(text: str, column: Column) -> str:
    """What `set` says of a column, as its type."""
    meant = words_of(column).get(folded(text), text)
    kind = WIDE_DECIMAL if column.type == "decimal" else SQL_TYPES[column.type]
    return f"TRY_CAST({literal(meant)} AS {kind})"
