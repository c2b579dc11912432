"""Cafe24: orders by the days of Seoul, whichever days are asked for; what was paid at first, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, day_of, midnight, rows_in
from kpi_core.sources.api.value_places import values_at

if TYPE_CHECKING:
    import duckdb

_SEOUL = ZoneInfo("Asia/Seoul")
_CHANGES = ("pay_date", "cancel_complete_date", "return_complete_date", "exchange_complete_date")
"""What brings an old order back: by each of these days the service can be searched."""
_DEVICES: Mapping[str | None, str] = {"T": "mobile", "F": "desktop"}


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The orders of all shops of a mall, or their items."""
    return read_service(request, into, MallService)


class MallService(DeclaredService):
    """What the Admin API is asked for."""

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        orders = rows_of(self.line, call, places)
        self.hold_against_count(len(orders), places)
        is_by_line = call is self.forms.calls["order_lines"]
        items: Iterable[Any] = (line for order in orders for line in _lines(order)) if is_by_line else orders
        settled = _line if is_by_line else _order
        rows = [settled(row) for row in rows_in(items, self.forms, call)]
        # The days of Seoul reach over those that were asked for.
        return [row for row in rows if self._is_within(row, first, last)]

    def changed(self, call: Call, places: Mapping[str, str]) -> list[Row]:
        days = ((by, DeclaredService.changed(self, call, {**places, "date_type": by})) for by in _CHANGES)
        return [row for _by, rows in days for row in rows]

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        start, end = midnight(first, self.zone), midnight(last + timedelta(days=1), self.zone) - timedelta(seconds=1)
        days = {"first_in_seoul": start, "last_in_seoul": end}
        return {
            **DeclaredService.places(self, account, first, last),
            **{name: f"{moment.astimezone(_SEOUL):%Y-%m-%d}" for name, moment in days.items()},
        }

    def moved(self, account: Account, since: datetime, before: date) -> list[date]:
        days = {"since_in_seoul": since, "until_in_seoul": self.line.clock.now()}
        asked = {name: f"{moment.astimezone(_SEOUL):%Y-%m-%d}" for name, moment in days.items()}
        places = {**self.places(account, before, before), **asked}
        rows = self.changed(self.forms.calls["moved"], places)
        found = {day_of(row.get(self.forms.day), self.forms, self.zone) for row in rows}
        return sorted(day for day in found if day is not None and day < before)

    def _is_within(self, row: Row, first: date, last: date) -> bool:
        day = day_of(row.get(self.forms.day), self.forms, self.zone)
        if day is None:
            raise RefusedError(Trouble("our_fault", "an order has no time"))
        return first <= day <= last


def _lines(order: Any) -> Iterator[Any]:
    """The items of an order, each with its order. RefusedError where none came along."""
    if not isinstance(order.get("items"), list):
        raise RefusedError(Trouble("our_fault", "items is not there"))
    for line in values_at(order, "items[]"):
        yield {**line, "order": order}


def _order(row: Row) -> Row:
    """What was paid at first with the points of Naver Pay, which are money, and what has been taken back of it."""
    paid, left, points = (_number(row, name) for name in ("revenue", "refunded_amount", "naver_point"))
    return {
        **row,
        "revenue": f"{paid + points:f}",
        "refunded_amount": f"{max(Decimal(0), paid - left):f}",
        "device": _DEVICES.get(row.get("device")),
    }


def _line(row: Row) -> Row:
    pieces, price, option = (_number(row, name) for name in ("quantity", "amount", "option_price"))
    return {**row, "amount": f"{pieces * (price + option):f}"}


def _number(row: Row, name: str) -> Decimal:
    try:
        return Decimal(row.get(name) or 0)
    except InvalidOperation:
        raise RefusedError(Trouble("our_fault", f"the field {name} is no number")) from None


SERVICE = MallService
