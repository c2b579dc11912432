"""Each service against its stand-in: the numbers are the advertiser's, and no fault makes a wrong one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from vendor_side import NOW, VENDORS, Running, running

from kpi_core.errors import KpiBotError
from kpi_core.sources import Covered, Outcome
from kpi_core.sources.api.stand_ins.faults import FAULTS, Fault
from kpi_core.sources.api.stand_ins.truth import ACCOUNTS

import long

OUTCOMES: dict[Fault, Outcome] = {
    "unauthorized": "reconnect",
    "forbidden": "reconnect",
    "throttled_for_long": "retry_tomorrow",
    "elsewhere": "our_fault",
}
"""What the others come to is a later try."""
SHORT = {"history_days": 16}
"""Days enough for what is no matter of months."""


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, Running]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(running(vendor)) for name, vendor in VENDORS.items()}


@pytest.fixture(params=sorted(VENDORS))
def service(request: pytest.FixtureRequest, services: dict[str, Running]) -> Running:
    chosen = services[request.param]
    chosen.reset()
    return chosen


FIRST: dict[str, Mapping[str, Any]] = {}
"""By type of source what its first load leaves behind."""


def read_once(service: Running) -> None:
    """The very first load, after which the next reads more of the history."""
    if service.vendor.type not in FIRST:
        FIRST[service.vendor.type] = service.read()[0].state or {}
    service.state = FIRST[service.vendor.type]


def test_what_is_read(service: Running) -> None:
    """A week at first, then the recent days and the history: every row is the advertiser's, account by account."""
    raw, facts = service.read()
    assert facts == service.truth(raw) != {}
    assert {each.account for each in raw.covers or ()} == {account.id for account in ACCOUNTS}
    assert {(each.last - each.first).days for each in raw.covers or ()} == {6}
    assert raw.unfinished
    service.state = raw.state or {}
    raw, facts = service.read()
    assert facts == service.truth(raw)
    assert len({day for _account, day, *_rest in facts}) > 25


def test_the_last_day_is_the_accounts_own(service: Running) -> None:
    """Yesterday is another day in New York than in Seoul: neither account brings a day that is not over."""
    raw, _facts = service.read()
    last = {each.account: each.last for each in raw.covers or ()}
    today = NOW.astimezone().date()
    zones = {account.id: account.zone for account in service.vendor.advertiser.accounts}
    assert last == {account: service.today.day(zone) - timedelta(days=1) for account, zone in zones.items()}
    assert max(last.values()) < today + timedelta(days=1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_one_account(service: Running, fault: Fault) -> None:
    """Whatever one account answers, it is left out whole and named; the others are as they should be."""
    read_once(service)
    failing = ACCOUNTS[1]
    service.order_fault(fault, failing.id)
    raw, facts = service.read(SHORT)
    assert failing.id not in {each.account for each in raw.covers or ()}
    assert facts == service.truth(raw) != {}
    assert [(each.account, each.outcome) for each in raw.failures] == [(failing.id, OUTCOMES.get(fault, "retry_now"))]
    assert failing.id in raw.failures[0].name
    assert (raw.state or {})["accounts"][failing.id] == service.state["accounts"][failing.id]


def test_an_account_that_answers_again(service: Running) -> None:
    """What it did not say comes with the next load, without a gap."""
    read_once(service)
    service.order_fault("broken", ACCOUNTS[1].id)
    service.state = service.read(SHORT)[0].state or {}
    service.today.instant += timedelta(days=3)
    service.order_fault(None)
    raw, facts = service.read(SHORT)
    assert facts == service.truth(raw)
    assert raw.failures == ()
    assert {each.account for each in raw.covers or ()} == {account.id for account in ACCOUNTS}


@pytest.mark.parametrize(
    "fault", ["throttled", "broken", "no_answer", "cut", "empty_page", "doubled_page", "silent_cut"]
)
def test_a_fault_that_passes(service: Running, fault: Fault) -> None:
    """What goes wrong once is asked again, and the numbers are whole."""
    read_once(service)
    service.order_fault(fault, ACCOUNTS[1].id, times=1)
    raw, facts = service.read(SHORT)
    assert facts == service.truth(raw)
    assert raw.failures == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_everything(service: Running, fault: Fault) -> None:
    """Where nobody answers, the load fails with what to do; no secret stands in its words."""
    read_once(service)
    service.order_fault(fault)
    if fault in {"empty_page", "silent_cut", "doubled_page"}:
        service.order.concerns = lambda asked: any(service.vendor.is_about(asked, each.id) for each in ACCOUNTS)
    with pytest.raises(KpiBotError) as caught:
        service.read(SHORT)
    words = f"{caught.value.message} {caught.value.hint} {caught.value.params}"
    assert caught.value.hint
    assert not [name for name, secret in service.vendor.environment.items() if secret in words]


def test_rows_that_lack(services: dict[str, Running]) -> None:
    """Where a part of the rows does not come however often asked, the days still come to what the account says of them,
    and what lacks names no campaign.
    """
    service = services["meta_ads"]
    service.reset()
    service.order_fault("silent_cut")
    service.order.concerns = lambda request: request.query.get("level") == "adset"
    raw, facts = service.read()
    by_day: dict[tuple[str, Any], Decimal] = {}
    for whole, sign in ((facts, 1), (service.truth(raw), -1)):
        for (account, day, *_names), numbers in whole.items():
            by_day[account, day] = by_day.get((account, day), Decimal(0)) + sign * sum(numbers, Decimal(0))
    assert by_day
    assert set(by_day.values()) == {Decimal(0)}
    assert "load.without_campaign" in {notice.key for notice in raw.notices}


@pytest.mark.long
@pytest.mark.parametrize("name", ["meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "ga4"])
def test_a_cut_that_adds_up(services: dict[str, Running], name: str) -> None:
    """Rows and their account's days that are cut off at the same day come to each other, and not to the whole."""
    service = services[name]
    service.reset()
    for number in range(long.times(2, 31)):
        state = service.state
        if number:
            service.order_fault("silent_cut", ACCOUNTS[1].id)
            assert [each.account for each in service.read({"history_days": 45})[0].failures] == [ACCOUNTS[1].id]
        service.order_fault(None)
        service.state = state
        service.state = service.read({"history_days": 45})[0].state or {}
        service.today.instant += timedelta(days=1)


def test_an_account_that_is_gone(service: Running) -> None:
    """An account that the access does not reach any more is named with who must act, and its rows stand."""
    read_once(service)
    accounts = dict(service.state["accounts"])
    service.state = {"accounts": {**accounts, "999": {**next(iter(accounts.values())), "name": "Old shop (999)"}}}
    ids = {"account_ids": [*accounts, "999"]} if "account_ids" in service.vendor.options else {}
    raw, _facts = service.read(ids)
    assert [(each.account, each.outcome) for each in raw.failures] == [("999", "reconnect")]


def test_only_the_accounts_that_are_named(service: Running) -> None:
    """`account_ids:` reads those and no others."""
    raw, facts = service.read({"account_ids": [ACCOUNTS[2].id]})
    assert {each.account for each in raw.covers or ()} == {ACCOUNTS[2].id}
    assert facts == service.truth(raw)


def test_a_wrong_secret(service: Running) -> None:
    """Access that is refused says who has to act, without the secret."""
    other = replace(service.vendor, environment=dict.fromkeys(service.vendor.environment, "wrong-secret"))
    with pytest.raises(KpiBotError) as caught:
        Running(other, service.url, service.order, service.today).read()
    assert caught.value.code in {"source_reconnect", "source_key_file"}
    assert "wrong-secret" not in f"{caught.value} {caught.value.hint} {caught.value.params}"


def test_the_history_is_read_in_pieces(service: Running) -> None:
    """Each load brings one more piece, the newest first, until all is there; a load that is lost loses one piece."""
    covered: list[Covered] = []
    for _load in range(40):
        raw, _facts = service.read({"history_days": 70})
        service.state = raw.state or {}
        covered += raw.covers or ()
        if not raw.unfinished:
            break
    days = {
        (each.account, each.first + timedelta(days=n))
        for each in covered
        for n in range((each.last - each.first).days + 1)
    }
    assert {account for account, _day in days} == {account.id for account in ACCOUNTS}
    for account in ACCOUNTS:
        own = sorted(day for owner, day in days if owner == account.id)
        assert len(own) == 70
        assert own[-1] - own[0] == timedelta(days=69)
