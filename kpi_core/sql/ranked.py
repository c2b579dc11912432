"""The groups of a split in the order of their value, worked out by the database: it has far more than anybody reads.

    SELECT d0, kpi_value, COUNT(*) OVER () AS kpi_total
    FROM (SELECT d0, l0 / NULLIF(l1, 0) AS kpi_value FROM (… one row a group, its leaves l0, l1 …) AS leaves) AS ranked
    ORDER BY kpi_value IS NULL, kpi_value DESC, d0 IS NULL, d0 LIMIT 20

The rows beneath are those that the split itself would fetch; a leaf is the sum of its buckets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Model
from kpi_core.sql.dialects import spoken
from kpi_core.sql.fragments import fragment
from kpi_core.sql.places import Sql, placed, renamed
from kpi_core.sql.rows import BUCKET, Shape
from kpi_core.sql.statement import query_of

if TYPE_CHECKING:
    from sqlglot import exp


@frozen
class LeafPlace:
    """Where a leaf's numbers stand: in which fetch, which measure of it, in which buckets. `l<leaf>` is its column."""

    leaf: int
    fetch: int
    measure: int
    buckets: tuple[int, ...]


@frozen
class Ranking:
    """What groups are ranked by: `value` is SQL over the leaves, as DuckDB reads it; `most` rows are read.

    With `named_first` a group without a name in some dimension comes after all that have them.
    """

    places: tuple[LeafPlace, ...]
    value: str
    most: int
    lowest_first: bool = False
    named_first: bool = False


@frozen
class Column:
    """A number that the database has: what a formula makes of such is one, too, worked out there."""

    sql: str

    def __add__(self, other: Column | float) -> Column:
        return Column(f"({self.sql} + {_sql(other)})")

    def __radd__(self, other: float) -> Column:
        return Column(f"({_sql(other)} + {self.sql})")

    def __sub__(self, other: Column | float) -> Column:
        return Column(f"({self.sql} - {_sql(other)})")

    def __rsub__(self, other: float) -> Column:
        return Column(f"({_sql(other)} - {self.sql})")

    def __mul__(self, other: Column | float) -> Column:
        return Column(f"({self.sql} * {_sql(other)})")

    def __rmul__(self, other: float) -> Column:
        return Column(f"({_sql(other)} * {self.sql})")

    def __truediv__(self, other: Column | float) -> Column:
        return Column(f"({self.sql} / NULLIF({_sql(other)}, 0))")

    def __rtruediv__(self, other: float) -> Column:
        return Column(f"({_sql(other)} / NULLIF({self.sql}, 0))")

    def or_else(self, number: float) -> Column:
        """The column, with a number where it has none."""
        return Column(f"COALESCE({self.sql}, {_sql(number)})")

    def __neg__(self) -> Column:
        return Column(f"(-{self.sql})")

    def __abs__(self) -> Column:
        return Column(f"ABS({self.sql})")


def _sql(number: Column | float) -> str:
    return number.sql if isinstance(number, Column) else f"CAST({number!r} AS DOUBLE)"


def leaf_column(leaf: int, *, or_zero: bool) -> Column:
    """A leaf's number in a row; 0 where it has none and that is what no rows mean."""
    return Column(f"COALESCE(l{leaf}, CAST(0 AS DOUBLE))" if or_zero else f"l{leaf}")


def ranked_sql(shapes: Sequence[Shape], sources: Sequence[Model], ranking: Ranking) -> Sql:
    """The query for the first groups; its rows are the group, its value, and how many groups there are in all."""
    from sqlglot import exp

    names = [f"d{n}" for n in range(len(shapes[0].dimensions))]
    ranked = exp.select(*names, exp.alias_(fragment(ranking.value), "kpi_value"))
    ranked = ranked.from_(_leaves(shapes, sources, ranking, names).subquery("leaves"))
    total = exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "kpi_total")
    query = exp.select(*names, "kpi_value", total).from_(ranked.subquery("ranked"))
    value = exp.column("kpi_value")
    if ranking.named_first:
        query = query.order_by(_missing(*map(exp.column, names)))
    query = query.order_by(_missing(value), exp.Ordered(this=value.copy(), desc=not ranking.lowest_first))
    for name in names:
        query = query.order_by(_missing(exp.column(name)), exp.Ordered(this=exp.column(name)))
    return placed(spoken(query.limit(ranking.most), shapes[0].dialect))


def ranked_parameters(values: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What the query binds: the values of each fetch under names of its own."""
    return {f"q{number}_{name}": value for number, own in enumerate(values) for name, value in own.items()}


def _missing(*columns: exp.Expr) -> exp.Expr:
    """1 where one of the columns has no value, else 0."""
    from sqlglot import exp

    empty = exp.or_(*(column.copy().is_(exp.null()) for column in columns))
    return exp.Case().when(empty, exp.Literal.number(1)).else_(exp.Literal.number(0))


def _leaves(shapes: Sequence[Shape], sources: Sequence[Model], ranking: Ranking, names: Sequence[str]) -> exp.Select:
    """One row a group, with its leaves: those of every fetch side by side."""
    from sqlglot import exp

    parts = [
        _part(number, query_of(shape, source), ranking, names)
        for number, (shape, source) in enumerate(zip(shapes, sources, strict=True))
    ]
    if len(parts) == 1:
        return parts[0]
    union: exp.Expr = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False)
    leaves = [f"l{place.leaf}" for place in ranking.places]
    sums = [exp.alias_(exp.Max(this=exp.column(leaf)), leaf) for leaf in leaves]
    side_by_side = exp.select(*names, *sums).from_(union.subquery("parts"))  # type: ignore[attr-defined]  # a query
    return side_by_side.group_by(*(exp.Literal.number(n + 1) for n in range(len(names))))


def _part(number: int, query: exp.Select, ranking: Ranking, names: Sequence[str]) -> exp.Select:
    """The groups of one fetch with the leaves that it has; the others' are NULL."""
    from sqlglot import exp

    _rename_places(query, f"q{number}_")
    leaves = []
    for place in ranking.places:
        number_or_none: exp.Expr = exp.null()
        if place.fetch == number:
            own = exp.column(BUCKET).isin(*(exp.Literal.number(bucket) for bucket in place.buckets))
            number_or_none = exp.Sum(this=exp.Case().when(own, exp.column(f"m{place.measure}")))
        leaves.append(exp.alias_(exp.cast(number_or_none, "DOUBLE"), f"l{place.leaf}"))
    part = exp.select(*names, *leaves).from_(query.subquery("facts"))
    return part.group_by(*(exp.Literal.number(n + 1) for n in range(len(names))))


def _rename_places(query: exp.Select, prefix: str) -> None:
    """Give the bound values of a query names of their own, for it will stand beside others."""
    from sqlglot import exp

    for text in query.find_all(exp.Var):
        text.set("this", renamed(text.name, prefix))
