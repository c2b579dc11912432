"""How a spreadsheet's locale writes numbers, money and dates."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LocaleSigns:
    """`date_order` is a permutation of "ymd"; `date_pattern` is what a typed date is shown with."""

    decimal: str
    group: str
    currency: str
    currency_pattern: str
    date_order: str
    date_pattern: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]


DATE_PATTERNS = {"ko_KR": "yyyy. m. d", "zh_TW": "yyyy/m/d", "ja_JP": "yyyy/mm/dd", "de_DE": "dd.mm.yyyy"}
BEFORE = ("USD", "GBP", "KRW", "TWD", "JPY", "CNY", "HKD", "SGD", "AUD", "CAD", "NZD", "INR", "MXN", "BRL")
USUAL_TERRITORY = {"ko": "KR", "zh": "TW", "ja": "JP", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "en": "US"}


@functools.lru_cache(maxsize=64)
def signs(locale: str) -> LocaleSigns:
    """The signs of a locale such as `de_DE` or `ko`; those of en_US when nobody knows it."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_symbol, get_territory_currencies

    try:
        known = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        known = Locale("en", "US")
    territory = known.territory or USUAL_TERRITORY.get(known.language, "US")
    symbols = known.number_symbols.get("latn", known.number_symbols)
    currency = get_territory_currencies(territory)[0]
    symbol = get_currency_symbol(currency, known)
    short = known.date_formats["short"].pattern.lower()
    group = symbols.get("group", ",")
    return LocaleSigns(
        decimal=symbols.get("decimal", "."),
        group=" " if group in "\u00a0\u202f" else group,
        currency=symbol,
        currency_pattern=f'"{symbol}"#,##0.00' if currency in BEFORE else f'#,##0.00" {symbol}"',
        date_order="".join(sorted("ymd", key=short.find)),
        date_pattern=DATE_PATTERNS.get(f"{known.language}_{territory}", re.sub(r"y+", "yyyy", short)),
        months=_names(known.months["format"]["wide"], range(1, 13)),
        short_months=_names(known.months["format"]["abbreviated"], range(1, 13)),
        days=_names(known.days["format"]["wide"], range(7)),
        short_days=_names(known.days["format"]["abbreviated"], range(7)),
    )


def _names(names: object, keys: range) -> tuple[str, ...]:
    assert hasattr(names, "__getitem__")
    return tuple(str(names[key]) for key in keys)
