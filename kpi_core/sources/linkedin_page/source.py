"""LinkedIn's pages: two lists of days that belong together, and posts whose numbers stand in a list of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.api.days_in_rows import moment_of, without_gaps
from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.pages import newest_rows, rows_of
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.service import Account, DeclaredService, Row, agreeing, midnight, read_rows, rows_in
from kpi_core.sources.api.value_places import value_at

if TYPE_CHECKING:
    import duckdb

_PAGE = "urn:li:organization:"
_MILLISECONDS = 1_000
_AT_ONCE = 20
_DRAFT = timedelta(days=30)
"""So long a post may be a draft."""
_KINDS = {"share": "shares", "ugcPost": "ugcPosts"}
"""By the kind of a post's URN, the list in which its numbers are asked for."""


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The days of all pages, or their posts."""
    return read_service(request, into, PageService)


class PageService(DeclaredService):
    """What the Community Management API is asked for."""

    def accounts(self) -> list[Account]:
        """The pages that the member runs, by their names."""
        rows = read_rows(self.line, self.forms, self.forms.calls["accounts"], self.options)
        # Showcase brands have URNs of their own and no statistics.
        urns = (str(row["id"]) for row in rows)
        return [self._page(urn.removeprefix(_PAGE)) for urn in urns if urn.startswith(_PAGE)]

    def _page(self, id_: str) -> Account:
        try:
            document = self.line.ask(self.forms.calls["organization"], {**self.options, "account": id_})
        except RefusedError as error:
            return Account(id_, id_, zone="UTC", trouble=error.trouble)
        return Account(id_, str(value_at(document, "localizedName") or id_), zone="UTC")

    def rows(self, account: Account, first: date, last: date) -> list[Row]:
        if self.forms.moments:
            return self._posts(account, first, last)
        settled = self.line.clock.now().astimezone(UTC).date() - timedelta(days=self.forms.calls["rows"].lag)
        return without_gaps(lambda: self._reach_and_gains(account, first, last), last, settled)

    def _reach_and_gains(self, account: Account, first: date, last: date) -> list[Row]:
        """Days that stand in both lists: either may be a day ahead of the other."""
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        gains = {
            str(row["date"]): int(row["organic"] or 0) + int(row["paid"] or 0)
            for row in self._days(self.forms.calls["gains"], places)
        }
        items = [item for item in self._items(call, places) if item["day"] in gains]
        return rows_in([{**item, "gain": gains[item["day"]]} for item in items], self.forms, call)

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        ends = {"start_ms": first, "end_ms": last + timedelta(days=1)}
        moments = {name: str(int(midnight(day, "UTC").timestamp()) * _MILLISECONDS) for name, day in ends.items()}
        return {**DeclaredService.places(self, account, first, last), **moments}

    def _days(self, call: Call, places: Mapping[str, str]) -> list[Row]:
        return rows_in(self._items(call, places), self.forms, call)

    def _items(self, call: Call, places: Mapping[str, str]) -> Iterator[Any]:
        for item in rows_of(self.line, call, places):
            moment = moment_of(value_at(item, "timeRange.start"), _MILLISECONDS)
            yield {**item, "day": moment and moment[:10]}

    def _posts(self, account: Account, first: date, last: date) -> list[Row]:
        """The posts of some days with the numbers of their whole lives."""
        call, places = self.forms.calls["rows"], self.places(account, first, last)
        lists = [self._listed(call, places, first, last) for _time in range(2)]
        numbers = self._numbers([str(item["id"]) for item in lists[0]], places)
        posts = [{**item, "kind": _kind(item), "statistics": numbers.get(item["id"])} for item in lists[0]]
        return agreeing(rows_in(posts, self.forms, call), rows_in(lists[1], self.forms, call), "post_id")

    def _listed(self, call: Call, places: Mapping[str, str], first: date, last: date) -> list[Any]:
        """The posts of some days, the newest first, sorted by when they were made: not long before they came out."""
        begin = (midnight(first, self.zone) - _DRAFT).timestamp() * _MILLISECONDS
        items = newest_rows(self.line, call, places, lambda item: int(item.get("createdAt") or 0) < begin)
        posts = [{**item, "published": moment_of(item.get("publishedAt"), _MILLISECONDS)} for item in items]
        return [item for item in posts if self.is_within(item["published"], first, last)]

    def _numbers(self, urns: Sequence[str], places: Mapping[str, str]) -> dict[str, Any]:
        """What posts have come to, by their URNs. What did not come is asked for again as long as something does."""
        numbers: dict[str, Any] = {}
        for kind, name in _KINDS.items():
            lacking = [urn for urn in urns if f":{kind}:" in urn]
            while lacking:
                before = len(numbers)
                for start in range(0, len(lacking), _AT_ONCE):
                    numbers |= self._numbers_of(kind, name, lacking[start : start + _AT_ONCE], places)
                lacking = [urn for urn in lacking if urn not in numbers]
                if len(numbers) == before:
                    break
        return numbers

    def _numbers_of(self, kind: str, name: str, urns: Sequence[str], places: Mapping[str, str]) -> dict[str, Any]:
        call = self.forms.calls["shares"]
        query = {name if key == "{list}" else key: value for key, value in call.query.items()}
        own = {**places, "urns": ",".join(urn.replace(":", "%3A") for urn in urns)}
        items = rows_of(self.line, replace(call, query=query), own)
        numbers = {str(item.get(kind)): item.get("totalShareStatistics") for item in items}
        if not set(numbers) <= set(urns):
            raise RefusedError(Trouble("our_fault", "numbers of posts that were not asked for"))
        return numbers


def _kind(item: Any) -> str:
    """What a post consists of: article, media, poll, …; a text where it has nothing else."""
    content = item.get("content")
    return next(iter(content), "text") if isinstance(content, dict) else "text"


SERVICE = PageService
