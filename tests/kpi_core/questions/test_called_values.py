"""The value of a filter is called by its very spelling: width, case and spaces aside, every sign counts."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError
from kpi_core.query import Filter
from kpi_core.questions.parse import build_vocabulary, parse_question
from kpi_core.questions.vocabulary import Vocabulary

TODAY = date(2026, 11, 22)
SEOUL = Calendar(timezone="Asia/Seoul")


def words_of(values: dict[str, tuple[str | None, ...]]) -> Vocabulary:
    return build_vocabulary(load_catalog(), lambda dimension_id: values.get(dimension_id, ()))


SIGNS = words_of(
    {"campaign": ("A", "A-", "🔥", "⭐", "brand", "Spring-Sale", "C++", "(test)", "no 1", "검색", "google?", None)}
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("A", "A"),
        ("a", "A"),
        ("A-", "A-"),
        ("a- last month", "A-"),
        ("A last month", "A"),
        ("A?", "A"),
        ("🔥", "🔥"),
        ("🔥 last month", "🔥"),
        ("⭐️", "⭐"),
        ("BRAND", "brand"),
        ("ｂｒａｎｄ!", "brand"),
        ("spring sale", "Spring-Sale"),
        ("spring_sale last month", "Spring-Sale"),
        ("c++", "C++"),
        ("(test)", "(test)"),
        ('"(test)"', "(test)"),
        ('"A-"', "A-"),
        ("no  1", "no 1"),
        ("검색은 지난달", "검색"),
        ("google?", "google?"),
        ("none", None),
    ],
)
def test_a_value_is_called_by_its_very_spelling(written: str, value: str | None) -> None:
    """Width, case and spaces aside; of two values that differ by a sign, the one that was written."""
    question = parse_question(f"cac campaign={written}", SIGNS, SEOUL, TODAY)
    assert question.filters == (Filter("campaign", (value,)),)


@pytest.mark.parametrize("written", ["?", "!", "A+", "-A", "c", "c+", "test", "💥", "brand-", '"A?"'])
def test_signs_call_no_other_value(written: str) -> None:
    """What differs from every value by a sign is no value; the nearest are offered."""
    with pytest.raises(QuestionError) as caught:
        parse_question(f"cac campaign={written}", SIGNS, SEOUL, TODAY)
    assert caught.value.code == "unknown_value"
    for question in caught.value.suggestions:
        assert parse_question(question, SIGNS, SEOUL, TODAY).filters


def test_all_values_of_one_spelling_are_meant() -> None:
    """Tables that no load has folded may have several spellings of one value: whoever asks for one means them all."""
    words = words_of({"channel": ("Meta", "META", "google")})
    assert parse_question("cac channel=meta", words, SEOUL, TODAY).filters == (Filter("channel", ("Meta", "META")),)
