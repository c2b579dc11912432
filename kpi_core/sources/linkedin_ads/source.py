"""LinkedIn Ads: days in pieces, and names that stand in lists of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, Sums, read_rows, rows_in, sums_of
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb


@frozen
class _Names:
    """What the campaigns and groups of an account are called, by their URNs."""

    groups: Mapping[str, str]
    campaigns: Mapping[str, tuple[str, str]]
    """The group of each, and its name."""


_CAMPAIGN, _GROUP = "urn:li:sponsoredCampaign:", "urn:li:sponsoredCampaignGroup:"


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The campaigns of all ad accounts, day by day."""
    return read_service(request, into, AdService)


@dataclass(slots=True)
class AdService(DeclaredService):
    """What the Reporting API is asked for."""

    names: dict[str, _Names] = field(default_factory=dict)
    """By account."""

    def accounts(self) -> list[Account]:
        rows = read_rows(self.line, self.forms, self.forms.calls["accounts"], self.options)
        return [Account(str(row["id"]), row["name"] or "", row["currency"] or "", "UTC") for row in rows]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        call = self.forms.calls["rows"]
        items = list(self._items(call, account, first, last))
        names = self._names_of(account) if items else _Names({}, {})
        try:
            return rows_in([_named(item, names) for item in items], self.forms, call)
        except RefusedError:
            # The list is older than a campaign, or a page of it was cut: the next try asks for it again.
            self.names.pop(account.id, None)
            raise

    def sums(self, account: Account, first: date, last: date) -> Sums:
        call = self.forms.calls["sums"]
        return sums_of(rows_in(self._items(call, account, first, last), self.forms, call), self.forms.adds_up)

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        ends = ",".join(
            f"{name}:(year:{day.year},month:{day.month},day:{day.day})"
            for name, day in (("start", first), ("end", last))
        )
        return {**DeclaredService.places(self, account, first, last), "days": f"({ends})"}

    def _items(self, call: Call, account: Account, first: date, last: date) -> Iterator[Any]:
        for item in rows_of(self.line, call, self.places(account, first, last)):
            yield {**item, "day": _day_of(item)}

    def _names_of(self, account: Account) -> _Names:
        if account.id not in self.names:
            places = {**self.options, "account": account.id}
            groups, campaigns = (
                read_rows(self.line, self.forms, self.forms.calls[name], places) for name in ("groups", "campaigns")
            )
            self.names[account.id] = _Names(
                {f"{_GROUP}{row['id']}": str(row["name"]) for row in groups},
                {f"{_CAMPAIGN}{row['id']}": (str(row["group"]), str(row["name"])) for row in campaigns},
            )
        return self.names[account.id]


def _named(item: Any, names: _Names) -> Any:
    """An item with its names. RefusedError where a list does not have them."""
    campaign = str(value_at(item, "pivotValues[0]"))
    group, name = names.campaigns.get(campaign, ("", ""))
    if group not in names.groups:
        raise RefusedError(Trouble("retry_now", f"{campaign.rpartition(':')[2]} is not among the campaigns"))
    kinds = (value_at(item, place) or 0 for place in ("externalWebsiteConversions", "oneClickLeads"))
    conversions = sum((Decimal(number) for number in kinds), Decimal(0))
    return {**item, "group_name": names.groups[group], "campaign_name": name, "conversions": f"{conversions:f}"}


def _day_of(item: Any) -> str | None:
    parts = [value_at(item, f"dateRange.start.{name}") for name in ("year", "month", "day")]
    if not all(isinstance(part, int) for part in parts):
        return None
    try:
        return date(*parts).isoformat()
    except ValueError:
        raise RefusedError(Trouble("our_fault", "the field day is no date")) from None


SERVICE = AdService
