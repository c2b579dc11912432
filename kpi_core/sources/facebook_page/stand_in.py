"""A stand-in for Facebook's Pages API, v26.0: a page that only its own token opens, days that end in California.

Made from developers.facebook.com/docs/graph-api/reference (page/insights, page/published_posts, user/accounts) and the
changelog of v26.0.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.graph import (
    PACIFIC,
    GraphError,
    days_within,
    ends_of,
    lifetime,
    paged,
    path_of,
    refusal,
    series,
    token_of,
)
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.social import CHANNEL, Channel, Post

TOKEN = "EAAstandin0page0user0standin"  # noqa: S105  (opens nothing but the stand-in)
PAGE_TOKEN = "EAAstandin0page0own0standin"  # noqa: S105
_MOST_DAYS = 90
_OLDEST = timedelta(days=731)
_METRICS = {"page_total_media_view_unique", "page_media_view", "page_follows", "page_daily_follows_unique"}
_GONE = "The value must be a valid insights metric"
_POST_FIELDS = (
    "id,created_time,status_type,shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),"
    "insights.metric(post_media_view,post_total_media_view_unique,post_clicks_by_type,post_video_views)"
)
_STATUS = {"photo": "added_photos", "video": "added_video", "link": "shared_story"}


@frozen
class FacebookPageStandIn:
    """One page of a system user. Its newest day comes a day late."""

    now: Callable[[], datetime]
    channel: Channel = CHANNEL

    def answer(self, request: Asked) -> Answered:
        try:
            return Answered(self._document(request, path_of(request)), "data")
        except GraphError as refused:
            return Answered(refused.document, None, refused.status)

    def refusal(self, status: int) -> Any:
        return refusal(status)

    def _document(self, request: Asked, path: str) -> Any:
        token, query = token_of(request), request.query
        if token not in {TOKEN, PAGE_TOKEN}:
            raise GraphError(190, "Invalid OAuth access token.", 401)
        if path == "me/permissions":
            names = ("pages_show_list", "pages_read_engagement", "read_insights")
            return paged([{"permission": name, "status": "granted"} for name in names], {})
        if path == "me/accounts":
            return paged([{"id": self.channel.id, "name": self.channel.name, "access_token": PAGE_TOKEN}], query)
        if path.partition("/")[0] != self.channel.id:
            raise GraphError(100, "Unsupported get request.")
        if token != PAGE_TOKEN:
            raise GraphError(190, "This method must be called with a Page Access Token", 400)
        if path == f"{self.channel.id}/insights":
            return self._insights(query)
        if path == f"{self.channel.id}/published_posts" and query.get("fields") in {_POST_FIELDS, "id,created_time"}:
            now = self.now()
            since, until = ends_of(query, 4_000)
            posts = list(self.channel.posts(since, until, now))[::-1]
            return paged([_shown(post, self.channel.id, now) for post in posts], query, 7)
        raise GraphError(100, "Tried accessing nonexisting field.")

    def _insights(self, query: Mapping[str, str]) -> Any:
        names = query.get("metric", "").split(",")
        if not set(names) <= _METRICS:
            raise GraphError(100, _GONE)
        since, until = ends_of(query, _MOST_DAYS)
        now = self.now()
        if query.get("period") != "day" or since < now - _OLDEST:
            raise GraphError(3001, "Insights are there for the last two years.")
        newest = now.astimezone(PACIFIC).date() - timedelta(days=2)
        days = list(self.channel.days(*days_within(since, until, newest)))
        values = {
            "page_total_media_view_unique": {own.day: own.reached for own in days},
            "page_media_view": {own.day: own.reached * 2 for own in days},
            "page_follows": {own.day: own.followers for own in days},
            "page_daily_follows_unique": {own.day: own.gained for own in days},
        }
        return {"data": [series(name, values[name]) for name in names]}


def _shown(post: Post, page: str, now: datetime) -> dict[str, Any]:
    """What nobody has done yet is left out."""
    shares = post.so_far(post.shares, now)
    clicks = {"link clicks": post.so_far(post.clicks, now)} if post.kind == "link" else {}
    insights = {
        "post_media_view": post.so_far(post.views, now),
        "post_total_media_view_unique": post.so_far(post.reach, now),
        "post_clicks_by_type": clicks,
        "post_video_views": 0,
    }
    return {
        "id": f"{page}_{post.id}",
        "created_time": f"{post.published.astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000",
        "status_type": _STATUS[post.kind],
        **({"shares": {"count": shares}} if shares else {}),
        "reactions": {"data": [], "summary": {"total_count": post.so_far(post.likes, now)}},
        "comments": {"data": [], "summary": {"total_count": post.so_far(post.comments, now)}},
        "insights": lifetime(insights),
    }


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered("facebook_page", FacebookPageStandIn, {"FACEBOOK_PAGE_TOKEN": TOKEN})


if __name__ == "__main__":
    sys.exit(serve("facebook_page"))
