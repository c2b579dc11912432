"""How a spreadsheet's locale writes numbers, money and dates."""

from __future__ import annotations

import functools
import re

from kpi_core.frozen_dataclass import frozen


@frozen
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


# Where Sheets shows a typed date otherwise than Babel's short form.
DATE_PATTERNS = {"ko_KR": "yyyy. m. d", "zh_TW": "yyyy/m/d", "ja_JP": "yyyy/mm/dd", "de_DE": "dd.mm.yyyy"}
BEFORE = ("USD", "GBP", "KRW", "TWD", "JPY", "CNY", "HKD", "SGD", "AUD", "CAD", "NZD", "INR", "MXN", "BRL")
USUAL_TERRITORY = {"ko": "KR", "zh": "TW", "ja": "JP", "de": "DE", "fr": "FR", "es": "ES", "it": "IT", "en": "US"}


@functools.lru_cache(maxsize=64)
def signs(locale: str) -> LocaleSigns:
    """The signs of a locale such as `de_DE` or `ko`; those of en_US when nobody knows it."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_currency_symbol, get_territory_currencies

    try:
        babel_locale = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        babel_locale = Locale("en", "US")
    territory = babel_locale.territory or USUAL_TERRITORY.get(babel_locale.language, "US")
    symbols = babel_locale.number_symbols.get("latn", babel_locale.number_symbols)
    currency = get_territory_currencies(territory)[0]
    symbol = get_currency_symbol(currency, babel_locale)
    short = babel_locale.date_formats["short"].pattern.lower()
    group = symbols.get("group", ",")
    return LocaleSigns(
        decimal=symbols.get("decimal", "."),
        # An unbreakable space in Babel, and nobody types one.
        group=" " if group in "\u00a0\u202f" else group,
        currency=symbol,
        currency_pattern=f'"{symbol}"#,##0.00' if currency in BEFORE else f'#,##0.00" {symbol}"',
        date_order="".join(sorted("ymd", key=short.find)),
        date_pattern=DATE_PATTERNS.get(f"{babel_locale.language}_{territory}", re.sub(r"y+", "yyyy", short)),
        months=_names(babel_locale.months["format"]["wide"], range(1, 13)),
        short_months=_names(babel_locale.months["format"]["abbreviated"], range(1, 13)),
        days=_names(babel_locale.days["format"]["wide"], range(7)),
        short_days=_names(babel_locale.days["format"]["abbreviated"], range(7)),
    )


def _names(names: object, keys: range) -> tuple[str, ...]:
    assert hasattr(names, "__getitem__")
    return tuple(str(names[key]) for key in keys)
