"""A stand-in for TikTok's Accounts API, v1.3: every error with HTTP 200, tokens of a day, 60 days of the account.

Made from business-api.tiktok.com/portal/docs: Accounts API (authentication, get profile data, get posts).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.loopback import Offered, serve
from kpi_core.sources.api.stand_ins.social import CHANNEL, Channel, ChannelDay, Post

CLIENT_ID = "7300000000000000001"
CLIENT_SECRET = "standin0tiktok0secret"  # noqa: S105  (opens nothing but the stand-in)
FIRST_TOKEN = "rft.standin0first"  # noqa: S105
REDIRECT = "https://hanok.example/tiktok"
CODE_ADDRESS = f"{REDIRECT}?code=standin0code&scopes=user.info.basic&state=kpi"
_PREFIX = "/open_api/v1.3/"
_SCOPE = "user.info.basic,user.info.username,user.info.stats,user.insights,video.list"
_LASTS, _RENEWABLE = timedelta(days=1), timedelta(days=365)
_LOOK_BACK = timedelta(days=60)
_FIELDS = {
    "business/get/": {
        "username", "display_name", "followers_count", "video_views", "unique_video_views", "profile_views", "likes",
        "comments", "shares", "daily_total_followers", "daily_new_followers", "daily_lost_followers",
    },
    "business/video/list/": {
        "item_id", "create_time", "caption", "video_views", "reach", "likes", "comments", "shares", "favorites",
    },
}  # fmt: skip
_DAILY = {"followers_count", "unique_video_views", "daily_new_followers", "daily_lost_followers"}
_MOST = 20


class _RefusalError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class Grant:
    """The refresh token that is good and the access tokens with their ends. Each renewal brings another of both."""

    refresh: str = FIRST_TOKEN
    until: datetime | None = None
    code: str = "standin0code"
    access: dict[str, datetime] = field(default_factory=dict)

    def renewed(self, form: Mapping[str, Any], now: datetime, *, by_code: bool) -> Any:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise _RefusalError(40101, "The app is unknown or its secret is wrong.")
        proof = (form.get("auth_code"), form.get("redirect_uri")) if by_code else form.get("refresh_token")
        is_own = proof == (self.code, REDIRECT) if by_code else proof == self.refresh
        if (
            not is_own
            or not form.get("grant_type")
            or (by_code and not self.code)
            or (self.until and now >= self.until)
        ):
            raise _RefusalError(40110, "The code or the refresh token is not good any more.")
        self.code = "" if by_code else self.code
        number = len(self.access) + 1
        self.refresh, self.until = f"rft.standin0{number:04d}", now + _RENEWABLE
        token = f"act.standin0{number:04d}"
        self.access[token] = now + _LASTS
        return {
            "access_token": token,
            "expires_in": int(_LASTS.total_seconds()),
            "refresh_token": self.refresh,
            "refresh_token_expires_in": int(_RENEWABLE.total_seconds()),
            "open_id": CHANNEL.id,
            "scope": _SCOPE,
            "token_type": "Bearer",
        }


@frozen
class TikTokAccountStandIn:
    """One business account; `is_business` tells whether it is one. Its newest day comes a day late."""

    now: Callable[[], datetime]
    channel: Channel = CHANNEL
    grant: Grant = field(default_factory=Grant)
    is_business: bool = True

    def answer(self, request: Asked) -> Answered:
        try:
            data = self._data(request, request.path.removeprefix(_PREFIX))
        except _RefusalError as error:
            return Answered({"code": error.code, "message": error.message, "request_id": "1", "data": {}})
        rows = next((f"data.{name}" for name in ("metrics", "videos") if name in data), None)
        return Answered({"code": 0, "message": "OK", "request_id": "1", "data": data}, rows)

    def refusal(self, status: int) -> Any:
        codes = {401: 40105, 403: 40001, 429: 40100}
        return {"code": codes.get(status, 50000), "message": "An error occurred.", "data": {}}

    def _data(self, request: Asked, path: str) -> Any:
        if not request.path.startswith(_PREFIX):
            raise _RefusalError(40006, "The version does not exist.")
        if request.method == "POST" and path in {"tt_user/oauth2/token/", "tt_user/oauth2/refresh_token/"}:
            return self.grant.renewed(request.json(), self.now(), by_code=path.endswith("/token/"))
        if request.method == "POST" and path == "tt_user/token_info/get/":
            self._check(str(request.json().get("access_token")))
            return {"app_id": CLIENT_ID, "creator_id": self.channel.id, "scope": _SCOPE}
        self._check(request.headers.get("access-token", ""))
        if request.method != "GET" or path not in _FIELDS:
            raise _RefusalError(40007, "No such address.")
        if request.query.get("business_id") != self.channel.id:
            raise _RefusalError(40001, "No permission to operate this account.")
        names = _listed(request.query.get("fields", ""))
        if not set(names) <= _FIELDS[path]:
            raise _RefusalError(40002, "fields: invalid.")
        return self._profile(names, request.query) if path == "business/get/" else self._page(names, request.query)

    def _check(self, token: str) -> None:
        until = self.grant.access.get(token)
        if until is None or self.now() >= until:
            raise _RefusalError(40105, "Access token is incorrect or has been revoked.")

    def _profile(self, names: list[str], query: Mapping[str, str]) -> Any:
        own = {"username": "hanok", "display_name": self.channel.name}
        document: dict[str, Any] = {name: own[name] for name in names if name in own}
        if _DAILY.isdisjoint(names):
            return document
        today = self.now().astimezone(UTC).date()
        try:
            first, last = (date.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        except (KeyError, ValueError):
            raise _RefusalError(40002, "start_date or end_date: invalid.") from None
        if first < today - _LOOK_BACK or first > last:
            raise _RefusalError(40002, "The start date is out of range.")
        days = self.channel.days(first, min(last, today - timedelta(days=2)))
        document["metrics"] = [self._day(day, names) for day in days]
        return document

    def _day(self, day: ChannelDay, names: list[str]) -> dict[str, Any]:
        """What is told of business accounts alone is left out of others."""
        values = {"followers_count": day.followers}
        if self.is_business:
            gains = {"daily_new_followers": day.gained, "daily_lost_followers": day.lost}
            values |= {"unique_video_views": day.reached, **gains}
        return {"date": day.day.isoformat(), **{name: values[name] for name in names if name in values}}

    def _page(self, names: list[str], query: Mapping[str, str]) -> Any:
        now, count = self.now(), int(query.get("max_count", 10))
        if not 0 < count <= _MOST or "item_id" not in names:
            raise _RefusalError(40002, "max_count or fields: invalid.")
        posts = list(self.channel.posts(datetime(2025, 1, 1, tzinfo=UTC), now, now))[::-1]
        start = int(query.get("cursor", 0))
        videos = [_shown(post, now, names) for post in posts[start : start + count]]
        return {"videos": videos, "cursor": start + count, "has_more": start + count < len(posts)}


def _listed(text: str) -> list[str]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, list):
        raise _RefusalError(40002, "A list is needed.")
    return values


def _shown(post: Post, now: datetime, names: list[str]) -> dict[str, Any]:
    wholes = {
        "video_views": post.views, "reach": post.reach, "likes": post.likes, "comments": post.comments,
        "shares": post.shares, "favorites": post.saves,
    }  # fmt: skip
    values = {name: post.so_far(whole, now) for name, whole in wholes.items()}
    own = {"item_id": f"v{post.id}", "create_time": str(int(post.published.timestamp())), "caption": "찻잔", **values}
    return {name: own[name] for name in names}


def offered(_folder: Path) -> Offered:
    """How it is reached."""
    environment = {
        "TIKTOK_ACCOUNT_CLIENT_ID": CLIENT_ID,
        "TIKTOK_ACCOUNT_CLIENT_SECRET": CLIENT_SECRET,
        "TIKTOK_ACCOUNT_REFRESH_TOKEN": FIRST_TOKEN,
    }
    return Offered("tiktok_account", TikTokAccountStandIn, environment)


if __name__ == "__main__":
    sys.exit(serve("tiktok_account"))
