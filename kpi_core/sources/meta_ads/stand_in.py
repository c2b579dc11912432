"""A stand-in for Meta's Marketing API, v26.0: insights by ad set or account and day, in pages.

Made from developers.facebook.com/docs/marketing-api/insights and its reference of error codes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser

TOKEN = "EAAstandinstandinstandinstandinstandin"  # noqa: S105  (opens nothing but the stand-in)
PAGE = 25
_ACCOUNT_FIELDS = {"account_id", "name", "currency", "timezone_name", "account_status", "id"}
_FIELDS = {
    "date_start", "date_stop", "campaign_id", "campaign_name", "adset_id", "adset_name", "impressions",
    "inline_link_clicks", "clicks", "spend", "actions", "action_values", "account_id",
}  # fmt: skip
_LEVELS = {"account", "campaign", "adset"}
_MOST_MONTHS = 37


class _RefusalError(Exception):
    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@frozen
class MetaStandIn:
    """One advertiser; `now` is the clock by which its numbers are restated."""

    now: Callable[[], datetime]
    advertiser: Advertiser = ADVERTISER
    token: str = TOKEN
    page: int = PAGE
    deleted: frozenset[str] = frozenset({"732"})
    """Ad sets that count for the account alone: a list of an account's ad sets has no deleted ones."""

    def answer(self, request: Asked) -> Answered:
        try:
            return Answered(self._document(request), "data")
        except _RefusalError as error:
            return Answered(_error(error.code, error.message), status=error.status)

    def refusal(self, status: int) -> Any:
        codes = {401: 190, 403: 200, 429: 80000, 500: 2}
        return _error(codes[status], "An error occurred.")

    def _document(self, request: Asked) -> Any:
        version, _, rest = request.path.removeprefix("/").partition("/")
        if version != "v26.0":
            raise _RefusalError(2635, f"You are calling a deprecated version of the Ads API: {version}.")
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise _RefusalError(190, "Invalid OAuth access token.", 401)
        if rest == "me/permissions":
            statuses = {"ads_read": "granted", "ads_management": "declined"}
            return {"data": [{"permission": name, "status": status} for name, status in statuses.items()]}
        if rest == "me/adaccounts":
            return self._paged(
                [_shown(account, request.query) for account in self.advertiser.accounts], request, self.page
            )
        account = self.advertiser.account(rest.removeprefix("act_").removesuffix("/insights"))
        if account is None or not rest.endswith("/insights"):
            raise _RefusalError(100, "Unsupported get request.")
        return self._paged(
            self._insights(account, request.query), request, min(self.page, int(request.query.get("limit", 25)))
        )

    def _insights(self, account: AdAccount, query: Mapping[str, str]) -> list[dict[str, Any]]:
        fields, level = query.get("fields", "").split(","), query.get("level", "account")
        if strange := [name for name in fields if name not in _FIELDS]:
            raise _RefusalError(100, f"{strange[0]} is not valid for fields param.")
        is_whole = query.get("time_increment") == "all_days" and level == "account"
        if level not in _LEVELS or (query.get("time_increment") != "1" and not is_whole):
            raise _RefusalError(100, "Invalid level or time_increment.")
        today = self.now().astimezone(ZoneInfo(account.zone)).date()
        days = days_between(*_time_range(query.get("time_range", ""), today))
        rows = list(self.advertiser.rows(account, days, today))
        if is_whole:
            return [_insight(rows, fields)] if rows else []
        if level == "adset":
            return [_insight([row], fields) for row in rows if row.group.id not in self.deleted]
        return [_insight(own, fields) for day in days if (own := [row for row in rows if row.day == day])]

    def _paged(self, rows: list[dict[str, Any]], request: Asked, size: int) -> dict[str, Any]:
        after = request.query.get("after", "")
        start = _start(after)
        paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(start + size)}}
        if start + size < len(rows):
            # The real address holds the token: whoever stores it has stored a secret.
            paging["next"] = f"https://graph.facebook.com{request.path}?access_token={self.token}&after=…"
        return {"data": rows[start : start + size], "paging": paging}


def _cursor(start: int) -> str:
    return f"QVFI{start}"


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    number = cursor.removeprefix("QVFI")
    if not number.isdigit():
        raise _RefusalError(100, "Invalid cursor.")
    return int(number)


def _time_range(text: str, today: date) -> tuple[date, date]:
    try:
        span = json.loads(text)
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
    except (ValueError, KeyError, TypeError):
        raise _RefusalError(100, "Invalid time_range.") from None
    if (today.year - first.year) * 12 + today.month - first.month >= _MOST_MONTHS:
        raise _RefusalError(3018, "The start date of the time range cannot be beyond 37 months from the current date.")
    if last < first or last > today:
        raise _RefusalError(100, "Invalid time_range.")
    return first, last


def _shown(account: AdAccount, query: Mapping[str, str]) -> dict[str, Any]:
    fields = query.get("fields", "id").split(",")
    if strange := [name for name in fields if name not in _ACCOUNT_FIELDS]:
        raise _RefusalError(100, f"Tried accessing nonexisting field ({strange[0]}).")
    values = {
        "account_id": account.id, "name": account.name, "currency": account.currency, "timezone_name": account.zone,
        "account_status": 1,
    }  # fmt: skip
    return {"id": f"act_{account.id}", **{name: values[name] for name in fields if name in values}}


def _insight(rows: Iterable[AdRow], fields: list[str]) -> dict[str, Any]:
    """Numbers are texts; what is 0 of the actions is left out."""
    rows = list(rows)
    first, conversions = rows[0], sum(row.conversions for row in rows)
    values: dict[str, Any] = {
        "date_start": first.day.isoformat(), "date_stop": first.day.isoformat(),
        "campaign_id": first.group.campaign_id, "campaign_name": first.group.campaign,
        "adset_id": first.group.id, "adset_name": first.group.name,
        "impressions": str(sum(row.impressions for row in rows)),
        "inline_link_clicks": str(sum(row.clicks for row in rows)),
        "clicks": str(sum(row.clicks for row in rows) + 3),
        "spend": str(sum(row.spend for row in rows)),
    }  # fmt: skip
    if conversions:
        values["actions"] = [
            {"action_type": "link_click", "value": values["inline_link_clicks"]},
            {"action_type": "purchase", "value": str(conversions)},
            {"action_type": "omni_purchase", "value": str(conversions)},
        ]
        worth = str(sum(row.value for row in rows))
        values["action_values"] = [{"action_type": "omni_purchase", "value": worth}]
    return {name: values[name] for name in fields if name in values}


def _error(code: int, message: str) -> Any:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered("meta_ads", MetaStandIn, {"META_ADS_TOKEN": TOKEN})


if __name__ == "__main__":
    sys.exit(serve("meta_ads"))
