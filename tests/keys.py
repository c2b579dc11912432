"""Every key that a shape allows, in an example that has them all: none may be forgotten on the way to its dataclass."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from kpi_core.documents.shapes import AnyOf, ListOf, MappingOf, Record, Shape, Tagged, WithKey

Path = tuple[str | int, ...]
Place = tuple[Path, bool]
"""Where a key stands in the example, and whether it is required."""


def keys_of(shape: Shape, example: Any, path: Path = ()) -> Iterator[Place]:
    """The keys of all records inside; of a mapping the first has them all, of a list all items together."""
    match shape:
        case Record():
            yield from _keys_of_records(shape, [(path, example)])
        case ListOf():
            items = [((*path, place), item) for place, item in enumerate(example)]
            records = [(_record_of(shape.item, item), place, item) for place, item in items]
            if all(record is not None for record, _place, _item in records):
                # Keys that exclude each other stand in different items of one kind.
                for shape_of_kind in {id(record): record for record, _place, _item in records}.values():
                    yield from _keys_of_records(
                        shape_of_kind, [(at, item) for record, at, item in records if record is shape_of_kind]
                    )
            else:
                yield from keys_of(shape.item, example[0], (*path, 0))
        case MappingOf():
            name = next(iter(example))
            yield from keys_of(shape.value, example[name], (*path, name))
        case Tagged():
            yield from keys_of(shape.shapes[example[shape.by]], example, path)
        case WithKey():
            yield from keys_of(shape.of(example), example, path)
        case AnyOf():
            fitting = next(one for one in shape.shapes if one.fits(example))
            yield from keys_of(fitting, example, path)


def _record_of(shape: Shape, example: Any) -> Any:
    """The record that an item is; None for any other."""
    if isinstance(shape, Tagged):
        return shape.shapes[example[shape.by]]
    if isinstance(shape, WithKey):
        return shape.of(example)
    return shape if isinstance(shape, Record) else None


def _keys_of_records(shape: Record, items: list[tuple[Path, Any]]) -> Iterator[Place]:
    lacking = set(shape.fields) - {name for _path, item in items for name in item}
    assert not lacking, f"the example lacks {lacking} of {items[0][0]}"
    for name, field in shape.fields.items():
        path, item = next((path, item) for path, item in items if name in item)
        yield (*path, name), field.required
        yield from keys_of(field.shape, item[name], (*path, name))


def without(example: Any, path: Path) -> Any:
    """The example without one key."""
    left = deepcopy(example)
    inside = left
    for step in path[:-1]:
        inside = inside[step]
    del inside[path[-1]]
    return left


def at_default(value: Any, path: str = "") -> Iterator[str]:
    """The fields of a dataclass, and of those inside it, that an example of every key has left at their default."""
    if isinstance(value, tuple | list):
        yield from sorted(set.intersection(*(set(at_default(item, path)) for item in value)) if value else ())
    elif isinstance(value, dict):
        yield from (name for item in value.values() for name in at_default(item, path))
    elif is_dataclass(value):
        for field in fields(value):
            name = f"{type(value).__name__}.{field.name}"
            default = field.default_factory() if field.default_factory is not MISSING else field.default
            if getattr(value, field.name) == default:
                yield name
            yield from at_default(getattr(value, field.name), name)
