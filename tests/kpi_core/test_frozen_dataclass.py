"""`@frozen` makes what `dataclass(frozen=True, slots=True)` makes: held against it, option by option."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, asdict, astuple, dataclass, field, fields, replace
from inspect import signature
from typing import Any, Generic, TypeVar, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.frozen_dataclass import frozen

Kind = TypeVar("Kind")
Decorator = Callable[[type], type]
_STANDARD: Decorator = dataclass(frozen=True, slots=True)


def _point(decorator: Decorator) -> Any:
    class Point:
        """Defaults, a factory, fields that do not count, a method of its own."""

        set: int
        last: int = field(default=0, kw_only=True)
        name: str = "a"
        tags: Mapping[str, int] = field(default_factory=dict, compare=False)
        note: str = field(default="", compare=False, repr=False)

        def __post_init__(self) -> None:
            if self.name == "refused":
                raise ValueError(self.name)

        @property
        def double(self) -> int:
            return self.set * 2

    return decorator(Point)


OURS, STANDARD = _point(frozen), _point(_STANDARD)

_WORDS = st.fixed_dictionaries(
    {"set": st.integers(-2, 2)},
    optional={
        "last": st.integers(0, 1),
        "name": st.sampled_from(["a", "b"]),
        "tags": st.dictionaries(st.sampled_from("xy"), st.integers(0, 1)),
        "note": st.sampled_from(["", "n"]),
    },
)


@given(one=_WORDS, other=_WORDS)
def test_values_are_equal_hashed_shown_and_replaced_as_standard_ones(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Whatever is given and left out: the same equality, hash, repr, tuple, dictionary and copy with changes."""
    ours, standard = OURS(**one), STANDARD(**one)
    assert (ours == OURS(**other)) is (standard == STANDARD(**other))
    assert hash(ours) == hash(standard)
    assert repr(ours).split(".")[-1] == repr(standard).split(".")[-1]
    assert astuple(ours) == astuple(standard)
    assert asdict(replace(ours, **other)) == asdict(replace(standard, **other))
    assert ours.double == standard.double
    assert ours != standard


def test_a_value_cannot_be_changed() -> None:
    """Neither a field nor anything else can be set or deleted."""
    point = OURS(1)
    attempts: list[Callable[[], object]] = [
        lambda: setattr(point, "set", 2),
        lambda: setattr(point, "other", 2),
        lambda: delattr(point, "set"),
    ]
    for attempt in attempts:
        with pytest.raises(FrozenInstanceError):
            attempt()
    assert point.set == 1
    assert not hasattr(point, "__dict__")


def test_a_value_looks_like_a_standard_one() -> None:
    """Its signature, fields, places for `match`, and annotations, which are read in its own module."""
    assert list(signature(OURS).parameters) == list(signature(STANDARD).parameters)
    assert [part.name for part in fields(OURS)] == [part.name for part in fields(STANDARD)]
    assert OURS.__match_args__ == STANDARD.__match_args__
    assert get_type_hints(OURS.__init__) == {
        "set": int, "last": int, "name": str, "tags": Mapping[str, int], "note": str, "return": type(None),
    }  # fmt: skip


def test_wrong_arguments_are_refused() -> None:
    """Too few, too many, an unknown name, and what the class itself refuses."""
    attempts: list[Callable[[], object]] = [OURS, lambda: OURS(1, "a", {}, "", 5), lambda: OURS(1, wrong=2)]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(ValueError, match="refused"):
        OURS(1, "refused")


def test_each_value_has_a_default_of_its_own() -> None:
    """What a factory makes is made again for each."""
    assert OURS(1).tags is not OURS(1).tags


@frozen
class Named(Generic[Kind]):
    """In the module itself, so that pickle finds it."""

    kind: Kind
    also: tuple[int, ...] = ()


@frozen
class Longer(Named[int]):  # noqa: PLW1641  (the hash is what is tried)
    """With the fields of another, and its own equality."""

    more: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Longer) and self.more == other.more


@frozen(eq=False)
class Itself:
    """Equal to itself alone."""

    value: int


@frozen
class Worked:
    """With a field that it works out itself, behind one with a default."""

    value: int = 1
    double: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "double", self.value * 2)


@frozen
class Empty:
    """Nothing in it."""


@pytest.mark.parametrize("value", [Named(1, (2, 3)), Longer(1, (2,), "x"), Worked(3), Empty()])
def test_values_survive_pickle_and_copies(value: object) -> None:
    """As whole as they were, and still closed."""
    for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert twin == value
        assert repr(twin) == repr(value)
        with pytest.raises(FrozenInstanceError):
            setattr(twin, "kind", 2)  # noqa: B010  (no checker lets it be written)


def test_a_field_may_be_worked_out() -> None:
    """It is none of the arguments, changes with the others, and counts for nothing."""
    assert replace(Worked(2), value=4).double == 8
    assert repr(Worked()).endswith("Worked(value=1)")
    with pytest.raises(TypeError):
        Worked(2, 4)  # type: ignore[call-arg]


def test_equality_is_by_fields_unless_the_class_says_otherwise() -> None:
    """Its own `__eq__` stays and it is hashable all the same; with `eq=False` only itself; a NaN is itself."""
    assert Longer(1, (), "x") == Longer(2, (), "x")
    assert isinstance(hash(Longer(1)), int)
    one = Itself(1)
    assert one == one  # noqa: PLR0124  (that is what is promised)
    assert one != Itself(1)
    assert Empty() == Empty()
    nothing = float("nan")
    assert Named(nothing) == Named(nothing)
    assert Named(1) != Longer(1)
    match Named(5):
        case Named(kind, also):
            assert (kind, also) == (5, ())
