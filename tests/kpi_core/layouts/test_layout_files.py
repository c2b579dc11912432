"""Layouts as files: what may stand in one, everything that is wrong with it at once, and headers that are its own."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence

import pytest

from kpi_core.errors import SettingsError
from kpi_core.layouts.export_layout import layout, layout_of, layouts
from kpi_core.layouts.recognition import header_test, recognised, recognitions, renamed_fields

SHOP = """
    layout: made/orders
    tool: made
    title: {en: Made, ko: 예시, zh-TW: 範例}
    table: orders
    export: {en: Export., ko: 내보내기., zh-TW: 匯出。}
    certainty: high
    seen: Made up.
    fields: {order: [Order], day: [Day], paid: {names: [Paid], type: decimal}}
    needs: [order, day]
    columns: {order_id: order, ordered_at: day, revenue: paid}
"""
SHOPIFY = ["Name", "Email", "Financial Status", "Currency", "Total", "Created at", "Lineitem name"]


def read(text: str) -> None:
    layout_of(textwrap.dedent(text), "made/orders.yaml")


def test_a_layout_is_read() -> None:
    """A field's own type, or the headers alone; a column is the first of its fields that a file has."""
    made = layout_of(textwrap.dedent(SHOP), "made/orders.yaml")
    assert made.fields["order"].names == ("Order",)
    assert made.fields["paid"].type == "decimal"
    assert made.columns["revenue"].fields == ("paid",)


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (("needs: [order, day]", "needs: [order, week]"), ["there is no field week"]),
        (("revenue: paid", "revenue: {sum: paid}"), ["revenue is a sum, but no lines are added up"]),
        (("revenue: paid}", "revenue: paid}\n    set: {revenue: 1}"), ["revenue stands in columns, too"]),
        (("order: [Order]", "order: {type: text}"), ["order has no header"]),
        (("layout: made/orders", "layout: made/sales"), ["made/sales does not lie at made/orders.yaml"]),
        (("order: [Order]", "order: {pattern: '('}"), ["( is no regular expression"]),
        (("order_id: order", "order_id: kpi_order"), ["there is no field kpi_order"]),
        (("tool: made\n    title", "title"), ["tool is missing"]),
    ],
)
def test_what_is_wrong_is_told(change: tuple[str, str], messages: Sequence[str]) -> None:
    """Each mistake is told with its place."""
    with pytest.raises(SettingsError) as wrong:
        read(SHOP.replace(*change))
    assert len(wrong.value.problems) == len(messages)
    for problem, message in zip(wrong.value.problems, messages, strict=True):
        assert problem.message.startswith(message)
        assert problem.line


def test_all_mistakes_are_told_at_once() -> None:
    """Two unknown fields in two places are two problems."""
    with pytest.raises(SettingsError) as wrong:
        read(SHOP.replace("needs: [order, day]", "needs: [week, year]"))
    assert [problem.message for problem in wrong.value.problems] == ["there is no field week", "there is no field year"]


@pytest.mark.parametrize(
    "header",
    [
        SHOPIFY,
        [text.upper() for text in SHOPIFY],
        [f"  {text.replace(' ', '  ')}*" for text in SHOPIFY],
        ["\ufeffName", *SHOPIFY[1:]],
        [f'"{text}"' for text in SHOPIFY],
        ["Ｎａｍｅ", *SHOPIFY[1:]],
        [*SHOPIFY, "", "Anything else", "Name"],
    ],
)
def test_a_header_is_its_layouts_however_it_is_written(header: list[str]) -> None:
    """Case, spaces, width, quotes, a BOM, marks and unknown columns do not matter; the first of a name counts."""
    match = recognised(header)
    assert match is not None
    assert match.layout.id == "shopify/orders"
    assert match.places["order"] == 0


def test_any_order_of_columns() -> None:
    """A header of a layout's own names is recognised, in any order and with other columns between."""
    chance = random.Random(10)
    for each in layouts().values():
        names = {
            name: written.names[chance.randrange(len(written.names))].replace("{currency}", "KRW")
            for name, written in each.fields.items()
            if written.names and name not in each.not_with
        }
        if any(name not in names for name in each.needs):
            continue
        header = [*names.values(), "Something of their own", "備註 9"]
        chance.shuffle(header)
        assert each.id in [match.layout.id for match in recognitions(header, only=each.id)]


def test_what_lacks_a_needed_column_is_no_match() -> None:
    """Without the status nobody knows which orders were cancelled: the file is not taken for the layout's."""
    assert recognised([text for text in SHOPIFY if text != "Financial Status"]) is None


def test_the_currency_of_a_header() -> None:
    """A code or a sign in the header is the currency; what is no currency is no match, and two are none either."""
    (match,) = recognitions(["Day", "Campaign name", "Amount spent (KRW)", "Impressions"], only="meta_ads/by_day")
    assert match.currency == "KRW"
    assert recognitions(["Day", "Campaign name", "Amount spent (abc)", "Impressions"], only="meta_ads/by_day") == ()


def test_a_pattern_that_fits_two_columns_fits_none() -> None:
    """Of two questions from 0 to 10 nobody can say which is meant; kpi.yaml can."""
    header = ["#", "Rate us from 0 to 10", "Rate them from 0 to 10", "Submit Date (UTC)", "Network ID"]
    assert recognised(header, only="typeform/responses") is None
    named = renamed_fields(layout("typeform/responses"), {"score": "Rate us from 0 to 10"})
    match = recognised(header, "typeform/responses", named)
    assert match is not None
    assert match.headers["score"] == "Rate us from 0 to 10"


def test_a_record_of_data_is_no_header() -> None:
    """Lines above and below a header are not taken for it."""
    is_header = header_test("shopify/orders")
    assert is_header(SHOPIFY)
    assert not is_header(["#1001", "a@example.com", "paid", "USD", "10.00", "2026-10-01", "Mug"])
    assert not is_header([])
