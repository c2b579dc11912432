"""Whether two tables of the same days hold the same thing or two, told by what each day adds up to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

Sums = Mapping[object, float | Decimal | None]
"""By day, or by day and member: what an amount adds up to."""
Kinship = Literal["one", "two", "open"]

_DIGITS = 3
"""Amounts of fewer digits, 7 sales a day, are the same by chance."""
_PROOFS = 3
"""So many different amounts are no chance, and no budget that is spent every day."""
_FAR = Decimal("1.5")


def kinship(pairs: Iterable[tuple[Sums, Sums]], *, strangers: bool = False) -> Kinship:
    """Whether two tables are of one account, by the sums of each amount that both have.

    One: on half of the common days or more some amount is the very same, and not always the same one. Two: each is far
    larger than the other on several days, for what a report leaves out makes it smaller and nothing makes it larger.
    Newer figures and reports that leave something out are open. Of `strangers`, which may be of two tools, a day or two
    prove nothing.
    """
    proofs: set[tuple[int, Decimal]] = set()
    days = ahead = behind = 0
    for number, (one, other) in enumerate(pairs):
        common = [(_exact(one[day]), _exact(other[day])) for day in one.keys() & other.keys()]
        telling = [(a, b) for a, b in common if _is_telling(a) or _is_telling(b)]
        equal = {(number, a) for a, b in telling if a == b}
        if telling and 2 * sum(a == b for a, b in telling) >= len(telling):
            proofs |= equal
        days = max(days, len(telling))
        ahead = max(ahead, sum(a > _FAR * b for a, b in telling))
        behind = max(behind, sum(b > _FAR * a for a, b in telling))
    if days and len(proofs) >= (_PROOFS if strangers else min(_PROOFS, days)):
        return "one"
    return "two" if ahead >= _PROOFS and behind >= _PROOFS else "open"


def _exact(amount: float | Decimal | None) -> Decimal:
    return Decimal(str(amount or 0))


def _is_telling(amount: Decimal) -> bool:
    _sign, digits, exponent = amount.normalize().as_tuple()
    return len(digits) + max(int(exponent), 0) >= _DIGITS
