"""Which rows of a table are totals, subtotals or footers, and what proves it. Pure.

A row is left out where it has a word for a total, or nothing where the others have names, and beyond that either no
date, where all others have one, or amounts that are the sum of the rows it can be the total of. A campaign that is
called Total, has a day and is no sum, stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from kpi_core.frozen_dataclass import frozen

_TOTALS = (
    "grand totals?", "sub-?totals?", "overall totals?", "totals?", "total général", "total general", "total geral",
    "gesamt", "gesamtsumme", "gesamtergebnis", "summe", "zwischensumme", "sous-total", "somme", "sum",
    "합계", "총계", "소계", "총합계", "총합", "전체 합계", "누계", "계",
    "合計", "總計", "小計", "總和", "总计", "合计", "小计", "計",
)  # fmt: skip
_PAIR = 2
_AT_THE_END = "total|subtotal|합계|총계|소계|合計|總計|小計"
_END = r"\s*(?:$|[:：(（\[\x1f]|[-–—]\s|of\s\d|\d[\d,]*\s?[^\x1f\d\s]{0,12}\s*(?:$|\x1f))"
"""What may follow a word for a total: a sign, or how many it adds up, as in 總計 2 筆."""
TOTAL_WORD = rf"(?i:(?:^|\x1f)\s*(?:(?:{'|'.join(_TOTALS)}){_END}|[^\x1f]{{1,80}}\s(?:{_AT_THE_END})\s*(?:$|\x1f)))"
"""A regular expression for cells, which \\x1f parts."""
FOOTER_WORD = r"(?i:©|\(c\)|copyright|all rights reserved)"
_GAPS = "\u00a0\u2009\u202f"
"""Blanks between the groups of a number, and within a day, that are no blank to DuckDB."""
DATE = (
    rf"^(?i:[\s'(\[]*(?:(?:19|20)\d\d(?:[-./\s]|\s?[년年])|(?:19|20)\d{{6}}(?:[^0-9]|$)|"
    rf"(?:中?[華华]?民[國国]|令和|平成|昭和)\s?(?:\d|元)|[RHS]\d{{1,2}}[-./年]|1\d\d[-./年]\s?\d{{1,2}}[-./月]\s?\d|"
    rf"\d{{1,2}}[-./]\s?\d{{1,2}}[-./]\s?\d{{2,4}}|\d\d\.\s?\d{{1,2}}\.\s?\d{{1,2}}(?:[^\d]|$)|"
    rf"\d{{1,2}}(?:\.|er)?[\s{_GAPS}-](?:de\s)?[a-zÀ-ÿ]{{3,10}}\.?(?:\sde)?[\s{_GAPS},-]+\d{{2,4}}|"
    rf"[a-zÀ-ÿ]{{3,10}}\.?[\s{_GAPS}]\d{{1,2}}(?:st|nd|rd|th)?,?[\s{_GAPS}]\d{{4}}))"
)
"""A regular expression for cells that begin with a date, in any of the ways in which tools write one."""
SERIAL = r"^(?:3[6-9]|4\d|5[0-5])\d{3}(?:[.,]\d+)?$"
"""A regular expression for cells that may be a day as a spreadsheet counts them, from 1999 to 2053."""
NUMBER = (
    rf"^[\s{_GAPS}+(−₩￦\\$€£¥'-]*(?:(?:NT|US|HK)\$|[A-Z]{{3}}\s)?[\s{_GAPS}−-]*\d[\d.,'’\s{_GAPS}]*"
    rf"(?:%|[A-Z]{{3}}|원|元|円|€|₩|\$|£|¥)?[\s{_GAPS})−-]*$"
)
"""A regular expression for cells that hold an amount, with its currency or its percent."""
NOTHING = r"^[\s–—-]*$|^(?i:n/?a)$"

_is_total = re.compile(TOTAL_WORD).search
_is_footer = re.compile(FOOTER_WORD).search
_is_count = re.compile(
    r"(?i)\b(?:records?|rows|orders)(?:\(s\))? (?:downloaded|exported)\b"
    r"|\b(?:protokoll(?:e|\(e\))?|datens[aä]tze?|bestellungen) (?:heruntergeladen|exportiert)\b"
).search
_is_date = re.compile(DATE).search
_is_serial = re.compile(SERIAL).search
_is_number = re.compile(NUMBER).search
_is_nothing = re.compile(NOTHING).search


@frozen
class Columns:
    """What the columns of a table hold in all rows but the candidates, each by its place."""

    dates: tuple[int, ...]
    """A date in each row."""
    names: tuple[int, ...]
    """No numbers and no dates, and something in each row that is not the same in all."""
    numbers: tuple[int, ...]
    serials: tuple[int, ...] = ()
    """Where no column holds dates: of the numbers those that may be days in each row."""

    def has_day(self, cells: Sequence[str | None]) -> bool:
        if self.dates:
            return any(_is_date(cells[place] or "") for place in self.dates)
        return any(_is_serial(cells[place] or "") for place in self.serials)


@frozen
class Candidate:
    """A row that may be none, counted from 1."""

    row: int
    cells: tuple[str | None, ...]
    is_last: bool = False
    """Whether nothing but candidates follows."""

    @property
    def has_word(self) -> bool:
        return any(_is_total(cell) for cell in self.cells if cell)

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell and not _is_nothing(cell)]

    def shared(self, columns: Columns) -> tuple[int, ...]:
        """The places of what it says of the rows it adds up: their day, or their campaign."""
        texts = ((place, cell) for place, cell in enumerate(self.cells) if cell and place not in columns.numbers)
        return tuple(place for place, cell in texts if not _is_total(cell) and not _is_nothing(cell))


@frozen
class Sums:
    """How many rows a candidate could add up, and what they come to by the place of the column."""

    rows: int
    amounts: Mapping[int, tuple[Decimal, Decimal]]
    """The candidate's own, and theirs."""


def reason_without_sums(candidate: Candidate, columns: Columns) -> str | None:
    """`total` or `footer` where the row alone proves it."""
    lone = candidate.filled[0] if len(candidate.filled) == 1 and len(candidate.cells) > _PAIR else ""
    if _is_footer(lone):
        return "footer"
    if candidate.is_last and not candidate.has_word and _is_sentence(lone):
        is_name = any(candidate.cells[place] == lone for place in columns.names)
        return "footer" if columns.dates or columns.serials or not is_name else None
    if not (columns.dates or columns.serials) or columns.has_day(candidate.cells):
        return None
    if candidate.has_word:
        return "total"
    if lone and candidate.is_last and not _is_number(lone):
        return "footer"
    is_nameless = not any(candidate.cells[place] for place in (*columns.dates, *columns.names))
    has_amount = any(candidate.cells[place] for place in columns.numbers)
    return "total" if columns.dates and is_nameless and has_amount else None


def is_sum(candidate: Candidate, sums: Sums, least_rows: int = 2) -> bool:
    """Whether half of its amounts and more are those of the rows together: rates and averages are not added up."""
    there = [(own, theirs) for own, theirs in sums.amounts.values() if own]
    same = sum(_are_same(own, theirs, sums.rows) for own, theirs in there)
    needed = max(1 if candidate.has_word else 2, math.ceil(len(there) / 2))
    return sums.rows >= least_rows and same >= needed


def _are_same(own: Decimal, theirs: Decimal, rows: int) -> bool:
    """Whole numbers to the last; others as far as each row was rounded."""
    exponent = own.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    if own == theirs:
        return True
    if exponent >= 0 and theirs == theirs.to_integral_value():
        return False
    rounding = Decimal("0.01") * (1 + rows // 2)
    return abs(own - theirs) <= min(rounding, abs(own) / 1000)


def is_signature(cells: Sequence[str]) -> bool:
    """Whether a row says whose the file is, or how many rows it has."""
    filled = list(filter(None, map(str.strip, cells)))
    return len(filled) == 1 and bool(_is_footer(filled[0]) or _is_count(filled[0]))


def ragged_reason(cells: Sequence[str], width: int, *, is_last: bool, is_signed: bool = False) -> str | None:
    """What a row of another width than the header's is, where it is none: it is in no table in any case.

    `is_last`: only such rows follow. `is_signed`: one of those at the end says whose the file is.
    """
    filled = [cell for cell in map(str.strip, cells) if cell]
    if is_last and is_signed and len(filled) <= 1:
        return "footer"
    if any(_is_total(cell) for cell in filled):
        return "total"
    if is_last and any(_is_count(cell) for cell in filled):
        return "footer"
    if len(filled) == 1 and width > 2 and (_is_footer(filled[0]) or (is_last and _is_sentence(filled[0]))):
        return "footer"
    return None


def _is_sentence(text: str) -> bool:
    """Whether a lone cell is more than a row that was cut off: several words, no number and no date."""
    return len(text.split()) >= 3 and not _is_number(text) and not _is_date(text)
