"""Which measures a measure gives away: as its model says (`reveals:`), else by what it is an aggregate of.

A total does not give its parts away; a part of a limited total is a limited number itself.
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
    words = set(_WORD.findall(model.relation))
    below = [catalog.models[name] for name in model.reads]
    return {
        (base.name, other.name) for base in below for other in base.measures.values() if _amounts(other, base) & words
    }


def _place(name: str, model: Model) -> Place:
    """`revenue` of the model itself, or `orders.revenue` of another."""
    other, dot, measure = name.partition(".")
    return (other, measure) if dot else (model.name, name)


def _reveals(one: Measure, other: Measure, model: Model) -> bool:
    return _same_amount(one, other, model) or _slice_of(one, other, model)


def _same_amount(one: Measure, other: Measure, model: Model) -> bool:
    """Whether both are made of the same column, and `one` is no total over what `other` picks out."""
    is_total = not one.filter and bool(other.filter)
    return not is_total and bool(_amounts(one, model) & _amounts(other, model))


def _amounts(measure: Measure, model: Model) -> set[str]:
    """The columns of numbers that are aggregated; counting says nothing of a column's values."""
    counts = measure.agg in {"count", "count_distinct"}
    numbers = {column.name for column in model.columns.values() if column.type in {"integer", "decimal"}}
    return set() if counts else set(_WORD.findall(measure.expr or "")) & {*numbers, *model.computed}


def _slice_of(one: Measure, other: Measure, model: Model) -> bool:
    """Whether `one` is `other` narrowed by dimensions alone, as a question could narrow it."""
    alike = _counted(one) == _counted(other)
    extra = _filtering(one, model) - _filtering(other, model)
    within = (other.filter or "") in (one.filter or "")
    return alike and one.agg in {*ADDITIVE, "count_distinct"} and within and extra <= set(model.dimensions)


def _counted(measure: Measure) -> tuple[object, ...]:
    """What is aggregated, of which moment."""
    return measure.agg, measure.expr, measure.time, measure.at, measure.having


def _filtering(measure: Measure, model: Model) -> set[str]:
    return set(_WORD.findall(measure.filter or "")) & _columns(model)


def _columns(model: Model) -> set[str]:
    return {*model.columns, *model.computed}
