# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What a question was read as: in JSON, in words again, and what is said where the words left something open."""

from __future__ import annotations

import re
from datetime import date
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, shift, unit_of
from kpi_core.errors import QuestionError
from kpi_core.formats.notices import notice_text
from kpi_core.formats.reading_json import reading_json
from kpi_core.metrics import LANGUAGES
from kpi_core.query import Comparison, MetricQuery
from kpi_core.questions.parse import build_vocabulary, error_words, parse_question
from kpi_core.questions.period_words import EXAMPLES
from kpi_core.questions.spelled import question_of

import long
from tables import CATALOG

TODAY = date(2026, 11, 22)
SEOUL = Calendar(timezone="Asia/Seoul", holidays="KR")
MEMBERS: dict[str, tuple[str | None, ...]] = {
    "channel": ("search", "social", None),
    "campaign": ("Brand Search", "여름 세일", "Sale, 10 % off"),
    "device": ("mobile", "desktop"),
}
VOCABULARY = build_vocabulary(CATALOG, lambda dimension: MEMBERS.get(dimension, ()))

kpis = st.sampled_from(("cac", "매출", "營收", "leads", "ROAS", "traffic_by_channel", "website traffic"))
periods = st.sampled_from(
    ("", "last month", "this quarter", "지난주", "去年第三季", "2026-10-05..2026-10-18", "fridays", "last 28 days", "mtd", "2025")
)  # fmt: skip
versus = st.lists(
    st.sampled_from(("vs goal", "vs last month", "vs last year", "전월 대비", "vs 2026-03", "yoy", "vs same weekdays last year", "vs 2025")),
    max_size=2,
)  # fmt: skip
splits = st.sampled_from(("", "by channel", "채널별", "by channel, campaign", "各地區"))
filters = st.lists(
    st.sampled_from(
        ("channel=search", "channel!=social", 'campaign="Sale, 10 % off"', "channel=(none)", "campaign≠여름 세일", "device=mobile")
    ),
    max_size=3,
)  # fmt: skip
cuts = st.lists(
    st.sampled_from(("top 5", "bottom 3", "worst", "제일 높은", "最低的3個", "daily", "每週", "월별", "quarterly")),
    max_size=2,
)


def ask(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, SEOUL, TODAY)


@long.examples("questions in words, in JSON and in words again", 60, 5_000)
@given(kpis, periods, versus, splits, filters, cuts)
@example("cac", "지난주", ["vs 2025"], "", [], [])
def test_a_reading_in_words_again_is_read_the_same(
    kpi: str, period: str, versus: list[str], split: str, filters: list[str], cuts: list[str]
) -> None:
    """Whatever a question was read as, its reading has every key, and its words in ids and dates are read alike."""
    try:
        query = ask(" ".join((kpi, period, *versus, split, *filters, *cuts)))
    except QuestionError:
        return
    reading = reading_json(query)
    assert list(reading) == ["intent", "kpi", "period", "where", "where_not", "by", "top", "order", "grain", "vs"]
    assert reading_json(ask(question_of(query))) == reading


def test_a_reading_says_what_the_question_said() -> None:
    """Ids and half-open days; what was not said is empty, and no comparison that nobody named is in it."""
    assert reading_json(ask("CAC 지난달 channel!=social device=mobile vs goal by campaign top 5")) == {
        "intent": "breakdown",
        "kpi": "cac",
        "period": {"start": "2026-10-01", "end": "2026-11-01"},
        "where": {"device": ["mobile"]},
        "where_not": {"channel": ["social"]},
        "by": ["campaign"],
        "top": 5,
        "order": "best",
        "grain": None,
        "vs": "goal",
    }
    plain = reading_json(ask("cac"))
    assert (plain["intent"], plain["vs"], plain["where"], plain["by"]) == ("value", None, {}, [])
    assert reading_json(ask("cac vs 2026-03 vs goal"))["vs"] == [{"start": "2026-03-01", "end": "2026-04-01"}, "goal"]
    assert [reading_json(ask(text))["intent"] for text in ("cac vs goal", "cac weekly")] == ["goal", "trend"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kpi", ["bounce_rate", "cac", "ltv_cac", "impressions", "leads"])
def test_a_period_that_was_not_asked_for_is_said(kpi: str, language: str) -> None:
    """The card names the period it took and others; each of those words can be asked."""
    query = ask(kpi)
    (notice,) = query.assumed
    sentence = notice_text(notice, language)
    _, offers = re.split(r"; also|답했습니다\.|也可問", sentence)
    words = re.split(r"[,、]", re.sub(r"도 볼 수 있습니다\.|[.。]$", "", offers))
    taken = [ask(f"{kpi} {other}") for other in words]
    assert len({other.period for other in (query, *taken)}) == 3
    assert all(not other.assumed for other in taken)


def test_a_period_that_was_asked_for_is_not_remarked_on() -> None:
    """Only where the words leave it open; one that follows from what it is held against is named."""
    assert not ask("cac last month").assumed
    assert not ask("3분기 매출 전년 대비").assumed
    (notice,) = ask("cac vs the week before").assumed
    assert notice_text(notice, "en").startswith("No period asked: 9-15 November 2026")
    (running,) = ask("cac vs last month").assumed
    assert notice_text(running, "en") == "No period asked: November 2026 so far; also last month, last week."


BASES = {
    "day": ("vs yesterday", "어제 대비", "與昨天相比", "compared to yesterday"),
    "week": ("vs last week", "지난주 대비", "vs 2026-W46", "對比上週"),
    "month": ("vs last month", "지난달 대비", "對比上個月", "vs previous month", "與前一個月相比", "vs 2026-10"),
    "quarter": ("vs last quarter", "지난 분기 대비", "與上一季相比", "vs q3"),
    "half": ("vs 2026-H1", "vs first half"),
    "year": ("vs 2025",),
}


@pytest.mark.parametrize("kpi", ["conversion rate", "ad spend", "revenue", "ltv", "impressions", "cac"])
def test_what_stands_after_vs_is_the_base_whatever_the_kpi(kpi: str) -> None:
    """Of "vs last month" this month so far is the subject, of "vs yesterday" today, for every cadence and language."""
    for grain, bases in BASES.items():
        subject = unit_of(TODAY, cast("Grain", grain), SEOUL)
        for base in bases:
            query = ask(f"{kpi} {base}")
            assert (query.period, query.comparisons) == (subject, (Comparison("previous_period"),)), base
            assert query.assumed[0].key == "reading.so_far"


@pytest.mark.parametrize("kpi", ["conversion rate", "revenue", "ltv", "impressions"])
@pytest.mark.parametrize(
    ("grain", "words"),
    [
        (
            "month",
            ("vs same month last year", "작년 같은 달 대비", "전년 동월 대비", "與去年同月相比", "對比去年同一個月"),
        ),
        ("week", ("vs same week last year", "작년 같은 주 대비", "vs 去年同週")),
        ("quarter", ("vs the same quarter last year", "작년 같은 분기 대비", "vs 去年同季")),
        ("day", ("vs same day last year", "작년 같은 날 대비", "vs 去年同日")),
    ],
)
def test_the_same_unit_last_year_stays_that_unit(kpi: str, grain: Grain, words: tuple[str, ...]) -> None:
    """The last whole one against the one a year before, whatever period the KPI has by itself."""
    for text in words:
        query = ask(f"{kpi} {text}")
        assert query.period == shift(unit_of(TODAY, grain, SEOUL), -1, SEOUL), text
        assert query.comparisons == (Comparison("year_ago"),)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("cac vs this month", date(2026, 10, 1), date(2026, 11, 1)),
        ("cac vs same period last month", date(2026, 11, 1), date(2026, 11, 23)),
        ("cac vs 2026-03", date(2026, 11, 1), date(2026, 12, 1)),
        ("cac vs last month vs goal", date(2026, 11, 1), date(2026, 12, 1)),
        ("cac vs last month vs 2026-03", date(2026, 11, 1), date(2026, 12, 1)),
        ("cac vs last month vs q2", date(2026, 10, 1), date(2026, 11, 1)),
        ("cac vs last 7 days", date(2026, 10, 1), date(2026, 11, 1)),
        ("매출 전월 대비", date(2026, 10, 1), date(2026, 11, 1)),
    ],
)
def test_what_a_base_alone_leaves_open(text: str, start: date, end: date) -> None:
    """A running base has the period before as its subject; spans, bases of two sizes and 전월 대비 leave the usual one."""
    period = ask(text).period
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "top", "order"),
    [
        ("top 5 campaigns by roas this quarter", 5, "best"),
        ("top channels by cac", None, "best"),
        ("cac by channel bottom 2", 2, "worst"),
        ("which channel is worst for cac", None, "worst"),
        ("3 worst campaigns roas", 3, "worst"),
        ("top 3 lowest cac campaigns", 3, "least"),
        ("highest 3 channels cac", 3, "most"),
        ("로아스 제일 좋은 캠페인 3개 지난달", 3, "best"),
        ("CAC 제일 비싼 채널 어디야", None, "most"),
        ("채널별 cac 하위 3개", 3, "worst"),
        ("최악의 캠페인 3개 roas", 3, "worst"),
        ("최고 채널 roas", None, "best"),
        ("這季ROAS最好的前三個活動", 3, "best"),
        ("哪個渠道CAC最高啊", None, "most"),
        ("ROAS最低的3個活動", 3, "least"),
        ("各渠道CAC後三名", 3, "worst"),
    ],
)
def test_which_end_of_a_split_is_asked_for(text: str, top: int | None, order: str) -> None:
    """Top and best, bottom and worst, highest and lowest, in three languages, with a number or without."""
    reading = reading_json(ask(text))
    assert (reading["top"], reading["order"]) == (top, order)
    assert reading["by"]


@pytest.mark.parametrize("text", ["cac best month", "best cac", "cac 3", "캠페인 3개 cac", "cac by channel best worst"])
def test_a_rank_without_a_split_is_not_passed_over(text: str) -> None:
    """Nothing to rank, a number that counts nothing, or two ends at once: that is said."""
    assert _refused(text).code


@pytest.mark.parametrize(
    ("text", "intent", "kpi", "start", "end", "vs"),
    [
        ("did revenue drop yesterday?", "value", "sales_revenue", "2026-11-21", "2026-11-22", None),
        ("지난주 매출 올랐어요?", "value", "sales_revenue", "2026-11-09", "2026-11-16", None),
        ("昨天營收是不是掉了", "value", "sales_revenue", "2026-11-21", "2026-11-22", None),
        ("are we on track for leads", "goal", "leads", "2026-11-01", "2026-12-01", "goal"),
        ("did we hit the leads target last month", "goal", "leads", "2026-10-01", "2026-11-01", "goal"),
        ("CAC 목표까지 얼마나 남았어", "goal", "cac", "2026-11-01", "2026-12-01", "goal"),
        ("這個月營收會達標嗎", "goal", "sales_revenue", "2026-11-01", "2026-12-01", "goal"),
        ("leads mom", "value", "leads", "2026-10-01", "2026-11-01", "previous_period"),
        ("cac wow", "value", "cac", "2026-11-09", "2026-11-16", "previous_period"),
        ("營收季增率", "value", "sales_revenue", "2026-07-01", "2026-10-01", "previous_period"),
        ("전년 동월 대비 리드", "value", "leads", "2026-10-01", "2026-11-01", "year_ago"),
        ("leads vs same quarter last year", "value", "leads", "2026-07-01", "2026-10-01", "year_ago"),
        ("지난주 신규 고객 몇 명이었죠", "value", "new_customers", "2026-11-09", "2026-11-16", None),
        ("近30天回購率麻煩幫我看一下,謝謝", "value", "repeat_purchase_rate", "2026-10-23", "2026-11-22", None),
        ("open rates for q3", "value", "email_open_rate", "2026-07-01", "2026-10-01", None),
    ],
)  # fmt: skip
def test_people_ask_in_their_own_words(text: str, intent: str, kpi: str, start: str, end: str, vs: str | None) -> None:
    """Movement, goals and comparisons that name their unit, with the manners of three languages."""
    reading = reading_json(ask(text))
    period = {"start": start, "end": end}
    assert reading | {"intent": intent, "kpi": kpi, "period": period, "vs": vs} == reading


@pytest.mark.parametrize(
    "text",
    [
        "why did cac drop",
        "what will revenue be next month",
        "ROAS下滑的原因",
        "매출 왜 떨어졌어",
        "CAC怎麼算的",
    ],
)
def test_what_the_words_ask_beyond_a_number_is_not_passed_over(text: str) -> None:
    """Why, forecasts and how it is computed are no values: a word that is not understood is called that."""
    with pytest.raises(QuestionError) as caught:
        ask(text)
    assert caught.value.code == "unknown_word"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_periods_are_periods(language: str) -> None:
    """What a hint gives as an example is understood, in the reader's own words."""
    periods = [ask(f"cac {example}") for example in EXAMPLES[language]]
    assert not any(query.assumed for query in periods)
    assert [query.period for query in periods] == [ask(f"cac {example}").period for example in EXAMPLES["en"]]
    assert EXAMPLES[language][0] in error_words(_refused("cac xyzzy"), language)[1]


def _refused(text: str) -> QuestionError:
    with pytest.raises(QuestionError) as caught:
        ask(text)
    return caught.value
