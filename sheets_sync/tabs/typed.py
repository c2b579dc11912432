"""What people type into the goals: a KPI, a target, a day, a segment, a period; in any of the three languages.

Each reader raises `TypedError` with the sentence for the row's status cell. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isfinite

from kpi_core.dates.periods import Grain
from kpi_core.errors import did_you_mean
from kpi_core.metrics import LANGUAGES, Catalog, Metric
from kpi_core.phrases import Notice, say
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import plain
from kpi_core.settings.values import PER
from kpi_core.sql.spelling import folded
from sheets_sync.tabs.cells import EnteredValue, text_of

_LARGE = {"k": 1e3, "m": 1e6, "천": 1e3, "만": 1e4, "억": 1e8, "千": 1e3, "萬": 1e4, "万": 1e4, "億": 1e8, "亿": 1e8}
_MONEY = re.compile(r"[₩$€£¥元圓円원]|\b[A-Z]{3}\b|\b(?:NT|US|HK)(?=\$)")
_COUNTED = re.compile(
    r"(?<=[\d천만억千萬万億亿kKmM])\s*(?:명|건|개|회|원|人|件|個|个|次|名|位|元|stk\.?|stück|kunden|people|customers|leads)$",
    re.IGNORECASE,
)
"""What is counted says nothing of the number."""
_PARTS = re.compile(r"[,;\n、，；]")


class TypedError(ValueError):
    """What was typed cannot be read; `notice` says why and what to type instead."""

    def __init__(self, key: str, **params: str | int) -> None:
        super().__init__(key)
        self.notice = Notice(f"sheet.problem.{key}", params)


def kpi_typed(value: EnteredValue, catalog: Catalog, vocabulary: Vocabulary) -> Metric:
    """The KPI of an id, a name or an alias, read as a question would be."""
    word = text_of(value)
    if not word:
        raise TypedError("no_kpi")
    phrase = plain(word)
    kpis = vocabulary.metrics.get(phrase, ())
    if len(kpis) == 1:
        return catalog.metrics[kpis[0]]
    # revenue_by_channel, written so, is a KPI; the same words apart would be a split of revenue.
    if word.casefold() == vocabulary.written.get(phrase, "").casefold():
        return catalog.metrics[vocabulary.written[phrase]]
    if kpis:
        raise TypedError("two_kpis", word=word, choices=", ".join(kpis))
    alike = did_you_mean(phrase, vocabulary.offered_phrases())
    near = [kpi for name in alike for kpi in vocabulary.offered(vocabulary.metrics[name])]
    if near:
        raise TypedError("unknown_kpi_near", word=word, near=", ".join(dict.fromkeys(near)))
    raise TypedError("unknown_kpi", word=word)


def target_typed(value: EnteredValue, metric: Metric, locale: str) -> float:
    """A target in the KPI's stored scale. `locale` is the spreadsheet's, such as de_DE: it says what a comma means."""
    number = value.get("numberValue")
    if isinstance(number, int | float):
        return float(number)
    word = text_of(value)
    if not word:
        raise TypedError("no_target")
    text = _MONEY.sub("", unicodedata.normalize("NFKC", word)).strip()
    percent = text.endswith("%")
    if percent and metric.unit not in {"percent", "ratio"}:
        raise TypedError("bad_target", word=word)
    text = _COUNTED.sub("", text.rstrip("%x×배倍")).strip()
    scale = _LARGE.get(text[-1:].casefold(), 1.0)
    number = _number(text[:-1].strip() if scale != 1 else text, locale)
    if number is None:
        raise TypedError("bad_target", word=word)
    return number * scale / (100 if percent else 1)


def segment_typed(value: EnteredValue, vocabulary: Vocabulary) -> dict[str, str]:
    """`channel=search, region=KR` as dimension -> value; {} for an empty cell."""
    word = text_of(value)
    where: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in _PARTS.split(word))):
        # Input methods of Korea and Taiwan type a full-width sign for =.
        name, sign, member = unicodedata.normalize("NFKC", part).partition("=")
        # A goal for all but one part is none; without its mark it would be one for that part.
        if not sign or not member.strip() or name.rstrip().endswith(("!", "<", ">")):
            raise TypedError("bad_segment", word=word)
        dimension = _dimension(name.strip(), vocabulary)
        where[dimension] = _member(member.strip(), dimension, vocabulary)
    return where


def _member(word: str, dimension: str, vocabulary: Vocabulary) -> str:
    """The value of a dimension as the data writes it. Where there is no data yet, any word may come to be one."""
    spelled = _spelled(tuple(vocabulary.values(dimension)))
    alike = spelled.get(folded(word), ())
    if word in alike or not spelled:
        return word
    if alike:
        return alike[0]
    members = list(filter(None, vocabulary.values(dimension)))
    near = did_you_mean(word, members)
    raise TypedError(
        "unknown_member_near" if near else "unknown_member",
        dimension=dimension,
        word=word,
        near=", ".join(near or members[:5]),
    )


@lru_cache(maxsize=16)
def _spelled(members: tuple[str | None, ...]) -> Mapping[str, Sequence[str]]:
    """The values by what all their spellings have in common: looked up for each of a thousand rows."""
    alike: dict[str, list[str]] = {}
    for member in filter(None, members):
        alike.setdefault(folded(member), []).append(member)
    return alike


def per_typed(value: EnteredValue) -> Grain | None:
    """day, week, month, quarter or year; None for an empty cell."""
    word = text_of(value)
    if not word:
        return None
    for period in PER:
        if word.casefold() in {period, *(say(language, f"sheet.per.{period}").casefold() for language in LANGUAGES)}:
            return period
    raise TypedError("bad_per", word=word)


def _dimension(name: str, vocabulary: Vocabulary) -> str:
    dimension = vocabulary.dimensions.get(plain(name))
    if dimension is None:
        raise TypedError("unknown_dimension", word=name, choices=", ".join(vocabulary.dimension_names))
    return dimension


def _number(text: str, locale: str) -> float | None:
    from babel.numbers import NumberFormatError, parse_decimal

    try:
        number = float(parse_decimal(text.replace("−", "-"), locale=locale_of(locale), strict=True))
    except (NumberFormatError, ValueError):
        return None
    # To the library nan, infinity and 1e999 are numbers, too.
    return number if isfinite(number) else None


def locale_of(locale: str) -> str:
    """The spreadsheet's own locale if CLDR knows it, else English."""
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return "en"
    return locale


def spelled(where: Mapping[str, str]) -> str:
    """A segment as people type it."""
    return ", ".join(f"{dimension}={value}" for dimension, value in where.items())


def owner_shown(owner: str, names: Mapping[str, str]) -> str:
    """A person by name; by the id where nobody knows the name, or several go by it."""
    name = names.get(owner, "")
    return name if name and list(names.values()).count(name) == 1 else owner


def owner_typed(value: EnteredValue, names: Mapping[str, str]) -> str:
    """Who is meant: the id of the one member of that name, else the words as they are, such as a mail address."""
    word = text_of(value)
    alike = [member for member, name in names.items() if name.casefold() == word.lstrip("@").casefold()]
    return alike[0] if len(alike) == 1 else word
