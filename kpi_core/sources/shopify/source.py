"""Shopify: orders and their lines, whose pages lie within each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi_core.phrases import Notice
from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import pages_of, rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, rows_in
from kpi_core.sources.api.value_places import value_at, values_at

if TYPE_CHECKING:
    import duckdb

_ALL_ORDERS = "read_all_orders"
_SHORT = 59
"""Whole days among the last 60 days."""


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The orders of a shop, or their lines."""
    return read_service(request, into, ShopifyService)


class ShopifyService(DeclaredService):
    """What the Admin API is asked for."""

    def accounts(self) -> list[Account]:
        """The one shop, with how far back the app may look: older orders are left out without a word."""
        document = self.line.ask(self.forms.calls["shop"], self.options)
        shop = value_at(document, "data.shop")
        if not isinstance(shop, dict) or not shop.get("myshopifyDomain"):
            raise RefusedError(Trouble("our_fault", "data.shop is not there"))
        scopes = tuple(map(str, values_at(document, "data.currentAppInstallation.accessScopes[].handle")))
        name, id_ = str(shop.get("name", "")), str(shop["myshopifyDomain"])
        is_whole = _ALL_ORDERS in scopes
        if not is_whole:
            self.notices.append(Notice("load.short_history", {"account": name, "scope": _ALL_ORDERS, "days": _SHORT}))
        currency, zone = str(shop.get("currencyCode", "")), str(shop.get("ianaTimezone", ""))
        return [Account(id_, name, currency, zone, most_days=0 if is_whole else _SHORT, scopes=scopes)]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        pages = pages_of(self.line, call, places)
        orders = [order for page in pages for order in values_at(page, f"{call.rows}[]")]
        if call is self.forms.calls["order_lines"]:
            return rows_in((line for order in orders for line in self._lines(order)), self.forms, call)
        return [_with_channel(row) for row in rows_in(orders, self.forms, call)]

    def _lines(self, order: Any) -> Iterator[Any]:
        """The lines of an order, each with its order. RefusedError where they are not as many pieces as it has."""
        lines = list(values_at(order, "lineItems.nodes[]"))
        if value_at(order, "lineItems.pageInfo.hasNextPage"):
            after = str(value_at(order, "lineItems.pageInfo.endCursor"))
            places = {**self.options, "order": str(value_at(order, "id")), "after": after}
            lines += rows_of(self.line, self.forms.calls["more_lines"], places)
        pieces, whole = sum(line.get("quantity", 0) for line in lines), value_at(order, "subtotalLineItemsQuantity")
        if whole is None or Decimal(pieces) != Decimal(whole):
            raise RefusedError(Trouble("retry_now", f"lines of an order have {pieces} of {whole} pieces"))
        for line in lines:
            yield {**line, "order": order}


def _with_channel(row: Row) -> Row:
    """Tagged visits are named by their tags, others by what Shopify takes them for."""
    if not row.get("utm_source"):
        return row
    return {**row, "channel": " / ".join(filter(None, (row["utm_source"], row.get("utm_medium"))))}


SERVICE = ShopifyService
