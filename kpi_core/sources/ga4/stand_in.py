"""A stand-in for the Google Analytics Data API, v1beta: reports of a made-up shop, headers in an order of its own.

Made from developers.google.com/analytics/devguides/reporting/data/v1/rest.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked, days_between
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
_ACCESS = "ya29.stand-in-analytics"
_AUDIENCE = "https://oauth2.googleapis.com/token"
_DIMENSIONS = {"date", "sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName"}
_METRICS = {"sessions", "engagedSessions", "totalUsers", "newUsers", "keyEvents", "totalRevenue"}
_MOST_ROWS = 250_000


class _RefusalError(Exception):
    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@frozen
class AnalyticsStandIn:
    """The accounts of the advertiser as properties, and a service account that may read them."""

    now: Callable[[], datetime]
    advertiser: Advertiser = ADVERTISER
    address: str = "kpi@stand-in.iam.gserviceaccount.com"
    key: Any = field(default_factory=_new_key, repr=False)
    threshold: int = 30
    """Groups with fewer sessions are withheld from reports by more than the day."""

    def key_file(self, folder: Path) -> Path:
        """The key of the service account, as Google hands it out."""
        from cryptography.hazmat.primitives import serialization as form

        text = self.key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()
        path = folder / "key.json"
        info = {"type": "service_account", "client_email": self.address, "private_key": text, "private_key_id": "1"}
        path.write_text(json.dumps(info), "utf-8")
        path.chmod(0o600)
        return path

    def answer(self, request: Asked) -> Answered:
        try:
            if request.path == "/token":
                return Answered(self._token(request))
            return Answered(self._report(request), "rows")
        except _RefusalError as error:
            return Answered(_error(error.status, error.kind, error.message), status=error.status)

    def refusal(self, status: int) -> Any:
        kinds = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}
        return _error(status, kinds.get(status, "INTERNAL"), "An error occurred.")

    def _token(self, request: Asked) -> Any:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        claim = parse_qs(request.body.decode()).get("assertion", [""])[0]
        signed, _, signature = claim.rpartition(".")
        try:
            self.key.public_key().verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims = json.loads(_bytes(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            raise _RefusalError(400, "", "invalid_grant") from None
        now = self.now().timestamp()
        own = claims["iss"] == self.address and claims["aud"] == _AUDIENCE and claims["scope"] == SCOPE
        if not own or not claims["iat"] - 300 <= now <= claims["exp"] or claims["exp"] - claims["iat"] > 3600:
            raise _RefusalError(400, "", "invalid_grant")
        return {"access_token": _ACCESS, "expires_in": 3599, "token_type": "Bearer"}

    def _report(self, request: Asked) -> Any:
        property_ = request.path.removeprefix("/v1beta/properties/").removesuffix(":runReport")
        if request.path != f"/v1beta/properties/{property_}:runReport" or request.method != "POST":
            raise _RefusalError(404, "NOT_FOUND", "No such method.")
        if request.headers.get("authorization") != f"Bearer {_ACCESS}":
            raise _RefusalError(401, "UNAUTHENTICATED", "Invalid credentials.")
        account = self.advertiser.account(property_)
        if account is None:
            raise _RefusalError(403, "PERMISSION_DENIED", "User does not have sufficient permissions.")
        body = request.json() or {}
        dimensions, metrics = ([item["name"] for item in body.get(kind, [])] for kind in ("dimensions", "metrics"))
        if not set(dimensions) <= _DIMENSIONS or not set(metrics) <= _METRICS or not metrics:
            raise _RefusalError(400, "INVALID_ARGUMENT", "Field is not a valid dimension or metric.")
        if set(body.get("metricAggregations", ())) - {"TOTAL"}:
            raise _RefusalError(400, "INVALID_ARGUMENT", "Invalid metric aggregation.")
        if not 0 < body.get("limit", 10_000) <= _MOST_ROWS:
            raise _RefusalError(400, "INVALID_ARGUMENT", "Invalid limit.")
        own = {"propertyQuota": {"tokensPerDay": {"consumed": 3, "remaining": 199_997}}}
        return {**self._rows(account, body, dimensions, metrics), **(own if body.get("returnPropertyQuota") else {})}

    def _rows(self, account: AdAccount, body: Mapping[str, Any], dimensions: list[str], metrics: list[str]) -> Any:
        today = self.now().astimezone(ZoneInfo(account.zone)).date()
        first, last = (_day(body["dateRanges"][0][name], today) for name in ("startDate", "endDate"))
        # Positions are not promised: the headers say what is where.
        dimensions, metrics = dimensions[::-1], metrics[::-1]
        grouped: dict[tuple[str, ...], list[AdRow]] = {}
        for row in self.advertiser.rows(account, days_between(first, last), today):
            grouped.setdefault(tuple(_words(row)[name] for name in dimensions), []).append(row)
        offset, limit = int(body.get("offset", 0)), int(body.get("limit", 10_000))
        small = [words for words, own in grouped.items() if 3 * sum(row.clicks for row in own) < self.threshold]
        withheld = small if len(dimensions) > 1 else []
        for words in withheld:
            del grouped[words]
        rows = [
            {"dimensionValues": [{"value": word} for word in words], "metricValues": _values(own, metrics)}
            for words, own in grouped.items()
        ]
        document: dict[str, Any] = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": "TYPE_FLOAT"} for name in metrics],
            "metadata": {
                "currencyCode": account.currency,
                "timeZone": account.zone,
                "subjectToThresholding": bool(withheld),
            },
            "kind": "analyticsData#runReport",
        }
        if rows and body.get("metricAggregations"):
            every = [row for own in grouped.values() for row in own]
            total = [{"value": "RESERVED_TOTAL"} for _name in dimensions]
            document["totals"] = [{"dimensionValues": total, "metricValues": _values(every, metrics)}]
        if rows:
            document |= {"rows": rows[offset : offset + min(limit, _MOST_ROWS)], "rowCount": len(rows)}
        return document


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _day(text: str, today: date) -> date:
    if text in {"today", "yesterday"}:
        return today - timedelta(days=int(text == "yesterday"))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _RefusalError(400, "INVALID_ARGUMENT", "Invalid date.") from None


def _words(row: AdRow) -> dict[str, str]:
    return {
        "date": f"{row.day:%Y%m%d}",
        "sessionDefaultChannelGroup": "Paid Search",
        "sessionSource": row.group.name,
        "sessionMedium": "cpc",
        "sessionCampaignName": row.group.campaign,
    }


def _values(rows: list[AdRow], metrics: list[str]) -> list[dict[str, str]]:
    clicks = sum(row.clicks for row in rows)
    values = {
        "sessions": clicks * 3,
        "engagedSessions": clicks,
        "totalUsers": clicks * 2,
        "newUsers": clicks,
        "keyEvents": sum(row.conversions for row in rows),
        "totalRevenue": sum(row.value for row in rows),
    }
    return [{"value": str(values[name])} for name in metrics]


def _error(status: int, kind: str, message: str) -> Any:
    if not kind:
        return {"error": message, "error_description": "Invalid JWT Signature."}
    return {"error": {"code": status, "message": message, "status": kind}}


def offered(folder: Path) -> Offered:
    """How it is reached; the key file of its service account lies in the folder."""
    key = AnalyticsStandIn(lambda: datetime.now(UTC))
    path = key.key_file(folder)
    ids = [account.id for account in ADVERTISER.accounts]
    options = {"key_file": "${GA4_KEY_FILE}", "account_ids": ids}
    return Offered("ga4", lambda now: replace(key, now=now), {"GA4_KEY_FILE": str(path)}, options)


if __name__ == "__main__":
    sys.exit(serve("ga4"))
