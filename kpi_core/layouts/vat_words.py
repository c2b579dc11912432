"""Headers that say whether VAT is in their amounts: 매출(VAT별도), 營收（含稅）, Umsatz ohne MwSt."""

from __future__ import annotations

import re
import unicodedata

from kpi_core.layouts.export_layout import Basis

_TAX = r"(?:vat|gst|tax|taxes|mwst|ust|부가가치세|부가세|세금)"
_WITHOUT = re.compile(
    rf"{_TAX}(?:별도|제외|미포함|불포함|excluded|excl|not?included)|(?:excluding|excl|ex|without|before|netof|ohne|exkl|zzgl){_TAX}"
    r"|未[稅税]|不含[稅税]|[稅税](?:抜|外|前)|공급가액"
)
_WITH = re.compile(
    rf"{_TAX}(?:포함|included|incl)|(?:including|incl|inc|with|inkl|mit){_TAX}|含[稅税]|[稅税]込|공급대가"
)
_SIGNS = re.compile(r"[\W_]+")


def vat_of(header: str) -> Basis:
    """Whether VAT is in the amounts of a column by its header; empty where it does not say."""
    text = _SIGNS.sub("", unicodedata.normalize("NFKC", header).casefold())
    return "without" if _WITHOUT.search(text) else "with" if _WITH.search(text) else ""
