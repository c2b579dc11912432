"""TikTok's accounts: the access token itself says whose it is, and videos come the newest first."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.days_in_rows import moment_of, without_gaps
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import newest_rows
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, agreeing, midnight, read_rows, rows_in
from kpi_core.sources.api.signing import Signing
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb

_TOLD_FOR = 58
"""Whole days for which days of an account are told."""


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The days of an account, or its videos."""
    return read_service(request, into, AccountService)


class AccountService(DeclaredService):
    """What the Accounts API is asked for."""

    def accounts(self) -> list[Account]:
        """The one account that granted the token."""
        call = self.forms.calls["account"]
        signed = self.line.signer(Signing(call.method, call.path, self.line.clock.now()))
        places = {**self.options, "access_token": next(iter(signed.values()))}
        id_ = value_at(self.line.ask(call, places), call.rows)
        if not id_:
            raise RefusedError(Trouble("our_fault", f"{call.rows} is not there"))
        document = self.line.ask(self.forms.calls["name"], {**self.options, "account": str(id_)})
        name = value_at(document, "data.display_name") or value_at(document, "data.username") or id_
        return [Account(str(id_), str(name), zone="UTC", most_days=0 if self.forms.moments else _TOLD_FOR)]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        if self.forms.moments:
            videos, listed = (self._videos(name, account, first, last) for name in ("rows", "listed"))
            return agreeing(videos, listed, "post_id")
        call = self.forms.calls["rows"]
        places = self.places(account, first, last)
        settled = self.line.clock.now().astimezone(UTC).date() - timedelta(days=call.lag)
        return without_gaps(lambda: read_rows(self.line, self.forms, call, places), last, settled)

    def _videos(self, name: str, account: Account, first: date, last: date) -> list[Row]:
        call, begin = self.forms.calls[name], midnight(first, self.zone).timestamp()
        items = newest_rows(self.line, call, self.places(account, first, last), lambda item: _seconds(item) < begin)
        videos = [{**item, "published": moment_of(item.get("create_time"))} for item in items]
        own = [item for item in videos if self.is_within(item["published"], first, last)]
        return rows_in(own, self.forms, call)


def _seconds(item: Any) -> int:
    try:
        return int(item.get("create_time"))
    except (TypeError, ValueError):
        raise RefusedError(Trouble("our_fault", "the field create_time is no time")) from None


SERVICE = AccountService
