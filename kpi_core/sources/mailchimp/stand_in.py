"""A stand-in for Mailchimp's Marketing API, 3.0: reports by the time of sending, the ends of a span outside it.

Made from mailchimp.com/developer/marketing (Reports, API root, errors).
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.mail import SENDER, Campaign, Sender

API_KEY = "0123456789abcdefstandin-us20"
_MOST = 1_000
_QUERY = {"count", "offset", "since_send_time", "before_send_time", "fields"}
_MOMENT = timedelta(microseconds=1)


class _RefusalError(Exception):
    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status, self.title = status, title


@frozen
class MailchimpStandIn:
    """One account. Every third campaign has no opens without those of mail programs."""

    now: Callable[[], datetime]
    sender: Sender = SENDER

    def answer(self, request: Asked) -> Answered:
        try:
            document, rows = self._document(request)
        except _RefusalError as error:
            return Answered(_problem(error.status, error.title), None, error.status)
        return Answered(document, rows)

    def refusal(self, status: int) -> Any:
        titles = {401: "API Key Invalid", 403: "Forbidden", 429: "Too Many Requests"}
        return _problem(status, titles.get(status, "Internal Server Error"))

    def _document(self, request: Asked) -> tuple[Any, str | None]:
        kind, _space, pair = request.headers.get("authorization", "").partition(" ")
        secret = base64.b64decode(pair or "").decode("utf-8", "replace").partition(":")[2]
        if kind != "Basic" or secret != API_KEY:
            raise _RefusalError(401, "API Key Invalid")
        if request.method != "GET":
            raise _RefusalError(405, "Method Not Allowed")
        if request.path == "/3.0/":
            named = {"account_id": "8d3a3db4d97663a9074efcc16", "account_name": self.sender.name}
            return {**named, "account_timezone": "Asia/Seoul"}, None
        if request.path == "/3.0/reports":
            return self._reports(request.query), "reports"
        raise _RefusalError(404, "Resource Not Found")

    def _reports(self, query: Mapping[str, str]) -> Any:
        count, offset = int(query.get("count", 10)), int(query.get("offset", 0))
        if set(query) - _QUERY or not 0 <= count <= _MOST:
            raise _RefusalError(400, "Invalid Resource")
        try:
            start, end = (datetime.fromisoformat(query[name]) for name in ("since_send_time", "before_send_time"))
        except (KeyError, ValueError):
            raise _RefusalError(400, "Invalid Resource") from None
        now = self.now()
        campaigns = list(self.sender.campaigns(start + _MOMENT, end, now))[::-1]
        shown = [_report(each, now) for each in campaigns[offset : offset + count]]
        return {"reports": shown, "total_items": len(campaigns)}


def _problem(status: int, title: str) -> dict[str, Any]:
    address = "https://mailchimp.com/developer/marketing/docs/errors/"
    return {"type": address, "title": title, "status": status, "detail": "An error occurred.", "instance": "i1"}


def has_human_opens(campaign: Campaign) -> bool:
    return len(campaign.audience) % 3 != 0


def _report(campaign: Campaign, now: datetime) -> dict[str, Any]:
    opens = {"unique_opens": campaign.so_far(campaign.opens, now) * 2}
    if has_human_opens(campaign):
        opens["proxy_excluded_unique_opens"] = campaign.so_far(campaign.opens, now)
    return {
        "id": campaign.id,
        "list_name": campaign.audience,
        "send_time": f"{campaign.sent_at:%Y-%m-%dT%H:%M:%S}+00:00",
        "emails_sent": campaign.sent,
        "unsubscribed": campaign.so_far(campaign.unsubscribes, now),
        "abuse_reports": campaign.complaints,
        "bounces": {"hard_bounces": campaign.hard, "soft_bounces": campaign.soft, "syntax_errors": 0},
        "opens": opens,
        "clicks": {"unique_subscriber_clicks": campaign.so_far(campaign.clicks, now)},
    }


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered("mailchimp", MailchimpStandIn, {"MAILCHIMP_API_KEY": API_KEY})


if __name__ == "__main__":
    sys.exit(serve("mailchimp"))
