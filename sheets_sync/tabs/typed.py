"""What people type into the goals: a KPI, a target, a day, a segment, a period; in any of the three languages.

Each reader raises `TypedError` with the sentence for the row's status cell. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta

from kpi_core.dates.periods import Grain, add_months
from kpi_core.errors import did_you_mean
from kpi_core.metrics import LANGUAGES, Catalog, Metric
from kpi_core.phrases import Notice, say
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.wording import plain
from kpi_core.settings.values import PER
from sheets_sync.tabs.cells import EnteredValue, day_of, text_of

_LARGE = {"k": 1e3, "m": 1e6, "천": 1e3, "만": 1e4, "억": 1e8, "千": 1e3, "萬": 1e4, "万": 1e4, "億": 1e8, "亿": 1e8}
_MONEY = re.compile(r"[₩$€£¥元圓円원]|\b[A-Z]{3}\b|\b(?:NT|US|HK)(?=\$)")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年년]\s*(\d{1,2})\s*(?:[-./月월]\s*(?:(\d{1,2})\s*[日일.]?)?)?")
_PARTS = re.compile(r"[,;\n、，；]")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""2000 and 2099 as serial numbers: other numbers are no dates that people plan for."""


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
    text = text.rstrip("%x×배倍").strip()
    scale = _LARGE.get(text[-1:].casefold(), 1.0)
    number = _number(text[:-1].strip() if scale != 1 else text, locale)
    if number is None:
        raise TypedError("bad_target", word=word)
    return number * scale / (100 if percent else 1)


def day_typed(value: EnteredValue, locale: str) -> date:
    """A date, or the last day of a month or year written alone."""
    number = value.get("numberValue")
    word = text_of(value)
    if not word:
        raise TypedError("no_by")
    if isinstance(number, int | float):
        if _FIRST_SERIAL <= number < _LAST_SERIAL:
            return day_of(number)
        # A year alone: as a serial number it would be a day of 1905, which nobody plans for.
        if number in range(2000, 2100):
            return date(int(number), 12, 31)
        raise TypedError("bad_by", word=word)
    try:
        return _day_text(unicodedata.normalize("NFKC", word).strip(), locale)
    except (ValueError, IndexError, AttributeError) as error:
        raise TypedError("bad_by", word=word) from error


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
        where[_dimension(name.strip(), vocabulary)] = member.strip()
    return where


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

    for locale_name in _locales(locale):
        try:
            return float(parse_decimal(text.replace("−", "-"), locale=locale_name, strict=True))
        except (NumberFormatError, ValueError):
            continue
    return None


def _day_text(text: str, locale: str) -> date:
    from babel.dates import parse_date

    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        assert month is not None
        return date(year, month, day) if day else add_months(date(year, month, 1), 1) - timedelta(days=1)
    if not re.fullmatch(r"[\d./\- ]+", text):
        raise ValueError(text)
    # Whether 3/4 is in March or in April is the spreadsheet's to say.
    return parse_date(text, locale=_locales(locale)[0], format="short")


def _locales(locale: str) -> tuple[str, ...]:
    """The spreadsheet's own locale if CLDR knows it, else English."""
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return ("en",)
    return (locale,)


def spelled(where: Mapping[str, str]) -> str:
    """A segment as people type it."""
    return ", ".join(f"{dimension}={value}" for dimension, value in where.items())
