"""ActiveCampaign: campaigns cannot be asked for by their days, so they are read from the newest on."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import newest_rows
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, midnight, rows_in
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The campaigns of an account."""
    return read_service(request, into, CampaignService)


class CampaignService(DeclaredService):
    """What the API is asked for."""

    def accounts(self) -> list[Account]:
        """The one account of the key."""
        call = self.forms.calls["account"]
        if not value_at(self.line.ask(call, self.options), call.rows):
            raise RefusedError(Trouble("our_fault", f"{call.rows} is not there"))
        name = self.options["account_name"]
        return [Account(name, name)]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        call, begin = self.forms.calls["rows"], midnight(first, self.zone)
        items = newest_rows(self.line, call, self.places(account, first, last), lambda item: _is_before(item, begin))
        # Drafts have no day yet.
        own = [item for item in items if self.is_within(item.get("sdate"), first, last)]
        return [_settled(row) for row in rows_in(own, self.forms, call)]


def _is_before(item: Any, begin: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(item.get("sdate"))) < begin
    except (ValueError, TypeError):
        return False


def _settled(row: Row) -> Row:
    """Delivered is what did not bounce; opens are those of people, where it is known which these are."""
    try:
        sent, hard, soft = (int(row[name] or 0) for name in ("sent", "bounces", "soft_bounces"))
    except ValueError:
        raise RefusedError(Trouble("our_fault", "a number is none")) from None
    return {
        **row,
        "bounces": str(hard + soft),
        "delivered": str(sent - hard - soft),
        "unique_opens": row.get("human_opens") or row["unique_opens"],
    }


SERVICE = CampaignService
