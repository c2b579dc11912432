"""`@frozen`: the product's values. A frozen dataclass with slots, made five times as fast as the standard one.

A command makes a hundred of these classes before it answers, and `dataclass(frozen=True)` compiles six methods for
each: half a millisecond, a fifth of the time of a short answer. Here one method is compiled, `__init__`; the others
are alike for every class. `fields`, `replace`, `asdict`, `match` and pickle work as on any dataclass, and so do
`field(default=, default_factory=, compare=, repr=, kw_only=)`, and `init=False` for what `__post_init__` sets. Whoever
needs `order` takes the standard one; docs/decisions/speed.md says why this one is ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

Class = TypeVar("Class", bound=type[Any])

_assign = object.__setattr__
_UNSET = object()


@overload
def frozen(cls: Class, /) -> Class: ...
@overload
def frozen(*, eq: bool) -> Callable[[Class], Class]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Class | None = None, /, *, eq: bool = True) -> Class | Callable[[Class], Class]:
    """Make a class of annotations an immutable value; with `eq=False` equal to itself alone.

    A method that the class writes itself is left as it is. Setting or deleting a field is a FrozenInstanceError.
    """
    if cls is None:
        return lambda given: _made(given, eq=eq)
    return _made(cls, eq=eq)


def _made(written: Class, *, eq: bool) -> Class:
    # Of one without a docstring the standard one would word the signature: longer than all the rest takes.
    written.__doc__ = written.__doc__ or written.__name__
    cls: Any = dataclass(init=False, repr=False, eq=False, slots=True)(written)
    # A class that writes __eq__ alone has __hash__ = None by Python's rule: a value is hashable all the same.
    own = {name for name, method in vars(written).items() if method is not None}
    parts = fields(cls)
    names = tuple(part.name for part in parts)
    methods = {
        "__init__": _init(cls, parts),
        "__repr__": _repr(tuple(part.name for part in parts if part.repr)),
        **_state(names),
        **(_equality(tuple(part.name for part in parts if part.compare)) if eq else {}),
    }
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)
    cls.__setattr__, cls.__delattr__ = _set_refused, _delete_refused
    return cls  # type: ignore[no-any-return]


def _init(cls: type, parts: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Compiled, as the standard one is: called often, it must read its arguments as fast as a function can."""
    named: dict[str, object] = {"_assign": _assign, "_UNSET": _UNSET}
    words: dict[bool, list[str]] = {False: [], True: ["*"]}
    lines = []
    for part in (part for part in parts if part.init):
        word = value = part.name
        if part.default is not MISSING:
            word, named[f"_default_{part.name}"] = f"{part.name}=_default_{part.name}", part.default
        elif part.default_factory is not MISSING:
            word, named[f"_default_{part.name}"] = f"{part.name}=_UNSET", part.default_factory
            value = f"_default_{part.name}() if {part.name} is _UNSET else {part.name}"
        words[part.kw_only is True].append(word)
        lines.append(f"_assign(self, {part.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    named_only = words[True] if len(words[True]) > 1 else []
    head = f"def __init__({', '.join(['self', *words[False], *named_only])}):"
    body = "".join(f"\n  {line}" for line in lines or ["pass"])
    made: dict[str, Any] = {}
    # The class's own module as the place that its annotations are read in (typing.get_type_hints).
    around = f"def make({', '.join(named)}):\n {head}{body}\n return __init__"
    exec(around, vars(sys.modules[cls.__module__]), made)  # noqa: S102  (the names of our own fields)
    init: Callable[..., None] = made["make"](*named.values())
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {**{part.name: part.type for part in parts}, "return": None}
    return init


def _repr(names: tuple[str, ...]) -> Callable[[object], str]:
    def __repr__(self: object) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _equality(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    values: Callable[[object], object] = (
        attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)
    )

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(values(self) == values(other))

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _state(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """What pickle and copy take and set: by the order of the fields, past the refusal to set one."""

    def __getstate__(self: object) -> list[object]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            _assign(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}


def _set_refused(_self: object, name: str, _value: object) -> NoReturn:
    message = f"cannot assign to field {name!r}"
    raise FrozenInstanceError(message)


def _delete_refused(_self: object, name: str) -> NoReturn:
    message = f"cannot delete field {name!r}"
    raise FrozenInstanceError(message)
