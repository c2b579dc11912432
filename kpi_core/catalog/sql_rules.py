"""The SQL inside models must parse, read columns that are there, and run. Slow to check: only `kpi check` does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version

from kpi_core.cache import cached
from kpi_core.catalog.local import localised
from kpi_core.catalog.sql_binding import Tables, Unbound
from kpi_core.documents.yaml_file import Document, Steps
from kpi_core.errors import Problem, did_you_mean
from kpi_core.metrics import AT_END, PERIOD_START, SHARE, Catalog, Measure, Model
from kpi_core.warehouse.scratch import ScratchWarehouse


def broken_sql(catalog: Catalog, documents: Mapping[str, Document] | None = None) -> list[Problem]:
    """Every piece of SQL in the models that cannot be read or reads what is not there.

    `documents` are the models' files by model: they know the lines.
    """
    there = documents or {}
    # Any zone will do: the SQL is only to be read, and a place in braces would not parse.
    local = localised(catalog, "UTC", {})
    with ScratchWarehouse() as scratch:
        tables = Tables(local, scratch)
        return [
            _problem(model, there.get(model.name), path, message, hint)
            for model in local.models.values()
            for path, message, hint in _faults_of(model, local, tables)
        ]


def _faults_of(model: Model, catalog: Catalog, tables: Tables) -> list[Unbound]:
    """What is wrong with a model's SQL: the same for as long as it and the tables that its relation reads are."""

    def tried() -> list[Unbound]:
        # DuckDB is asked about SQL that reads well: of the rest it would repeat the fault in worse words.
        return list(_broken(model)) or list(tables.unbound(model))

    beside = [catalog.models.get(name) for name in model.reads]
    return cached("model-sql", f"{_judges()} {model!r} {beside!r}", tried)


@cache
def _judges() -> str:
    """What reads and tries the SQL."""
    return " ".join(f"{library} {version(library)}" for library in ("duckdb", "sqlglot"))


def _problem(model: Model, document: Document | None, path: Steps, message: str, hint: str) -> Problem:
    full_message = f"{'.'.join(str(step) for step in path if step != 'measures')}: {message}"
    return document.problem(path, full_message, hint) if document else Problem(model.file, 0, 0, full_message, hint)


def _broken(model: Model) -> Iterator[tuple[Steps, str, str]]:
    own = {*model.columns, *model.computed}
    pieces: list[tuple[Steps, str, set[str]]] = [(("times", name), sql, own) for name, sql in model.times.items()]
    pieces += [(("computed", name), sql, own) for name, sql in model.computed.items()]
    for name, measure in model.measures.items():
        columns = own | _beside(model, measure)
        pieces += [(("measures", name, part), sql, columns) for part, sql in _texts(measure)]
    for path, sql, columns in pieces:
        for message, hint in _faults(sql, columns, in_measure=path[0] == "measures"):
            yield path, message, hint
    if model.relation:
        for message, hint in _relation_faults(model.relation, {*model.reads}):
            yield ("relation",), message, hint


def _texts(measure: Measure) -> Iterator[tuple[str, str]]:
    for part, sql in (("expr", measure.expr), ("filter", measure.filter)):
        if sql:
            yield part, sql


def _beside(model: Model, measure: Measure) -> set[str]:
    """The columns that a measure's rows have beside the model's own."""
    columns = {PERIOD_START}
    if measure.spread:
        columns.add(SHARE)
    if measure.at == "both":
        columns |= {f"{AT_END}{name}" for name in model.columns}
    return columns


def _faults(sql: str, columns: set[str], *, in_measure: bool) -> Iterator[tuple[str, str]]:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from kpi_core.sql.fragments import fragment

    try:
        tree = fragment(sql)
    except SqlglotError:
        yield f"{sql} is not SQL", "Write an expression over the model's columns."
        return
    if tree.find(exp.Query) or not isinstance(tree, exp.Condition):
        yield f"{sql} is no expression over columns", "Sub-queries and statements have no place here."
    # In a measure agg: adds up, and nothing else may; in a computed column a window keeps one value a row.
    if any(in_measure or not aggregate.find_ancestor(exp.Window) for aggregate in tree.find_all(exp.AggFunc)):
        yield (
            f"{sql} adds up by itself",
            "agg: does that; an amount of several rows belongs into computed:, with over ().",
        )
    for column in tree.find_all(exp.Column):
        if column.name not in columns:
            near = did_you_mean(column.name, sorted(columns))
            yield f"there is no column {column.name}", f"Did you mean {' or '.join(near)}?" if near else ""


def _relation_faults(sql: str, reads: set[str]) -> Iterator[tuple[str, str]]:
    """A query in place of a table must parse, and say what it reads."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError:
        yield "this is not SQL", "Write one SELECT."
        return
    if not isinstance(tree, exp.Query):
        yield "this is no query", "Write one SELECT."
    # A schema would lead past the tables of the warehouse: to the state, where it lies in the same database.
    for table in sorted({source.name for source in tree.find_all(exp.Table) if source.db}):
        yield f"it names a schema before {table}", "Name the table alone; the warehouse's address says in which schema."
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in sorted({source.name for source in tree.find_all(exp.Table)} - named - reads):
        yield f"it reads {table}, which reads: does not name", f"Add {table} to reads:."
