"""What is Shopify's alone: how far an app may look, what calls cost, lines beyond a page, and orders that are none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from record_side import NOW, RECORDS, Records, alike, running_records

from kpi_core.errors import KpiBotError
from kpi_core.sources.api.forms import forms_of
from kpi_core.sources.api.outcomes import RefusedError, Reply, judged
from kpi_core.sources.api.stand_ins.faults import Asked, Today
from kpi_core.sources.api.stand_ins.shop import SHOP
from kpi_core.sources.shopify.stand_in import ShopifyStandIn

ORDERS = RECORDS["shopify"]


def made_with(**changes: object) -> Callable[[Callable[[], datetime]], ShopifyStandIn]:
    return lambda now: replace(ShopifyStandIn(now), **changes)  # type: ignore[arg-type]


def test_sixty_days() -> None:
    """Without read_all_orders older orders are left out without a word: those that were read stay, and it is said."""
    with running_records(ORDERS) as whole:
        stored: Records = {}
        for _load in range(5):
            raw, records = whole.read({"history_days": 100})
            stored, whole.state = whole.put(stored, raw, records), raw.state or {}
            whole.today.instant += timedelta(days=1)
        state, today = whole.state, whole.today.instant
    with running_records(replace(ORDERS, made=made_with(scopes=("read_orders", "read_customers")))) as short:
        short.state, short.today.instant = state, today + timedelta(days=8)
        raw, records = short.read({"history_days": 100}, since=(today - timedelta(days=90)).date())
        assert {notice.key for notice in raw.notices} >= {"load.short_history"}
        oldest = min(window.first for window in raw.covers or ())
        assert (short.today.day("Asia/Seoul") - oldest).days == 59
        older = {key for key, record in stored.items() if record[0] < short.today.instant - timedelta(days=61)}
        assert older
        assert older <= short.put(stored, raw, records).keys()


def test_a_bucket_that_is_empty() -> None:
    """A call that is not paid for waits until the bucket holds its cost, which stands in the body beside HTTP 200."""
    with running_records(replace(ORDERS, made=made_with(throttled=2))) as service:
        raw, records = service.read()
        assert records == alike(service.truth(raw)) != {}
        assert service.clock is not None
        # Its 100 points come back at 100 a second, 3 of them were there.
        assert service.clock.instant - NOW == timedelta(seconds=1)


def test_what_is_no_order() -> None:
    """Test orders, cancelled ones and ones that nobody paid are counted by their reasons."""
    with running_records(ORDERS) as service:
        service.state = service.read()[0].state or {}
        raw, _records = service.read()
        reasons: Counter[str] = Counter()
        for window in raw.covers or ():
            start, end = (
                datetime.fromisoformat(f"{day}T00:00:00+09:00")
                for day in (window.first, window.last + timedelta(days=1))
            )
            for order in SHOP.orders(start, end, NOW):
                if order.is_test:
                    reasons["test"] += 1
                elif order.is_cancelled(NOW):
                    reasons["cancelled"] += 1
                elif not order.is_paid(NOW):
                    reasons["unpaid"] += 1
        assert {each.reason: each.rows for each in raw.left_out} == reasons
        assert len(reasons) > 1


@pytest.mark.parametrize("scopes", [("read_customers",), ("read_orders",)])
def test_a_scope_that_lacks(scopes: tuple[str, ...]) -> None:
    """An error in the body is one, whatever the status."""
    with running_records(replace(ORDERS, made=made_with(scopes=scopes))) as service:
        with pytest.raises(KpiBotError) as caught:
            service.read()
        assert caught.value.code == "source_reconnect"


def test_a_search_that_is_not_understood() -> None:
    """The service leaves what it does not know out of a search and warns: all orders are not those of a week."""
    headers = {"x-shopify-access-token": "shpat_standin0access0token"}
    query = "query Moved { orders(first: 250, sortKey: ID) { nodes { id } pageInfo { hasNextPage } } }"
    body = {"query": query, "variables": {"query": "made_at:>='2026-11-20T00:00:00Z'"}}
    asked = Asked("POST", "/admin/api/2026-10/graphql.json", {}, headers, json.dumps(body).encode())
    answer = json.dumps(ShopifyStandIn(Today(NOW)).answer(asked).document).encode()
    with pytest.raises(RefusedError) as caught:
        judged(Reply(200, {}, answer), forms_of("shopify").errors, NOW)
    assert caught.value.trouble.outcome == "our_fault"
