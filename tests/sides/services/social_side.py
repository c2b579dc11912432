"""Channels of social networks as tests know them: days, and posts whose counters grow, each as its stand-in has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from record_side import Records, RecordVendor

from kpi_core.sources.api.stand_ins.faults import Asked
from kpi_core.sources.api.stand_ins.graph import PACIFIC
from kpi_core.sources.api.stand_ins.social import CHANNEL, ChannelDay, Post
from kpi_core.sources.facebook_page import stand_in as facebook_page
from kpi_core.sources.instagram import stand_in as instagram
from kpi_core.sources.linkedin_page import stand_in as linkedin_page
from kpi_core.sources.tiktok_account import stand_in as tiktok_account

DAY_COLUMNS = ("date", "date", "reached_users", "new_followers")
"""The key, then what is compared."""
POST_COLUMNS = ("post_id", "published_at", "content_type", "impressions", "reach", "likes", "comments", "shares")
SECRETS = ("client_id", "client_secret", "refresh_token")


def days_until(start: datetime, end: datetime, newest: date) -> Iterator[ChannelDay]:
    return CHANNEL.days(start.date(), min(end.date() - timedelta(days=1), newest))


def posts_of(start: datetime, end: datetime, now: datetime) -> Iterator[Post]:
    return CHANNEL.posts(start.astimezone(UTC), end.astimezone(UTC), now)


def options_of(prefix: str) -> dict[str, str]:
    return {name: f"${{{prefix}_{name.upper()}}}" for name in SECRETS}


def _page_days(start: datetime, end: datetime, now: datetime) -> Records:
    days = days_until(start, end, now.astimezone(UTC).date() - timedelta(days=2))
    return {str(each.day): (str(each.day), each.reached, each.gained) for each in days}


def _page_posts(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        f"urn:li:{'ugcPost' if post.kind == 'video' else 'share'}:{post.id}": (
            post.published, "article" if post.kind == "link" else "media",
            *(post.so_far(n, now) for n in (post.views, post.reach, post.likes, post.comments, post.shares)),
        )
        for post in posts_of(start, end, now)
    }  # fmt: skip


def _graph_days(start: datetime, end: datetime, now: datetime) -> Records:
    days = days_until(start, end, now.astimezone(PACIFIC).date() - timedelta(days=2))
    return {str(each.day): (str(each.day), each.reached, each.gained, each.followers) for each in days}


def _facebook_posts(start: datetime, end: datetime, now: datetime) -> Records:
    status = {"photo": "added_photos", "video": "added_video", "link": "shared_story"}
    return {
        f"{CHANNEL.id}_{post.id}": (
            post.published, status[post.kind],
            *(post.so_far(n, now) for n in (post.views, post.reach, post.likes, post.comments, post.shares)),
        )
        for post in posts_of(start, end, now)
    }  # fmt: skip


def _instagram_days(start: datetime, end: datetime, now: datetime) -> Records:
    return {day: record[:2] for day, record in _graph_days(start, end, now).items()}


def _instagram_posts(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        f"1789{post.id}": (
            post.published, "REELS" if post.kind == "video" else "FEED", post.so_far(post.views, now),
            post.so_far(post.reach, now), None if instagram.has_hidden_likes(post) else post.so_far(post.likes, now),
            post.so_far(post.comments, now), post.so_far(post.shares, now), post.so_far(post.saves, now),
        )
        for post in posts_of(start, end, now)
    }  # fmt: skip


def _tiktok_days(start: datetime, end: datetime, now: datetime) -> Records:
    newest, oldest = (now.astimezone(UTC).date() - timedelta(days=n) for n in (2, 58))
    days = (each for each in days_until(start, end, newest) if each.day >= oldest)
    return {str(each.day): (str(each.day), each.reached, each.gained, each.followers) for each in days}


def _videos(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        f"v{post.id}": (
            post.published, *(post.so_far(n, now) for n in (post.views, post.reach, post.likes, post.comments)),
            *(post.so_far(n, now) for n in (post.shares, post.saves)),
        )
        for post in posts_of(start, end, now)
    }  # fmt: skip


def _is_path(*ends: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.path.endswith(ends)


SOCIALS = {
    "linkedin_page": RecordVendor(
        "linkedin_page",
        "social_accounts",
        linkedin_page.LinkedInPageStandIn,
        options_of("LINKEDIN_PAGE"),
        linkedin_page.offered(Path()).environment,
        DAY_COLUMNS,
        _page_days,
        _is_path("Statistics"),
        "date",
    ),
    "linkedin_page posts": RecordVendor(
        "linkedin_page",
        "social_posts",
        linkedin_page.LinkedInPageStandIn,
        options_of("LINKEDIN_PAGE"),
        linkedin_page.offered(Path()).environment,
        POST_COLUMNS,
        _page_posts,
        _is_path("Statistics", "/posts"),
        "published_at",
    ),
    "facebook_page": RecordVendor(
        "facebook_page",
        "social_accounts",
        facebook_page.FacebookPageStandIn,
        {"token": "${FACEBOOK_PAGE_TOKEN}"},
        {"FACEBOOK_PAGE_TOKEN": facebook_page.TOKEN},
        (*DAY_COLUMNS, "followers"),
        _graph_days,
        _is_path("/insights"),
        "date",
    ),
    "facebook_page posts": RecordVendor(
        "facebook_page",
        "social_posts",
        facebook_page.FacebookPageStandIn,
        {"token": "${FACEBOOK_PAGE_TOKEN}"},
        {"FACEBOOK_PAGE_TOKEN": facebook_page.TOKEN},
        POST_COLUMNS,
        _facebook_posts,
        _is_path("/published_posts"),
        "published_at",
    ),
    "instagram": RecordVendor(
        "instagram",
        "social_accounts",
        instagram.InstagramStandIn,
        {"token": "${INSTAGRAM_TOKEN}"},
        {"INSTAGRAM_TOKEN": instagram.TOKEN},
        DAY_COLUMNS[:3],
        _instagram_days,
        _is_path("/insights"),
        "date",
    ),
    "instagram posts": RecordVendor(
        "instagram",
        "social_posts",
        instagram.InstagramStandIn,
        {"token": "${INSTAGRAM_TOKEN}"},
        {"INSTAGRAM_TOKEN": instagram.TOKEN},
        (*POST_COLUMNS, "saves"),
        _instagram_posts,
        _is_path("/media"),
        "published_at",
    ),
    "tiktok_account": RecordVendor(
        "tiktok_account",
        "social_accounts",
        tiktok_account.TikTokAccountStandIn,
        options_of("TIKTOK_ACCOUNT"),
        tiktok_account.offered(Path()).environment,
        (*DAY_COLUMNS, "followers"),
        _tiktok_days,
        lambda asked: "start_date" in asked.query,
        "date",
    ),
    "tiktok_account videos": RecordVendor(
        "tiktok_account",
        "social_posts",
        tiktok_account.TikTokAccountStandIn,
        options_of("TIKTOK_ACCOUNT"),
        tiktok_account.offered(Path()).environment,
        ("post_id", "published_at", "impressions", "reach", "likes", "comments", "shares", "saves"),
        _videos,
        _is_path("/video/list/"),
        "published_at",
    ),
}
