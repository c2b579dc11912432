"""kpi doctor on sources that ask a service: what the access may do, what is left of it, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from record_side import NOW, RECORDS, RunningRecords, running_records
from vendor_side import VENDORS, running

from bot.cli import main
from kpi_core.loading.load import StoppedClock
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import Access, access_of

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
