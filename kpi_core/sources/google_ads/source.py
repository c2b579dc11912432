"""Google Ads: campaigns and ad groups by day; Performance Max, which has no ad groups, stands by its campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.rests import Key, Numbers, numbers_of, rows_with_rests
from kpi_core.sources.api.service import Account, DeclaredService, Row, read_rows

if TYPE_CHECKING:
    import duckdb

_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value")


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The ad groups of all accounts, day by day."""
    return read_service(request, into, GoogleAdsService)


@dataclass(slots=True)
class GoogleAdsService(DeclaredService):
    """What Google Ads is asked for."""

    def __post_init__(self) -> None:
        """People write the manager's id as the screen shows it, with dashes; the API takes digits."""
        digits = "".join(sign for sign in self.options.get("login_customer_id", "") if sign.isdigit())
        self.options = {**self.options, "login_customer_id": digits}

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        places: dict[str, Any] = self.places(account, first, last)
        campaigns = read_rows(self.line, self.forms, self.forms.calls["campaigns"], places)
        names = {str(row["id"]): str(row["name"]) for row in campaigns}
        parents = {(str(row["id"]), str(row["date"])): numbers_of(row, _MEASURES) for row in campaigns}
        children: dict[Key, dict[str, Numbers]] = {}
        for row in read_rows(self.line, self.forms, self.forms.calls["rows"], places):
            groups = children.setdefault((str(row["campaign"]), str(row["date"])), {})
            numbers, name = numbers_of(row, _MEASURES), str(row["ad_group"])
            before = groups.get(name, dict.fromkeys(_MEASURES, Decimal(0)))
            # Two ad groups of a campaign may have one name.
            groups[name] = {measure: before[measure] + numbers[measure] for measure in _MEASURES}
        return list(rows_with_rests(names, parents, children, Decimal("0.01")))


SERVICE = GoogleAdsService
