"""Services of orders, deals and campaigns: what moves later is read again, and no fault makes a wrong row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from record_side import RECORDS, Records, RunningRecords, alike, running_records
from services.social_side import SOCIALS

from kpi_core.errors import KpiBotError
from kpi_core.sources import Covered
from kpi_core.sources.api.stand_ins.faults import FAULTS, Fault

import long

VENDORS = {**RECORDS, **SOCIALS}
CODES: dict[Fault, str] = {
    "unauthorized": "source_reconnect",
    "forbidden": "source_reconnect",
    "throttled_for_long": "source_retry_tomorrow",
    "elsewhere": "source_call",
}

PASSING: list[Fault] = [
    "doubled_page", "silent_cut", "empty_page", "cut", "error_with_200", "throttled", "broken", "no_answer",
]  # fmt: skip


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, RunningRecords]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(running_records(vendor)) for name, vendor in VENDORS.items()}


@pytest.fixture(params=sorted(RECORDS))
def moving(request: pytest.FixtureRequest, services: dict[str, RunningRecords]) -> RunningRecords:
    """Services that say what changed, of whatever age."""
    chosen = services[request.param]
    chosen.reset()
    return chosen


@pytest.fixture(params=sorted(VENDORS))
def service(request: pytest.FixtureRequest, services: dict[str, RunningRecords]) -> RunningRecords:
    chosen = services[request.param]
    chosen.reset()
    return chosen


@pytest.fixture(params=sorted(name for name in VENDORS if " " not in name))
def main_table(request: pytest.FixtureRequest, services: dict[str, RunningRecords]) -> RunningRecords:
    """The service with the first of its tables: what is asked of the others is no other door."""
    chosen = services[request.param]
    chosen.reset()
    return chosen


SHORT = {"history_days": 16}
"""Days enough for what is no matter of months."""


def days_of(covers: list[Covered]) -> list[int]:
    return sorted({day for each in covers for day in range(each.first.toordinal(), each.last.toordinal() + 1)})


def test_what_is_read(service: RunningRecords) -> None:
    """A few days at first, then the newest again and a piece of the history: each row as it is there now."""
    raw, records = service.read()
    assert records == alike(service.truth(raw)) != {}
    assert raw.unfinished
    service.state = raw.state or {}
    raw, records = service.read()
    assert records == alike(service.truth(raw))
    assert len(days_of(list(raw.covers or ()))) > 20


def test_what_moves_later(moving: RunningRecords) -> None:
    """Whatever changed, however old, is in the end as it is there, also where nobody answered for some days."""
    stored: Records = {}
    covered: list[Covered] = []
    for number in range(9):
        moving.today.instant += timedelta(days=1)
        if number in {6, 7}:
            moving.order.fault = "broken"
            with pytest.raises(KpiBotError):
                moving.read({"history_days": 90})
            moving.order.fault = None
            continue
        raw, records = moving.read({"history_days": 90})
        stored = moving.put(stored, raw, records)
        covered += raw.covers or ()
        moving.state = raw.state or {}
    days = days_of(covered)
    assert not raw.unfinished
    assert days[-1] - days[0] == len(days) - 1 >= 89
    whole = replace(covered[0], first=min(each.first for each in covered), last=max(each.last for each in covered))
    assert stored == alike(moving.truth_of(whole))


def test_faults(main_table: RunningRecords) -> None:
    """Where the service does not answer whole, nothing goes in; it is said what to do, without a secret."""
    state = main_table.read(SHORT)[0].state or {}
    for fault in FAULTS:
        main_table.reset()
        main_table.state = state
        main_table.order.fault, main_table.order.concerns = fault, main_table.vendor.brings_rows
        with pytest.raises(KpiBotError) as caught:
            main_table.read(SHORT)
        assert (fault, caught.value.code) == (fault, CODES.get(fault, "source_retry_now"))
        words = f"{caught.value.message} {caught.value.hint} {caught.value.params}"
        assert caught.value.hint
        assert not [name for name, secret in main_table.vendor.environment.items() if secret in words]


@pytest.mark.long
def test_faults_that_pass(service: RunningRecords) -> None:
    """What goes wrong once is asked again, and the rows are whole."""
    for fault in PASSING[: long.times(2, len(PASSING))]:
        service.reset()
        service.order.fault, service.order.times, service.order.concerns = fault, 1, service.vendor.brings_rows
        raw, records = service.read(SHORT)
        assert (fault, records) == (fault, alike(service.truth(raw)))


def test_a_wrong_secret(main_table: RunningRecords) -> None:
    """Access that is refused says who has to act, without the secret."""
    other = replace(main_table.vendor, environment=dict.fromkeys(main_table.vendor.environment, "wrong-secret"))
    with pytest.raises(KpiBotError) as caught:
        RunningRecords(other, main_table.url, main_table.order, main_table.today).read()
    assert caught.value.code == "source_reconnect"
    assert "wrong-secret" not in f"{caught.value} {caught.value.hint} {caught.value.params}"
