"""Naver Search Ads: campaigns and ad groups by their ids, and what each of them did by day.

A day on which nothing happened is left out, and there is no total of an account: the days of a campaign are held
against its sum, and its ad groups against it. Ad groups that are not listed any more leave a rest without a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.rests import Key, Numbers, contradiction, numbers_of, rows_with_rests
from kpi_core.sources.api.service import Account, DeclaredService, Row, read_rows

if TYPE_CHECKING:
    import duckdb

ZONE, CURRENCY = "Asia/Seoul", "KRW"
_IDS = 50
_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value")


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The ad groups of all customers, day by day."""
    return read_service(request, into, NaverService)


class NaverService(DeclaredService):
    """What Naver is asked for; `X-Customer` of each call is the account's id."""

    def accounts(self) -> list[Account]:
        """Those of kpi.yaml: the service lists none, so each is tried."""
        return [self._tried(Account(id_, id_, CURRENCY, ZONE)) for id_ in self.lists.get("account_ids", ())]

    def _tried(self, account: Account) -> Account:
        try:
            self._names("campaigns", {**self.options, "account": account.id})
        except RefusedError as error:
            # What may pass is tried again with the rows.
            return account if error.trouble.outcome == "retry_now" else replace(account, trouble=error.trouble)
        return account

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        places = self.places(account, first, last)
        campaigns = self._names("campaigns", places)
        groups = {campaign: self._names("groups", {**places, "campaign": campaign}) for campaign in campaigns}
        parents = self._days(list(campaigns), places)
        self._refuse_cut(parents, places)
        # A list that was cut has no sign of it: it is asked for again.
        if self._names("campaigns", places) != campaigns:
            raise contradiction("the list of campaigns is another now")
        names = {id_: name for own in groups.values() for id_, name in own.items()}
        campaign_of = {group: campaign for campaign, own in groups.items() for group in own}
        children: dict[Key, dict[str, Numbers]] = {}
        for (group, day), numbers in self._days(list(names), places).items():
            children.setdefault((campaign_of[group], day), {})[f"{names[group]}"] = numbers
        return list(rows_with_rests(campaigns, parents, children, Decimal(1)))

    def _names(self, call: str, places: Mapping[str, str]) -> dict[str, str]:
        rows = read_rows(self.line, self.forms, self.forms.calls[call], places)
        return {str(row["id"]): str(row["name"]) for row in rows}

    def _days(self, ids: Sequence[str], places: Mapping[str, str]) -> dict[Key, Numbers]:
        """By id and day."""
        rows = self._stats("days", ids, places)
        return {(str(row["id"]), str(row["date"])): numbers_of(row, _MEASURES) for row in rows}

    def _stats(self, call: str, ids: Sequence[str], places: Mapping[str, str]) -> Iterator[Row]:
        for start in range(0, len(ids), _IDS):
            some = {**places, "ids": ",".join(ids[start : start + _IDS])}
            yield from read_rows(self.line, self.forms, self.forms.calls[call], some)

    def _refuse_cut(self, days: Mapping[Key, Numbers], places: Mapping[str, str]) -> None:
        """The days of each campaign come to its sum over all of them, which is asked for apart."""
        ids = sorted({id_ for id_, _day in days})
        sums = {str(row["id"]): numbers_of(row, self.forms.adds_up) for row in self._stats("whole", ids, places)}
        for id_ in ids:
            own = [numbers for (owner, _day), numbers in days.items() if owner == id_]
            for name in self.forms.adds_up:
                whole, parts = sums.get(id_, {}).get(name, Decimal(0)), sum(numbers[name] for numbers in own)
                # Each day is rounded to whole won.
                if abs(whole - parts) > len(own) * Decimal(str(self.forms.slack.get(name, 0))):
                    raise contradiction(f"the days of {id_} come to {parts} {name}, its sum to {whole}")


SERVICE = NaverService
