"""A stand-in for Shopify's GraphQL Admin API, 2026-10: orders, their lines, and what calls cost.

Made from shopify.dev (Orders, Order, Order count, API rate limits, access scopes, client credentials grant).
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.shop import SHOP, OrderLine, Shop, ShopOrder

CLIENT_ID, CLIENT_SECRET = "standinclient0id", "shpss_standin0secret"
_TOKEN = "shpat_standin0access0token"  # noqa: S105  (opens nothing but the stand-in)
DOMAIN = "hanok-goods.myshopify.com"
SCOPES = ("read_orders", "read_all_orders", "read_customers")
_PATH = "/admin/api/2026-10/graphql.json"
_WORD = re.compile(r"\$?[A-Za-z_]\w*")
_WORDS = frozenset(
    _WORD.findall(
        """query String ID first after sortKey limit null orders ordersCount order count nodes pageInfo hasNextPage id
        endCursor name vendor quantity legacyResourceId createdAt test cancelledAt displayFinancialStatus totalPriceSet
        shopMoney amount currencyCode totalRefundedSet customer customerJourneySummary lastVisit source utmParameters
        medium campaign subtotalLineItemsQuantity lineItems discountedTotalSet shop myshopifyDomain ianaTimezone
        currentAppInstallation accessScopes handle Orders Lines MoreLines Moved Shop"""
    )
)
_TERM = re.compile(r"(\w+):(>=|<=|<|>)?'([^']*)'")
_REACH = timedelta(days=60)
_BUCKET, _RATE = 2_000, 100


class _RefusalError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@frozen
class ShopifyStandIn:
    """One shop and one app in it. Each `throttled`-th call finds an empty bucket."""

    now: Callable[[], datetime]
    shop: Shop = SHOP
    scopes: tuple[str, ...] = SCOPES
    throttled: int = 0
    calls: list[str] = field(default_factory=list)

    def answer(self, request: Asked) -> Answered:
        if request.path == "/admin/oauth/access_token":
            return self._token(request)
        if request.path != _PATH or request.method != "POST":
            return Answered({"errors": "Not Found"}, None, 404)
        if request.headers.get("x-shopify-access-token") != _TOKEN:
            words = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return Answered({"errors": words}, None, 401)
        body = request.json()
        self.calls.append(request.path)
        cost = _cost(body["query"])
        there = 3 if self.throttled and len(self.calls) % self.throttled == 0 else _BUCKET
        extensions = _extensions(cost, there)
        try:
            if there < cost:
                raise _RefusalError("THROTTLED", "Throttled")  # noqa: TRY301 - as all refusals
            data, rows, warnings = self._data(body["query"], body.get("variables") or {})
        except _RefusalError as error:
            errors = [{"message": error.message, "extensions": {"code": error.code}}]
            return Answered({"errors": errors, "extensions": extensions})
        search = {"search": [{"path": ["orders"], "warnings": warnings}]} if warnings else {}
        return Answered({"data": data, "extensions": {**extensions, **search}}, rows)

    def refusal(self, status: int) -> Any:
        if status in {401, 403}:
            return {"errors": "[API] This action requires merchant approval for read_orders scope."}
        return {"errors": [{"message": "Internal error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}

    def _token(self, request: Asked) -> Answered:
        form = dict(parse_qsl(request.body.decode()))
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return Answered({"error": "invalid_client", "error_description": "The client is unknown."}, None, 401)
        if form.get("grant_type") != "client_credentials":
            return Answered({"error": "invalid_request"}, None, 400)
        return Answered({"access_token": _TOKEN, "scope": ",".join(self.scopes), "expires_in": 86_399})

    def _data(self, query: str, variables: Mapping[str, Any]) -> tuple[Any, str | None, list[Any]]:
        """The data, where its rows stand, and what is warned of."""
        strange = [word for word in _WORD.findall(query) if word.lstrip("$") not in _WORDS]
        if strange or query.count("{") != query.count("}"):
            raise _RefusalError("undefinedField", f"Field '{(strange or ['?'])[0]}' doesn't exist")
        if "shop {" in query:
            return self._facts(), None, []
        if "read_orders" not in self.scopes or ("customer {" in query and "read_customers" not in self.scopes):
            raise _RefusalError("ACCESS_DENIED", "Access denied for orders field.")
        if "order(id:" in query:
            return {"order": self._more_lines(variables)}, "data.order.lineItems.nodes", []
        orders, warnings = self._found(str(variables.get("query", "")))
        size, after = int(_first(query)), variables.get("after")
        start = _start(after)
        shown = [_shown(order, query, self.now(), self.shop) for order in orders[start : start + size]]
        listed: dict[str, Any] = {"nodes": shown, "pageInfo": _page_info(start + size, len(orders))}
        count = {"ordersCount": {"count": len(orders)}} if "ordersCount" in query else {}
        return {"orders": listed, **count}, "data.orders.nodes", warnings

    def _facts(self) -> Any:
        shop = {"name": self.shop.name, "myshopifyDomain": DOMAIN, "currencyCode": self.shop.currency}
        scopes = [{"handle": scope} for scope in self.scopes]
        return {"shop": {**shop, "ianaTimezone": "Asia/Seoul"}, "currentAppInstallation": {"accessScopes": scopes}}

    def _found(self, text: str) -> tuple[list[ShopOrder], list[Any]]:
        """The orders that a search finds. A field that it does not know is left out of it, with a warning."""
        now = self.now()
        terms, warnings = _TERM.findall(text), []
        begin = datetime.combine(self.shop.begins, datetime.min.time(), UTC)
        begin = max(begin, now - _REACH) if "read_all_orders" not in self.scopes else begin
        made = [datetime.fromisoformat(value) for name, sign, value in terms if (name, sign) == ("created_at", ">=")]
        orders = list(self.shop.orders(max([begin, *made]), now, now))
        for name, sign, value in terms:
            if name not in {"created_at", "updated_at"}:
                warnings.append({"field": name, "message": "Invalid search field.", "code": "invalid_field"})
                continue
            moment = datetime.fromisoformat(value)
            orders = [order for order in orders if _fits(_moment(order, name, now), sign, moment)]
        return sorted(orders, key=lambda order: order.id), warnings

    def _more_lines(self, variables: Mapping[str, Any]) -> Any:
        number = int(str(variables.get("id")).rpartition("/")[2])
        now = self.now()
        order = next((each for each in self.shop.orders(_day(number), now, now) if each.id == number), None)
        if order is None:
            return None
        start = _start(variables.get("after"))
        return {"lineItems": _lines(order.lines, start, 250, self.shop.currency)}


def _day(number: int) -> datetime:
    day = date.fromordinal(number // 10)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _moment(order: ShopOrder, name: str, now: datetime) -> datetime:
    return order.created if name == "created_at" else order.updated(now)


def _fits(own: datetime, sign: str, moment: datetime) -> bool:
    own = own.replace(microsecond=0)
    return {"<": own < moment, "<=": own <= moment, ">": own > moment, ">=": own >= moment}.get(sign, own == moment)


def _first(query: str) -> str:
    match = re.search(r"orders\(first: (\d+)", query)
    if match is None or int(match[1]) > 250:
        raise _RefusalError("argumentLiteralsIncompatible", "first must be at most 250")
    return match[1]


def _cost(query: str) -> int:
    sizes = [int(size) for size in re.findall(r"first: (\d+)", query)] or [1]
    return sizes[0] * (sizes[1] if len(sizes) > 1 else 1)


def _extensions(cost: int, there: int) -> dict[str, Any]:
    status = {"maximumAvailable": _BUCKET, "currentlyAvailable": there, "restoreRate": _RATE}
    return {"cost": {"requestedQueryCost": cost, "actualQueryCost": cost, "throttleStatus": status}}


def _start(after: Any) -> int:
    if after in {None, ""}:
        return 0
    try:
        return int(base64.b64decode(str(after)))
    except ValueError:
        raise _RefusalError("invalid_value", "Invalid cursor") from None


def _page_info(end: int, count: int) -> dict[str, Any]:
    return {"hasNextPage": end < count, "endCursor": base64.b64encode(str(end).encode()).decode()}


def _shown(order: ShopOrder, query: str, now: datetime, shop: Shop) -> dict[str, Any]:
    """The asked fields of an order."""
    money = {"currencyCode": shop.currency}
    visit = order.visit
    status = "PENDING" if not order.is_paid(now) else "PARTIALLY_REFUNDED" if order.refunded(now) else "PAID"
    tags = {"source": visit[0], "medium": visit[1], "campaign": visit[2]} if visit else None
    values: dict[str, Any] = {
        "id": f"gid://shopify/Order/{order.id}",
        "legacyResourceId": str(order.id),
        "createdAt": f"{order.created:%Y-%m-%dT%H:%M:%SZ}",
        "test": order.is_test,
        "cancelledAt": f"{order.cancelled_at:%Y-%m-%dT%H:%M:%SZ}" if order.is_cancelled(now) else None,
        "displayFinancialStatus": status,
        "totalPriceSet": {"shopMoney": {"amount": f"{order.total}.0", **money}},
        "totalRefundedSet": {"shopMoney": {"amount": f"{order.refunded(now)}.0"}},
        "customer": {"legacyResourceId": str(order.customer)} if order.customer else None,
        "customerJourneySummary": {"lastVisit": {"source": visit[0] if visit else "direct", "utmParameters": tags}},
        "subtotalLineItemsQuantity": sum(line.quantity for line in order.lines),
        "lineItems": _lines(order.lines, 0, 25, shop.currency),
    }
    return {name: value for name, value in values.items() if re.search(rf"\b{name}\b", query)}


def _lines(lines: Iterable[OrderLine], start: int, size: int, currency: str) -> dict[str, Any]:
    own = list(lines)
    nodes = [
        {
            "id": f"gid://shopify/LineItem/{line.id}", "name": line.product, "vendor": "Hanok",
            "quantity": line.quantity,
            "discountedTotalSet": {"shopMoney": {"amount": f"{line.amount}.0", "currencyCode": currency}},
        }
        for line in own[start : start + size]
    ]  # fmt: skip
    return {"nodes": nodes, "pageInfo": _page_info(start + size, len(own))}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered(
        "shopify",
        ShopifyStandIn,
        {"SHOPIFY_CLIENT_ID": CLIENT_ID, "SHOPIFY_CLIENT_SECRET": CLIENT_SECRET},
        {"shop": DOMAIN.partition(".")[0]},
    )


if __name__ == "__main__":
    sys.exit(serve("shopify"))
