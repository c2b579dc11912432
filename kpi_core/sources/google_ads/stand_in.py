"""A stand-in for the Google Ads API, v26 over REST: tokens, searchStream, the few forms of GAQL that are asked.

Made from developers.google.com/google-ads/api/rest and its reference of fields and errors.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser

MANAGER = "9000000001"
SECRETS = {
    "developer_token": "stand-in-developer", "client_id": "stand-in.apps.example", "client_secret": "stand-in-client",
    "refresh_token": "1//stand-in-refresh",
}  # fmt: skip
_ACCESS = "ya29.stand-in-access"
SCOPE = "https://www.googleapis.com/auth/adwords"
_QUERY = re.compile(r"SELECT (?P<fields>[\w., ]+) FROM (?P<of>\w+)(?: WHERE (?P<where>.+))?")
_BETWEEN = re.compile(r"segments\.date BETWEEN '(\d{4}-\d\d-\d\d)' AND '(\d{4}-\d\d-\d\d)'")
_CLIENTS = "customer_client.manager = FALSE AND customer_client.status = 'ENABLED'"
_METRICS = {
    "metrics.impressions", "metrics.clicks", "metrics.cost_micros", "metrics.conversions", "metrics.conversions_value",
}  # fmt: skip
_FIELDS = {
    "customer": {"segments.date", "customer.id", *_METRICS},
    "campaign": {"segments.date", "campaign.id", "campaign.name", *_METRICS},
    "ad_group": {"segments.date", "campaign.id", "campaign.name", "ad_group.id", "ad_group.name", *_METRICS},
    "customer_client": {
        f"customer_client.{name}" for name in ("id", "descriptive_name", "currency_code", "time_zone", "manager")
    },
}
_BATCH = 40
_PERFORMANCE_MAX = "73"
"""The campaign that has no ad groups."""


class _RefusalError(Exception):
    def __init__(self, status: int, kind: str, code: str) -> None:
        super().__init__(code)
        self.status, self.kind, self.code = status, kind, code


@frozen
class GoogleAdsStandIn:
    """A manager account with all accounts of the advertiser below it."""

    now: Callable[[], datetime]
    advertiser: Advertiser = ADVERTISER

    def answer(self, request: Asked) -> Answered:
        try:
            if request.path == "/token":
                return Answered(_token(request))
            return Answered(self._streamed(request), "")
        except _RefusalError as error:
            return Answered(_error(error.status, error.kind, error.code), status=error.status)

    def refusal(self, status: int) -> Any:
        kinds = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}
        return _error(status, kinds.get(status, "INTERNAL"), "")

    def _streamed(self, request: Asked) -> Any:
        match = re.fullmatch(r"/(v\d+)/customers/(\d+)/googleAds:searchStream", request.path)
        if match is None or request.method != "POST":
            raise _RefusalError(404, "NOT_FOUND", "")
        if match[1] != "v26":
            raise _RefusalError(400, "INVALID_ARGUMENT", "UNSUPPORTED_VERSION")
        if request.headers.get("authorization") != f"Bearer {_ACCESS}":
            raise _RefusalError(401, "UNAUTHENTICATED", "OAUTH_TOKEN_INVALID")
        if request.headers.get("developer-token") != SECRETS["developer_token"]:
            raise _RefusalError(403, "PERMISSION_DENIED", "DEVELOPER_TOKEN_NOT_APPROVED")
        account = self.advertiser.account(match[2])
        if request.headers.get("login-customer-id") != MANAGER or (account is None and match[2] != MANAGER):
            raise _RefusalError(403, "PERMISSION_DENIED", "USER_PERMISSION_DENIED")
        rows = list(self._rows(account, str((request.json() or {}).get("query", ""))))
        return [{"results": rows[start : start + _BATCH]} for start in range(0, len(rows), _BATCH)]

    def _rows(self, account: AdAccount | None, text: str) -> Iterable[Any]:
        query = _QUERY.fullmatch(text)
        fields = query["fields"].replace(" ", "").split(",") if query else []
        if query is None or not set(fields) <= _FIELDS.get(query["of"], set()):
            raise _RefusalError(400, "INVALID_ARGUMENT", "UNRECOGNIZED_FIELD")
        if query["of"] == "customer_client":
            if query["where"] != _CLIENTS:
                raise _RefusalError(400, "INVALID_ARGUMENT", "INVALID_VALUE")
            return [_client(item) for item in self.advertiser.accounts]
        if account is None:
            # Managers have no metrics of their own.
            raise _RefusalError(400, "INVALID_ARGUMENT", "REQUESTED_METRICS_FOR_MANAGER")
        return self._metrics(account, query["of"], fields, query["where"] or "")

    def _metrics(self, account: AdAccount, of: str, fields: list[str], where: str) -> Iterable[Any]:
        span = _BETWEEN.fullmatch(where)
        if span is None:
            raise _RefusalError(400, "INVALID_ARGUMENT", "INVALID_VALUE")
        days = days_between(date.fromisoformat(span[1]), date.fromisoformat(span[2]))
        rows = self.advertiser.rows(account, days, self.now().astimezone(ZoneInfo(account.zone)).date())
        grouped: dict[tuple[Any, ...], list[AdRow]] = {}
        for row in rows:
            group = row.group
            own = {"customer": "", "campaign": group.campaign_id, "ad_group": group.id}[of]
            if of != "ad_group" or group.campaign_id != _PERFORMANCE_MAX:
                day = row.day if "segments.date" in fields else None
                grouped.setdefault((day, own), []).append(row)
        return [_result(item, fields) for item in grouped.values()]


def _token(request: Asked) -> Any:
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    own_form = {name: SECRETS[name] for name in ("client_id", "client_secret", "refresh_token")}
    if form != {"grant_type": "refresh_token", **own_form}:
        raise _RefusalError(400, "", "invalid_grant")
    return {"access_token": _ACCESS, "expires_in": 3599, "token_type": "Bearer", "scope": SCOPE}


def _client(account: AdAccount) -> Any:
    named = {"id": account.id, "descriptiveName": account.name, "currencyCode": account.currency}
    return {"customerClient": {**named, "timeZone": account.zone, "manager": False}}


def _result(rows: list[AdRow], fields: list[str]) -> dict[str, Any]:
    """Names in camel case; whole numbers are texts; nothing stands for 0 of a fraction."""
    first = rows[0]
    values: dict[str, Any] = {
        "segments.date": first.day.isoformat(),
        "campaign.id": first.group.campaign_id, "campaign.name": first.group.campaign,
        "ad_group.id": first.group.id, "ad_group.name": first.group.name,
        "metrics.impressions": str(sum(row.impressions for row in rows)),
        "metrics.clicks": str(sum(row.clicks for row in rows)),
        "metrics.cost_micros": str(int(sum((row.spend for row in rows), Decimal(0)) * 1_000_000)),
        "metrics.conversions": float(sum(row.conversions for row in rows)),
        "metrics.conversions_value": float(sum(row.value for row in rows)),
    }  # fmt: skip
    result: dict[str, Any] = {}
    for name in fields:
        resource, _, field = name.partition(".")
        result.setdefault(_camel(resource), {})[_camel(field)] = values[name]
    return result


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _error(status: int, kind: str, code: str) -> Any:
    if not kind:
        return {"error": code, "error_description": "Token has been expired or revoked."}
    errors = [{"errorCode": {"requestError": code}, "message": "An error occurred."}] if code else []
    details = [{"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure", "errors": errors}]
    return [{"error": {"code": status, "message": "The request failed.", "status": kind, "details": details}}]


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered(
        "google_ads",
        GoogleAdsStandIn,
        {f"GOOGLE_ADS_{name.upper()}": secret for name, secret in SECRETS.items()},
        {"login_customer_id": "900-000-0001"},
    )


if __name__ == "__main__":
    sys.exit(serve("google_ads"))
