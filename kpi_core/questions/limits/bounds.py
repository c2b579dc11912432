# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Which groups of a split are asked for by their value: "campaigns with ROAS above 3", ROAS 3 이상인 캠페인, ROAS 高於 3 的活動."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_core.query import Bound, BoundKind
from kpi_core.questions.number_words import HAN
from kpi_core.questions.period_words.clock import matches

_WORDS: dict[BoundKind, str] = {
    "above": "above|over|more than|greater than|higher than|larger than|bigger than|exceeding|＞|高於|大於|超過|多於|高过",
    "at_least": "at least|no less than|not less than|≥|不低於|不少於|至少|大於等於|高於等於",
    "below": "below|under|less than|fewer than|lower than|smaller than|＜|低於|小於|少於|不到|未達|未滿|不足",
    "at_most": "at most|no more than|not more than|≤|不高於|不超過|不多於|至多|小於等於|低於等於",
}
_AFTER: dict[BoundKind, str] = {
    "above": "(?:을|를)?(?:초과|넘는|넘은|넘긴|웃도는|넘어가는)|보다(?:높은|큰|많은)",
    "at_least": "(?:or|and) (?:more|above|higher|over)|이상|以上",
    "below": "미만|(?:이|가)?(?:안되는|못되는)|(?:에)?못미치는|(?:을|를)?밑도는|보다(?:낮은|작은|적은)",
    "at_most": "(?:or|and) (?:less|below|lower|fewer|under)|이하|以下|以內",
}
_TAIL = "(?:인|의|되는|나오는|나온|하는|이었던|였던|인것만?|인거만?|的)?"
_BEFORE = "(?:(?:is|are|was|were|that|which|with|of|a|an) ){0,2}"
_NUMBER = r"(?P<sign>nt\$|us\$|[$₩€¥])?(?P<n>\d{1,3}(?:,\d{3})+|\d{1,12}(?:\.\d{1,6})?|[一兩二三四五六七八九十]{1,3}(?=[百千萬億])|(?=[백천]만))(?P<many>k|m|thousand|million|천만|백만|만|천|억|千萬|百萬|百|千|萬|億)?"
_UNIT = r" ?(?P<unit>%|percent|퍼센트|프로|원|달러|won|dollars?|usd|krw|twd|euros?|eur|元|塊|美元|美金|歐元|배|倍|x|times|번|건|명|개|회|筆|次|個|人|位)?"
_LOW, _HIGH = (f"{_NUMBER}{_UNIT}".replace("?P<", f"?P<{end}_") for end in ("low", "high"))
_BETWEEN = (
    rf"{_BEFORE}between ?{_LOW} ?(?P<joint>and|to) ?{_HIGH}",
    rf"{_LOW}(?P<joint>에서|부터|~|과|와) ?{_HIGH}사이{_TAIL}",
    rf"介於{_LOW}(?P<joint>到|至|和|與|~){_HIGH}(?:之?間)?的?",
    rf"在?{_LOW}(?P<joint>到|至|和|與|~){_HIGH}之?間的?",
)
_ENDS: tuple[tuple[BoundKind, str], ...] = (("at_least", "low"), ("at_most", "high"))
_MANY = {
    "k": 1_000, "m": 10**6, "thousand": 1_000, "million": 10**6, "천": 1_000, "만": 10_000, "백만": 10**6, "천만": 10**7, "억": 10**8,
    "百": 100, "千": 1_000, "萬": 10_000, "百萬": 10**6, "千萬": 10**7, "億": 10**8,
}  # fmt: skip
_PERCENT = frozenset({"%", "percent", "퍼센트", "프로"})
_CURRENCIES = {
    "$": "USD TWD CAD AUD SGD HKD NZD", "us$": "USD", "nt$": "TWD", "₩": "KRW", "€": "EUR", "¥": "JPY CNY", "원": "KRW", "won": "KRW",
    "krw": "KRW", "달러": "USD", "dollar": "USD CAD AUD SGD HKD NZD", "dollars": "USD CAD AUD SGD HKD NZD", "usd": "USD", "美元": "USD",
    "美金": "USD", "twd": "TWD", "元": "TWD CNY", "塊": "TWD CNY", "歐元": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR",
}  # fmt: skip
_COUNTED = frozenset({"번", "건", "명", "개", "회", "筆", "次", "個", "人", "位"})
_TIMES = frozenset({"배", "倍", "x", "times"})


def bounds_in(text: str) -> Iterator[tuple[int, int, tuple[str, ...], Bound]]:
    """Every such limit in a plain text, and the units beside it; what it means depends on the KPI (`bound_of`)."""
    for kind, words in _WORDS.items():
        pattern = f"{_BEFORE}(?:{words}) ?{_NUMBER}{_UNIT}{_TAIL}"
        for match in matches(pattern, text):
            yield match.start(), match.end(), *_said(kind, match["n"], match["many"], match["sign"], match["unit"])
    for kind, words in _AFTER.items():
        pattern = f"{_BEFORE}{_NUMBER}{_UNIT} ?(?:{words}){_TAIL}"
        for match in matches(pattern, text):
            yield match.start(), match.end(), *_said(kind, match["n"], match["many"], match["sign"], match["unit"])

    for pattern in _BETWEEN:
        for match in matches(pattern, text):
            low, high = (
                _said(kind, *(match[f"{end}_{part}"] for part in ("n", "many", "sign", "unit"))) for kind, end in _ENDS
            )
            yield match.start(), len(text[: match.start("joint")].rstrip()), *low
            yield match.start("joint"), match.end(), *high


def _said(
    kind: BoundKind, digits: str, many: str | None, sign: str | None, unit: str | None
) -> tuple[tuple[str, ...], Bound]:
    number = float(HAN.get(digits) or digits.replace(",", "") or 1) * _MANY.get(many or "", 1)
    return tuple(each for each in (sign, unit) if each), Bound(kind, number)


def bound_of(bound: Bound, said: tuple[str, ...], unit: str, currency: str) -> Bound | None:
    """The limit in the unit of a KPI; None where it was `said` in another unit.

    Of a rate every number is percent, of a ratio those with its sign: ROAS of 300 % is 3.
    """
    percent = not _PERCENT.isdisjoint(said) or (unit == "percent" and not said)
    money = [_CURRENCIES[each] for each in said if each in _CURRENCIES]
    if any(currency and currency not in each.split() for each in money):
        return None
    fits = {
        "percent": percent,
        "ratio": not money and _COUNTED.isdisjoint(said),
        "currency": not percent and not {*said} & (_COUNTED | _TIMES),
        "count": not percent and not money and not {*said} & {"배", "倍", "x"},
        "score": not said,
    }
    if not fits.get(unit, False):
        return None
    return Bound(bound.kind, bound.limit / 100, percent=True) if percent else bound
