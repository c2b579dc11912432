# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""What a question was read as: in JSON, in words again, and what is said where the words left something open."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.formats.notices import notice_text
from kpi_core.formats.reading_json import reading_json
from kpi_core.metrics import LANGUAGES
from kpi_core.query import MetricQuery
from kpi_core.questions.parse import build_vocabulary, parse_question
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
    st.sampled_from(("vs goal", "vs last year", "전월 대비", "vs 2026-03", "yoy", "vs same weekdays last year", "vs 2025")),
    max_size=2,
)  # fmt: skip
splits = st.sampled_from(("", "by channel", "채널별", "by channel, campaign", "各地區"))
filters = st.lists(
    st.sampled_from(
        ("channel=search", "channel!=social", 'campaign="Sale, 10 % off"', "channel=(none)", "campaign≠여름 세일", "device=mobile")
    ),
    max_size=3,
)  # fmt: skip
cuts = st.lists(st.sampled_from(("top 5", "daily", "每週", "월별", "quarterly")), max_size=2)


def ask(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, SEOUL, TODAY)


@long.examples("questions in words, in JSON and in words again", 150, 5_000)
@given(kpis, periods, versus, splits, filters, cuts)
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
        "order": "most",
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
