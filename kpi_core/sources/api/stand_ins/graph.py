"""What the stand-ins for Facebook's pages and Instagram share: Meta's Graph API, v26.0, with its errors and cursors.

Made from developers.facebook.com/docs/graph-api (overview, results, handling errors, permissions).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.sources.api.stand_ins.faults import Asked

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Whose midnights end the days of insights."""
_PAGE = 25


class GraphError(Exception):
    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    @property
    def document(self) -> Any:
        return error(self.code, self.message)


def error(code: int, message: str) -> Any:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}}


def refusal(status: int) -> Any:
    codes = {401: 190, 403: 200, 429: 80001, 500: 2}
    return error(codes[status], "An error occurred.")


def path_of(request: Asked) -> str:
    """What is asked for, without the version. GraphError where that is gone."""
    version, _, rest = request.path.removeprefix("/").partition("/")
    if version != "v26.0" or request.method != "GET":
        raise GraphError(2635, f"You are calling a deprecated version: {version}.")
    return rest


def token_of(request: Asked) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def paged(rows: list[Any], query: Mapping[str, str], most: int = _PAGE) -> dict[str, Any]:
    """A page of a list, with the next one's address, which would hold the token."""
    size, after = min(int(query.get("limit", 25)), most), query.get("after", "")
    start = int(after.removeprefix("QVFI")) if after.removeprefix("QVFI").isdigit() else 0
    paging: dict[str, Any] = {"cursors": {"before": f"QVFI{start}", "after": f"QVFI{start + size}"}}
    if start + size < len(rows):
        paging["next"] = "https://graph.facebook.com/v26.0/x?access_token=EAA&after=…"
    return {"data": rows[start : start + size], "paging": paging}


def ends_of(query: Mapping[str, str], most: int) -> tuple[datetime, datetime]:
    """The moments since and until. GraphError where they are too far from each other."""
    try:
        since, until = (datetime.fromtimestamp(int(query[name]), UTC) for name in ("since", "until"))
    except (KeyError, ValueError):
        raise GraphError(100, "since and until have to be unix timestamps") from None
    if not timedelta() < until - since <= timedelta(days=most):
        raise GraphError(100, f"There cannot be more than {most} days between since and until")
    return since, until


def series(name: str, values: Mapping[date, int]) -> dict[str, Any]:
    """A metric by day, each with the midnight at which it ended."""
    ends = {day: datetime(day.year, day.month, day.day, tzinfo=PACIFIC) + timedelta(days=1) for day in values}
    points = [
        {"value": value, "end_time": f"{ends[day].astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000"}
        for day, value in values.items()
    ]
    return {"name": name, "period": "day", "values": points, "id": f"1/insights/{name}/day"}


def days_within(since: datetime, until: datetime, newest: date) -> tuple[date, date]:
    """The first and the last day that ends within a span, the newest at most."""
    first = (since.astimezone(PACIFIC) + timedelta(hours=12)).date()
    return first, min((until.astimezone(PACIFIC) - timedelta(hours=12)).date(), newest)


def lifetime(values: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics of a post."""
    return {"data": [{"name": name, "period": "lifetime", "values": [{"value": v}]} for name, v in values.items()]}
