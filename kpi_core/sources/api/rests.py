"""Groups within their campaigns: what a campaign did beyond the groups that are listed stands without a group. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.service import Row

Numbers = dict[str, Decimal]
Key = tuple[str, str]
"""The id of a campaign, and a day."""
_CERTAIN = ("impressions", "clicks")


def numbers_of(row: Row, names: Sequence[str]) -> Numbers:
    """Some columns of a row as exact numbers. RefusedError where one is none."""
    try:
        return {name: Decimal(row[name] or 0) for name in names}
    except InvalidOperation:
        raise RefusedError(Trouble("our_fault", "a number is none")) from None


def contradiction(reason: str) -> RefusedError:
    return RefusedError(Trouble("retry_now", reason))


def rows_with_rests(
    campaigns: Mapping[str, str],
    parents: Mapping[Key, Numbers],
    children: Mapping[Key, Mapping[str, Numbers]],
    slack: Decimal,
) -> Iterator[Row]:
    """By campaign and day its groups by name, and the rest. RefusedError where groups come to more than their campaign.

    `slack` is what rounding makes for each group.
    """
    nothing = dict.fromkeys(next(iter(parents.values()), {}), Decimal(0))
    for key in sorted(parents.keys() | children.keys()):
        groups, rest = children.get(key, {}), parents.get(key)
        if rest is None:
            raise contradiction(f"{key[1]}: groups of {key[0]} without their campaign")
        campaign = campaigns.get(key[0])
        for name, numbers in groups.items():
            rest = {measure: rest[measure] - numbers[measure] for measure in nothing}
            yield _row(key[1], campaign, name, numbers)
        if min(rest.values()) < -slack * len(groups) or min(rest[name] for name in _CERTAIN) < 0:
            raise contradiction(f"{key[1]}: the groups of {key[0]} come to more than it does")
        if any(rest[name] > 0 for name in _CERTAIN) or max(rest.values()) > slack * len(groups):
            yield _row(key[1], campaign, None, rest)


def _row(day: str, campaign: str | None, group: str | None, numbers: Numbers) -> Row:
    return {"date": day, "campaign": campaign, "ad_group": group, **{name: f"{n:f}" for name, n in numbers.items()}}
