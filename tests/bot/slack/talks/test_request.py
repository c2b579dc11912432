"""What a person typed is read as help, list, explain or a question; in private or not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.listeners.people import language_of
from bot.slack.listeners.request import Request, plain_words, read_request
from bot.slack.listeners.seen import Seen

import long

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("", Request("help", "", False)),
        ("  HELP ", Request("help", "", False)),
        ("도움말", Request("help", "", False)),
        ("說明", Request("help", "", False)),
        ("list", Request("list", "", False)),
        ("목록", Request("list", "", False)),
        ("清單 --private", Request("list", "", True)),
        ("what changed last week?", Request("changes", "what changed last week?", False)),
        ("지난주에 뭐가 달라졌어?", Request("changes", "지난주에 뭐가 달라졌어?", False)),
        ("上週有什麼變化", Request("changes", "上週有什麼變化", False)),
        ("which KPIs are there?", Request("list", "", False)),
        ("우리 목표 보여줘", Request("goals", "", False)),
        ("are we on track? --private", Request("goals", "", True)),
        ("list growth", Request("question", "list growth", False)),
        ("explain cac", Request("explain", "cac", False)),
        ("exact cac last month", Request("exact", "cac last month", False)),
        ("정확한 값 매출 지난달", Request("exact", "매출 지난달", False)),
        ("精確的營收", Request("exact", "營收", False)),
        ("Exactly?", Request("exact", "", False)),
        ("explain", Request("help", "", False)),
        ("CAC 설명", Request("explain", "CAC", False)),
        ("설명 고객 획득 비용", Request("explain", "고객 획득 비용", False)),
        ("說明CAC", Request("explain", "CAC", False)),
        ("cac  last-month\nby channel", Request("question", "cac last-month by channel", False)),
        ("cac --private last-month", Request("question", "cac last-month", True)),
        ("private cac", Request("question", "cac", True)),
        ("cac 私密", Request("question", "cac", True)),
        ("private", Request("question", "private", False)),
        ("cac where campaign=private", Request("question", "cac where campaign=private", False)),
        ("cac\u200b last-month", Request("question", "cac last-month", False)),
    ],
)
def test_words_are_read(typed: str, request_: Request) -> None:
    """The words that belong to Slack's face are taken off; the question itself stays as typed."""
    assert read_request(typed) == request_


@long.examples("commands of any text", 100, 100_000)
@given(st.text())
@example("TRUTHS")
def test_any_text_is_a_request(typed: str) -> None:
    """Nothing that can be typed raises, and what needs words has them."""
    request = read_request(typed)
    assert bool(request.words) == (request.kind in {"explain", "question", "why", "changes", "truths"})


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("<@U0KPIBOT> cac", "cac"),
        ("cac <@U0KPIBOT|kpi>", "cac"),
        ("cac &lt;b&gt; &amp; co", "cac <b> & co"),
        ("cac in source=<http://shop.kr|shop.kr>", "cac in source=shop.kr"),
        ("cac in source=<https://shop.kr>", "cac in source=shop.kr"),
        ("roi for <#C0123|ads>", "roi for ads"),
    ],
)
def test_a_message_is_read_as_it_was_typed(message: str, words: str) -> None:
    """Slack's own marks are undone; only the bot's name is taken out."""
    assert plain_words(message, "U0KPIBOT").strip() == words


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("ko-KR", "ko"), ("ko", "ko"), ("zh-TW", "zh-TW"), ("zh-Hant-HK", "zh-TW"), ("zh-HK", "zh-TW"),
        ("zh-CN", "en"), ("zh-Hans", "en"), ("en-US", "en"), ("fr-FR", "en"), ("", "en"),
    ],
)  # fmt: skip
def test_a_locale_has_a_language(locale: str, language: str) -> None:
    """Korean and Traditional Chinese are spoken, all others are answered in English."""
    assert language_of(locale) == language


def test_what_was_seen_is_known_until_it_is_long_ago() -> None:
    """A key comes first once; the oldest is forgotten when there are too many."""
    seen = Seen(lambda: datetime(2026, 11, 23, tzinfo=UTC), most=2)

    def first(*keys: str) -> bool:
        return asyncio.run(seen.first(*keys))

    assert first("a", "b")
    assert not first("c", "b")
    assert not first("c")
    assert first("a")
    assert first("", "")
    assert first("", "")
