"""Texts as people and tools type them, in SQL: signs of full width, the many spaces and dashes, words for nothing."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_core.sql.quoting import literal

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n"
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))
_NARROW = "".join(map(chr, range(0x21, 0x7F)))
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63"
_APOSTROPHES = "\u2019\u2018\u02bc\u00b4`"
_FROM = _WIDE + "\uffe6\uffe1\uffe5" + _SPACES + _DASHES + _APOSTROPHES
_TO = _NARROW + "₩£¥" + " " * len(_SPACES) + "-" * len(_DASHES) + "'" * len(_APOSTROPHES)
_NOTHING = (
    "-", "--", "---", "n/a", "#n/a", "na", "n.a.", "null", "none", "(none)", "(not set)", "없음", "해당없음",
    "해당 없음", "無", "无", "無資料",
)  # fmt: skip
_NOBODY = (
    "0", "guest", "guest checkout", "guest user", "anonymous", "unknown", "not logged in", "게스트", "익명", "비회원",
    "비회원 주문", "비회원주문", "비회원구매", "訪客", "訪客結帳", "非會員", "匿名", "未登入", "ゲスト", "gast",
)  # fmt: skip


def trimmed_sql(column: str) -> str:
    """The text without blanks around it; NULL where nothing else is in it."""
    return f"nullif(trim({column}, ' \t\r\n\u00a0\u3000\ufeff\u200b'), '')"


def plain_sql(text: str) -> str:
    """A text in ASCII signs with single spaces: `１，０００` is 1,000."""
    translated = f"trim(regexp_replace(translate({text}, {literal(_FROM)}, {literal(_TO)}), ' +', ' ', 'g'))"
    # Most texts are plain already, and translating costs more than all the rest.
    return (
        f"CASE WHEN strlen({text}) = length({text}) AND NOT regexp_matches({text}, '[\t\r\n`]|  ') "
        f"THEN {text} ELSE {translated} END"
    )


def something_sql(column: str) -> str:
    """The text of a cell that is no text by its column; NULL where it is blank or says that there is nothing."""
    trimmed = trimmed_sql(column)
    return f"CASE WHEN lower({trimmed}) NOT IN ({_listed(_NOTHING, _DASHES)}) THEN {trimmed} END"


def somebody_sql(text: str) -> str:
    """Whose a row is, from SQL for a text without blanks around it; NULL where it says that it is nobody's: a guest."""
    return f"CASE WHEN lower({text}) NOT IN ({_listed(_NOTHING, _DASHES, _NOBODY)}) THEN {text} END"


def named_sql(text: str) -> str:
    """A key, from SQL for a text without blanks around it; NULL where it is no name: rows of a dash are not one row."""
    nothing = [word for word in _NOTHING if word not in {"na", "none", "(none)"}]
    return f"CASE WHEN lower({text}) NOT IN ({_listed(nothing, _DASHES)}) THEN {text} END"


def _listed(*words: Iterable[str]) -> str:
    return ", ".join(literal(word) for each in words for word in each)


def matches(value: str, pattern: str) -> str:
    """Whether the whole value has a form."""
    return f"regexp_full_match({value}, {literal(pattern)})"
