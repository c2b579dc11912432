"""Day after day a service restates its numbers and one of its accounts fails: in the warehouse lies the truth."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from loading_side import CATALOG, settings
from vendor_side import NOW, VENDORS, Running, running

from kpi_core.loading.load import LoadReport, StoppedClock, load
from kpi_core.sources.api.stand_ins.truth import Advertiser
from kpi_core.sources.meta_ads.stand_in import MetaStandIn

import long
from tables import read_tables

WON = Advertiser(tuple(replace(each, currency="KRW") for each in Advertiser().accounts))
Rows = dict[tuple[str, date, str], Decimal]
"""By account, day and ad group: the spend with a little of everything else."""
PROCESS = """
import json, sys
from datetime import datetime
from pathlib import Path
from loading_side import CATALOG, settings
from dataclasses import replace
from vendor_side import VENDORS
from kpi_core.loading.load import StoppedClock, load
folder, now, environment = json.loads(sys.argv[1])
now = datetime.fromisoformat(now)
print("go", flush=True)
vendor = VENDORS["meta_ads"]
source = replace(vendor.source, options={**vendor.options, "history_days": 45})
clock = StoppedClock(now)
load(settings(Path(folder), source), CATALOG, now=now, environment=environment, clock=clock)
"""


@pytest.fixture
def service() -> Iterator[Running]:
    def made(now: Callable[[], datetime]) -> MetaStandIn:
        return MetaStandIn(now, WON, page=200, deleted=frozenset())

    with running(
        replace(VENDORS["meta_ads"], made=made, options={**VENDORS["meta_ads"].options, "history_days": 45})
    ) as served:
        yield served


def loaded(folder: Path, service: Running) -> LoadReport:
    now = service.today.instant
    return load(
        settings(folder, service.vendor.source), CATALOG, now=now, environment=service.environment,
        clock=StoppedClock(now),
    )  # fmt: skip


def stored(folder: Path) -> Rows:
    if not (folder / "kpi.duckdb").exists():
        return {}
    sql = """
        SELECT kpi_account, date, ad_group, spend + impressions * 7 + clicks * 11 + conversions * 13 + conversion_value
        FROM loaded."source ads" """
    with read_tables(folder / "kpi.duckdb") as snapshot:
        lines = snapshot.execute(sql).fetchall()
    rows = {(account, day, group): Decimal(number) for account, day, group, number in lines}
    assert len(rows) == len(lines)
    return rows


def true_rows(folder: Path, service: Running) -> Rows:
    """What the service says today of every day that was ever covered, computed apart."""
    with read_tables(folder / "kpi.duckdb") as snapshot:
        windows = snapshot.execute("SELECT account, first_day, last_day FROM kpi_covered").fetchall()
    rows: Rows = {}
    for id_, first, last in windows:
        account = WON.account(id_)
        assert account is not None
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for row in WON.rows(account, days, service.today.day(account.zone)):
            number = row.spend + row.impressions * 7 + row.clicks * 11 + row.conversions * 13 + row.value
            rows[id_, row.day, row.group.name] = number
    return rows


@pytest.mark.long
def test_restated_days(tmp_path: Path, service: Running) -> None:
    """Each day one account of three fails: its rows stay as they were, the others are as they are told that day; once
    all answer again, everything is the truth, the last day and the first.
    """
    draw = random.Random(14)
    accounts = [account.id for account in WON.accounts]
    for number in range(days := long.times(2, 30)):
        failing = draw.choice(accounts) if number else None
        before = stored(tmp_path)
        service.order_fault(draw.choice(["unauthorized", "broken", "silent_cut", "cut"]) if failing else None, failing)
        report = loaded(tmp_path, service)
        assert [each.account for each in report.sources[0].failures] == ([failing] if failing else [])
        now = stored(tmp_path)
        assert {key: now[key] for key in now if key[0] == failing} == {
            key: before[key] for key in before if key[0] == failing
        }
        truth = true_rows(tmp_path, service)
        young = {key for key in truth if key[0] != failing}
        assert {key: now.get(key) for key in young} == {key: truth[key] for key in young}
        service.today.instant += timedelta(days=1)
    service.reset()
    service.today.instant = NOW + timedelta(days=days)
    loaded(tmp_path, service)
    assert stored(tmp_path) == true_rows(tmp_path, service) != {}
    long.ran("restated days of three accounts", days)


@pytest.mark.long
def test_killed_loads(tmp_path: Path, service: Running) -> None:
    """A load that is killed anywhere has changed everything or nothing, and the next one makes it whole."""
    draw = random.Random(200)
    loaded(tmp_path, service)
    (tmp_path / "whole").mkdir()
    for _kill in range(kills := long.times(1, 200)):
        service.today.instant += timedelta(days=1)
        before = stored(tmp_path)
        die_within(tmp_path, service, draw.uniform(0, 1.2))
        after = stored(tmp_path)
        loaded(tmp_path, service)
        assert after in (before, stored(tmp_path))
        assert stored(tmp_path) == true_rows(tmp_path, service)
    long.ran("kills of a load from a service", kills, partial=0, doubled=0)


def die_within(folder: Path, service: Running, seconds: float) -> None:
    """A load in a process of its own, which is killed some time after it began."""
    told = json.dumps([str(folder), service.today.instant.isoformat(), service.environment])
    paths = os.pathsep.join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, told], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
