"""Look-ups: a table without a date tells more of what facts belong to, such as the region of a customer.

Every model with the look-up's entity may be split and filtered by its dimensions. The join adds columns, never rows: a
look-up has one row a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kpi_core.documents.yaml_file import Steps
from kpi_core.errors import did_you_mean
from kpi_core.metrics import CLOCK, DAY, Dimension, Lookup, Model


def with_lookups(models: Mapping[str, Model]) -> dict[str, Model]:
    """The models with the dimensions of look-ups for what their rows belong to."""
    lookups = [model for model in models.values() if model.primary_entity]
    return {name: _looking_up(model, lookups) for name, model in models.items()}


def _looking_up(model: Model, lookups: list[Model]) -> Model:
    """The same model where there is nothing to look up: cached queries know it by its identity."""
    if not model.measures:
        return model
    calendars = dict(_calendars(model, lookups))
    if calendars:
        model = replace(model, calendars=calendars)
    added: dict[str, Lookup] = {}
    for other, hop in _reached(model, lookups):
        for dimension in filter(other.tells_by_itself, other.dimensions):
            name = dimension
            if name in model.columns or name in model.computed or name in added or name in calendars:
                name = f"{other.primary_entity}_{dimension}"
            added.setdefault(name, replace(hop, column=dimension, **_kind_of(dimension, other)))
    if not added:
        return model
    return replace(model, lookups=added, dimensions=(*model.dimensions, *added))


def _calendars(model: Model, lookups: list[Model]) -> Iterator[tuple[str, Lookup]]:
    """What tables of days tell of the day of a row."""
    for other in lookups:
        if other.primary_entity == DAY:
            for dimension in other.dimensions:
                has_own = dimension in model.columns or dimension in model.computed or dimension in CLOCK
                plain = Lookup(other.name, other.key[0], dimension, "", "text", alike=True)
                yield f"{DAY}_{dimension}" if has_own else dimension, replace(plain, **_kind_of(dimension, other))


def _kind_of(dimension: str, table: Model) -> dict[str, Any]:
    """How a table tells a dimension: by a column, or computed."""
    if dimension in table.columns:
        return {"type": table.columns[dimension].type, "expr": ""}
    return {"type": "text", "expr": table.computed[dimension]}


def _reached(model: Model, lookups: list[Model]) -> Iterator[tuple[Model, Lookup]]:
    """The look-ups that a model's rows lead to, the nearest first, each with the way to its key."""
    waiting: list[tuple[Model, Lookup | None]] = [(model, None)]
    for owner, via in waiting:
        for other in lookups:
            column = owner.entities.get(other.primary_entity)
            # A way that comes back to a table of its own would tell of another row of it.
            if column is None or other in (owner, model) or (via is not None and other.name in via.tables()):
                continue
            hop = _hop(owner, column, other, via)
            yield other, hop
            waiting.append((other, hop))


def _hop(owner: Model, column: str, other: Model, via: Lookup | None) -> Lookup:
    key, alike = other.key[0], owner.columns[column].type == other.columns[other.key[0]].type
    before = replace(via, column=column, type=owner.columns[column].type, expr="") if via is not None else None
    valid = (other.valid.start, other.valid.end, other.columns[other.valid.start].type) if other.valid else None
    return Lookup(other.name, key, key, column, other.columns[key].type, alike, before, valid)


def names_of(models: Mapping[str, Model], dimensions: Mapping[str, Dimension]) -> dict[str, Dimension]:
    """Names for dimensions that a table has itself and of its entity, too: "customer region"."""
    found: dict[str, Dimension] = {}
    for model in models.values():
        for name, lookup in (*model.lookups.items(), *model.calendars.items()):
            if name not in dimensions:
                entity = models[lookup.table].primary_entity.replace("_", " ")
                own = dimensions[lookup.column].names
                found[name] = Dimension(name, {language: f"{entity} {words}" for language, words in own.items()})
    return found


def broken_lookup(model: Model, models: Mapping[str, Model]) -> Iterator[tuple[Steps, str, str]]:
    """What is wrong with a look-up: where, what, and what to do."""
    yield from _broken_facts(model) if model.measures else _broken_computed(model)
    if model.valid is not None:
        yield from _broken_spans(model)
    elif len(model.key) != 1:
        yield ("key",), f"a look-up has one key column, {model.name} has {len(model.key)}", "Add key: [id]."
    if model.primary_entity == DAY:
        yield from _broken_calendar(model)
    entities = {DAY} | {name for other in models.values() for name in other.entities}
    if model.primary_entity not in entities:
        near = did_you_mean(model.primary_entity, sorted(entities))
        hint = f"Did you mean {near[0]}?" if near else "Name it under entities: of a model with rows of it."
        yield ("primary_entity",), f"no model has an entity {model.primary_entity}", hint
    for other in models.values():
        if other.name < model.name and other.primary_entity == model.primary_entity:
            twice = [name for name in model.dimensions if name in other.dimensions]
            if twice:
                yield ("dimensions",), f"{other.name} tells {', '.join(twice)} as well", "Keep it in one of the two."


def _broken_facts(model: Model) -> Iterator[tuple[Steps, str, str]]:
    """Facts that are looked up as well: by one key, in a table of their own."""
    parts = {"valid": model.valid, "relation": model.relation}
    for part in (name for name, written in parts.items() if written is not None):
        hint = "Make a list of its own of what is looked up."
        yield (part,), f"{model.name} is looked up, which does not go with {part}:", hint


def _broken_computed(model: Model) -> Iterator[tuple[Steps, str, str]]:
    for name, sql in model.computed.items():
        others = [other for other in model.computed if other in re.findall(r"\w+", sql)]
        if others:
            hint = f"Write what {others[0]} is computed from."
            yield ("computed", name), f"{name} is computed from {others[0]}, which is no column", hint


def _broken_spans(model: Model) -> Iterator[tuple[Steps, str, str]]:
    """A table with a row for each span of time: the key names an entity and a start."""
    assert model.valid is not None
    if len(model.key) != 2 or model.key[1] != model.valid.start:
        hint = f"Write key: [id, {model.valid.start}]."
        yield ("key",), f"{model.name} has one row for each start of a span: the key must say so", hint
    kinds = {model.columns[name].type for name in (model.valid.start, model.valid.end) if name in model.columns}
    if len(kinds) > 1 or not kinds <= {"date", "timestamp"}:
        yield ("valid",), "a span is from a date to a date, or from an instant to an instant", "Give both one type."


def _broken_calendar(model: Model) -> Iterator[tuple[Steps, str, str]]:
    """A table of days: one row for each."""
    key = model.columns.get(model.key[0]) if model.key else None
    if key is not None and key.type != "date":
        yield ("key",), f"{model.name} tells of days, and {key.name} is a {key.type}", "Make it a column of dates."
    if model.valid is not None:
        yield ("valid",), "a day is as it is", "Take valid: out."
