"""A stand-in for HubSpot's CRM API, 2026-09: searches that end at 10,000 results, deleted ones apart.

Made from developers.hubspot.com (CRM search, objects, associations, account information, usage guidelines).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.crm import CRM, STEPS, Crm, CrmRecord
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve

TOKEN = "pat-na1-standin-0000"  # noqa: S105  (opens nothing but the stand-in)
_OBJECTS = "/crm/objects/2026-09/"
_MOST = 200
_CHANGED = {"deals": "hs_lastmodifieddate", "contacts": "lastmodifieddate"}
_PROPERTIES = {
    "deals": {
        "createdate", "closedate", "amount", "deal_currency_code", "hs_is_closed", "hs_is_closed_won",
        "hs_analytics_source", "closed_lost_reason", "hs_object_id", "hs_lastmodifieddate",
    },
    "contacts": {
        "createdate", "country", "hs_analytics_source", "hs_object_id", "lastmodifieddate",
        *(f"hs_lifecyclestage_{step}_date" for step in STEPS),
    },
}  # fmt: skip


class _RefusalError(Exception):
    def __init__(self, status: int, category: str, message: str) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message


@frozen
class HubSpotStandIn:
    """One account. A search shows `most` results, whatever is asked."""

    now: Callable[[], datetime]
    crm: Crm = CRM
    most: int = 10_000

    def answer(self, request: Asked) -> Answered:
        try:
            document, rows = self._document(request)
        except _RefusalError as error:
            body = {"status": "error", "message": error.message, "category": error.category, "correlationId": "c1"}
            return Answered(body, None, error.status, {"X-HubSpot-Correlation-Id": "c1"})
        return Answered(document, rows, 200, {"X-HubSpot-RateLimit-Daily-Remaining": "249876"})

    def refusal(self, status: int) -> Any:
        categories = {401: "INVALID_AUTHENTICATION", 403: "MISSING_SCOPES", 429: "RATE_LIMITS"}
        category = categories.get(status, "INTERNAL_ERROR")
        return {"status": "error", "message": "An error occurred.", "category": category, "correlationId": "c1"}

    def _document(self, request: Asked) -> tuple[Any, str | None]:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise _RefusalError(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if request.path == "/account-info/2026-09/details":
            return {
                "portalId": 424242,
                "uiDomain": "app.hubspot.com",
                "companyCurrency": "KRW",
                "timeZone": "UTC",
            }, None
        if request.path == "/oauth/v2/private-apps/get/access-token-info" and request.method == "POST":
            if request.json() != {"tokenKey": TOKEN}:
                raise _RefusalError(404, "OBJECT_NOT_FOUND", "No such token.")
            names = ["crm.objects.contacts.read", "crm.objects.deals.read", "oauth"]
            return {"userId": 1, "hubId": 424242, "appId": 1, "scopes": names}, None
        if request.path == "/crm/associations/2026-09/deals/contacts/batch/read" and request.method == "POST":
            return {"status": "COMPLETE", "results": self._pairs(request.json())}, None
        kind, _slash, rest = request.path.removeprefix(_OBJECTS).partition("/")
        if not request.path.startswith(_OBJECTS) or kind not in _PROPERTIES:
            raise _RefusalError(404, "OBJECT_NOT_FOUND", "No such address.")
        if rest == "search" and request.method == "POST":
            return self._search(kind, request.json()), "results"
        if not rest and request.method == "GET" and request.query.get("archived") == "true":
            return self._archived(kind, request.query), "results"
        raise _RefusalError(404, "OBJECT_NOT_FOUND", "No such address.")

    def _search(self, kind: str, body: Any) -> Any:
        now, limit = self.now(), int(body.get("limit", 10))
        properties = list(body.get("properties", []))
        if not set(properties) <= _PROPERTIES[kind] or limit > _MOST:
            raise _RefusalError(400, "VALIDATION_ERROR", "A property does not exist, or the limit is too high.")
        filters = [each for group in body.get("filterGroups", []) for each in group["filters"]]
        if len(body.get("filterGroups", [])) > 1 or len(filters) > 6:
            raise _RefusalError(400, "VALIDATION_ERROR", "Too many filters.")
        made = [each["value"] for each in filters if (each["propertyName"], each["operator"]) == ("createdate", "GTE")]
        start = datetime.fromisoformat(made[0]) if made else None
        records = [each for each in self.crm.records(kind, now, start) if each.is_there(now)]
        for each in filters:
            records = [record for record in records if _fits(record, kind, each, now)]
        if body.get("sorts") == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]:
            records.sort(key=lambda record: record.id)
        after = int(body.get("after") or 0)
        if after + limit > self.most:
            raise _RefusalError(400, "VALIDATION_ERROR", f"You can only get the first {self.most} results.")
        shown = [_shown(record, kind, properties, now) for record in records[after : after + limit]]
        more = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(records) else {}
        return {"total": len(records), "results": shown, **more}

    def _archived(self, kind: str, query: Mapping[str, str]) -> Any:
        now = self.now()
        limit, after = min(100, int(query.get("limit", 10))), int(query.get("after", 0))
        gone = [each for each in self.crm.records(kind, now) if each.archived is not None and each.is_gone(now)]
        gone = [each for each in gone if each.archived is not None and (now - each.archived).days < 90]
        shown = [
            {**_shown(each, kind, ["createdate"], now), "archived": True, "archivedAt": _text(each.archived)}
            for each in gone[after : after + limit]
        ]
        more = {"paging": {"next": {"after": str(after + limit)}}} if after + limit < len(gone) else {}
        return {"results": shown, **more}

    def _pairs(self, body: Any) -> list[Any]:
        """Those that have contacts; the others are left out."""
        ids = {str(each["id"]) for each in body["inputs"]}
        if len(body["inputs"]) > 1_000:
            raise _RefusalError(400, "VALIDATION_ERROR", "At most 1000 inputs.")
        deals = [deal for deal in self.crm.records("deals", self.now()) if str(deal.id) in ids and deal.contacts]
        return [
            {"from": {"id": str(deal.id)}, "to": [{"toObjectId": id_, "associationTypes": []} for id_ in deal.contacts]}
            for deal in deals
        ]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _fits(record: CrmRecord, kind: str, condition: Mapping[str, str], now: datetime) -> bool:
    name, value = condition["propertyName"], condition["value"]
    if name == "hs_object_id":
        return {"GT": record.id > int(value)}[condition["operator"]]
    if name not in {"createdate", _CHANGED[kind]}:
        raise _RefusalError(400, "VALIDATION_ERROR", f"There is no property {name}.")
    own = record.created if name == "createdate" else record.changed(now)
    moment = datetime.fromisoformat(value)
    fits = {"GTE": own >= moment, "LT": own < moment, "LTE": own <= moment, "GT": own > moment}
    return fits[condition["operator"]]


def _shown(record: CrmRecord, kind: str, properties: list[str], now: datetime) -> dict[str, Any]:
    steps = {
        f"hs_lifecyclestage_{step}_date": _text(moment) if moment <= now else None
        for step, moment in zip(STEPS, record.steps, strict=False)
    }
    is_closed = record.is_closed(now)
    values = {
        "createdate": _text(record.created),
        "closedate": _text(record.closes),
        "amount": None if record.amount is None else f"{record.amount}",
        "deal_currency_code": record.currency,
        "hs_is_closed": str(is_closed).lower(),
        "hs_is_closed_won": str(is_closed and record.is_won).lower(),
        "hs_analytics_source": record.source,
        "closed_lost_reason": record.reason if is_closed and not record.is_won else "",
        "country": record.country,
        **steps,
    }
    own = {name: values.get(name) for name in properties}
    return {
        "id": str(record.id),
        "properties": own,
        "createdAt": _text(record.created),
        "archived": False,
        "kind": kind,
    }


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered("hubspot", HubSpotStandIn, {"HUBSPOT_TOKEN": TOKEN})


if __name__ == "__main__":
    sys.exit(serve("hubspot"))
