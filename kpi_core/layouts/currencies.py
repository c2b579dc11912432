"""Currencies as files write them: codes, signs, and the headers of the columns that name them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

SIGNS = {
    "원": "KRW", "₩": "KRW", "€": "EUR", "£": "GBP", "円": "JPY", "us$": "USD", "nt$": "TWD", "hk$": "HKD",
    "a$": "AUD", "c$": "CAD", "s$": "SGD", "ntd": "TWD", "rmb": "CNY", "新台幣": "TWD", "新臺幣": "TWD",
}  # fmt: skip
SHARED_SIGNS = {
    "$": frozenset({"USD", "TWD", "HKD", "AUD", "CAD", "NZD", "SGD", "MXN"}),
    "¥": frozenset({"JPY", "CNY"}),
    "元": frozenset({"TWD", "CNY", "HKD"}),
    "圓": frozenset({"TWD", "HKD", "JPY"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
"""Signs of several currencies: by themselves they bind none."""
_MORE = {
    "원화": "KRW", "달러": "USD", "유로": "EUR", "엔": "JPY", "엔화": "JPY", "위안": "CNY", "대만달러": "TWD",
    "台幣": "TWD", "臺幣": "TWD", "日圓": "JPY", "日幣": "JPY", "美元": "USD", "美金": "USD", "歐元": "EUR",
    "韓元": "KRW", "韓圜": "KRW", "港幣": "HKD", "港元": "HKD", "人民幣": "CNY", "jp¥": "JPY", "cn¥": "CNY",
    "au$": "AUD", "ca$": "CAD", "nz$": "NZD", "sg$": "SGD", "mx$": "MXN", "r$": "BRL", "฿": "THB", "₫": "VND",
    "₹": "INR", "₱": "PHP", "₺": "TRY", "zł": "PLN", "kč": "CZK", "ft": "HUF", "rp": "IDR", "rm": "MYR", "fr": "CHF",
}  # fmt: skip
_HEADERS = frozenset({
    "currency", "currencycode", "통화", "통화코드", "화폐", "화폐단위", "幣別", "幣種", "貨幣", "貨幣代碼", "幣別代碼",
    "通貨", "通貨コード", "währung", "währungscode",
})  # fmt: skip

_ALL_SIGNS = frozenset([*SIGNS, *SHARED_SIGNS, *_MORE])
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")


def currency_of(text: str, own: str) -> str | None:
    """The ISO code that a code or sign means for a firm whose currency is `own`; None where it may be several, or none.

    A sign of several currencies is the firm's where it is one of these: `$` in Taiwan, 元 too.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    # The full width signs fold into ¥ and ₩.
    if folded in SHARED_SIGNS:
        return own if own in SHARED_SIGNS[folded] else None
    code = SIGNS.get(folded) or _MORE.get(folded) or folded.upper()
    return code if code in codes() else None


def may_name_currencies(header: str) -> bool:
    """Whether a column of that name usually holds the currency of a row's amounts."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold().replace("_", "") in _HEADERS


def units_of(header: str) -> frozenset[str]:
    """The currencies that a header names in brackets, codes or signs as written: Amount (USD), 금액(원), Cost [$]."""
    units = (unit.strip() for unit in _IN_BRACKETS.findall(unicodedata.normalize("NFKC", header)))
    return frozenset(unit for unit in units if unit in _signed_codes() or unit.casefold() in _ALL_SIGNS)


@cache
def _signed_codes() -> frozenset[str]:
    """The codes of currencies with a sign here: others are words, too, as ALL and TOP."""
    return frozenset([*SIGNS.values(), *_MORE.values()]).union(*SHARED_SIGNS.values())


def is_code(text: str) -> bool:
    """Whether a text is an ISO code."""
    return text in codes()


@cache
def codes() -> frozenset[str]:
    """All ISO codes."""
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))
