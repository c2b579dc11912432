"""Insights of Meta's Graph API: metrics by day, each told by the midnight in California at which it ended; posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.service import Account, DeclaredService, Row, agreeing, midnight, read_rows
from kpi_core.sources.api.value_places import values_at

ZONE = "America/Los_Angeles"
_MOMENT = timedelta(seconds=1)


def days_of(items: Iterable[Any], *, needed: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """By day the values of metrics by their names. RefusedError where a metric that has to be there is not."""
    days: dict[str, dict[str, Any]] = {}
    names: set[str] = set()
    for item in items:
        name = str(item.get("name"))
        if name in names:
            raise RefusedError(Trouble("retry_now", f"{name} came twice"))
        names.add(name)
        for value in values_at(item, "values[]"):
            try:
                end = datetime.fromisoformat(str(value.get("end_time")))
            except ValueError:
                raise RefusedError(Trouble("our_fault", "the field end_time is no time")) from None
            day = (end.astimezone(ZoneInfo(ZONE)) - _MOMENT).date().isoformat()
            days.setdefault(day, {"day": day})[name] = value.get("value")
    # Days before a page was made have no metric at all.
    if names and (lacking := [name for name in needed if name not in names]):
        raise RefusedError(Trouble("retry_now", f"{lacking[0]} did not come"))
    return days


class InsightService(DeclaredService):
    """What of it is the same for pages and for accounts of Instagram."""

    def posts(self, account: Account, first: date, last: date) -> list[Row]:
        """The posts of some days; RefusedError where a second listing has others."""
        call, listed = self.forms.calls["rows"], self.forms.calls["listed"]
        places = self.places(account, first, last)
        lists = (read_rows(self.line, self.forms, form, places) for form in (call, listed))
        own, again = ([row for row in rows if self.is_within(row["published_at"], first, last)] for rows in lists)
        return agreeing(own, again, "post_id")

    def places(self, account: Account, first: date, last: date) -> dict[str, str]:
        """Moments a day before some days and a day after them, not after now: which end counts is not said clearly."""
        zone, one = self.zone if self.forms.moments else ZONE, timedelta(days=1)
        since, until = midnight(first - one, zone), min(midnight(last + 2 * one, zone), self.line.clock.now())
        moments = {name: str(int(moment.timestamp())) for name, moment in (("since", since), ("until", until))}
        return {**DeclaredService.places(self, account, first, last), **moments}

    @property
    def today(self) -> date:
        return self.line.clock.now().astimezone(ZoneInfo(ZONE)).date()
