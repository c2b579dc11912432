"""Services as tests know them: each with its stand-in on loopback, its source in kpi.yaml, and what is true there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from record_side import PassingVault

from kpi_core.loading.load import StoppedClock
from kpi_core.settings.values import Source
from kpi_core.sources import Raw, ReadRequest, reader_of
from kpi_core.sources.api.stand_ins.faults import Asked, Order, StandIn, Today
from kpi_core.sources.api.stand_ins.loopback import serving
from kpi_core.sources.api.stand_ins.truth import ADVERTISER, AdAccount, AdRow, Advertiser
from kpi_core.sources.ga4 import stand_in as ga4
from kpi_core.sources.google_ads import stand_in as google_ads
from kpi_core.sources.linkedin_ads import stand_in as linkedin_ads
from kpi_core.sources.meta_ads import stand_in as meta_ads
from kpi_core.sources.naver_search_ads import stand_in as naver
from kpi_core.sources.tiktok_ads import stand_in as tiktok_ads

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
"""Noon in Seoul, and still the evening before in New York."""
Facts = dict[tuple[str, date, str, str], tuple[Decimal, ...]]
"""By account, day, campaign and ad group: impressions, clicks, spend, conversions, conversion value."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A type of source, its stand-in, and which requests are about one account alone."""

    type: str
    made: Callable[[Callable[[], datetime]], StandIn]
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    is_about: Callable[[Asked, str], bool]
    columns: tuple[str, ...] = ("impressions", "clicks", "spend", "conversions", "conversion_value")
    is_listed: Callable[[AdRow], bool] = lambda _row: True
    """Of rows that count for their account alone it is false."""
    table: str = "ad_performance"
    group: str = "ad_group"
    without_groups: tuple[str, ...] = ()
    """Campaigns whose rows have no ad group."""
    advertiser: Advertiser = ADVERTISER

    @property
    def source(self) -> Source:
        return Source("ads", self.type, self.table, options=dict(self.options))


_FOLDER = TemporaryDirectory(prefix="kpi-ga4-")
_ANALYTICS = ga4.AnalyticsStandIn(lambda: NOW)
VENDORS = {
    "ga4": Vendor(
        "ga4",
        lambda now: replace(_ANALYTICS, now=now),
        {"key_file": "${GA4_KEY_FILE}", "account_ids": ["1001", "1002", "1003"]},
        {"GA4_KEY_FILE": str(_ANALYTICS.key_file(Path(_FOLDER.name)))},
        lambda asked, account: f"/properties/{account}:" in asked.path,
        columns=("sessions", "engaged_sessions", "key_events", "revenue"),
        is_listed=lambda row: row.clicks * 3 >= 30,
        table="traffic",
        group="source",
    ),
    "google_ads": Vendor(
        "google_ads",
        google_ads.GoogleAdsStandIn,
        {
            **{name: f"${{GOOGLE_ADS_{name.upper()}}}" for name in google_ads.SECRETS},
            "login_customer_id": "900-000-0001",
        },
        {f"GOOGLE_ADS_{name.upper()}": secret for name, secret in google_ads.SECRETS.items()},
        lambda asked, account: f"/customers/{account}/" in asked.path,
        without_groups=('Always "on", 常態',),
    ),
    "linkedin_ads": Vendor(
        "linkedin_ads",
        linkedin_ads.LinkedInAdsStandIn,
        {name: f"${{LINKEDIN_ADS_{name.upper()}}}" for name in ("client_id", "client_secret", "refresh_token")},
        linkedin_ads.offered(Path()).environment,
        lambda asked, account: (
            f"/adAccounts/{account}/" in asked.path or f":{account})" in asked.query.get("accounts", "")
        ),
        advertiser=linkedin_ads.OF_UTC,
    ),
    "meta_ads": Vendor(
        "meta_ads",
        meta_ads.MetaStandIn,
        {"token": "${META_ADS_TOKEN}"},
        {"META_ADS_TOKEN": meta_ads.TOKEN},
        lambda asked, account: f"act_{account}/" in asked.path,
        is_listed=lambda row: row.group.id != "732",
    ),
    "tiktok_ads": Vendor(
        "tiktok_ads",
        tiktok_ads.TikTokStandIn,
        {"token": "${TIKTOK_ADS_TOKEN}", "account_ids": ["1001", "1002", "1003"]},
        {"TIKTOK_ADS_TOKEN": tiktok_ads.TOKEN},
        lambda asked, account: asked.query.get("advertiser_id") == account,
        columns=("impressions", "clicks", "spend", "conversions"),
        is_listed=lambda row: row.group.id != "731",
    ),
    "naver_search_ads": Vendor(
        "naver_search_ads",
        naver.NaverStandIn,
        {"api_key": "${NAVER_API_KEY}", "secret": "${NAVER_SECRET_KEY}", "account_ids": ["1001", "1002", "1003"]},
        {"NAVER_API_KEY": naver.API_KEY, "NAVER_SECRET_KEY": naver.SECRET},
        lambda asked, account: asked.headers.get("x-customer") == account,
        advertiser=naver.KOREAN,
    ),
}


@dataclass(slots=True)
class Running:
    """A vendor that can be asked; `today` sets its clock and ours."""

    vendor: Vendor
    url: str
    order: Order
    today: Today
    state: Mapping[str, Any] = field(default_factory=dict)
    vault: PassingVault = field(default_factory=PassingVault)

    @property
    def environment(self) -> dict[str, str]:
        return {f"KPI_{self.vendor.type.upper()}_API_URL": self.url, **self.vendor.environment}

    def reset(self) -> None:
        self.order.fault, self.order.times, self.order.cut_at, self.state = None, None, None, {}
        self.order.concerns = lambda _asked: True
        self.order.requests.clear()
        self.today.instant = NOW

    def order_fault(self, fault: Any, account: str | None = None, times: int | None = None) -> None:
        self.order.fault, self.order.times = fault, times
        if account is not None:
            self.order.concerns = lambda asked: self.vendor.is_about(asked, account)

    def read(self, options: Mapping[str, Any] | None = None, **changes: Any) -> tuple[Raw, Facts]:
        """What a source says, and the rows that it brings."""
        source = Source("ads", self.vendor.type, self.vendor.table, options={**self.vendor.options, **(options or {})})
        with TemporaryDirectory() as folder, duckdb.connect() as into:
            clock = StoppedClock(self.today.instant)
            request = ReadRequest(
                source, Path(folder), Path(folder), self.environment, clock=clock, zone="Asia/Seoul",
                states=lambda: {"ads": self.state}, vault=self.vault, **changes,
            )  # fmt: skip
            raw = reader_of(self.vendor.type)(request, into)
            return raw, facts_in(into, self.vendor)

    def truth(self, raw: Raw) -> Facts:
        """What the advertiser did on the days that were covered, computed apart."""
        facts: Facts = {}
        for window in raw.covers or ():
            account = self.vendor.advertiser.account(window.account)
            assert account is not None
            days = [date.fromordinal(n) for n in range(window.first.toordinal(), window.last.toordinal() + 1)]
            facts |= self.truth_of(account, days)
        return facts

    def truth_of(self, account: AdAccount, days: list[date]) -> Facts:
        facts: Facts = {}
        for row in self.vendor.advertiser.rows(account, days, self.today.day(account.zone)):
            has_group = row.group.campaign not in self.vendor.without_groups
            group = row.group.name if has_group else ""
            names = ("", "") if not self.vendor.is_listed(row) else (row.group.campaign, group)
            key = (account.id, row.day, *names)
            numbers = {
                "impressions": Decimal(row.impressions), "clicks": Decimal(row.clicks), "spend": row.spend,
                "conversions": Decimal(row.conversions), "conversion_value": row.value,
                "sessions": Decimal(row.clicks * 3),
                "engaged_sessions": Decimal(row.clicks), "key_events": Decimal(row.conversions), "revenue": row.value,
            }  # fmt: skip
            own = [numbers[name] for name in self.vendor.columns]
            facts[key] = tuple(a + b for a, b in zip(facts.get(key, [Decimal(0)] * len(own)), own, strict=True))
        return facts


def facts_in(into: duckdb.DuckDBPyConnection, vendor: Vendor) -> Facts:
    numbers = ", ".join(f"CAST({name} AS DECIMAL(18, 4))" for name in vendor.columns)
    group = f"coalesce({vendor.group}, '')"
    rows = into.execute(
        f"SELECT account_id, CAST(date AS DATE), coalesce(campaign, ''), {group}, {numbers} FROM source"
    ).fetchall()
    facts = {(account, day, campaign, name): tuple(rest) for account, day, campaign, name, *rest in rows}
    assert len(facts) == len(rows)
    return facts


@contextmanager
def running(vendor: Vendor) -> Iterator[Running]:
    today = Today(NOW)
    with serving(vendor.made(today)) as served:
        yield Running(vendor, served.url, served.order, today)
