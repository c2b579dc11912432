"""LinkedIn's own traps: answers that are cut without a word, access that ends, versions that end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from vendor_side import VENDORS, Running, facts_in, running

from kpi_core.errors import KpiBotError
from kpi_core.loading.load import StoppedClock
from kpi_core.sources import ReadRequest
from kpi_core.sources.api.access import Access, access_of
from kpi_core.sources.api.forms import Forms
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.reading import read_service
from kpi_core.sources.api.stand_ins.linkedin import CODE_ADDRESS, REDIRECT, Grants
from kpi_core.sources.linkedin_ads.source import AdService
from kpi_core.sources.linkedin_ads.stand_in import LinkedInAdsStandIn

ADS = VENDORS["linkedin_ads"]
MOST = 25


def request_of(service: Running, folder: Path) -> ReadRequest:
    clock = StoppedClock(service.today.instant)
    own = (service.vendor.source, folder, folder, service.environment)
    return ReadRequest(*own, clock=clock, zone="Asia/Seoul", states=dict, vault=service.vault)


def granted(**changes: Any) -> Callable[[Callable[[], datetime]], LinkedInAdsStandIn]:
    return lambda now: LinkedInAdsStandIn(now, grants=Grants("r_ads,r_ads_reporting", **changes))


def access(service: Running, folder: Path) -> Access:
    return access_of(request_of(service, folder))


def test_an_answer_that_may_be_cut(tmp_path: Path) -> None:
    """As many rows as fit into an answer are never believed: the days are asked for again in halves, and all come."""

    def cut(line: Line, forms: Forms, *rest: Any) -> AdService:
        rows = forms.calls["rows"]
        small = replace(rows, paging=replace(rows.paging, most=MOST))
        return AdService(line, replace(forms, calls={**forms.calls, "rows": small}), *rest)

    with (
        running(replace(ADS, made=lambda now: LinkedInAdsStandIn(now, most=MOST))) as service,
        duckdb.connect() as into,
    ):
        raw = read_service(request_of(service, tmp_path), into, cut)
        assert facts_in(into, ADS) == service.truth(raw)
        assert raw.failures == ()


def test_access_without_a_refresh_token(tmp_path: Path) -> None:
    """Most apps may not renew: one code is enough for 60 days, doctor knows the end, then a person acts."""
    environment = {**ADS.environment, "LINKEDIN_ADS_REFRESH_TOKEN": CODE_ADDRESS}
    with running(replace(ADS, made=granted(has_refresh=False), environment=environment)) as service:
        access(service, tmp_path)
        own = access(service, tmp_path)
        assert own.until == service.today.instant + timedelta(days=60)
        assert (own.scopes, own.is_fixed) == (("r_ads", "r_ads_reporting"), True)
        service.today.instant += timedelta(days=59)
        assert access(service, tmp_path).accounts
        service.today.instant += timedelta(days=1)
        with pytest.raises(KpiBotError) as caught:
            service.read()
        assert caught.value.code == "source_reconnect"
        assert "kpi connect ads again" in str(caught.value.hint)


def test_access_that_is_renewed(tmp_path: Path) -> None:
    """A refresh token brings new access every 60 days, and ends a year after it was granted, whatever was renewed."""
    with running(replace(ADS, made=granted())) as service:
        ends = service.today.instant + timedelta(days=365)
        for _month in range(6):
            access(service, tmp_path)
            assert access(service, tmp_path).until == ends
            service.today.instant += timedelta(days=60)
        service.today.instant = ends + timedelta(days=1)
        with pytest.raises(KpiBotError) as caught:
            service.read()
        assert caught.value.code == "source_reconnect"


def test_the_address_of_another_app() -> None:
    """A code is good for the address alone to which it was sent, and only once."""
    environment = {
        **ADS.environment,
        "LINKEDIN_ADS_REFRESH_TOKEN": CODE_ADDRESS.replace(REDIRECT, "https://other.example/"),
    }
    with (
        running(replace(ADS, made=granted(), environment=environment)) as service,
        pytest.raises(KpiBotError) as caught,
    ):
        service.read()
    assert caught.value.code == "source_reconnect"
