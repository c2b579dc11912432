"""Whether a number is normal: the words that ask it in three languages, and what is left of them."""

from __future__ import annotations

import pytest

from kpi_core.questions.intents.asking_normal import asked_if_normal


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("is cac normal?", "cac"),
        ("Is our conversion rate still normal last week?", "conversion rate last week"),
        ("was website traffic unusual yesterday", "website traffic yesterday"),
        ("are leads typical", "leads"),
        ("CAC가 정상인가요?", "CAC"),
        ("지난주 전환율 정상이야?", "지난주 전환율"),
        ("트래픽이 이상한가요", "트래픽"),
        ("트래픽이 평소와 같아?", "트래픽"),
        ("轉換率正常嗎？", "轉換率"),
        ("上週營收是否異常", "上週營收"),
        ("is this normal?", None),
        ("is everything normal", None),
        ("cac last month", None),
        ("normal", None),
    ],
)
def test_words_that_ask_whether_it_is_normal(typed: str, question: str | None) -> None:
    """The KPI and the period are left; what names no KPI asks for something else."""
    assert asked_if_normal(typed) == question
