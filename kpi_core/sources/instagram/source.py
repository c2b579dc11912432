"""Instagram's professional accounts, which are reached through their Facebook pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.days_in_rows import without_gaps
from kpi_core.sources.api.insights import ZONE, InsightService, days_of
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, Row, read_rows, rows_in

if TYPE_CHECKING:
    import duckdb

_TOLD_FOR = 28
"""Whole days for which new followers are told."""
_FEWEST = 100
"""Followers below which new ones are not told."""


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The days of all accounts, or their posts."""
    return read_service(request, into, ChannelService)


class ChannelService(InsightService):
    """What the Instagram API with Facebook Login is asked for."""

    def accounts(self) -> list[Account]:
        """Those of the pages that have one."""
        rows = read_rows(self.line, self.forms, self.forms.calls["accounts"], self.options)
        return [Account(str(row["id"]), row["name"] or "", zone=ZONE) for row in rows if row["id"]]

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        if self.forms.moments:
            return self.posts(account, first, last)
        settled = self.today - timedelta(days=self.forms.calls["rows"].lag)
        return without_gaps(lambda: self._days(account, first, last), last, settled)

    def _days(self, account: Account, first: date, last: date) -> list[Row]:
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        days = days_of(rows_of(self.line, call, places), needed=("reach",))
        own = {name: day for name, day in days.items() if first.isoformat() <= name <= last.isoformat()}
        gains = self._gains(account, own, max(first, self.today - timedelta(days=_TOLD_FOR)), last)
        return rows_in([{**day, **gains.get(name, {})} for name, day in sorted(own.items())], self.forms, call)

    def _gains(
        self, account: Account, days: Mapping[str, Any], first: date, last: date
    ) -> Mapping[str, Mapping[str, Any]]:
        """New followers by day, of those days for which they are told; of small accounts for none."""
        if first > last:
            return {}
        call = self.forms.calls["gains"]
        gains = days_of(rows_of(self.line, call, self.places(account, first, last)))
        settled = self.today - timedelta(days=self.forms.calls["rows"].lag)
        begin = max(first.isoformat(), min(gains, default=""))
        lacking = [day for day in days if begin <= day <= settled.isoformat() and day not in gains]
        if lacking and (gains or self.counted(account) >= _FEWEST):
            raise RefusedError(Trouble("retry_now", f"{lacking[0]} did not come with its new followers"))
        return gains


SERVICE = ChannelService
