"""kpi doctor on sources that ask a service: what the access may do, what is left of it, and when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from record_side import NOW, RECORDS, RunningRecords, running_records
from services.social_side import SOCIALS
from vendor_side import VENDORS, running

from bot.cli import main
from kpi_core.loading.load import StoppedClock
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import Access, access_of
from kpi_core.sources.api.stand_ins.linkedin import CODE_ADDRESS, Grants
from kpi_core.sources.linkedin_page.stand_in import LinkedInPageStandIn
from kpi_core.state.sealed.vault import StateVault
from kpi_core.state.store import open_store

SHOP = """
company: Hanok
timezone: Asia/Seoul
currency: KRW
sources:
  - {name: shop, type: shopify, table: orders, shop: hanok-goods, history_days: 20,
     client_id: "${SHOPIFY_CLIENT_ID}", client_secret: "${SHOPIFY_CLIENT_SECRET}"}
"""


def test_what_doctor_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Scopes, calls that are left, and the end of the version sixty days before it."""
    (tmp_path / "kpi.yaml").write_text(SHOP, "utf-8")
    monkeypatch.chdir(tmp_path)
    with running_records(RECORDS["shopify"]) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        main(["doctor", "--now", "2027-08-05T12:00"])
        said = capsys.readouterr().out
        assert "ok    access shop: Hanok Goods (hanok-goods.myshopify.com); 2026-10 until 2027-10-01" in said
        assert "may read_orders, read_all_orders, read_customers" in said
        assert "calls left: 2000" in said
        assert "ok    version shop: Shopify ends 2026-10 on 2027-10-01" in said


def accessed(service: RunningRecords) -> Access:
    vendor = service.vendor
    source = Source("records", vendor.type, vendor.table, options=dict(vendor.options))
    with TemporaryDirectory() as folder:
        own = (source, Path(folder), Path(folder), service.environment)
        return access_of(ReadRequest(*own, clock=StoppedClock(service.today.instant), vault=service.vault))


def test_access_that_renews_itself() -> None:
    """It lasts two weeks from its last renewal."""
    with running_records(RECORDS["cafe24"]) as service:
        access = accessed(service)
        assert access.until == NOW + timedelta(days=14)
        assert access.quota == "1/40"
        service.today.instant += timedelta(hours=1)
        assert accessed(service).until == NOW + timedelta(days=14)
        service.today.instant += timedelta(hours=3)
        assert accessed(service).until == NOW + timedelta(days=14, hours=4)


@pytest.mark.parametrize(("name", "quota"), [("ga4", "199997"), ("hubspot", "249876")])
def test_calls_that_are_left(name: str, quota: str) -> None:
    """As the service itself puts it, in a header or in the answer."""
    if name in RECORDS:
        with running_records(RECORDS[name]) as service:
            assert accessed(service).quota == quota
        return
    vendor = VENDORS[name]
    with running(vendor) as served, TemporaryDirectory() as folder:
        own = (vendor.source, Path(folder), Path(folder), served.environment)
        assert access_of(ReadRequest(*own, clock=StoppedClock(NOW))).quota == quota


SCOPES = {
    "meta_ads": ("ads_read",),
    "google_ads": ("https://www.googleapis.com/auth/adwords",),
    "linkedin_ads": ("r_ads", "r_ads_reporting"),
    "hubspot": ("crm.objects.contacts.read", "crm.objects.deals.read", "oauth"),
    "cafe24": ("mall.read_order", "mall.read_store"),
    "facebook_page": ("pages_show_list", "pages_read_engagement", "read_insights"),
    "tiktok_account": (
        *("user.info.basic", "user.info.username", "user.info.stats", "user.insights"),
        "video.list",
    ),
    "mailchimp": (),
}


@pytest.mark.parametrize("name", sorted(SCOPES))
def test_what_the_access_may_do(name: str) -> None:
    """As the service says of its token, what was declined left out; nothing where it does not say."""
    records = {**RECORDS, **SOCIALS}
    if name in records:
        with running_records(records[name]) as service:
            assert accessed(service).scopes == SCOPES[name]
        return
    with running(VENDORS[name]) as served, TemporaryDirectory() as folder:
        own = (served.vendor.source, Path(folder), Path(folder), served.environment)
        assert access_of(ReadRequest(*own, clock=StoppedClock(NOW), vault=served.vault)).scopes == SCOPES[name]


PAGE = """
company: Hanok
timezone: Asia/Seoul
currency: KRW
state: sqlite:///state.db
sources:
  - {name: page, type: linkedin_page, table: social_accounts, client_id: "${LINKEDIN_PAGE_CLIENT_ID}",
     client_secret: "${LINKEDIN_PAGE_CLIENT_SECRET}", refresh_token: "${LINKEDIN_PAGE_REFRESH_TOKEN}"}
"""


def test_access_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no load puts off the end of access, doctor fails two weeks before it and says who has to act."""
    (tmp_path / "kpi.yaml").write_text(PAGE, "utf-8")
    monkeypatch.chdir(tmp_path)
    made = partial(LinkedInPageStandIn, grants=Grants("r_organization_admin", has_refresh=False))
    environment = {**SOCIALS["linkedin_page"].environment, "LINKEDIN_PAGE_REFRESH_TOKEN": CODE_ADDRESS}
    store = open_store("sqlite:///state.db", tmp_path)
    with running_records(replace(SOCIALS["linkedin_page"], made=made, environment=environment)) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        service.vault = StateVault(lambda: store, None)  # type: ignore[assignment]
        accessed(service)
        service.today.instant = NOW + timedelta(days=50)
        main(["doctor", "--now", "2027-01-16T12:00"])
        said = capsys.readouterr().out
    assert "FAIL  access page: 한옥 Goods (5001); 202608 until 2027-08-15" in said
    assert "access lasts until 2027-01-26 12:00" in said
    assert "run kpi connect page again" in said
