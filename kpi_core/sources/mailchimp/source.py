"""Mailchimp: which of its data centres is asked stands in the key."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, day_of, midnight, moment_text
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The campaigns of an account."""
    return read_service(request, into, CampaignService)


class CampaignService(DeclaredService):
    """What the Marketing API is asked for."""

    def accounts(self) -> list[Account]:
        """The one account of the key."""
        document = self.line.ask(self.forms.calls["account"], self.options)
        id_ = value_at(document, "account_id")
        if not id_:
            raise RefusedError(Trouble("our_fault", "account_id is not there"))
        zone = str(value_at(document, "account_timezone") or "")
        return [Account(str(id_), str(value_at(document, "account_name") or id_), zone=zone)]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        rows = DeclaredService.rows(self, account, first, last)
        days = [day_of(row.get(self.forms.day), self.forms, self.zone) for row in rows]
        within = [row for row, day in zip(rows, days, strict=True) if day is None or first <= day <= last]
        return [_settled(row) for row in within]

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        """A second more on both sides: whether the ends are inside is not said, and many are sent on the hour."""
        own = DeclaredService.places(self, account, first, last)
        start, end = midnight(first, self.zone), midnight(last + timedelta(days=1), self.zone)
        ends = {"start": start - timedelta(seconds=1), "end": end + timedelta(seconds=1)}
        return {**own, **{name: moment_text(moment) for name, moment in ends.items()}}


def _settled(row: Row) -> Row:
    """Delivered is what did not bounce; opens are those of people, where it is known which these are."""
    sent, hard, soft = (int(row[name] or 0) for name in ("sent", "bounces", "soft_bounces"))
    return {
        **row,
        "bounces": str(hard + soft),
        "delivered": str(sent - hard - soft),
        "unique_opens": row.get("human_opens") or row["unique_opens"],
    }


SERVICE = CampaignService
