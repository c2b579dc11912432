"""A stand-in for the Instagram API with Facebook Login, v26.0: 30 days at once, new followers of the newest days alone.

Made from developers.facebook.com/docs/instagram-platform (api-reference: ig-user/insights, ig-user/media, ig-media).
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

TOKEN = "EAAstandin0instagram0standin"  # noqa: S105  (opens nothing but the stand-in)
_MOST_DAYS = 30
_ACCOUNT_FIELDS = "id,instagram_business_account{id,username}"
_MEDIA_FIELDS = (
    "id,timestamp,media_type,media_product_type,like_count,comments_count,insights.metric(views,reach,saved,shares)"
)
_TYPES = {"photo": ("IMAGE", "FEED"), "video": ("VIDEO", "REELS"), "link": ("CAROUSEL_ALBUM", "FEED")}
FEWEST = 100


@frozen
class InstagramStandIn:
    """One account behind one page, and a page that has none. `followers` is how many it has, else its channel's."""

    now: Callable[[], datetime]
    channel: Channel = CHANNEL
    followers: int | None = None

    def answer(self, request: Asked) -> Answered:
        try:
            document = self._document(request, path_of(request))
        except GraphError as refused:
            return Answered(refused.document, None, refused.status)
        return Answered(document, "data" if "data" in document else None)

    def refusal(self, status: int) -> Any:
        return refusal(status)

    def _document(self, request: Asked, path: str) -> Any:
        query, own = request.query, self.channel.id
        if token_of(request) != TOKEN:
            raise GraphError(190, "Invalid OAuth access token.", 401)
        if path == "me/permissions":
            names = ("pages_show_list", "instagram_basic", "instagram_manage_insights", "pages_read_engagement")
            return paged([{"permission": name, "status": "granted"} for name in names], {})
        if path == "me/accounts" and query.get("fields") == _ACCOUNT_FIELDS:
            account = {"id": own, "username": self.channel.name}
            return paged([{"id": "1"}, {"id": "2", "instagram_business_account": account}], query)
        if path == own and query == {"fields": "followers_count"}:
            return {"followers_count": self._followers(), "id": own}
        if path == f"{own}/insights":
            return self._insights(query)
        if path == f"{own}/media" and query.get("fields") in {_MEDIA_FIELDS, "id,timestamp"}:
            now = self.now()
            since, until = ends_of(query, 4_000)
            posts = list(self.channel.posts(since, until, now))[::-1]
            return paged([_shown(post, now) for post in posts], query, 7)
        raise GraphError(100, "Unsupported get request.")

    def _followers(self) -> int:
        return self.channel.followers(self.now()) if self.followers is None else self.followers

    def _insights(self, query: Mapping[str, str]) -> Any:
        since, until = ends_of(query, _MOST_DAYS)
        now, name = self.now(), query.get("metric")
        first, last = days_within(since, until, now.astimezone(PACIFIC).date() - timedelta(days=2))
        if query.get("period") != "day" or name not in {"reach", "follower_count"}:
            raise GraphError(100, "metric[0] must be one of the following values: reach, follower_count, …")
        if name == "follower_count" and since < now - timedelta(days=31):
            raise GraphError(100, "(follower_count) metric only supports querying data for the last 30 days")
        if name == "follower_count" and self._followers() < FEWEST:
            return {"data": []}
        days = self.channel.days(first, last)
        return {
            "data": [
                series(name, {own_day.day: own_day.reached if name == "reach" else own_day.gained for own_day in days})
            ]
        }


def _shown(post: Post, now: datetime) -> dict[str, Any]:
    """Whoever hides the number of likes has none in the answer."""
    media_type, product = _TYPES[post.kind]
    insights = {
        "views": post.so_far(post.views, now),
        "reach": post.so_far(post.reach, now),
        "saved": post.so_far(post.saves, now),
        "shares": post.so_far(post.shares, now),
    }
    likes = {} if has_hidden_likes(post) else {"like_count": post.so_far(post.likes, now)}
    return {
        "id": f"1789{post.id}",
        "timestamp": f"{post.published.astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000",
        "media_type": media_type,
        "media_product_type": product,
        **likes,
        "comments_count": post.so_far(post.comments, now),
        "insights": lifetime(insights),
    }


def has_hidden_likes(post: Post) -> bool:
    return post.id % 7 == 0


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    return Offered("instagram", InstagramStandIn, {"INSTAGRAM_TOKEN": TOKEN})


if __name__ == "__main__":
    sys.exit(serve("instagram"))
