"""The worked examples that a team writes for its own KPIs, as `kpi check` tries them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpi_core.catalog.inspection import inspect_definitions
from kpi_core.review.worked_examples import wrong_examples

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KPI = """\
id: basket
names: {en: Basket, ko: 장바구니, zh-TW: 購物籃}
description: {en: What an order is worth., ko: 주문 한 건의 금액., zh-TW: 一張訂單的金額。}
type: ratio
formula: revenue / orders
inputs: {revenue: orders.revenue, orders: orders.orders}
unit: currency
direction: higher
stage: conversion
cadence: monthly
indicator: lagging
reading: Revenue over orders.
variants:
  least:
    label: {en: orders alone, ko: 주문만, zh-TW: 僅訂單}
    reading: The number of orders.
    type: simple
    formula: orders
    worked_example:
      - tables: {orders: [{order_id: a, customer_id: kim, ordered_at: 2026-10-02T12:00, revenue: 30}]}
        ask: basket@least 2026-10
        value: VARIANT
worked_example:
  - says: Three orders.
    tables:
      orders:
        - {order_id: a, customer_id: kim, ordered_at: 2026-10-02T12:00, revenue: 30}
        - {order_id: b, customer_id: kim, ordered_at: 2026-10-31T23:59, revenue: 40}
        - {order_id: c, customer_id: lin, ordered_at: MOMENT, revenue: 30, COLUMN: search}
    ask: ASK
    value: VALUE
    parts: {orders: PART}
"""
RIGHT = {
    "VARIANT": "1",
    "MOMENT": "2026-10-05",
    "COLUMN": "channel",
    "ASK": "basket 2026-10",
    "VALUE": "33.3333",
    "PART": "3",
}


def wrong(folder: Path, kpi: str = KPI, **given: str) -> list[tuple[int, str, str]]:
    """Line, message and hint of everything that does not come out with some words of the example replaced."""
    for word, right in RIGHT.items():
        kpi = kpi.replace(word, given.get(word.lower(), right))
    (folder / "basket.yaml").write_text(kpi, encoding="utf-8")
    found = inspect_definitions([folder])
    assert found.problems == ()
    tried = wrong_examples(found.catalog, found.own, NOW)
    told = [(found.own["basket"].problem(place, message, hint)) for _metric, place, message, hint in tried]
    return [(each.line, each.message, each.hint) for each in told]


OUTSIDE = "No data for these days; orders: 2 October 2026 to 31 October 2026"
MEND = "Mend the value, the rows or the definition."


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, []),
        ({"value": "33.3"}, [(31, "basket 2026-10 is 33.3333333333333, expected 33.3", MEND)]),
        ({"value": "33.3334"}, [(31, "basket 2026-10 is 33.3333333333333, expected 33.3334", MEND)]),
        ({"value": ""}, [(31, "basket 2026-10 is 33.3333333333333, expected no data", MEND)]),
        (
            {"ask": "basket 2026-12"},
            [
                (
                    31,
                    f"basket 2026-12 is no data, expected 33.3333 ({OUTSIDE})",
                    MEND,
                ),
                (32, "orders is no data, expected 3", MEND),
            ],
        ),
        ({"part": "4"}, [(32, "orders is 3, expected 4", MEND)]),
        ({"variant": "2"}, [(22, "basket@least 2026-10 is 1, expected 2", MEND)]),
        ({"ask": "aov 2026-10"}, [(30, "aov 2026-10 asks for aov, not for basket", "Ask for basket.")]),
        ({"column": "chanel"}, [(29, "orders has no column chanel", "Did you mean channel?")]),
    ],
)
def test_what_does_not_come_out_is_told_with_both_values(
    tmp_path: Path, given: dict[str, str], told: list[tuple[int, str, str]]
) -> None:
    """100 over 3 orders; a value with four decimals may be rounded, one with fewer may not."""
    assert wrong(tmp_path, **given) == told


def test_rows_that_do_not_fit_their_table_are_told(tmp_path: Path) -> None:
    """A moment that is none is told with its row."""
    ((line, message, _hint),) = wrong(tmp_path, moment="next week")
    assert line == 27
    assert message.startswith("row 3 of orders: ")
    assert "next week" in message


def test_a_question_nobody_understands_is_told(tmp_path: Path) -> None:
    """The question is read as people's are."""
    ((line, message, _hint),) = wrong(tmp_path, ask="basket by shanel")
    assert line == 30
    assert message.startswith("basket by shanel: ")


def test_a_table_that_nobody_has_is_told(tmp_path: Path) -> None:
    """Rows of a model that is made of others have no table to lie in either."""
    for table in ("order", "customers"):
        ((_line, message, _hint),) = wrong(tmp_path, KPI.replace("      orders:\n", f"      {table}:\n"))
        assert message == f"there is no table {table}"


def test_the_examples_of_built_in_kpis_are_left_to_their_tests(tmp_path: Path) -> None:
    """Only those of the team's own folders are tried; without any there is nothing to do."""
    found = inspect_definitions([])
    assert list(wrong_examples(found.catalog, found.own, NOW)) == []
