"""Questions as people type them, in three languages: what each is read as, in the words of the strict grammar.

A line of `spoken_questions.tsv` is a question, a tab, and its right readings parted by " | ": a question of the strict
grammar, after `why`, `goal`, `normal` or `trend` where that is asked for; `explain` and a KPI; `changes` and a period;
`list`, `goals`, `values`, `help`; `?` is asked back, with one of these KPIs among the choices. `spoken_follow_ups.tsv`
has the question before as its first column.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_core.answering.layout import dimensions_of
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.query import MetricQuery
from kpi_core.questions.following import follow
from kpi_core.questions.intents.spoken import spoken
from kpi_core.questions.parse import build_vocabulary, parse_question

from tables import CATALOG

NOW = (Calendar(), date(2026, 11, 22))
VALUES = {
    "channel": ("affiliate", "direct", "display", "email", "organic", "referral", "search", "social", None),
    "campaign": ("Back in Stock", "Brand Search", "Cart Retargeting", "Home Decor Search", "Linen Prospecting"),
    "region": ("Europe", "Japan", "Korea", "Taiwan", "US"),
    "device": ("desktop", "mobile", "tablet", None),
    "platform": ("google", "meta", "naver", "tiktok"),
    "source": ("blogs", "direct", "google", "meta", "naver", "newsletter", "press", "tiktok", None),
    "audience": ("all", "hotels", "new subscribers", "repeat buyers"),
    "landing_page": ("/", "/bedding", "/lp/linen"),
    "network": ("facebook", "instagram", "tiktok"),
}
VOCABULARY = replace(
    build_vocabulary(CATALOG, lambda dimension: VALUES.get(dimension, ())),
    dimensions_of=lambda metric: dimensions_of(CATALOG.metrics[metric], CATALOG),
)
ALONE = {"help", "list", "goals", "values"}
COMPARED = {
    "normal": ("metric", "period", "filters"),
    "why": ("metric", "period", "filters"),
    "goal": ("metric", "filters"),
    "trend": ("metric", "period", "filters", "dimensions"),
}
Read = tuple[str, object]
"""What is asked for, and of what: a query, a KPI, a period, or the error."""


def lines(name: str) -> list[tuple[str, ...]]:
    texts = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in texts if line and not line.startswith("#")]


def strict(text: str) -> MetricQuery:
    return parse_question(text.replace("today", "2026-11-22") if ".." in text else text, VOCABULARY, *NOW)


def reading(text: str, before: str = "") -> Read:
    try:
        if before:
            asked, query = follow(strict(before), text, VOCABULARY, *NOW)
            return (asked if asked != "question" else kind_of(query)), query.metric if asked == "explain" else query
        heard = spoken(text, *NOW)
        if heard.intent in ALONE:
            return heard.intent, None
        if heard.intent == "changes":
            return heard.intent, heard.period
        query = strict(heard.words)
    except QuestionError as error:
        # Without a choice, and without a word of what is wrong with a KPI, nothing is asked back.
        helps = error.code == "help" or (error.code == "unknown_kpi" and not error.suggestions)
        return ("help" if helps else "?"), error
    if heard.intent == "explain":
        return heard.intent, query.metric
    return (heard.intent if heard.intent in {"why", "normal"} else kind_of(query)), query


def kind_of(query: MetricQuery) -> str:
    return "goal" if any(comparison.basis == "goal" for comparison in query.comparisons) else "question"


def is_right(got: Read, wanted: str) -> bool:
    kind, what = got
    first, _, rest = wanted.partition(" ")
    if first.startswith("?"):
        return kind == "?" and offers(what, first[1:])
    if first in ALONE or first == "explain":
        return got == (first, rest or what)
    if first == "changes":
        return got == (first, strict(f"cac {rest}").period)
    return isinstance(what, MetricQuery) and is_query(kind, what, first, strict(rest if first in COMPARED else wanted))


def is_query(kind: str, query: MetricQuery, first: str, wanted: MetricQuery) -> bool:
    if first not in COMPARED:
        return kind == kind_of(wanted) and ranked(query) == ranked(wanted)
    # A goal without a period is about the one that runs.
    same_days = first != "goal" or query.period == wanted.period or bool(wanted.assumed)
    parts = all(getattr(query, name) == getattr(wanted, name) for name in COMPARED[first])
    return kind == first.replace("trend", "question") and parts and same_days


def ranked(query: MetricQuery) -> MetricQuery:
    """With a number alone the best come first."""
    return replace(query, order=query.order or ("best" if query.top else None))


def offers(error: object, kpis: str) -> bool:
    assert isinstance(error, QuestionError)
    return not kpis or bool(set(kpis.split(",")) & {strict(text).metric for text in error.suggestions})


@pytest.mark.parametrize(("text", "wanted"), lines("spoken_questions.tsv"))
def test_a_question_is_read_as_it_is_meant(text: str, wanted: str) -> None:
    """Each has its one right reading, or is asked back where that is allowed; no other number answers it."""
    read = reading(text)
    assert any(is_right(read, each) for each in wanted.split(" | ")), read


@pytest.mark.parametrize(("before", "text", "wanted"), lines("spoken_follow_ups.tsv"))
def test_a_question_goes_on_from_the_one_before(before: str, text: str, wanted: str) -> None:
    """What it does not say is as in the question before; why, goals and thanks are understood as well."""
    read = reading(text, before)
    assert any(is_right(read, each) for each in wanted.split(" | ")), read


def test_a_question_that_goes_on_says_how_it_was_read() -> None:
    """In the words of the strict grammar, so that whoever reads the answer alone knows what it is about."""
    _asked, query = follow(strict("cac october"), "and by region?", VOCABULARY, *NOW)
    assert [(notice.key, notice.params["question"]) for notice in query.assumed] == [
        ("reading.continued", "cac 2026-10 by region")
    ]


def test_a_slip_is_read_and_told() -> None:
    """One near reading is taken, and the answer says so; where two are as near, the words are asked back."""
    query = strict("revnue yesterday")
    assert query.metric == "sales_revenue"
    assert [notice.key for notice in query.assumed] == ["reading.spelt"]
    assert query.question == "revnue yesterday"


@pytest.mark.parametrize("text", ["開信數上個月", "profit last month", "revenue from wholesale", "전환값 지난달"])
def test_another_word_is_no_slip(text: str) -> None:
    """A Chinese character is a word by itself, and a word that exists is none that was meant: nothing is guessed."""
    with pytest.raises(QuestionError):
        strict(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.sampled_from(["revnue", "/", "매츌", "cac"]))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_reading_or_an_error(text: str) -> None:
    """Whatever is typed, alone or after a question: no other error than that the words cannot be answered."""
    before = strict("cac october by channel")
    for read in (lambda: reading(text), lambda: follow(before, text, VOCABULARY, *NOW)):
        with suppress(QuestionError):
            read()
