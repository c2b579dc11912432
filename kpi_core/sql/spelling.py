"""What counts as one spelling of a value: the width of its signs, its case and its runs of spaces do not matter.

Signs do: `A-` is not `A`, and one emoji is not another. In Python for what people type, in SQL for what is stored.
"""

from __future__ import annotations

import unicodedata

from kpi_core.sql.quoting import literal

_SPACES = (
    "\t\n\r\x0b\x0c\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_INVISIBLE = "\u200b\u2060\ufeff\u00ad\ufe0e\ufe0f"


def _narrow_forms() -> dict[str, str]:
    """Signs of full and half width, with the usual one that each stands for."""
    forms = {}
    for code in range(0xFF01, 0xFFEF):
        width, _, usual = unicodedata.decomposition(chr(code)).partition(" ")
        if width in {"<wide>", "<narrow>"}:
            forms[chr(code)] = chr(int(usual, 16))
    return forms


_USUAL = _narrow_forms() | dict.fromkeys(_SPACES, " ")
_TABLE = str.maketrans(_USUAL | dict.fromkeys(_INVISIBLE, ""))


def folded(text: str) -> str:
    """What all spellings of a value have in common."""
    usual = unicodedata.normalize("NFC", text.translate(_TABLE))
    # Sign by sign, as databases do: a Greek word's last sigma is like its others.
    return " ".join("".join(sign.lower()[0] for sign in usual).split())


def tidy_sql(value: str) -> str:
    """SQL of DuckDB for a text as it may be written: single spaces, none around it."""
    spaced = f"translate({value}, {literal(_SPACES + _INVISIBLE)}, {literal(' ' * len(_SPACES))})"
    return f"trim(regexp_replace({spaced}, ' +', ' ', 'g'))"


def folded_sql(value: str) -> str:
    """SQL of DuckDB for what all spellings of a value have in common."""
    plain = f"strlen({value}) = length({value}) AND NOT regexp_matches({value}, '[\\t\\n\\r\\x0b\\x0c]|  ')"
    usual = f"translate({value}, {literal(''.join(_USUAL) + _INVISIBLE)}, {literal(''.join(_USUAL.values()))})"
    whole = f"trim(regexp_replace(lower(nfc_normalize({usual})), ' +', ' ', 'g'))"
    # Most values are plain, and translating costs more than all the rest.
    return f"CASE WHEN {plain} THEN trim(lower({value})) ELSE {whole} END"
