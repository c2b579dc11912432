"""A generated table: columns as arrays of whole numbers, and what they mean. -1 is an empty value throughout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from kpi_core.demo.draws import Flags, Floats, Ints

Kind = Literal["text", "identity", "instant", "day", "whole", "hundredths", "flag"]

EMPTY = -1


@frozen
class Column:
    """`text`: positions in `words`. `identity`: numbers behind a prefix (`words[0]`). `instant`: UTC seconds.

    `day`: days since 1970. `hundredths`: cents, or any number with two decimals.
    """

    kind: Kind
    values: npt.NDArray[np.int64] | npt.NDArray[np.bool_]
    words: tuple[str, ...] = ()


Table = Mapping[str, Column]


def text(words: Sequence[str], codes: Ints) -> Column:
    return Column("text", codes, tuple(words))


def identity(prefix: str, numbers: Ints) -> Column:
    return Column("identity", numbers, (prefix,))


def instant(seconds: Ints) -> Column:
    return Column("instant", seconds)


def day(ordinals: Ints) -> Column:
    return Column("day", ordinals)


def whole(numbers: Ints) -> Column:
    return Column("whole", numbers)


def hundredths(amounts: Floats) -> Column:
    """Amounts as they are read (12.34), rounded to two decimals; negative ones are empty."""
    import numpy as np

    return Column("hundredths", np.where(amounts < 0, EMPTY, np.rint(amounts * 100)).astype(np.int64))


def flag(yes: Flags) -> Column:
    return Column("flag", yes)


def coded(values: Sequence[str | None]) -> tuple[tuple[str, ...], Ints]:
    """The distinct words in order of appearance, and each value's position among them (-1 for None)."""
    import numpy as np

    words = tuple(dict.fromkeys(value for value in values if value is not None))
    place = {word: position for position, word in enumerate(words)}
    return words, np.array([EMPTY if value is None else place[value] for value in values], dtype=np.int64)
