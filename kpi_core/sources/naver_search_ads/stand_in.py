"""A stand-in for the API of Naver Search Ads: signed calls, campaigns and ad groups, statistics without zero days.

Made from naver.github.io/searchad-apidoc and the samples of naver/searchad-apidoc.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser

API_KEY, SECRET = "0100000000stand-in-licence", "AQAAstandinsecret=="
KOREAN = Advertiser(tuple(replace(group, currency="KRW", zone="Asia/Seoul") for group in ADVERTISER.accounts))
_FIELDS = {"impCnt", "clkCnt", "salesAmt", "ctr", "cpc", "avgRnk", "ccnt", "convAmt"}
_CLOCKS_MAY_DIFFER = 300_000
_MOST_DAYS = 92


class _RefusalError(Exception):
    def __init__(self, status: int, code: int, title: str) -> None:
        super().__init__(title)
        self.status, self.code, self.title = status, code, title


@frozen
class NaverStandIn:
    """One licence that reaches several customers; `now` is the clock of signatures and of restatements."""

    now: Callable[[], datetime]
    advertiser: Advertiser = KOREAN
    api_key: str = API_KEY
    secret: str = SECRET

    def answer(self, request: Asked) -> Answered:
        try:
            account = self._signed(request)
            document, rows = self._document(account, request)
        except _RefusalError as error:
            return Answered({"code": error.code, "title": error.title}, None, error.status, {"X-Transaction-ID": "T1"})
        return Answered(document, rows)

    def refusal(self, status: int) -> Any:
        return {"code": {401: 1002, 403: 1018, 429: 1016}.get(status, 9999), "title": "An error occurred."}

    def _signed(self, request: Asked) -> AdAccount:
        timestamp = request.headers.get("x-timestamp", "")
        message = f"{timestamp}.{request.method}.{request.path}".encode()
        signature = base64.b64encode(hmac.new(self.secret.encode(), message, hashlib.sha256).digest()).decode()
        own = abs(int(timestamp or 0) - int(self.now().timestamp() * 1000)) <= _CLOCKS_MAY_DIFFER
        if (
            request.headers.get("x-api-key") != self.api_key
            or request.headers.get("x-signature") != signature
            or not own
        ):
            raise _RefusalError(403, 1002, "Invalid Signature")
        account = self.advertiser.account(request.headers.get("x-customer", ""))
        if account is None:
            raise _RefusalError(403, 1018, "No permission")
        return account

    def _document(self, account: AdAccount, request: Asked) -> tuple[Any, str]:
        groups = self.advertiser.groups
        if request.path == "/ncc/campaigns":
            own = {f"cmp-a001-{group.campaign_id}": group.campaign for group in groups}
            return [
                {"nccCampaignId": id_, "name": name, "customerId": int(account.id)} for id_, name in own.items()
            ], ""
        if request.path == "/ncc/adgroups":
            campaign = request.query.get("nccCampaignId", "").removeprefix("cmp-a001-")
            listed = [group for group in groups if group.campaign_id == campaign]
            return [{"nccAdgroupId": f"grp-a001-{group.id}", "name": group.name} for group in listed], ""
        if request.path == "/stats":
            return {"data": self._stats(account, request.query), "compTm": "0"}, "data"
        raise _RefusalError(404, 1001, "No such resource")

    def _stats(self, account: AdAccount, query: Mapping[str, str]) -> list[dict[str, Any]]:
        fields = _listed(query.get("fields", ""))
        today = self.now().astimezone(_zone()).date()
        first, last = _time_range(query.get("timeRange", ""), today)
        by_day = query.get("timeIncrement") == "1"
        rows = list(self.advertiser.rows(account, days_between(first, last), today))
        answer = []
        for id_ in query.get("ids", "").split(","):
            own = [row for row in rows if id_ in {f"cmp-a001-{row.group.campaign_id}", f"grp-a001-{row.group.id}"}]
            days = sorted({row.day for row in own}) if by_day else [None] if own else []
            answer += [_stat(id_, day, [row for row in own if day in {None, row.day}], fields) for day in days]
        return answer


def _zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Seoul")


def _listed(text: str) -> list[str]:
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, list) or not set(fields) <= _FIELDS:
        raise _RefusalError(400, 1003, "Invalid fields")
    return fields


def _time_range(text: str, today: date) -> tuple[date, date]:
    try:
        span = json.loads(text)
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
    except (ValueError, KeyError, TypeError):
        raise _RefusalError(400, 1003, "Invalid timeRange") from None
    if last < first or (last - first).days >= _MOST_DAYS or first < today - timedelta(days=731):
        raise _RefusalError(400, 1003, "Invalid timeRange")
    return first, last


def _stat(id_: str, day: date | None, rows: list[AdRow], fields: list[str]) -> dict[str, Any]:
    values = {
        "impCnt": sum(row.impressions for row in rows),
        "clkCnt": sum(row.clicks for row in rows),
        "salesAmt": int(sum(row.spend for row in rows)),
        "ccnt": sum(row.conversions for row in rows),
        "convAmt": int(sum(row.value for row in rows)),
    }
    days = {} if day is None else {"dateStart": day.isoformat(), "dateEnd": day.isoformat()}
    return {"id": id_, **days, **{name: values[name] for name in fields if name in values}}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered(
        "naver_search_ads",
        NaverStandIn,
        {"NAVER_API_KEY": API_KEY, "NAVER_SECRET_KEY": SECRET},
        {"account_ids": [account.id for account in ADVERTISER.accounts]},
    )


if __name__ == "__main__":
    sys.exit(serve("naver_search_ads"))
