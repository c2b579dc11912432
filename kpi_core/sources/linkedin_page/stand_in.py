"""A stand-in for LinkedIn's Community Management API of a monthly version: a page whose days come two days late.

Made from learn.microsoft.com/linkedin/marketing/community-management: organizations (access control, lookup, network
size, follower statistics, share statistics) and shares/posts-api.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.linkedin import (
    CLIENT_ID,
    CLIENT_SECRET,
    FIRST_TOKEN,
    Grants,
    RefusalError,
    error,
    refusal,
)
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.social import CHANNEL, Channel, ChannelDay, Post

_LATE = 2
_YEAR = timedelta(days=365)
_DAYS = re.compile(r"\(timeRange:\(start:(\d+),end:(\d+)\),timeGranularityType:DAY\)")
_LIST = re.compile(r"List\((.+)\)")
_CONTENT = {
    "photo": {"media": {"id": "urn:li:image:1"}},
    "video": {"media": {"id": "urn:li:video:1"}},
    "link": {"article": {}},
}
_STATISTICS = {"organizationalEntityShareStatistics", "organizationalEntityFollowerStatistics"}


@frozen
class LinkedInPageStandIn:
    """One page of one administrator."""

    now: Callable[[], datetime]
    channel: Channel = CHANNEL
    grants: Grants = field(
        default_factory=lambda: Grants("r_organization_admin,r_organization_social,rw_organization_admin")
    )

    def answer(self, request: Asked) -> Answered:
        if request.path == "/oauth/v2/accessToken":
            return self.grants.answer(request, self.now())
        try:
            self.grants.check(request, self.now())
            document = self._document(request.path.removeprefix("/rest/"), request.query)
        except RefusalError as refused:
            return Answered(error(refused.status, refused.code, refused.message), None, refused.status)
        return Answered(document, "elements" if "elements" in document else None)

    def refusal(self, status: int) -> Any:
        return refusal(status)

    def _document(self, path: str, query: Mapping[str, str]) -> Any:
        urn = f"urn:li:organization:{self.channel.id}"
        if path == "organizationAcls" and query.get("q") == "roleAssignee" and query.get("role") == "ADMINISTRATOR":
            role = {"role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": "urn:li:person:1"}
            brand = "urn:li:organizationBrand:6001"
            return _paged([{**role, "organization": brand}, {**role, "organization": urn}], query)
        if path == f"organizations/{self.channel.id}":
            return {"id": int(self.channel.id), "localizedName": self.channel.name, "vanityName": "hanok"}
        if path == f"networkSizes/{urn}" and query == {"edgeType": "COMPANY_FOLLOWED_BY_MEMBER"}:
            return {"firstDegreeSize": self.channel.followers(self.now())}
        if path in _STATISTICS and query.get("q") == "organizationalEntity":
            if query.get("organizationalEntity") != urn:
                raise RefusalError(403, "ACCESS_DENIED", "Member does not have permission")
            return self._of_posts(query) if "timeIntervals" not in query else self._of_days(path, query)
        if path == "posts" and query.get("q") == "author" and query.get("author") == urn:
            now = self.now()
            posts = list(self.channel.posts(datetime(2025, 1, 1, tzinfo=UTC), now, now))[::-1]
            return _paged([_shown(post) for post in posts], query)
        raise RefusalError(404, "RESOURCE_NOT_FOUND", "No virtual resource found")

    def _of_days(self, path: str, query: Mapping[str, str]) -> Any:
        ends = _DAYS.fullmatch(query["timeIntervals"])
        if ends is None:
            raise RefusalError(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
        start, end = (datetime.fromtimestamp(int(text) / 1000, UTC) for text in ends.groups())
        now = self.now().astimezone(UTC)
        if start < now - _YEAR - timedelta(days=1) or start >= end:
            raise RefusalError(400, "PARAM_INVALID", "Time ranges have to be within the last twelve months")
        last = min((end - timedelta(seconds=1)).date(), now.date() - timedelta(days=_LATE))
        days = self.channel.days(start.date(), last)
        is_reach = path == "organizationalEntityShareStatistics"
        elements = [{**_range(day.day), **(_reach(day) if is_reach else _gains(day))} for day in days]
        return {"paging": {"start": 0, "count": 10, "links": []}, "elements": elements}

    def _of_posts(self, query: Mapping[str, str]) -> Any:
        name = "ugcPosts" if "ugcPosts" in query else "shares"
        urns = _LIST.fullmatch(query.get(name, ""))
        if urns is None or len(urns[1].split(",")) > 20:
            raise RefusalError(400, "PARAM_INVALID", "Invalid list")
        now = self.now()
        posts = {_urn(post): post for post in self.channel.posts(datetime(2025, 1, 1, tzinfo=UTC), now, now)}
        elements = [_numbers(posts[urn], now) for urn in urns[1].split(",") if urn in posts]
        return {"paging": {"start": 0, "count": 10, "links": []}, "elements": elements}


def _paged(elements: list[Any], query: Mapping[str, str]) -> Any:
    start, count = int(query.get("start", 0)), min(100, int(query.get("count", 10)))
    return {"paging": {"start": start, "count": count, "links": []}, "elements": elements[start : start + count]}


def _range(day: date) -> dict[str, Any]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    return {"timeRange": {"start": start, "end": start + 86_400_000}}


def _reach(day: ChannelDay) -> dict[str, Any]:
    numbers = {"uniqueImpressionsCount": day.reached, "impressionCount": day.reached * 2, "clickCount": 3}
    return {"totalShareStatistics": {**numbers, "likeCount": 1, "commentCount": 0, "shareCount": 0}}


def _gains(day: ChannelDay) -> dict[str, Any]:
    paid = day.gained // 3
    return {"followerGains": {"organicFollowerGain": day.gained - paid, "paidFollowerGain": paid}}


def _urn(post: Post) -> str:
    return f"urn:li:{'ugcPost' if post.kind == 'video' else 'share'}:{post.id}"


def _shown(post: Post) -> dict[str, Any]:
    made = int(post.published.timestamp()) * 1000
    moments = {"createdAt": made - 60_000, "publishedAt": made, "lifecycleState": "PUBLISHED"}
    return {"id": _urn(post), **moments, "content": _CONTENT[post.kind], "commentary": "찻잔"}


def _numbers(post: Post, now: datetime) -> dict[str, Any]:
    wholes = {
        "impressionCount": post.views, "uniqueImpressionsCount": post.reach, "likeCount": post.likes,
        "commentCount": post.comments, "shareCount": post.shares, "clickCount": post.clicks,
    }  # fmt: skip
    kind = "ugcPost" if post.kind == "video" else "share"
    return {kind: _urn(post), "totalShareStatistics": {name: post.so_far(n, now) for name, n in wholes.items()}}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    environment = {
        "LINKEDIN_PAGE_CLIENT_ID": CLIENT_ID,
        "LINKEDIN_PAGE_CLIENT_SECRET": CLIENT_SECRET,
        "LINKEDIN_PAGE_REFRESH_TOKEN": FIRST_TOKEN,
    }
    return Offered("linkedin_page", LinkedInPageStandIn, environment)


if __name__ == "__main__":
    sys.exit(serve("linkedin_page"))
