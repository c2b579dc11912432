"""A stand-in for Cafe24's Admin API: orders by days of Seoul, and refresh tokens good once.

Made from developers.cafe24.com (OAuth, Admin API: Orders, Orders count, Shops; rate limits).
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.shop import SHOP, Shop, ShopOrder

CLIENT_ID, CLIENT_SECRET = "standin0cafe24id", "standin0cafe24secret"
FIRST_TOKEN = "standin0first0refresh0token"  # noqa: S105  (opens nothing but the stand-in)
CODE_ADDRESS = "https://kpi.example.com/granted?code=standin0code&state=kpi"
VERSION = "2026-09-01"
SEOUL = ZoneInfo("Asia/Seoul")
POINTS = 1_000
_LASTS, _RENEWABLE = timedelta(hours=2), timedelta(days=14)
_MOST = 1_000
_MOST_OFFSET = 15_000
_ORDER_QUERY = {"shop_no", "start_date", "end_date", "date_type", "limit", "offset", "embed"}


class _RefusalError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(slots=True)
class Grant:
    """The one refresh token that is good, until when, and the access tokens with their ends."""

    refresh: str = FIRST_TOKEN
    until: datetime | None = None
    access: dict[str, datetime] = field(default_factory=dict)
    number: int = 0
    code: str = "standin0code"


@frozen
class Cafe24StandIn:
    """One mall with one shop. `renewing` is called when a renewal has been made, before it is answered."""

    now: Callable[[], datetime]
    shop: Shop = SHOP
    grant: Grant = field(default_factory=Grant)
    renewing: Callable[[], None] = lambda: None

    def answer(self, request: Asked) -> Answered:
        if request.path == "/api/v2/oauth/token":
            return self._token(request)
        try:
            document, rows = self._document(request)
        except _RefusalError as error:
            return Answered({"error": {"code": error.status, "message": error.message}}, None, error.status)
        return Answered(document, rows, 200, {"X-Api-Call-Limit": "1/40"})

    def refusal(self, status: int) -> Any:
        return {"error": {"code": status, "message": "An error occurred."}}

    def _token(self, request: Asked) -> Answered:
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        form = dict(parse_qsl(request.body.decode()))
        if request.headers.get("authorization") != f"Basic {pair}":
            return Answered({"error": "invalid_client", "error_description": "The client is unknown"}, None, 401)
        grant, now = self.grant, self.now()
        by_code = form.get("grant_type") == "authorization_code" and form.get("code") == grant.code != ""
        by_code = by_code and form.get("redirect_uri") == CODE_ADDRESS.partition("?")[0]
        by_token = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == grant.refresh
        if not by_code and not (by_token and (grant.until is None or now < grant.until)):
            return Answered({"error": "invalid_grant", "error_description": "Invalid refresh_token"}, None, 400)
        grant.number += 1
        grant.refresh, grant.until = f"standin0refresh0{grant.number:04d}", now + _RENEWABLE
        grant.code = "" if by_code else grant.code
        access = f"standin0access0{grant.number:04d}"
        grant.access[access] = now + _LASTS
        self.renewing()
        return Answered(
            {
                "access_token": access,
                "expires_at": f"{(now + _LASTS).astimezone(SEOUL):%Y-%m-%dT%H:%M:%S}.000",
                "refresh_token": grant.refresh,
                "refresh_token_expires_at": f"{grant.until.astimezone(SEOUL):%Y-%m-%dT%H:%M:%S}.000",
                "mall_id": "hanok",
                "scopes": ["mall.read_order", "mall.read_store"],
            }
        )

    def _document(self, request: Asked) -> tuple[Any, str | None]:
        until = self.grant.access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if until is None or until <= self.now():
            raise _RefusalError(401, "access_token time expired. (invalid_token)")
        if request.headers.get("x-cafe24-api-version") != VERSION:
            raise _RefusalError(400, "The version is not supported.")
        if request.method != "GET":
            raise _RefusalError(404, "No API found.")
        if request.path == "/api/v2/admin/shops":
            shop = {"shop_no": 1, "shop_name": self.shop.name, "currency_code": self.shop.currency, "default": "T"}
            return {"shops": [shop]}, None
        if request.path == "/api/v2/admin/orders/count":
            return {"count": len(self._orders(request.query))}, None
        if request.path == "/api/v2/admin/orders":
            limit, offset = int(request.query.get("limit", 10)), int(request.query.get("offset", 0))
            if not 0 < limit <= _MOST or offset > _MOST_OFFSET:
                raise _RefusalError(422, "limit or offset is out of range")
            has_items = request.query.get("embed") == "items"
            orders = self._orders(request.query)[offset : offset + limit]
            return {"orders": [_shown(order, self.now(), self.shop, has_items=has_items) for order in orders]}, "orders"
        raise _RefusalError(404, "No API found.")

    def _orders(self, query: Mapping[str, str]) -> list[ShopOrder]:
        if strange := set(query) - _ORDER_QUERY:
            raise _RefusalError(422, f"{min(strange)} is not a parameter")
        if query.get("shop_no", "1") != "1":
            raise _RefusalError(404, "No shop found.")
        try:
            first, last = (date.fromisoformat(query.get(name, "")) for name in ("start_date", "end_date"))
        except ValueError:
            raise _RefusalError(422, "start_date and end_date are needed") from None
        if not 0 <= (last - first).days <= 180:
            raise _RefusalError(422, "The period is too long.")
        now, by = self.now(), query.get("date_type", "order_date")
        start = datetime.combine(first if by == "order_date" else self.shop.begins, datetime.min.time(), SEOUL)
        orders = self.shop.orders(start, now, now)
        fits = [order for order in orders if any(first <= day <= last for day in _days(order, by, now))]
        return sorted(fits, key=lambda order: order.created, reverse=True)


def _days(order: ShopOrder, by: str, now: datetime) -> list[date]:
    """The days by which an order is found."""
    moments: dict[str, list[datetime | None]] = {
        "order_date": [order.created],
        "pay_date": [order.paid_at],
        "cancel_complete_date": [order.cancelled_at],
        "return_complete_date": [moment for moment, _amount in order.refunds],
        "exchange_complete_date": [],
    }
    if by not in moments:
        raise _RefusalError(422, "date_type is none")
    return [moment.astimezone(SEOUL).date() for moment in moments[by] if moment is not None and moment <= now]


def order_number(order: ShopOrder) -> str:
    return f"{order.created.astimezone(SEOUL):%Y%m%d}-{order.id % 10_000_000:07d}"


def _shown(order: ShopOrder, now: datetime, shop: Shop, *, has_items: bool) -> dict[str, Any]:
    points = POINTS if order.id % 5 == 0 else 0
    paid = order.total - points
    left = 0 if order.is_cancelled(now) else paid - order.refunded(now)
    items = [
        {
            "order_item_code": f"{order_number(order)}-{number:02d}",
            "product_name": line.product,
            "quantity": line.quantity,
            "product_price": f"{line.amount / line.quantity - 10:.2f}",
            "option_price": "10.00",
        }
        for number, line in enumerate(order.lines, start=1)
    ]
    return {
        "shop_no": 1,
        "order_id": order_number(order),
        "member_id": f"member{order.customer}" if order.customer else None,
        "order_date": f"{order.created.astimezone(SEOUL):%Y-%m-%dT%H:%M:%S}+09:00",
        "order_from_mobile": "T" if order.id % 2 else "F",
        "currency": shop.currency,
        "initial_order_amount": {"payment_amount": f"{paid:.2f}"},
        "actual_order_amount": {"payment_amount": f"{left:.2f}"},
        "naver_point": f"{points:.2f}",
        "canceled": "T" if order.is_cancelled(now) else "M" if order.refunded(now) else "F",
        "paid": "T" if order.is_paid(now) else "F",
        **({"items": items} if has_items else {}),
    }


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered(
        "cafe24",
        Cafe24StandIn,
        {"CAFE24_CLIENT_ID": CLIENT_ID, "CAFE24_CLIENT_SECRET": CLIENT_SECRET, "CAFE24_REFRESH_TOKEN": FIRST_TOKEN},
        {"mall": "hanok"},
    )


if __name__ == "__main__":
    sys.exit(serve("cafe24"))
