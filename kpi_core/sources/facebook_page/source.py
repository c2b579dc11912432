"""Facebook's pages: each is asked with a token of its own, which the system user's token brings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.days_in_rows import without_gaps
from kpi_core.sources.api.insights import ZONE, InsightService, days_of
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, Row, read_rows, rows_in
from kpi_core.sources.api.signing import Signing

if TYPE_CHECKING:
    import duckdb

_METRICS = ("page_total_media_view_unique", "page_follows", "page_daily_follows_unique")


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The days of all pages, or their posts."""
    return read_service(request, into, PageService)


class PageService(InsightService):
    """What the Pages API is asked for."""

    def accounts(self) -> list[Account]:
        """All pages of the token, each with a token of its own that signs what is asked of it."""
        rows = read_rows(self.line, self.forms, self.forms.calls["accounts"], self.options)
        tokens = {str(row["id"]): str(row["token"]) for row in rows}
        self.line.secrets.extend(tokens.values())
        signer = self.line.signer

        def signed(signing: Signing) -> Mapping[str, str]:
            token = tokens.get(signing.account)
            return {"Authorization": f"Bearer {token}"} if token else signer(signing)

        self.line.signer = signed
        return [Account(str(row["id"]), row["name"] or "", zone=ZONE) for row in rows]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        if self.forms.moments:
            return self.posts(account, first, last)
        settled = self.today - timedelta(days=self.forms.calls["rows"].lag)
        return without_gaps(lambda: self._days(account, first, last), last, settled)

    def _days(self, account: Account, first: date, last: date) -> list[Row]:
        """Days that all metrics have: one may be a day ahead of the others."""
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        days = days_of(rows_of(self.line, call, places), needed=_METRICS)
        own = [day for name, day in sorted(days.items()) if first.isoformat() <= name <= last.isoformat()]
        return rows_in((day for day in own if all(name in day for name in _METRICS)), self.forms, call)


SERVICE = PageService
