# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Words of everyday speech around a KPI: where it comes from, whose it is, what wastes money, how it is worked out."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.intents.asking_why import asks_why, without_why
from kpi_core.questions.intents.definition_words import kpi_to_explain
from kpi_core.questions.parse import build_vocabulary, parse_question

from tables import CATALOG

TODAY = date(2026, 11, 22)
VOCABULARY = build_vocabulary(CATALOG, lambda dimension: ("search", "google") if dimension == "channel" else ())


def read(text: str) -> MetricQuery:
    return parse_question(text, VOCABULARY, Calendar(), TODAY)


@pytest.mark.parametrize(
    ("text", "kpi", "dimensions"),
    [
        ("where do our visits come from?", "website_traffic", ("channel",)),
        ("where did last month's leads mostly come from", "leads", ("channel",)),
        ("웹사이트 트래픽이 주로 어디서 들어와?", "website_traffic", ("channel",)),
        ("지난달 매출은 어디서 와?", "sales_revenue", ("channel",)),
        ("流量都從哪裡來", "website_traffic", ("channel",)),
        ("where do orders come from by region", "orders", ("region",)),
    ],
)
def test_where_something_comes_from_is_its_channel(text: str, kpi: str, dimensions: tuple[str, ...]) -> None:
    """In three languages; where the question names another dimension, that one is meant."""
    query = read(text)
    assert (query.metric, query.dimensions) == (kpi, dimensions)


@pytest.mark.parametrize("text", ["revenue that came from google", "orders that come from mobile"])
def test_what_comes_from_a_value_is_no_split(text: str) -> None:
    """Only a question for the place splits: what came from google is a part, and no sum by channel."""
    with suppress(QuestionError):
        query = read(text)
        assert (query.dimensions, query.filters) == ((), (Filter("channel", ("google",)),))


@pytest.mark.parametrize(
    ("text", "kpi"),
    [
        ("how much revenue did returning customers bring in during september", "repeat_customer_revenue"),
        ("revenue of repeat customers last month", "repeat_customer_revenue"),
        ("回頭客8月貢獻多少營收", "repeat_customer_revenue"),
        ("재구매 고객이 지난달 가져온 매출", None),
        ("기존 고객의 지난달 매출", "repeat_customer_revenue"),
        ("how many leads did returning customers bring in", None),
    ],
)
def test_whose_number_it_is_may_stand_apart(text: str, kpi: str | None) -> None:
    """A name such as "returning customer revenue" is known when it is taken apart; of other KPIs nobody knows theirs."""
    if kpi is None:
        with pytest.raises(QuestionError):
            read(text)
    else:
        assert read(text).metric == kpi


@pytest.mark.parametrize(
    "text", ["which campaigns are wasting money?", "효율 안나오는 캠페인 뭐야?", "哪些活動在燒錢沒效果"]
)
def test_what_wastes_money_is_asked_back(text: str) -> None:
    """By which KPI nobody has said: those that may be meant are offered, the worst campaigns first."""
    with pytest.raises(QuestionError) as caught:
        read(text)
    assert caught.value.code == "ambiguous"
    offered = [read(suggestion) for suggestion in caught.value.suggestions]
    assert [(query.metric, query.order, query.dimensions) for query in offered] == [
        ("roas", "worst", ("campaign",)),
        ("campaign_roi", "worst", ("campaign",)),
        ("cpa", "worst", ("campaign",)),
    ]
    assert read("campaigns wasting money by roas").order == "worst"


@pytest.mark.parametrize(
    ("text", "kpi"),
    [
        ("how do you calculate ltv?", "ltv"),
        ("How is CAC calculated", "CAC"),
        ("what does roas mean?", "roas"),
        ("what is the formula for churn rate", "churn rate"),
        ("로아스 어떻게 계산하는거야?", "로아스"),
        ("CAC의 정의가 뭐야", "CAC의"),
        ("CAC怎麼算的", "CAC"),
        ("廣告投資報酬率是什麼意思？", "廣告投資報酬率"),
        ("explain cac", "cac"),
        ("explain", ""),
        ("what is cac last month", None),
        ("how is cac", None),
        ("cac 2026-10 by channel", None),
        ("how are sales this month", None),
    ],
)
def test_words_that_ask_for_a_definition(text: str, kpi: str | None) -> None:
    """What a KPI means, and no number of it; what is left names the KPI."""
    assert kpi_to_explain(text) == kpi


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("why did cac go up in october", "cac in october"),
        ("Why we have less leads in Taiwan last month?", "we have leads in Taiwan last month"),
        ("로아스 떨어진 이유가 뭐야", "로아스"),
        ("대만 매출 왜 안나와 이번달", "대만 매출 이번달"),
        ("ROAS下滑的原因是什麼", "ROAS"),
        ("韓國營收這個月怎麼這麼差", "韓國營收這個月"),
    ],
)
def test_words_that_ask_why(text: str, question: str) -> None:
    """Why a number moved, in the words of three languages; what is left is the question itself."""
    assert asks_why(text)
    assert without_why(text) == question


@pytest.mark.parametrize(
    "text", ["cac last month", "leads by lost reason", "이탈 이유별 리드", "依原因的營收", "매출 지난달"]
)
def test_questions_that_do_not_ask_why(text: str) -> None:
    """A dimension may be called a reason."""
    assert not asks_why(text)


@pytest.mark.parametrize(
    "text",
    [
        "impression share last week", "click share", "spend share by platform", "share of new customers", "lead score",
        "share of revenue by channel", "leads won last month", "won leads last month", "traffic value yesterday",
        "refunds last week", "毛利 10月", "上半年毛利",
    ],
)  # fmt: skip
def test_a_word_that_makes_another_number_is_not_passed_over(text: str) -> None:
    """An impression share is no number of impressions, a lead's value none of leads, gross profit no rate: it is asked."""
    with pytest.raises(QuestionError) as refused:
        read(text)
    assert all(read(suggestion).metric for suggestion in refused.value.suggestions)


@pytest.mark.parametrize(
    ("text", "kpi"),
    [
        ("share of voice", "share_of_voice"),
        ("please share revenue of last month", "sales_revenue"),
        ("can you share last week's leads", "leads"),
        ("what's the value of cac", "cac"),
        ("cac value last month", "cac"),
        ("nps score", "nps"),
        ("number of leads we won over the year 2026", "leads"),
    ],
)
def test_the_same_words_elsewhere_are_little_ones(text: str, kpi: str) -> None:
    """Somebody shares a number, or asks for its value."""
    assert read(text).metric == kpi
