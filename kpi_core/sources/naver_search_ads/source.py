"""Naver Search Ads: campaigns and ad groups by their ids, and what each of them did by day.

A day on which nothing happened is left out, and there is no total of an account: the days of a campaign are held
against its sum, and its ad groups against it. Ad groups that are not listed any more leave a rest without a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, read_rows

if TYPE_CHECKING:
    import duckdb

ZONE, CURRENCY = "Asia/Seoul", "KRW"
_IDS = 50
_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value")
Numbers = dict[str, Decimal]


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The ad groups of all customers, day by day."""
    return read_service(request, into, NaverService)


class NaverService(DeclaredService):
    """What Naver is asked for; `X-Customer` of each call is the account's id."""

    def accounts(self) -> list[Account]:
        """Those of kpi.yaml: the service lists none."""
        return [Account(each, each, CURRENCY, ZONE) for each in self.lists.get("account_ids", ())]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        places = self.places(account, first, last)
        campaigns = self._names("campaigns", places)
        groups = {each: self._names("groups", {**places, "campaign": each}) for each in campaigns}
        parents = self._days(list(campaigns), places)
        self._refuse_cut(parents, places)
        # A list that was cut has no sign of it: it is asked for again.
        if self._names("campaigns", places) != campaigns:
            raise _contradiction("the list of campaigns is another now")
        names = {id_: name for own in groups.values() for id_, name in own.items()}
        children = self._days(list(names), places)
        return list(_rows(campaigns, groups, parents, children))

    def _names(self, call: str, places: Mapping[str, str]) -> dict[str, str]:
        rows = read_rows(self.line, self.forms, self.forms.calls[call], places)
        return {str(row["id"]): str(row["name"]) for row in rows}

    def _days(self, ids: Sequence[str], places: Mapping[str, str]) -> dict[tuple[str, str], Numbers]:
        """By id and day."""
        rows = self._stats("days", ids, places)
        return {(str(row["id"]), str(row["date"])): _numbers(row, _MEASURES) for row in rows}

    def _stats(self, call: str, ids: Sequence[str], places: Mapping[str, str]) -> Iterator[Row]:
        for start in range(0, len(ids), _IDS):
            some = {**places, "ids": ",".join(ids[start : start + _IDS])}
            yield from read_rows(self.line, self.forms, self.forms.calls[call], some)

    def _refuse_cut(self, days: Mapping[tuple[str, str], Numbers], places: Mapping[str, str]) -> None:
        """The days of each campaign come to its sum over all of them, which is asked for apart."""
        ids = sorted({id_ for id_, _day in days})
        sums = {str(row["id"]): _numbers(row, self.forms.adds_up) for row in self._stats("whole", ids, places)}
        for id_ in ids:
            own = [numbers for (owner, _day), numbers in days.items() if owner == id_]
            for name in self.forms.adds_up:
                whole, parts = sums.get(id_, {}).get(name, Decimal(0)), sum(numbers[name] for numbers in own)
                # Each day is rounded to whole won.
                if abs(whole - parts) > len(own) * Decimal(str(self.forms.slack.get(name, 0))):
                    raise _contradiction(f"the days of {id_} come to {parts} {name}, its sum to {whole}")


def _numbers(row: Row, names: Sequence[str]) -> Numbers:
    try:
        return {name: Decimal(row[name] or 0) for name in names}
    except InvalidOperation:
        raise RefusedError(Trouble("our_fault", "a number is none")) from None


def _contradiction(reason: str) -> RefusedError:
    return RefusedError(Trouble("retry_now", reason))


def _rows(
    campaigns: Mapping[str, str],
    groups: Mapping[str, Mapping[str, str]],
    parents: Mapping[tuple[str, str], Numbers],
    children: Mapping[tuple[str, str], Numbers],
) -> Iterator[Row]:
    """The ad groups of each campaign and day, and what they lack of it."""
    days: set[Any] = {(campaign, day) for campaign, day in parents}
    days |= {(campaign, day) for campaign in groups for id_, day in children if id_ in groups[campaign]}
    for campaign, day in sorted(days):
        rest = dict(parents.get((campaign, day), dict.fromkeys(_MEASURES, Decimal(0))))
        for group, name in groups[campaign].items():
            if numbers := children.get((group, day)):
                rest = {measure: rest[measure] - numbers[measure] for measure in _MEASURES}
                yield _row(day, campaigns[campaign], name, numbers)
        if min(rest.values()) < -len(groups[campaign]) or min(rest["impressions"], rest["clicks"]) < 0:
            raise _contradiction(f"{day}: the ad groups of {campaign} come to more than it does")
        if rest["impressions"] > 0 or rest["clicks"] > 0:
            yield _row(day, campaigns[campaign], None, rest)


def _row(day: str, campaign: str, group: str | None, numbers: Numbers) -> Row:
    return {"date": day, "campaign": campaign, "ad_group": group, **{name: f"{n:f}" for name, n in numbers.items()}}
