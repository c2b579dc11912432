"""A stand-in for TikTok's Business API, v1.3: integrated reports in numbered pages, every error with HTTP 200.

Made from business-api.tiktok.com/portal/docs (Report Integrated Get, Advertiser Info) and its SDK's documents.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser

TOKEN = "standin0tiktok0token0standin"  # noqa: S105  (opens nothing but the stand-in)
_PREFIX = "/open_api/v1.3/"
_METRICS = {
    "campaign_name", "adgroup_name", "impressions", "clicks", "spend", "conversion", "video_play_actions", "currency",
}  # fmt: skip
_DIMENSIONS = {"AUCTION_ADGROUP": "adgroup_id", "AUCTION_ADVERTISER": "advertiser_id"}
_MOST_DAYS = 30
_PAGE = 60
SMART = "731"
"""An ad group whose campaign is steered by TikTok: it counts for its advertiser, and no report lists it."""


class _RefusalError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@frozen
class TikTokStandIn:
    """All accounts of the advertiser, open to one token."""

    now: Callable[[], datetime]
    advertiser: Advertiser = ADVERTISER

    def answer(self, request: Asked) -> Answered:
        try:
            return Answered({"code": 0, "message": "OK", "request_id": "1", "data": self._data(request)}, "data.list")
        except _RefusalError as error:
            return Answered({"code": error.code, "message": error.message, "request_id": "1", "data": {}})

    def refusal(self, status: int) -> Any:
        codes = {401: 40105, 403: 40001, 429: 40100}
        return {"code": codes.get(status, 50000), "message": "An error occurred.", "data": {}}

    def _data(self, request: Asked) -> Any:
        if not request.path.startswith(_PREFIX):
            raise _RefusalError(40006, "The version does not exist.")
        if request.headers.get("access-token") != TOKEN:
            raise _RefusalError(40105, "Access token is incorrect or has been revoked.")
        path = request.path.removeprefix(_PREFIX)
        if path == "advertiser/info/":
            return {"list": [_facts(self._account(id_)) for id_ in _listed(request.query.get("advertiser_ids", ""))]}
        if path == "report/integrated/get/":
            return self._report(self._account(request.query.get("advertiser_id", "")), request.query)
        raise _RefusalError(40007, "No such address.")

    def _account(self, id_: str) -> AdAccount:
        account = self.advertiser.account(id_)
        if account is None:
            raise _RefusalError(40001, f"No permission to operate advertiser {id_}.")
        return account

    def _report(self, account: AdAccount, query: Mapping[str, str]) -> Any:
        level, metrics = query.get("data_level", ""), _listed(query.get("metrics", ""))
        dimension = _DIMENSIONS.get(level)
        dimensions = _listed(query.get("dimensions", ""))
        is_whole = dimensions == ["advertiser_id"] == [dimension]
        if dimension is None or not (is_whole or dimensions == [dimension, "stat_time_day"]):
            raise _RefusalError(40002, "dimensions: invalid.")
        if not set(metrics) <= _METRICS or query.get("report_type") != "BASIC":
            raise _RefusalError(40002, "metrics: invalid.")
        first, last = (date.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if not 0 <= (last - first).days < _MOST_DAYS:
            raise _RefusalError(40002, "The time span is too long.")
        today = self.now().astimezone(ZoneInfo(account.zone)).date()
        rows = list(self.advertiser.rows(account, days_between(first, last), today))
        grouped: dict[tuple[date, str], list[AdRow]] = {}
        for row in rows:
            own = row.group.id if level == "AUCTION_ADGROUP" else account.id
            if own != SMART:
                grouped.setdefault((row.day, own), []).append(row)
        if is_whole:
            grouped = {(first, account.id): rows} if rows else {}
        items = [_item(dimension, id_, own, metrics) for (_day, id_), own in grouped.items()]
        return _page(items, int(query.get("page", 1)), min(_PAGE, int(query.get("page_size", 10))))


def _page(items: list[Any], number: int, size: int) -> Any:
    info = {"page": number, "page_size": size, "total_number": len(items), "total_page": -(-len(items) // size)}
    return {"list": items[(number - 1) * size : number * size], "page_info": info}


def _listed(text: str) -> list[str]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, list):
        raise _RefusalError(40002, "A list is needed.")
    return values


def _facts(account: AdAccount) -> dict[str, str]:
    named = {"advertiser_id": account.id, "name": account.name, "currency": account.currency}
    return {**named, "timezone": account.zone}


def _item(dimension: str, id_: str, rows: list[AdRow], metrics: list[str]) -> Any:
    """Numbers are texts, and a dash stands for nothing."""
    first = rows[0]
    values = {
        "campaign_name": first.group.campaign,
        "adgroup_name": first.group.name,
        "impressions": str(sum(row.impressions for row in rows)),
        "clicks": str(sum(row.clicks for row in rows)),
        "spend": str(sum(row.spend for row in rows)),
        "conversion": str(sum(row.conversions for row in rows)),
        "video_play_actions": "-",
    }
    days = {dimension: id_, "stat_time_day": f"{first.day} 00:00:00"}
    return {"dimensions": days, "metrics": {name: values[name] for name in metrics if name in values}}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered(
        "tiktok_ads",
        TikTokStandIn,
        {"TIKTOK_ADS_TOKEN": TOKEN},
        {"account_ids": [account.id for account in ADVERTISER.accounts]},
    )


if __name__ == "__main__":
    sys.exit(serve("tiktok_ads"))
