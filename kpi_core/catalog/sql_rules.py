"""The SQL inside models must parse and read only columns that are there. Slow to check: only `kpi check` does it."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.errors import Problem, did_you_mean
from kpi_core.metrics import AT_END, PERIOD_START, SHARE, Catalog, Measure, Model


def broken_sql(catalog: Catalog) -> list[Problem]:
    """Every piece of SQL in the models that cannot be read or reads what is not there."""
    return [problem for model in catalog.models.values() for problem in _broken(model)]


def _broken(model: Model) -> Iterator[Problem]:
    own = {*model.columns, *model.computed}
    pieces = [(f"times.{name}", sql, own) for name, sql in model.times.items()]
    pieces += [(f"computed.{name}", sql, own) for name, sql in model.computed.items()]
    for name, measure in model.measures.items():
        known = own | _beside(model, measure)
        pieces += [(f"{name}.{part}", sql, known) for part, sql in _texts(measure)]
    for place, sql, known in pieces:
        for message, hint in _faults(sql, known):
            yield Problem(model.file, 0, 0, f"{place}: {message}", hint)


def _texts(measure: Measure) -> Iterator[tuple[str, str]]:
    for part, sql in (("expr", measure.expr), ("filter", measure.filter)):
        if sql:
            yield part, sql


def _beside(model: Model, measure: Measure) -> set[str]:
    """The columns that a measure's rows have beside the model's own."""
    known = {PERIOD_START}
    if measure.spread:
        known.add(SHARE)
    if measure.at == "both":
        known |= {f"{AT_END}{name}" for name in model.columns}
    return known


def _faults(sql: str, known: set[str]) -> Iterator[tuple[str, str]]:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    from kpi_core.sql_rows import fragment

    try:
        tree = fragment(sql)
    except SqlglotError:
        yield f"{sql} is not SQL", "Write an expression over the model's columns."
        return
    if tree.find(exp.Query) or not isinstance(tree, exp.Condition):
        yield f"{sql} is no expression over columns", "Sub-queries and statements have no place here."
    for column in tree.find_all(exp.Column):
        if column.name not in known:
            near = did_you_mean(column.name, sorted(known))
            yield f"there is no column {column.name}", f"Did you mean {' or '.join(near)}?" if near else ""
