"""Headers that count in thousands and more."""

from __future__ import annotations

import pytest

from kpi_core.layouts.multiples import counted_currencies, multiple_of, part_of, seconds_of

COUNTED = {
    1000: [
        "매출(천원)", "매출 천원", "Revenue (k EUR)", "Revenue (€k)", "Revenue (TEUR)", "revenue_in_thousands",
        "Umsatz in Tsd. €", "Amount ($000s)", "Amount (EUR '000)", "Amount (in thousands, USD)", "Spend (K)",
        "營收（單位：新台幣千元）", "노출(천)", "Impressions (1,000)",
    ],
    10**4: ["매출액(만원)", "營收(萬元)"],
    10**6: [
        "매출액 (단위: 백만원)", "매출_백만원", "Revenue (M€)", "Revenue (KRW mn)", "Revenue in millions of dollars",
    ],
    10**8: ["금액(억)", "營收 億元"],
}  # fmt: skip
ONES = (
    "Amount (USD)", "금액(원)", "Duration (m)", "Distance (km)", "Amount (net)", "in stock", "비용(VAT포함)", "元",
    "Spend (in USD)", "Orders (#)", "items in cart",
)  # fmt: skip
CURRENCIES: dict[str, set[str]] = {
    "Revenue (k USD)": {"USD"}, "매출(백만원)": {"원"}, "Umsatz (T€)": {"€"}, "Revenue (k)": set(),
    "Revenue (USD)": set(),
}  # fmt: skip


def test_a_header_says_what_it_counts_in() -> None:
    """Thousands in brackets or at the end, in three languages and German, with or without the currency."""
    assert {header: multiple_of(header) for headers in COUNTED.values() for header in headers} == {
        header: factor for factor, headers in COUNTED.items() for header in headers
    }


@pytest.mark.parametrize("header", ONES)
def test_other_units_count_ones(header: str) -> None:
    """A currency, a minute, a note: nothing is multiplied."""
    assert multiple_of(header) == 1


def test_a_single_letter_counts_of_money_alone() -> None:
    """(M) are millions of revenue, and minutes of a visit."""
    assert multiple_of("Revenue (M)", of_money=True) == 10**6
    assert multiple_of("Time on site (M)") == 1


@pytest.mark.parametrize("header", CURRENCIES)
def test_the_currency_beside_it_is_heard(header: str) -> None:
    """Thousands of dollars are dollars, in a firm that counts in euros."""
    assert counted_currencies(header) == CURRENCIES[header]


def test_cents_and_millionths_are_parts() -> None:
    """Payments count in cents, advertising in millionths; a percent or a centre is none of them."""
    headers = (
        "amount_cents",
        "Amount (cents)",
        "amount in cents",
        "cost_micros",
        "Amount",
        "per cent of all",
        "Centre",
    )
    assert [float(part_of(header)) for header in headers] == [0.01, 0.01, 0.01, 0.000001, 1, 1, 1]


DURATIONS = {
    60: ["Duration (min)", "Duration in minutes", "체류 시간(분)", "停留時間（分鐘）", "duration_min", "Time (m)"],
    3600: ["time_hours", "체류(시간)", "停留（小時）"],
    0.001: ["load_ms", "Duration (ms)"],
    1: ["Duration (s)", "duration", "체류 시간", "停留時間", "session_time", "Duration"],
}


def test_durations_say_their_unit() -> None:
    """Minutes, hours, milliseconds; the Korean word for time, which is that for an hour, says nothing by itself."""
    assert {header: float(seconds_of(header)) for headers in DURATIONS.values() for header in headers} == {
        header: seconds for seconds, headers in DURATIONS.items() for header in headers
    }
