"""Google Analytics 4: its answers are lists of values beside lists of names, and say themselves what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi_core.phrases import Notice
from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import pages_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, Sums, exact_number, rows_in, sums_of
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The visits of all properties, day by day."""
    return read_service(request, into, AnalyticsService)


class AnalyticsService(DeclaredService):
    """What the Data API is asked for."""

    def accounts(self) -> list[Account]:
        """Those of kpi.yaml; what is to be known of a property stands beside any report of it."""
        return [self._with_facts(Account(item, item)) for item in self.lists.get("account_ids", ())]

    def _with_facts(self, account: Account) -> Account:
        try:
            document = self.line.ask(self.forms.calls["facts"], {**self.options, "account": account.id})
        except RefusedError as error:
            return replace(account, trouble=error.trouble)
        zone = str(value_at(document, "metadata.timeZone") or "")
        return replace(account, zone=zone, currency=str(value_at(document, "metadata.currencyCode") or ""))

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        pages = pages_of(self.line, call, places)
        self._tell(account, pages)
        return rows_in((item for page in pages for item in _items(page)), self.forms, call)

    def sums(self, account: Account, first: date, last: date) -> Sums:
        call, places = self.forms.calls["sums"], self.places(account, first, last)
        items = (item for page in pages_of(self.line, call, places) for item in _items(page))
        return sums_of(rows_in(items, self.forms, call), tuple(name for name in call.fields if name != self.forms.day))

    def whole(self, account: Account, first: date, last: date) -> dict[str, Decimal]:
        """The total of a report by days, which Google adds up itself whatever rows it sends."""
        call = self.forms.calls["whole"]
        document = self.line.ask(call, self.places(account, first, last))
        totals = rows_in(_items(document, "totals"), self.forms, call)
        if not totals and value_at(document, "rowCount"):
            raise RefusedError(Trouble("our_fault", "totals is not there"))
        return {name: sum((exact_number(row[name]) for row in totals), Decimal(0)) for name in self.forms.adds_up}

    def _tell(self, account: Account, pages: list[Any]) -> None:
        for place, key in (
            ("metadata.subjectToThresholding", "load.thresholds"),
            ("metadata.dataLossFromOtherRow", "load.other_row"),
        ):
            notice = Notice(key, {"account": account.label})
            if notice not in self.notices and any(value_at(page, place) is True for page in pages):
                self.notices.append(notice)


def _items(page: Any, place: str = "rows") -> Iterator[dict[str, Any]]:
    """The rows or totals of a page by the names of their values, in whatever order those came."""
    names = [header.get("name") for kind in ("dimension", "metric") for header in page.get(f"{kind}Headers", [])]
    currency = value_at(page, "metadata.currencyCode")
    for row in page.get(place, []):
        values = [item.get("value") for kind in ("dimension", "metric") for item in row.get(f"{kind}Values", [])]
        if len(values) != len(names):
            raise RefusedError(Trouble("retry_now", "a row has more or fewer values than names"))
        yield {**dict(zip(names, values, strict=True)), "currency": currency}


SERVICE = AnalyticsService
