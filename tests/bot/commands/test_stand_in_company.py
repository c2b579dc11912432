"""A service connected without an account: from its stand-in to the answer, whose number is computed apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.commands.sources.stand_in_company import stand_in_company
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.settings.source_types import services
from kpi_core.sources.api.stand_ins.crm import CRM
from kpi_core.sources.api.stand_ins.mail import SENDER
from kpi_core.sources.api.stand_ins.shop import SHOP
from kpi_core.sources.api.stand_ins.social import CHANNEL
from kpi_core.sources.api.stand_ins.truth import ADVERTISER
from kpi_core.sources.naver_search_ads.stand_in import KOREAN

import long

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
WEEK = [date(2026, 11, 16) + timedelta(days=number) for number in range(7)]
START, END = (datetime.fromisoformat(f"2026-11-{day}T00:00:00+09:00") for day in (16, 23))


def ads_spend(advertiser: object = ADVERTISER) -> Decimal:
    """What was spent in won: amounts in other currencies have no rate here."""
    assert isinstance(advertiser, type(ADVERTISER))
    own = [account for account in advertiser.accounts if account.currency == "KRW"]
    return sum((row.spend for account in own for row in advertiser.rows(account, WEEK, NOW.date())), Decimal(0))


def visits() -> Decimal:
    return Decimal(sum(row.clicks * 3 for row in ADVERTISER.rows(ADVERTISER.accounts[0], WEEK, NOW.date())))


def sold(*, tests_count: bool) -> Decimal:
    orders = [order for order in SHOP.orders(START, END, NOW) if order.is_paid(NOW) and not order.is_cancelled(NOW)]
    own = [order for order in orders if tests_count or not order.is_test]
    return sum((order.total - order.refunded(NOW) for order in own), Decimal(0))


def leads() -> Decimal:
    deals = [deal for deal in CRM.records("deals", NOW, START) if START <= deal.created < END and deal.is_there(NOW)]
    return Decimal(sum(not (deal.currency == "USD" and deal.amount is not None) for deal in deals))


def click_rate() -> Decimal:
    """Of what was delivered."""
    campaigns = list(SENDER.campaigns(START, END, NOW))
    clicks = sum(each.so_far(each.clicks, NOW) for each in campaigns)
    return Decimal(clicks) / sum(each.sent - each.hard - each.soft for each in campaigns)


def reached() -> Decimal:
    return Decimal(sum(each.reached for each in CHANNEL.days(WEEK[0], WEEK[-1])))


NUMBERS: dict[str, tuple[str, Callable[[], Decimal]]] = {
    "meta_ads": ("ad spend last week", ads_spend),
    "naver_search_ads": ("ad spend last week", lambda: ads_spend(KOREAN)),
    "google_ads": ("ad spend last week", ads_spend),
    "tiktok_ads": ("ad spend last week", ads_spend),
    "linkedin_ads": ("ad spend last week", ads_spend),
    "ga4": ("traffic last week", visits),
    "shopify": ("sales revenue last week", lambda: sold(tests_count=False)),
    "cafe24": ("sales revenue last week", lambda: sold(tests_count=True)),
    "activecampaign": ("email click rate last week", click_rate),
    "mailchimp": ("email click rate last week", click_rate),
    "linkedin_page": ("reach last week", reached),
    "facebook_page": ("reach last week", reached),
    "instagram": ("reach last week", reached),
    "tiktok_account": ("reach last week", reached),
    "hubspot": ("leads last week", leads),
}


@pytest.mark.long
def test_from_connect_to_the_answer() -> None:
    """Its accounts are named, its months are read, and what is asked is what the stand-in has."""
    assert set(NUMBERS) == set(services())
    for name in list(NUMBERS)[: long.times(1, len(NUMBERS))]:
        question, true = NUMBERS[name]
        shown: list[str] = []
        with stand_in_company(name, {}, NOW, "en", shown.append, lambda *_step: None, days=14) as workspace:
            answer = workspace.door(OPERATOR).answer(workspace.question(question, NOW), NOW)
        assert (name, answer.value) == (name, pytest.approx(float(true())))
        assert shown
        long.ran("services from connect to the answer")


def test_a_service_that_is_none() -> None:
    """What nobody offers is said before anything is made."""
    with (
        pytest.raises(UsageError, match="no service"),
        stand_in_company("myspace", {}, NOW, "en", print, lambda *_step: None),
    ):
        pass
