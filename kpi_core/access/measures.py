"""Which measures a measure gives away: as its model says (`reveals:`), else by what it is an aggregate of.

A total does not give its parts away, but for those that a question could narrow it to; a part of a limited total is a
limited number itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kpi_core.metrics import ADDITIVE, Catalog, Measure, Model

_WORD = re.compile(r"\w+")

Place = tuple[str, str]
"""A model and one of its measures."""


@lru_cache(maxsize=4096)
def revealed_by(place: Place, catalog: Catalog) -> frozenset[Place]:
    """The measure itself, all that it reveals, and what those reveal in turn."""
    reached = {place}
    waiting = [place]
    for following in waiting:
        new = _next(following, catalog) - reached
        reached |= new
        waiting += sorted(new)
    return frozenset(reached)


@lru_cache(maxsize=4096)
def told_by(place: Place, catalog: Catalog) -> frozenset[Place]:
    """All that the measure reveals, and the parts that questions about it split off: direct visits, by channel."""
    revealed = revealed_by(place, catalog)
    # Not from what it is itself a part of: the one slice of a total says nothing of the others.
    alike = [other for other in revealed if place in revealed_by(other, catalog)]
    return revealed.union(*(_narrowed(other, catalog) for other in alike))


def _narrowed(place: Place, catalog: Catalog) -> set[Place]:
    model, total = catalog.models[place[0]], catalog.models[place[0]].measures[place[1]]
    return {(model.name, part.name) for part in model.measures.values() if _slice_of(part, total, model)}


def _next(place: Place, catalog: Catalog) -> set[Place]:
    model, measure = catalog.models[place[0]], catalog.models[place[0]].measures[place[1]]
    if measure.reveals is not None:
        return {_place(name, model) for name in measure.reveals}
    own = {(model.name, other.name) for other in model.measures.values() if _reveals(measure, other, model)}
    return own | _in_tables_below(measure, model, catalog)


def _in_tables_below(measure: Measure, model: Model, catalog: Catalog) -> set[Place]:
    """An amount worked out from other tables may be any of their amounts that its SQL names."""
    if not model.relation or not _amounts(measure, model):
        return set()
    words = _words(model.relation)
    below = [catalog.models[name] for name in model.reads]
    return {
        (base.name, other.name)
        for base in below
        for other in base.measures.values()
        if _amounts(other, base) & _with_computed(words, base)
    }


def _place(name: str, model: Model) -> Place:
    """`revenue` of the model itself, or `orders.revenue` of another."""
    other, dot, measure = name.partition(".")
    return (other, measure) if dot else (model.name, name)


def _reveals(one: Measure, other: Measure, model: Model) -> bool:
    return _same_amount(one, other, model) or _slice_of(one, other, model)


def _same_amount(one: Measure, other: Measure, model: Model) -> bool:
    """Whether both are made of the same column, and `one` is no total over what `other` picks out."""
    # A total holds a part among others and does not tell it; the other way round errs to the closed side.
    is_total = not one.filter and bool(other.filter)
    return not is_total and bool(_amounts(one, model) & _amounts(other, model))


def _amounts(measure: Measure, model: Model) -> set[str]:
    """The columns of numbers that are aggregated; counting says nothing of a column's values."""
    counts = measure.agg in {"count", "count_distinct"}
    numbers = {column.name for column in model.columns.values() if column.type in {"integer", "decimal"}}
    words = set() if counts else _with_computed(_words(measure.expr or ""), model)
    return words & {name.casefold() for name in (*numbers, *model.computed)}


def _with_computed(words: set[str], model: Model) -> set[str]:
    """The words, and those of the computed columns among them: an amount may be called by another name there."""
    behind = {word for name, sql in model.computed.items() if name.casefold() in words for word in _words(sql)}
    return words if behind <= words else _with_computed(words | behind, model)


def _slice_of(one: Measure, other: Measure, model: Model) -> bool:
    """Whether `one` is `other` narrowed by dimensions alone, as a question could narrow it."""
    alike = _counted(one) == _counted(other)
    extra = _filtering(one, model) - _filtering(other, model)
    # As texts: whether one condition implies another cannot be decided in general.
    within = (other.filter or "") in (one.filter or "")
    return (
        alike
        and one.agg in {*ADDITIVE, "count_distinct"}
        and within
        and extra <= {name.casefold() for name in model.dimensions}
    )


def _counted(measure: Measure) -> tuple[object, ...]:
    """What is aggregated, of which moment."""
    return measure.agg, measure.expr, measure.time, measure.at, measure.having


def _filtering(measure: Measure, model: Model) -> set[str]:
    return _words(measure.filter or "") & {name.casefold() for name in (*model.columns, *model.computed)}


def _words(sql: str) -> set[str]:
    """The names in SQL, which takes capitals for small letters."""
    return set(_WORD.findall(sql.casefold()))
