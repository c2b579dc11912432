"""A stand-in for LinkedIn's Reporting API of a monthly version: one list by campaign or account, cut without a word.

Made from learn.microsoft.com/linkedin/marketing/integrations/ads-reporting and ads/account-structure.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.linkedin import (
    CLIENT_ID,
    CLIENT_SECRET,
    FIRST_TOKEN,
    Grants,
    RefusalError,
    error,
    paged,
    refusal,
)
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ACCOUNTS, AdAccount, AdRow, Advertiser

OF_UTC = Advertiser(tuple(replace(account, zone="UTC") for account in ACCOUNTS))
"""LinkedIn's days are those of UTC, whoever advertises."""
_FIELDS = {
    "dateRange", "pivotValues", "impressions", "clicks", "landingPageClicks", "costInLocalCurrency", "costInUsd",
    "externalWebsiteConversions", "oneClickLeads", "conversionValueInLocalCurrency", "videoViews",
}  # fmt: skip
_MOST_FIELDS = 20
_QUERY = {"q", "pivot", "timeGranularity", "dateRange", "accounts", "fields"}
_PAGE = 4
_ENDS = re.compile(r"\(start:\(year:(\d+),month:(\d+),day:(\d+)\),end:\(year:(\d+),month:(\d+),day:(\d+)\)\)")


@frozen
class LinkedInAdsStandIn:
    """All ad accounts of a member. From `most` elements on an answer is cut, and nothing says so."""

    now: Callable[[], datetime]
    advertiser: Advertiser = OF_UTC
    grants: Grants = field(default_factory=lambda: Grants("r_ads,r_ads_reporting"))
    most: int = 15_000

    def answer(self, request: Asked) -> Answered:
        if request.path == "/oauth/v2/accessToken":
            return self.grants.answer(request, self.now())
        try:
            self.grants.check(request, self.now())
            return Answered(self._document(request), "elements")
        except RefusalError as refused:
            return Answered(error(refused.status, refused.code, refused.message), None, refused.status)

    def refusal(self, status: int) -> Any:
        return refusal(status)

    def _document(self, request: Asked) -> Any:
        if request.path == "/rest/adAnalytics":
            return self._analytics(request.query)
        steps = request.path.removeprefix("/rest/adAccounts").strip("/").split("/")
        if not request.path.startswith("/rest/adAccounts") or request.query.get("q") != "search":
            raise RefusalError(404, "RESOURCE_NOT_FOUND", "No virtual resource found")
        if steps == [""]:
            return paged([_shown(account) for account in self.advertiser.accounts], request.query, _PAGE)
        self._account(steps[0])
        groups = {group.campaign_id: group.campaign for group in self.advertiser.groups}
        campaigns = [
            {
                "id": int(group.id),
                "name": group.name,
                "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group.campaign_id}",
            }
            for group in self.advertiser.groups
        ]
        lists = {
            "adCampaignGroups": [{"id": int(id_), "name": name} for id_, name in groups.items()],
            "adCampaigns": campaigns,
        }
        if steps[1:] not in [[name] for name in lists]:
            raise RefusalError(404, "RESOURCE_NOT_FOUND", "No virtual resource found")
        return paged(lists[steps[1]], request.query, _PAGE)

    def _account(self, id_: str) -> AdAccount:
        account = self.advertiser.account(id_)
        if account is None:
            raise RefusalError(403, "ACCESS_DENIED", "Not enough permissions to access this ad account")
        return account

    def _analytics(self, query: Mapping[str, str]) -> Any:
        ends, fields = _ENDS.fullmatch(query.get("dateRange", "")), query.get("fields", "").split(",")
        account = re.fullmatch(r"List\(urn:li:sponsoredAccount:(\d+)\)", query.get("accounts", ""))
        pivot, grain = (_value(query.get(name, "")) for name in ("pivot", "timeGranularity"))
        if ends is None or account is None or set(query) != _QUERY or query["q"] != "analytics":
            raise RefusalError(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
        if len(fields) > _MOST_FIELDS or not set(fields) <= _FIELDS:
            raise RefusalError(400, "PARAM_INVALID", "Invalid fields")
        if pivot not in {"CAMPAIGN", "ACCOUNT"} or grain not in {"DAILY", "ALL"}:
            raise RefusalError(400, "PARAM_INVALID", "Invalid pivot or timeGranularity")
        numbers = [int(text) for text in ends.groups()]
        first, last = date(*numbers[:3]), date(*numbers[3:])
        own = self.advertiser.account(account[1])
        # Whoever may not see an account is told that there is nothing.
        rows = self.advertiser.rows(own, days_between(first, last), self._today()) if own else []
        grouped: dict[tuple[date, str], list[AdRow]] = {}
        for row in rows:
            urn = f"Campaign:{row.group.id}" if pivot == "CAMPAIGN" else f"Account:{account[1]}"
            grouped.setdefault((row.day if grain == "DAILY" else first, f"urn:li:sponsored{urn}"), []).append(row)
        elements = [
            _element(urn, day if grain == "DAILY" else last, day, own, fields) for (day, urn), own in grouped.items()
        ]
        return {"paging": {"start": 0, "count": 10, "links": []}, "elements": elements[: self.most]}

    def _today(self) -> date:
        return self.now().astimezone(ZoneInfo("UTC")).date()


def _value(text: str) -> str:
    return text.removeprefix("(value:").removesuffix(")")


def _shown(account: AdAccount) -> dict[str, Any]:
    named = {"id": int(account.id), "name": account.name, "currency": account.currency}
    return {**named, "status": "ACTIVE", "type": "BUSINESS", "test": False}


def _element(urn: str, last: date, first: date, rows: list[AdRow], fields: list[str]) -> dict[str, Any]:
    """Amounts are texts with many digits; a third of the conversions are forms."""
    conversions = sum(row.conversions for row in rows)
    ends = {
        name: {"year": day.year, "month": day.month, "day": day.day} for name, day in (("start", first), ("end", last))
    }
    values = {
        "dateRange": ends,
        "pivotValues": [urn],
        "impressions": sum(row.impressions for row in rows),
        "clicks": sum(row.clicks for row in rows),
        "landingPageClicks": sum(row.clicks for row in rows) - 1,
        "costInLocalCurrency": f"{sum((row.spend for row in rows), Decimal(0)):.10f}",
        "externalWebsiteConversions": conversions - conversions // 3,
        "oneClickLeads": conversions // 3,
        "conversionValueInLocalCurrency": f"{sum((row.value for row in rows), Decimal(0)):.10f}",
        "videoViews": 0,
    }
    return {name: values[name] for name in fields if name in values}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    environment = {
        "LINKEDIN_ADS_CLIENT_ID": CLIENT_ID,
        "LINKEDIN_ADS_CLIENT_SECRET": CLIENT_SECRET,
        "LINKEDIN_ADS_REFRESH_TOKEN": FIRST_TOKEN,
    }
    return Offered("linkedin_ads", LinkedInAdsStandIn, environment)


if __name__ == "__main__":
    sys.exit(serve("linkedin_ads"))
