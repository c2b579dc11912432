"""Channels of social networks: counts that nobody tells later, days that lack, accounts of which less is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from loading_side import CATALOG, settings
from record_side import NOW, Records, RunningRecords, alike, running_records
from services.social_side import SOCIALS

from kpi_core.errors import KpiBotError
from kpi_core.loading.load import StoppedClock, load
from kpi_core.settings.values import Source
from kpi_core.sources.api.stand_ins.faults import Answered, Asked
from kpi_core.sources.api.stand_ins.linkedin import Grants
from kpi_core.sources.api.stand_ins.social import CHANNEL, Channel
from kpi_core.sources.instagram.stand_in import InstagramStandIn
from kpi_core.sources.tiktok_account.stand_in import CODE_ADDRESS, TikTokAccountStandIn

import long
from tables import read_tables

DAILY = [name for name in SOCIALS if " " not in name]
WEEKS = {"history_days": 40}


def with_columns(name: str, columns: Sequence[str], **changes: Any) -> Any:
    return replace(SOCIALS[name], columns=("date", *columns), **changes)


def put(stored: Records, service: RunningRecords) -> Records:
    """What a load makes of stored days."""
    raw, records = service.read(WEEKS)
    service.state = raw.state or {}
    days = {
        (window.first + timedelta(days=n)).isoformat()
        for window in raw.covers or ()
        for n in range((window.last - window.first).days + 1)
    }
    return {day: record for day, record in stored.items() if day not in days} | records


@pytest.mark.parametrize("name", ["linkedin_page", "instagram"])
def test_followers_are_noted(name: str) -> None:
    """Followers are told for now alone: each load notes them for the day that ended, and later loads keep them."""
    stored: Records = {}
    with running_records(with_columns(name, ("followers",))) as service:
        for day in range(6):
            if day != 3:
                stored = put(stored, service)
            service.today.instant = NOW + timedelta(days=day + 1)
        stored = put(stored, service)
    noted = {day for day, (followers,) in stored.items() if followers is not None}
    true = {
        str(each.day): each.followers
        for each in CHANNEL.days((NOW - timedelta(days=60)).date(), (NOW + timedelta(days=9)).date())
    }
    assert noted == {f"2026-11-{day}" for day in (26, 27, 28, 30)} | ({"2026-12-01"} & set(stored))
    assert {day: stored[day] for day in noted} == alike({day: (true[day],) for day in noted})


def test_followers_in_the_warehouse(tmp_path: Path) -> None:
    """What was noted stands in the warehouse after later loads of the same days, and each load goes on from there."""
    vendor = SOCIALS["instagram"]
    source = Source("ads", vendor.type, vendor.table, options={**vendor.options, "history_days": 20})
    with running_records(vendor) as service:
        for _load in range(2):
            now = service.today.instant
            own = settings(tmp_path, source)
            load(own, CATALOG, now=now, environment=service.environment, clock=StoppedClock(now))
            service.today.instant += timedelta(days=3)
    with read_tables(tmp_path / "kpi.duckdb") as snapshot:
        rows = snapshot.execute(
            'SELECT date, followers, new_followers FROM loaded."source ads" ORDER BY date'
        ).fetchall()
    true = {each.day: each for each in CHANNEL.days(rows[0][0], rows[-1][0])}
    assert [(day, gained) for day, _followers, gained in rows] == [(day, each.gained) for day, each in true.items()]
    noted = {day: followers for day, followers, _gained in rows if followers is not None}
    assert noted == {(day := date(2026, 11, 26)): true[day].followers}


def test_new_followers_stay() -> None:
    """Instagram tells new followers for four weeks: what was read before it stopped is there afterwards."""
    stored: Records = {}
    with running_records(with_columns("instagram", ("new_followers",))) as service:
        stored = put(stored, service)
        before = {day for day, (gained,) in stored.items() if gained is not None}
        service.today.instant += timedelta(days=12)
        stored = put(stored, service)
    assert len(before) > 20
    assert not [day for day in before if stored.get(day, (1,)) == (None,)]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("instagram", partial(InstagramStandIn, followers=99)),
        ("tiktok_account", partial(TikTokAccountStandIn, is_business=False)),
    ],
)
def test_accounts_of_which_less_is_told(name: str, made: Callable[[Callable[[], datetime]], Any]) -> None:
    """A small or private account has no new followers: they are empty, not 0, and its days are there."""
    with running_records(with_columns(name, ("new_followers",), made=made)) as service:
        _raw, records = service.read(WEEKS)
    assert len(records) > 20
    assert {gained for (gained,) in records.values()} == {None}


@pytest.mark.parametrize("name", DAILY)
def test_days_that_come_late(name: str) -> None:
    """The newest days come a day or two late: they are not covered, so that no answer takes them for nothing."""
    with running_records(SOCIALS[name]) as service:
        raw, records = service.read(WEEKS)
    newest = max(records)
    assert newest < NOW.date().isoformat()
    assert {window.last.isoformat() for window in raw.covers or ()} == {newest}


@pytest.mark.parametrize("name", DAILY)
def test_an_account_that_is_young(name: str) -> None:
    """Days before it was made are nothing, however far back the history is to be read."""
    young = Channel(begins=(NOW - timedelta(days=20)).date())
    made = partial(SOCIALS[name].made, channel=young)
    stored: Records = {}
    with running_records(replace(SOCIALS[name], made=made)) as service:
        for _load in range(9):
            raw, records = service.read({"history_days": 120})
            service.state = raw.state or {}
            stored |= records
            if not raw.unfinished:
                break
    assert not raw.unfinished
    assert min(stored) == young.begins.isoformat()
    assert len(stored) > 15


@pytest.mark.parametrize("name", DAILY)
def test_a_day_that_lacks(name: str) -> None:
    """Every day has a row: an answer without one of them was cut, however plausible the rest is."""

    class Holed:
        def __init__(self, now: Callable[[], datetime]) -> None:
            self.inner = SOCIALS[name].made(now)

        def answer(self, request: Asked) -> Answered:
            answered = self.inner.answer(request)
            if SOCIALS[name].brings_rows(request) and answered.rows is not None:
                document = answered.document.get("data", answered.document)
                lists = (
                    [metric["values"] for metric in document]
                    if isinstance(document, list)
                    else [document.get("elements", document.get("metrics"))]
                )
                for rows in lists:
                    del rows[len(rows) // 2]
            return answered

        def refusal(self, status: int) -> Any:
            return self.inner.refusal(status)

    with running_records(replace(SOCIALS[name], made=Holed)) as service, pytest.raises(KpiBotError) as caught:
        service.read(WEEKS)
    assert "did not come" in str(caught.value)


@pytest.mark.long
def test_posts_grow() -> None:
    """A post's counters are as they are now for a month, and posts of a week without an answer come later."""
    for name in [name for name in SOCIALS if " " in name][: long.times(1, 4)]:
        stored: Records = {}
        with running_records(SOCIALS[name]) as service:
            for _week in range(3):
                raw, records = service.read({"history_days": 60})
                stored = service.put(stored, raw, records)
                service.state = raw.state or {}
                service.today.instant += timedelta(days=9)
            service.today.instant -= timedelta(days=9)
            now = service.today.instant
            true = service.vendor.truth(now - timedelta(days=29), datetime(2026, 12, 14, 15, tzinfo=UTC), now)
            young = {key: record for key, record in alike(true).items() if record[0] > now - timedelta(days=25)}
        assert young
        assert {key: stored.get(key) for key in young} == young
        long.ran("posts that grow")


def test_a_day_of_access() -> None:
    """TikTok's access lasts a day, and each renewal brings another refresh token: a month of loads goes on."""
    vendor = SOCIALS["tiktok_account"]
    environment = {**vendor.environment, "TIKTOK_ACCOUNT_REFRESH_TOKEN": CODE_ADDRESS}
    with running_records(replace(vendor, environment=environment)) as service:
        for day in range(0, 30, 6):
            service.today.instant = NOW + timedelta(days=day)
            assert service.read({"history_days": 8})[0].covers


def test_a_page_without_refresh_tokens() -> None:
    """Access of LinkedIn that cannot be renewed ends after 60 days with who must act."""
    made = partial(SOCIALS["linkedin_page"].made, grants=Grants("r_organization_admin", has_refresh=False))
    environment = {
        **SOCIALS["linkedin_page"].environment,
        "LINKEDIN_PAGE_REFRESH_TOKEN": "https://hanok.example/linkedin?code=AQstandin0code&state=kpi",
    }
    with running_records(replace(SOCIALS["linkedin_page"], made=made, environment=environment)) as service:
        assert service.read({"history_days": 8})[0].covers
        service.today.instant += timedelta(days=60)
        with pytest.raises(KpiBotError) as caught:
            service.read({"history_days": 8})
    assert caught.value.code == "source_reconnect"
