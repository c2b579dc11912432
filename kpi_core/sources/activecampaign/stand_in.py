"""A stand-in for ActiveCampaign's API, 3: campaigns in numbered pages, all numbers as texts, times of Chicago.

Made from developers.activecampaign.com (campaigns, pagination, rate limits, users).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.mail import SENDER, Campaign, Sender

API_KEY = "0123456789abcdef0123456789standin"
ACCOUNT = "hanok"
_MOST = 100
_CHICAGO = ZoneInfo("America/Chicago")
_QUERY = {"limit", "offset", "orders[sdate]", "orders[id]"}


class _RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@frozen
class ActiveCampaignStandIn:
    """One account with its campaigns, a draft among them, and a mail of an automation."""

    now: Callable[[], datetime]
    sender: Sender = SENDER

    def answer(self, request: Asked) -> Answered:
        try:
            document = self._document(request)
        except _RefusalError as error:
            return Answered({"message": error.message}, None, error.status)
        return Answered(document, "campaigns" if "campaigns" in document else None)

    def refusal(self, status: int) -> Any:
        if status == 500:
            return {"errors": [{"title": "An error occurred.", "detail": "", "code": "server_error"}]}
        return {"message": "You do not have permission to do that."}

    def _document(self, request: Asked) -> Any:
        if request.headers.get("api-token") != API_KEY:
            raise _RefusalError(403, "You do not have permission to do that. (token)")
        if request.method != "GET":
            raise _RefusalError(405, "Method not allowed.")
        if request.path == "/api/3/users/me":
            return {"user": {"username": "kpi", "email": "kpi@hanok.example", "id": "1"}}
        if request.path == "/api/3/campaigns":
            return self._campaigns(request.query)
        raise _RefusalError(404, "No Result found for Controller")

    def _campaigns(self, query: Mapping[str, str]) -> Any:
        limit, offset = int(query.get("limit", 20)), int(query.get("offset", 0))
        if set(query) - _QUERY or query.get("orders[sdate]", "DESC") not in {"ASC", "DESC"} or limit < 1:
            raise _RefusalError(400, "The parameter is not valid.")
        now = self.now()
        sent = [_shown(each, now) for each in self.sender.campaigns(datetime(2025, 1, 1, tzinfo=UTC), now, now)]
        campaigns = [*sent, _automation(now)]
        if "orders[sdate]" in query:
            campaigns.sort(key=lambda item: datetime.fromisoformat(item["sdate"]))
        campaigns = campaigns[::-1] if query.get("orders[sdate]") == "DESC" else campaigns
        campaigns.append({**campaigns[0], "id": "9999999", "status": "0", "sdate": None})
        own = campaigns[offset : offset + min(limit, _MOST)]
        return {"campaigns": own, "meta": {"total": str(len(campaigns))}}


def _automation(now: datetime) -> dict[str, Any]:
    """A mail of an automation: when it was made stands where others have their time of sending."""
    made = (now - timedelta(days=4)).astimezone(_CHICAGO)
    numbers = dict.fromkeys(("send_amt", "total_amt", "uniqueopens", "subscriberclicks", "unsubscribes"), "40")
    bounces = {"hardbounces": "1", "softbounces": "0"}
    return {"id": "77", "type": "automation", "status": "5", "sdate": _time(made), **numbers, **bounces}


def _time(moment: datetime) -> str:
    return moment.astimezone(_CHICAGO).isoformat(timespec="seconds")


def has_human_opens(campaign: Campaign) -> bool:
    return len(campaign.audience) % 3 != 0


def _shown(campaign: Campaign, now: datetime) -> dict[str, Any]:
    opens = campaign.so_far(campaign.opens, now)
    clicks = campaign.so_far(campaign.clicks, now)
    human = {"verified_unique_opens": str(opens)} if has_human_opens(campaign) else {}
    return {
        "id": campaign.id,
        "type": "single",
        "name": campaign.audience,
        "sdate": _time(campaign.sent_at),
        "ldate": _time(campaign.sent_at),
        "status": "5",
        "send_amt": str(campaign.sent),
        "total_amt": str(campaign.sent + 2),
        "uniqueopens": str(opens * 2),
        "subscriberclicks": str(clicks),
        "uniquelinkclicks": str(clicks * 2),
        "unsubscribes": str(campaign.so_far(campaign.unsubscribes, now)),
        "hardbounces": str(campaign.hard),
        "softbounces": str(campaign.soft),
        **human,
    }


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    environment = {"ACTIVECAMPAIGN_API_KEY": API_KEY}
    return Offered("activecampaign", ActiveCampaignStandIn, environment, {"account_name": ACCOUNT})


if __name__ == "__main__":
    sys.exit(serve("activecampaign"))
