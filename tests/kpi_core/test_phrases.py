"""The sentences of the product: the same in three languages."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from string import Formatter

import pytest
from shipped import yaml_of

from kpi_core.catalog import load_catalog
from kpi_core.locale.data_words import column_words, table_words
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import knows, say

OTHERS = [language for language in LANGUAGES if language != "en"]
COUNTS = frozenset(
    [
        "count",
        "total",
        "rows",
        "days",
        "weeks",
        "months",
        "number",
        "more",
        "fields",
        "limit",
        "length",
        "most",
        "late",
        "available",
        "shown",
        "new",
    ]
)
MANY = ("value.many_", "value.points")
"""Said of other numbers than 1."""


@cache
def sentences(language: str) -> dict[str, str]:
    """Dotted keys and their sentences, straight from the file."""
    tree = yaml_of((files("kpi_core") / "locale" / f"{language}.yaml").read_text("utf-8"))
    found: dict[str, str] = {}
    _flatten(tree, "", found)
    return found


def _flatten(tree: dict[str, object], prefix: str, found: dict[str, str]) -> None:
    for key, value in tree.items():
        assert isinstance(key, str), f"{prefix}{key} must be quoted: YAML reads it as {type(key).__name__}"
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", found)
        else:
            assert isinstance(value, str), f"{prefix}{key} must be quoted"
            found[prefix + key] = value


def names(sentence: str) -> set[str]:
    return {name for _text, name, _form, _conversion in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_keys(language: str) -> None:
    """What can be said in English can be said in Korean and Chinese."""
    assert sentences(language).keys() == sentences("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_places_to_fill(language: str) -> None:
    """A translation names every number and name of the sentence; dates may leave out what they do not write."""
    english = sentences("en")
    for key, sentence in sentences(language).items():
        wanted = names(english[key])
        missing = wanted ^ names(sentence)
        assert not missing or key.startswith("date."), f"{key}: {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_neat(language: str) -> None:
    """No filler: nothing empty, no exclamation mark, no space at the ends of what does not stand between others."""
    for key, sentence in sentences(language).items():
        assert sentence.strip() == sentence or key.startswith(("sheet.unit.", "value.comma")), key
        assert sentence, key
        assert "!" not in sentence, key
        assert "！" not in sentence, key


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_are_translated(language: str) -> None:
    """A whole sentence that reads as in English has been forgotten."""
    english = sentences("en")
    same = [key for key, text in sentences(language).items() if text == english[key] and len(text.split()) > 5]
    assert same == []


def test_an_unknown_language_reads_english() -> None:
    """A language without a file falls back to English; an unknown key is a mistake."""
    assert say("fr", "value.no_data") == "no data"
    assert knows("value.no_data")
    assert not knows("value.nonsense")
    with pytest.raises(KeyError):
        say("en", "value.nonsense")


def test_one_is_told_in_the_singular() -> None:
    """Wherever English says a number with its noun, 1 has the singular: one row is kept out, two rows are."""
    plural = re.compile(r"\b1 (?:complete |more |of 1 )?[A-Za-z]+s\b")
    verbs = {"has", "is", "was", "stands", "lies", "does", "counts", "stays"}
    plurals = []
    for key in sentences("en"):
        text = say("en", key, **{name: 1 if name in COUNTS else "X" for name in names(sentences("en")[key])})
        plurals += [f"{key}: {text}" for match in plural.finditer(text) if match[0].split()[-1] not in verbs]
    assert [text for text in plurals if not text.startswith(MANY)] == []
    counts = [say("en", "health.rows_doubled", source="orders", period="May", count=n) for n in (1, 2, 1_000)]
    assert counts[0] == "orders: 1 row stands twice, May."
    assert counts[1:] == ["orders: 2 rows stand twice, May.", "orders: 1000 rows stand twice, May."]


def test_tables_and_columns_that_files_fill_have_names_in_every_language() -> None:
    """Whoever adds a file reads no name of a column in English among Korean or Chinese words."""
    models = [model for model in load_catalog().models.values() if not model.relation]
    names = {name for model in models for name in model.columns}
    words = [*(table_words(model.name) for model in models), *map(column_words, sorted(names))]
    assert [each["en"] for each in words if not all(each.get(language) for language in LANGUAGES)] == []
    assert column_words("our_own")["en"] == "our own"


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        ("비용", "비용을"),
        ("웹 방문", "웹 방문을"),
        ("광고", "광고를"),
        ("‘광고’", "‘광고’를"),
        ("금액 (KRW)", "금액 (KRW)을"),
        ("CAC", "CAC를"),
        ("CTR", "CTR을"),
        ("shop.csv", "shop.csv를"),
        ("2026-10-03", "2026-10-03을"),
        ("2026-10-05", "2026-10-05를"),
        ("10월", "10월을"),
        ("40%", "40%를"),
        ("費用", "費用을(를)"),
        ("budget", "budget을(를)"),
    ],
)
def test_a_korean_particle_goes_with_its_word(words: str, spoken: str) -> None:
    """By how the word ends when it is spoken; both forms stand only where its letters do not tell."""
    assert say("ko", "load.more_ready", available=1, total=2, table=words, count=3) == (
        f"KPI 2개 중 1개 준비됨. {spoken} 더하면 3개 더"
    )


@pytest.mark.parametrize(
    ("words", "spoken"),
    [("서울", "서울로"), ("매장", "매장으로"), ("채널 1", "채널 1로"), ("부서", "부서로"), ("CPM", "CPM으로")],
)
def test_a_korean_way_goes_with_its_word(words: str, spoken: str) -> None:
    """A word that ends with ㄹ takes 로, as one with a vowel."""
    assert say("ko", "sheet.problem.no_dimension", kpi="CAC", dimension=words).startswith(f"CAC: {spoken} ")


@pytest.mark.parametrize(
    ("words", "spoken"),
    [("費用", "加入費用可再多 3 個"), ("CSV 檔", "加入 CSV 檔可再多 3 個"), ("春季 費用", "加入春季 費用可再多 3 個")],
)
def test_no_space_stands_between_chinese_words(words: str, spoken: str) -> None:
    """Chinese words stand together, others and figures apart; what somebody wrote stays as it is."""
    assert spoken in say("zh-TW", "load.more_ready", available=1, total=2, table=words, count=3)
