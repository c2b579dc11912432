"""Every key that a shape allows, in an example that has them all: none may be forgotten on the way to its dataclass."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from kpi_core.documents.shapes import AnyOf, ListOf, MappingOf, Record, Shape, Tagged

Path = tuple[str | int, ...]
Place = tuple[Path, bool]
"""Where a key stands in the example, and whether it is required."""


def keys_of(shape: Shape, example: Any, path: Path = ()) -> Iterator[Place]:
    """The keys of all records inside; of a list or a mapping of free keys the first item has them all."""
    match shape:
        case Record():
            assert set(example) == set(shape.fields), f"the example lacks a key of {path}"
            for name, field in shape.fields.items():
                yield (*path, name), field.required
                yield from keys_of(field.shape, example[name], (*path, name))
        case ListOf():
            yield from keys_of(shape.item, example[0], (*path, 0))
        case MappingOf():
            name = next(iter(example))
            yield from keys_of(shape.value, example[name], (*path, name))
        case Tagged():
            yield from keys_of(shape.shapes[example[shape.by]], example, path)
        case AnyOf():
            fitting = next(one for one in shape.shapes if one.fits(example))
            yield from keys_of(fitting, example, path)


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
        yield from (name for item in value for name in at_default(item, path))
    elif isinstance(value, dict):
        yield from (name for item in value.values() for name in at_default(item, path))
    elif is_dataclass(value):
        for field in fields(value):
            name = f"{type(value).__name__}.{field.name}"
            default = field.default_factory() if field.default_factory is not MISSING else field.default
            if getattr(value, field.name) == default:
                yield name
            yield from at_default(getattr(value, field.name), name)
