"""Which columns a measure rests on: what must be filled for its number to mean anything, and what may be lacking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kpi_core.metrics import Measure, Model, Reads
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    from sqlglot import exp

Expressions = Mapping[str, tuple["exp.Expr", ...]]
"""Column of a relation -> the expressions that make it, wherever in its subqueries they stand."""


def reads_of(model: Model, measure: Measure, models: Mapping[str, Model]) -> Reads:
    """The columns behind a measure's expression, filter, date and entity, down to those of tables.

    What stands at one moment may do without ends: then nothing has ended. Who stayed from one to another may not.
    """
    names = [model.entities[measure.having.per]] if measure.having else []
    ends = ""
    if measure.at is not None and model.valid is not None:
        names += [model.valid.start, model.valid.entity]
        ends = model.valid.end
    time = model.time_of(measure)
    texts = (measure.expr, measure.filter, model.times.get(time), *(quoted(name) for name in names))
    if time not in model.times:
        texts += (quoted(time),)
    trees = [fragment(text) for text in texts if text]
    made: dict[str, tuple[exp.Expr, ...]] = {name: (fragment(sql),) for name, sql in model.computed.items()}
    bases = [models[name] for name in model.reads if name in models] if model.relation else [model]
    if model.relation:
        relation = fragment(model.relation)
        made |= _made(relation)
        trees += _conditions(relation)
    columns = {name: base.name for base in reversed(bases) for name in base.columns}
    found = list(_traced(trees, made, columns, frozenset()))
    if ends:
        of_ends = _traced([fragment(quoted(ends))], made, columns, frozenset())
        found += [(name, has_default or measure.at != "both") for name, has_default in of_ends]
    needed = {f"{columns[name]}.{name}" for name, has_default in found if not has_default}
    defaulted = {f"{columns[name]}.{name}" for name, has_default in found if has_default}
    return Reads(tuple(sorted(needed)), tuple(sorted(defaulted - needed)))


def _traced(
    trees: Iterable[exp.Expr], made: Expressions, columns: Mapping[str, str], above: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    """Each column of a table that expressions read, and whether a coalesce stands around it."""
    from sqlglot import exp

    for tree in trees:
        for column in tree.find_all(exp.Column):
            name, has_default = column.name, _has_default(column)
            # A column of a subquery that only hands on one of the table's bears its name.
            if name in made and name not in above:
                inner = _traced(made[name], made, columns, above | {name})
                yield from ((base, has_default or inner_default) for base, inner_default in inner)
            elif name in columns:
                yield name, has_default


def _made(relation: exp.Expr) -> Expressions:
    from sqlglot import exp

    expressions: dict[str, tuple[exp.Expr, ...]] = {}
    for select in relation.find_all(exp.Select):
        for expression in select.expressions:
            if isinstance(expression, exp.Alias):
                expressions[expression.alias] = (*expressions.get(expression.alias, ()), expression.this)
    return expressions


def _conditions(relation: exp.Expr) -> list[exp.Expr]:
    """What rows must fulfil to be in the relation: every measure of it rests on that."""
    from sqlglot import exp

    return [clause.this for clause in relation.find_all(exp.Where)]


def _has_default(column: exp.Expr) -> bool:
    from sqlglot import exp

    around = column.find_ancestor(exp.Coalesce)
    # The last of a coalesce stands in for the others; where it is a column itself, that one must be there.
    return around is not None and around.expressions[-1].find(exp.Column) is None
