"""HubSpot: deals with their contacts, which a search does not bring along, or contacts; what was deleted goes, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, read_rows
from kpi_core.sources.api.value_places import value_at, values_at

if TYPE_CHECKING:
    import duckdb

_AT_ONCE = 1_000
_CHANGED = {"deals": "hs_lastmodifieddate", "contacts": "lastmodifieddate"}


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The deals of an account, or its contacts."""
    return read_service(request, into, CrmService)


class CrmService(DeclaredService):
    """What the CRM API is asked for."""

    def accounts(self) -> list[Account]:
        """The one account that the app is in."""
        document = self.line.ask(self.forms.calls["account"], self.options)
        id_ = value_at(document, "portalId")
        if id_ is None:
            raise RefusedError(Trouble("our_fault", "portalId is not there"))
        currency, zone = (str(value_at(document, name) or "") for name in ("companyCurrency", "timeZone"))
        return [Account(str(id_), str(value_at(document, "uiDomain") or id_), currency, zone)]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        rows = DeclaredService.rows(self, account, first, last)
        if self._objects != "deals":
            return rows
        contacts = dict(self._contacts([str(row["lead_id"]) for row in rows]))
        return [_deal(row, contacts.get(str(row["lead_id"])), account.currency) for row in rows]

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        own = {"objects": self._objects, "changed": _CHANGED[self._objects]}
        return {**DeclaredService.places(self, account, first, last), **own}

    def changed(self, call: Call, places: Mapping[str, str]) -> list[Row]:
        """With those that were deleted since, which no search shows."""
        since = datetime.fromisoformat(places["since"])
        gone = read_rows(self.line, self.forms, self.forms.calls["archived"], places)
        lately = [row for row in gone if datetime.fromisoformat(str(row["archived_at"])) >= since]
        return [*DeclaredService.changed(self, call, places), *lately]

    @property
    def _objects(self) -> str:
        return self.options.get("objects", "deals")

    def _contacts(self, deals: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Deals with their contact of the lowest number."""
        for start in range(0, len(deals), _AT_ONCE):
            inputs = [{"id": deal} for deal in deals[start : start + _AT_ONCE]]
            call = replace(self.forms.calls["contacts_of"], body={"inputs": inputs})
            for pair in rows_of(self.line, call, self.options):
                ids = [int(id_) for id_ in values_at(pair, "to[].toObjectId")]
                if ids:
                    yield str(value_at(pair, "from.id")), str(min(ids))


def _deal(row: Row, contact: str | None, currency: str) -> Row:
    """Its close date is when it was won or lost, of an open one what somebody hopes for."""
    is_closed, is_won = row["is_closed"] == "true", row["is_won"] == "true"
    return {
        **row,
        "customer_id": contact,
        "won_at": row["won_at"] if is_won else None,
        "lost_at": row["lost_at"] if is_closed and not is_won else None,
        "currency": row["currency"] or currency,
    }


SERVICE = CrmService
