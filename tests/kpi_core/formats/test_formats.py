"""Numbers, movements and dates as each language writes them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from answer_examples import CAC, CONVERSION, OCTOBER, SEPTEMBER, SPEND, change
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.formats.movements import basis_text, change_text, comparison_text
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import amount_text, gap_text, told_apart, value_text
from kpi_core.formats.periods import axis_label, date_text, period_label, range_text
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import Notice

from tables import CATALOG

STYLES = ("headline", "exact", "axis")
UNITS = ("count", "currency", "percent", "ratio", "score", "duration")


@pytest.mark.parametrize(
    ("value", "currency", "language", "headline", "exact"),
    [
        (41.27, "USD", "en", "$41.3", "$41.27"),
        (40.0, "USD", "en", "$40.0", "$40"),
        (0.0, "USD", "en", "$0", "$0"),
        (1238.5, "USD", "en", "$1,239", "$1,238.50"),
        (9999.7, "USD", "en", "$10K", "$9,999.70"),
        (12381.0, "USD", "en", "$12.4K", "$12,381"),
        (999_999.0, "USD", "en", "$1M", "$999,999"),
        (-12381.5, "USD", "en", "-$12.4K", "-$12,381.50"),
        (0.0341, "USD", "en", "$0.034", "$0.034"),
        (0.4, "USD", "en", "$0.40", "$0.40"),
        (12_381_234.0, "KRW", "ko", "₩1,238만", "₩12,381,234"),
        (240_000_000.0, "KRW", "ko", "₩2.4억", "₩240,000,000"),
        (41_300.0, "KRW", "ko", "₩4.13만", "₩41,300"),
        (350.4, "KRW", "ko", "₩350", "₩350"),
        (5.43, "KRW", "ko", "₩5.4", "₩5.4"),
        (12_381_234.0, "TWD", "zh-TW", "$1,238萬", "$12,381,234"),
        (12_381_234.0, "KRW", "en", "₩12.4M", "₩12,381,234"),
        (41.27, "USD", "ko", "US$41.3", "US$41.27"),
        (1234.5678, "JPY", "en", "¥1,235", "¥1,235"),
    ],
)
def test_money(value: float, currency: str, language: str, headline: str, exact: str) -> None:
    """Money has three digits in a headline and what its currency counts in a table."""
    assert amount_text(value, "currency", currency, language) == headline
    assert amount_text(value, "currency", currency, language, "exact") == exact


@pytest.mark.parametrize(
    ("value", "unit", "language", "headline", "exact"),
    [
        (300, "count", "en", "300", "300"),
        (1238, "count", "en", "1,238", "1,238"),
        (12381, "count", "en", "12.4K", "12,381"),
        (41.274, "count", "en", "41.3", "41.27"),
        (12_381_234, "count", "zh-TW", "1,238萬", "12,381,234"),
        (0, "count", "ko", "0", "0"),
        (0.0312, "percent", "en", "3.12%", "3.12%"),
        (0.0312, "percent", "ko", "3.12%", "3.12%"),
        (2.5, "percent", "zh-TW", "250%", "250%"),
        (0.000412, "percent", "en", "0.0412%", "0.0412%"),
        (3.14, "ratio", "en", "3.1×", "3.14×"),
        (3.0, "ratio", "en", "3.0×", "3.00×"),
        (0.853, "ratio", "ko", "0.85배", "0.85배"),
        (-5.2, "score", "en", "-5.2", "-5.2"),
    ],
)
def test_numbers_of_every_unit(value: float, unit: str, language: str, headline: str, exact: str) -> None:
    """Rates are stored as fractions and read as percent; ratios are times."""
    assert amount_text(value, unit, "USD", language) == headline
    assert amount_text(value, unit, "USD", language, "exact") == exact


@pytest.mark.parametrize(
    ("kpi", "texts"),
    [
        ("purchase_frequency", ("1.2 times", "1.2회", "1.2 次")),
        ("frequency", ("1.2 times", "1.2회", "1.2 次")),
        ("pages_per_session", ("1.2 pages", "1.2페이지", "1.2 頁")),
        ("ltv_cac", ("1.2×", "1.2배", "1.2 倍")),
    ],
)
def test_a_ratio_that_counts_is_no_multiple(kpi: str, texts: tuple[str, str, str]) -> None:
    """Purchases a customer are counted in times; only money for money is so many times as much."""
    assert tuple(value_text(1.2, CATALOG.metrics[kpi], "USD", each) for each in LANGUAGES) == texts


@pytest.mark.parametrize(
    ("value", "counted_in", "texts"),
    [
        (155, "seconds", ("2 min 35 s", "2분 35초", "2 分 35 秒")),
        (3725, "seconds", ("1 h 2 min", "1시간 2분", "1 小時 2 分")),
        (12.34, "seconds", ("12.3 s", "12.3초", "12.3 秒")),
        (1, "days", ("1 day", "1일", "1 天")),
        (12.41, "days", ("12.4 days", "12.4일", "12.4 天")),
        (8.25, "months", ("8.3 months", "8.3개월", "8.3 個月")),
    ],
)
def test_durations(value: float, counted_in: str, texts: tuple[str, str, str]) -> None:
    """A duration is said in the unit its KPI is counted in."""
    said = tuple(amount_text(value, "duration", "", each, duration_unit=counted_in) for each in LANGUAGES)
    assert said == texts


def test_no_data_is_never_a_number() -> None:
    """None, and what is no number, is said in words."""
    for value in (None, float("nan"), float("inf")):
        assert value_text(value, CAC, "USD", "en") == "no data"
        assert value_text(value, CAC, "USD", "ko") == "데이터 없음"


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
    st.sampled_from(UNITS),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["USD", "KRW", "TWD", "KWD"]),
    st.sampled_from(STYLES),
)
def test_every_number_has_a_text(value: float, unit: str, language: str, currency: str, style: str) -> None:
    """Any number of any unit can be written, with its sign, and never as a bare minus zero."""
    text = amount_text(value, unit, currency, language, style)  # type: ignore[arg-type]
    assert text
    assert "{" not in text
    assert not text.startswith("-0") or any(digit in text for digit in "123456789")


@given(st.integers(10_000, 10**13), st.sampled_from(LANGUAGES))
def test_a_compact_number_is_near_its_value(value: int, language: str) -> None:
    """A compact headline is off by half a percent at most."""
    text = amount_text(value, "count", "", language)
    scale = {
        "K": 1e3,
        "M": 1e6,
        "B": 1e9,
        "T": 1e12,
        "만": 1e4,
        "억": 1e8,
        "조": 1e12,
        "萬": 1e4,
        "億": 1e8,
        "兆": 1e12,
    }
    assert abs(float(text[:-1].replace(",", "")) * scale[text[-1]] - value) <= 0.005 * value


@pytest.mark.parametrize(
    ("before", "now", "verdict", "texts"),
    [
        (39.1, 41.27, "worse", ("▲ 5.5% (worse)", "▲ 5.5% (악화)", "▲ 5.5%（變差）")),
        (42.5, 41.27, "better", ("▼ 2.9% (better)", "▼ 2.9% (개선)", "▼ 2.9%（改善）")),
        (
            41.2,
            41.27,
            "same",
            (
                "+0.2%, within its usual swing of ±9%",
                "+0.2%, 평소 변동폭 ±9% 이내",
                "+0.2%，在平常的波動 ±9% 之內",
            ),
        ),
        (
            41.27,
            41.27,
            "same",
            (
                "0.0%, within its usual swing of ±9%",
                "0.0%, 평소 변동폭 ±9% 이내",
                "0.0%，在平常的波動 ±9% 之內",
            ),
        ),
        (10.0, 32.0, "worse", ("▲ ×3.2 (worse)", "▲ ×3.2배 (악화)", "▲ ×3.2 倍（變差）")),
        (10.0, 30.0, "worse", ("▲ 200.0% (worse)", "▲ 200.0% (악화)", "▲ 200.0%（變差）")),
        (0.0, 12.0, "worse", ("▲ $12.0 (worse)", "▲ US$12.0 (악화)", "▲ US$12.0（變差）")),
    ],
)
def test_movements(before: float, now: float, verdict: str, texts: tuple[str, str, str]) -> None:
    """How far, and whether that is good, in words; times instead of percent above 200%."""
    found = change("previous_period", SEPTEMBER, before, now, verdict)  # type: ignore[arg-type]
    wanted = tuple(text.replace("×3.2배", "×3.2").replace("×3.2 倍", "×3.2") for text in texts)
    assert tuple(change_text(found, CAC, each, "USD") for each in LANGUAGES) == wanted


def test_a_swing_may_reach_further_down_than_up() -> None:
    """A small movement is told with the swing of its own side."""
    usual = (30.0, 42.0)
    said = [
        change_text(replace(change("previous_period", SEPTEMBER, 40.0, now, "same"), usual=usual), CAC, "en", "USD")
        for now in (41.0, 38.0)
    ]
    assert said == ["+2.5%, within its usual swing of ±5%", "-5.0%, within its usual swing of ±25%"]


def test_a_swing_as_large_as_the_number_is_not_told() -> None:
    """A KPI that moves by itself by all that it is, or more, is as usual: ±250% says nothing to a reader."""
    for usual, words in (
        ((10.0, 79.0), "±98%"),
        ((10.0, 80.0), "(often moves as much)"),
        ((10.0, 140.0), "(often moves as much)"),
    ):
        moved = replace(change("previous_period", SEPTEMBER, 40.0, 50.0, "same"), usual=usual)
        assert change_text(moved, CAC, "en", "USD").endswith(words)


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (0.031, 0.036, "▲ 3.1% → 3.6%, +0.5 pp (better)"),
        (0.0314, 0.0355, "▲ 3.14% → 3.55%, +0.41 pp (better)"),
        (0.5, 0.25, "▼ 50.0% → 25.0%, -25.0 pp (better)"),
        (0.0031, 0.00315, "▲ 0.310% → 0.315%, +0.005 pp (better)"),
    ],
)
def test_rates_move_in_points(before: float, now: float, text: str) -> None:
    """A rate's change is in percentage points, and what is shown adds up."""
    found = change("previous_period", SEPTEMBER, before, now, "better")
    assert change_text(found, CONVERSION, "en") == text


def test_a_neutral_kpi_gets_no_verdict() -> None:
    """More ad spend is neither good nor bad."""
    assert change_text(change("previous_period", SEPTEMBER, 100.0, 110.0, "neutral"), SPEND, "en") == "▲ 10.0%"


def test_a_withheld_change_says_why() -> None:
    """Where a comparison would mislead, its reason stands in its place, the period by its name."""
    notice = Notice("notice.no_other", {"start": "2026-09-01", "end": "2026-09-30"})
    found = change("previous_period", SEPTEMBER, None, 41.27, None, notice=notice)
    assert change_text(found, CAC, "en") == "No data to compare with in September 2026."
    partial = replace(change("previous_period", SEPTEMBER, 9.0, 41.27, None), change_ratio=None)
    partial = replace(partial, notice=Notice("notice.other_partial", {"start": "2026-09-01", "end": "2026-09-30"}))
    said = comparison_text(partial, CAC, "en", "USD", OCTOBER)
    assert said == "The data starts inside September 2026, so the change is not shown."


def test_a_comparison_names_its_basis() -> None:
    """Never a bare percentage: the other period, or the days of both, stand beside it."""
    whole = change("previous_period", SEPTEMBER, 39.1, 41.27, "worse")
    assert comparison_text(whole, CAC, "en", "USD", OCTOBER) == "▲ 5.5% (worse) against September 2026, $39.1"
    november = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
    first, other = Period(date(2026, 11, 1), date(2026, 11, 22)), Period(date(2026, 10, 1), date(2026, 10, 22))
    part = change("previous_period", other, 40.2, 43.9, "worse", first)
    assert basis_text(part, "en", november) == "1-21 November against 1-21 October"
    said = "▲ 9.2% (worse) · 1-21 November $43.9 against 1-21 October $40.2"
    assert comparison_text(part, CAC, "en", "USD", november) == said
    year = change("year_ago", Period(date(2025, 11, 1), date(2025, 11, 22)), 40.2, 43.9, "worse", first)
    assert basis_text(year, "en", november) == "1-21 November 2026 against 1-21 November 2025"


@pytest.mark.parametrize(
    ("start", "end", "grain", "texts"),
    [
        ("2026-10-01", "2026-11-01", "month", ("October 2026", "2026년 10월", "2026年10月")),
        (
            "2026-11-16",
            "2026-11-23",
            "week",
            ("Week 47 · 16-22 November 2026", "47주차 · 2026년 11월 16~22일", "第47週 · 2026年11月16-22日"),
        ),
        ("2026-11-15", "2026-11-22", "week", ("15-21 November 2026", "2026년 11월 15~21일", "2026年11月15-21日")),
        ("2026-07-01", "2026-10-01", "quarter", ("Q3 2026", "2026년 3분기", "2026年第3季")),
        ("2026-01-01", "2026-07-01", "half", ("first half of 2026", "2026년 상반기", "2026年上半年")),
        ("2026-01-01", "2027-01-01", "year", ("2026", "2026년", "2026年")),
        ("2026-11-22", "2026-11-23", "day", ("22 November 2026", "2026년 11월 22일", "2026年11月22日")),
        ("2026-11-01", "2026-11-22", "month", ("1-21 November 2026", "2026년 11월 1~21일", "2026年11月1-21日")),
        (
            "2026-10-25",
            "2026-11-22",
            "span",
            ("25 October - 21 November 2026", "2026년 10월 25일~11월 21일", "2026年10月25日至11月21日"),
        ),
        ("2026-08-01", "2026-11-01", "span", ("August-October 2026", "2026년 8월~10월", "2026年8月至10月")),
        (
            "2025-12-01",
            "2026-03-01",
            "span",
            ("December 2025 - February 2026", "2025년 12월~2026년 2월", "2025年12月至2026年2月"),
        ),
        ("2026-10-01", "2026-11-22", "quarter", None),
    ],
)
def test_periods_by_name(start: str, end: str, grain: str, texts: tuple[str, str, str] | None) -> None:
    """A period is called what people call it; a part of one by its days."""
    period = Period(date.fromisoformat(start), date.fromisoformat(end), grain)  # type: ignore[arg-type]
    said = tuple(period_label(period, each) for each in LANGUAGES)
    assert said == (texts or tuple(range_text(period.start, period.last_day, each) for each in LANGUAGES))
    assert all(len(axis_label(period, each)) <= 20 for each in LANGUAGES)


def test_a_fiscal_year_is_named_by_the_calendar() -> None:
    """Where the year begins in April, quarters and years are fiscal and say their months."""
    calendar = Calendar(fiscal_starts=4, fiscal_named_by="end")
    year = Period(date(2025, 4, 1), date(2026, 4, 1), "year")
    quarter = Period(date(2025, 7, 1), date(2025, 10, 1), "quarter")
    assert period_label(year, "en", calendar) == "FY2026 · April 2025 - March 2026"
    assert period_label(quarter, "en", calendar) == "Q2 FY2026 · July-September 2025"
    assert period_label(quarter, "ko", replace(calendar, fiscal_named_by="start")).startswith("2025 회계연도 2분기")
    assert period_label(year, "en") == "April 2025 - March 2026"


def test_dates_and_notices() -> None:
    """Dates inside a notice are written as people write them, parts of a formula by their names."""
    day = date(2026, 11, 21)
    assert [date_text(day, each, year=False, short=True) for each in LANGUAGES] == ["21 Nov", "11월 21일", "11月21日"]
    stale = Notice("warning.stale", {"through": "2026-11-21"})
    assert notice_text(stale, "en") == "Data is late: the newest day is 21 November 2026."
    zero = Notice("warning.zero_denominator", {"part": "new_customers"})
    assert "신규 고객" in notice_text(zero, "ko", CAC)
    folded = Notice("warning.top_folded", {"shown": 3, "total": 48, "dimension": "channel, ad_group"})
    assert "管道, 廣告群組" in notice_text(folded, "zh-TW")


def test_a_date_that_there_is_not_is_told_as_typed() -> None:
    """The 31st of a thirteenth month is repeated to whoever typed it, in any script's digits."""
    for typed in ("2026-13-31", "2026-02-30", "0000-00-00", "２０２６-13-31"):
        said = notice_text(Notice("sheet.problem.bad_by", {"word": typed}), "en")
        assert said == f"{typed} is no date: write it like 2026-12-31."


@pytest.mark.parametrize(
    ("gap", "target", "text"),
    [
        (1.27, 40.0, "$1.3"),
        (-1.27, 40.0, "$1.3"),
        (0.82, 40.0, "$0.82"),
        (12.3, 400.0, "$12"),
        (12381.0, 50000.0, "$12K"),
    ],
)
def test_a_gap_is_as_exact_as_its_target(gap: float, target: float, text: str) -> None:
    """$41.3 against $40.0 is $1.3 over, whatever the digits behind."""
    assert gap_text(gap, target, CAC, "USD", "en") == text


def test_a_ratio_is_a_percentage_where_its_readers_write_it_so() -> None:
    """Korean marketers read ROAS in percent, target, gap and movement alike; others read how many times."""
    roas = CATALOG.metrics["roas"]
    assert [value_text(3.125, roas, "KRW", language) for language in LANGUAGES] == ["3.1×", "313%", "3.1 倍"]
    assert value_text(3.125, CATALOG.metrics["roas@last_click"], "KRW", "ko") == "313%"
    assert gap_text(0.125, 3.0, roas, "KRW", "ko") == "12.5%p"
    moved = change("previous_period", SEPTEMBER, 2.9, 3.125, "better")
    assert change_text(moved, roas, "en", "KRW") == "▲ 7.8% (better)"
    assert change_text(moved, roas, "ko", "KRW") == "▲ 290.0% → 312.5%, +22.5%p (개선)"


def test_a_value_is_told_from_its_goal() -> None:
    """39.96 against 40 has the digits to see why it was missed; 38 has no more than it needs."""
    assert told_apart(39.96, 40.0, CAC, "USD", "en") == ("$39.96", "$40")
    assert told_apart(38.0, 40.0, CAC, "USD", "en") == ("$38.0", "$40.0")
    assert told_apart(40.0, 40.0, CAC, "USD", "en") == ("$40.0", "$40.0")
    assert told_apart(12_004_000.0, 12_000_000.0, SPEND, "KRW", "ko") == ("₩12,004,000", "₩12,000,000")


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_shown_of_rates_adds_up(before: float, now: float) -> None:
    """The points of a change are the difference of the two percentages as they are shown; nothing reads -0.0."""
    text = change_text(change("previous_period", SEPTEMBER, before, now, "neutral"), CONVERSION, "en")
    first, last, points = (Decimal(number) for number in re.findall(r"[+-]?\d+(?:\.\d+)?", text))
    assert last - first == points
    assert not re.search(r"[+-]0(\.0+)?(?![.\d])", text)
