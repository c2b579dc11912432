"""Days of another count of years, in SQL: 民國115年11月3日, 令和8年11月3日, R8.11.3; 115/11/03 where a file says 民國.

The word or the letter proves which count it is. A bare year of three digits is read only where the column's header, or
a line above the table, has 民國: nothing else would say that 115 is 2026.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kpi_core.loading.reading.texts import plain_sql, trimmed_sql
from kpi_core.sql.quoting import literal

REPUBLIC = ("民國", "民国")
"""Words by which a header, or a line above the table, says that years are counted from 1912 on."""
_BEFORE = {
    "民國": 1911, "民国": 1911, "令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925,
}  # fmt: skip
"""The year before the first one of each count. A letter alone is an era of Japan."""
_MARK = "|".join(_BEFORE)
_REST = r" ?[年/.-] ?([0-9]{1,2}) ?[月/.-] ?([0-9]{1,2}) ?日?(.*)$"
_MARKED = rf"^(?:中[華华])?({_MARK}) ?([0-9]{{1,3}}|元){_REST}"
_BARE = rf"^([7-9][0-9]|1[0-9]{{2}}){_REST}"
"""From 1981 on: an earlier year of two digits is one of the common count."""
_CLOSE = r"^(1[0-9]{2})([0-9]{2})([0-9]{2})$"
_is_marked = re.compile(_MARKED).match


def has_eras(texts: Iterable[str]) -> bool:
    """Whether one of some texts is a day that names its count of years."""
    return any(_is_marked(unicodedata.normalize("NFKC", text)) for text in texts)


def says_republic(texts: Iterable[str]) -> bool:
    """Whether a header or the lines above it say that the years of a file are those of the Republic."""
    return any(word in text for text in texts for word in REPUBLIC)


def common_era_sql(column: str, *, is_republic: bool) -> str:
    """A text column with its days in the common count of years; what is no such day stays as it is.

    `is_republic`: a bare year of three digits, or of two that end a century, is one of the Republic, and so are the
    first three of seven digits.
    """
    text = plain_sql(trimmed_sql(column))
    marked = f"regexp_extract({text}, {literal(_MARKED)}, ['era', 'year', 'month', 'day', 'rest'])"
    bases = " ".join(f"WHEN {literal(era)} THEN {before}" for era, before in _BEFORE.items())
    year = f"CASE {marked}.era {bases} END + coalesce(TRY_CAST({marked}.year AS INTEGER), 1)"
    cases = [f"WHEN regexp_matches({text}, {literal(_MARKED)}) THEN {_day(year, marked, rest=True)}"]
    for form, has_rest in ((_BARE, True), (_CLOSE, False)) if is_republic else ():
        names = ["year", "month", "day", *(["rest"] if has_rest else [])]
        parts = f"regexp_extract({text}, {literal(form)}, [{', '.join(map(literal, names))}])"
        cases.append(
            f"WHEN regexp_matches({text}, {literal(form)}) "
            f"THEN {_day(f'1911 + TRY_CAST({parts}.year AS INTEGER)', parts, rest=has_rest)}"
        )
    return f"(CASE {' '.join(cases)} ELSE {column} END)"


def _day(year: str, parts: str, *, rest: bool) -> str:
    # 令和8年11月3日14:05 has no space before its clock.
    after = f", regexp_replace({parts}.rest, '^ ?([^ ,])', ' \\1')" if rest else ""
    return f"concat({year}, '-', {parts}.month, '-', {parts}.day{after})"
