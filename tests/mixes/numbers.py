"""Numbers as people write them. What a column of them allows is worked out here from the texts' own grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

NBSP, NARROW = "\u00a0", "\u202f"
GROUPS = {".": ("", ",", ",", ",", " ", NBSP, NARROW, "'", "’"), ",": ("", ".", ".", ".", " ", NBSP, NARROW, "'")}
EMPTIES = ("", "", "-", "--", "—", "–", "n/a", "N/A")
MARKS = {
    "KRW": (("₩", ""), ("", "원"), ("￦", ""), ("", " 원"), ("₩ ", ""), ("KRW ", ""), ("", " KRW")),
    "TWD": (("NT$", ""), ("", "元"), ("NT$ ", ""), ("", " 元"), ("TWD ", ""), ("", " TWD")),
    "EUR": (("€", ""), ("", " €"), ("", "€"), ("€ ", ""), ("EUR ", ""), ("", " EUR")),
    "USD": (("$", ""), ("US$", ""), ("$ ", ""), ("USD ", ""), ("", " USD")),
    "JPY": (("¥", ""), ("", "円"), ("￥", ""), ("JPY ", ""), ("", " JPY")),
}
WHOLE = frozenset({"KRW", "TWD", "JPY"})
"""Nobody writes these with three places, so three digits behind a sign are thousands."""
COUNTED = {"ko": (("억", 8), ("만", 4)), "zh": (("億", 8), ("萬", 4)), "ja": (("億", 8), ("万", 4))}
Text = tuple[str, tuple[str, ...]]
"""What stands in the cell, and the figures in it without what stands around them."""


@dataclass(frozen=True)
class NumberStyle:
    """How one column writes its numbers."""

    decimal: str = "."
    group: str = ""
    places: int | None = None
    minus: str = "-"
    mark: tuple[str, str] = ("", "")
    mark_first: bool = False
    percent: str = ""
    counted: tuple[tuple[str, int], ...] = ()
    counted_gap: str = " "
    empty: str = ""
    whole: bool = False
    """Whether the column says by its sign or its header that its amounts have no three places."""

    def text(self, value: Decimal | int | None) -> Text:
        if value is None:
            return self.empty, ()
        size = abs(Decimal(value))
        if self.percent:
            size = size * 100
        figures = self._counted(size) if self.counted and size >= 10_000 else (self._figures(size),)
        written = self.counted_gap.join(figures) + self.percent
        bare = tuple(
            re.sub(r"[^0-9.,' ’\u00a0\u202f*]", "", re.sub(r"[억億만萬万]", "*", figure)) for figure in figures
        )
        return self._signed(written, is_negative=value < 0), bare

    def _signed(self, written: str, *, is_negative: bool) -> str:
        before, after = self.mark
        if not is_negative:
            return f"{before}{written}{after}"
        if self.minus == "()":
            return f"({before}{written}{after})"
        if self.minus == "behind":
            return f"{before}{written}{after}-"
        return f"{before}{self.minus}{written}{after}" if self.mark_first else f"{self.minus}{before}{written}{after}"

    def _figures(self, size: Decimal) -> str:
        if self.places is None:
            whole, _sign, rest = format(size.normalize(), "f").partition(".")
        else:
            whole, _sign, rest = format(size, f".{self.places}f").partition(".")
        return grouped(whole, self.group) + (self.decimal + rest if rest else "")

    def _counted(self, size: Decimal) -> tuple[str, ...]:
        parts, rest = [], size
        for sign, tens in self.counted:
            count, rest = divmod(rest, 10**tens)
            if count:
                parts.append(grouped(str(int(count)), self.group) + sign)
        return (*parts, *([self._figures(rest)] if rest else []))


def grouped(whole: str, sign: str) -> str:
    if not sign:
        return whole
    head = len(whole) % 3 or 3
    return sign.join([whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))])


def value_by(figures: str, decimal: str) -> Decimal | None:
    """The number that figures are to somebody whose decimal sign this is; None where nobody would write it so."""
    other = "," if decimal == "." else "."
    whole, sign, rest = figures.partition(decimal)
    if (sign and not rest.isdigit()) or not whole:
        return None
    if not whole.isdigit():
        groups = {letter for letter in whole if not letter.isdigit()}
        if len(groups) != 1 or not groups <= {other, " ", NBSP, NARROW, "'", "’"}:
            return None
        parts = re.split(r"\D", whole)
        if not (1 <= len(parts[0]) <= 3 and parts[0][0] != "0" and all(len(part) == 3 for part in parts[1:])):
            return None
    return Decimal(re.sub(r"\D", "", whole) + ("." + rest if rest else ""))


def open_signs(cells: Sequence[tuple[str, ...]], *, integers: bool, whole: bool) -> bool:
    """Whether both decimal signs can be meant by a column, and mean different numbers."""
    written = [figure for cell in cells for figure in cell]
    figures = [figure.removesuffix("*") for figure in written]
    readings = {}
    for decimal in ".,":
        values = [value_by(figure, decimal) for figure in figures]
        # Of 2.478만 won the part before 만 may well have three places.
        thirds = any(re.search(rf"\{decimal}\d{{3}}$", figure) for figure in written)
        if None in values or (whole and thirds):
            continue
        # 1.234만 is a count, too.
        if integers and any(v is not None and v % 1 and "*" not in f for v, f in zip(values, written, strict=True)):
            continue
        readings[decimal] = values
    return len(readings) == 2 and readings["."] != readings[","]


def number_style(random: Random, decimal: str, language: str, currency: str, values: Sequence[Decimal | int | None], *,
                 is_money: bool, is_count: bool) -> NumberStyle:  # fmt: skip
    """A style that loses nothing of the values."""
    there = [Decimal(value) for value in values if value is not None]
    places = max((-_exponent(value) for value in there), default=0)
    style: dict[str, object] = {"decimal": decimal, "empty": random.choice(EMPTIES)}
    style["group"] = random.choice(GROUPS[decimal]) if random.random() < 0.7 else ""
    style["minus"] = random.choice(["-", "-", "−", "()", "behind"])
    if is_money and random.random() < 0.5:
        style |= {"mark": random.choice(MARKS[currency]), "mark_first": random.random() < 0.5}
        style["whole"] = currency in WHOLE
    if not is_money and not is_count and random.random() < 0.3:
        return NumberStyle(**style, percent=random.choice(["%", " %"]))  # type: ignore[arg-type]
    if random.random() < 0.15 and language in COUNTED and all(value == int(value) for value in there):
        return NumberStyle(**style, counted=COUNTED[language], counted_gap=random.choice(["", " "]))  # type: ignore[arg-type]
    fixed = random.choice([None, max(places, 2), places]) if not is_count else None
    return NumberStyle(**style, places=fixed)  # type: ignore[arg-type]


def _exponent(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return min(0, exponent)
