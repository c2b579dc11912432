"""Number formats: what people see for a number under a pattern such as `#,##0.0%`, `"₩"#,##0` or `yyyy-mm-dd`."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.notation.locales import LocaleSigns, signs

# Day 0. From March 1900 on all dates have the numbers of Excel, which counts a 29 February 1900.
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<half>am/pm|a/p)|(?P<exponent>e[+-]0+)"
    r"|(?P<date>y+|m+|d+|h+|s+)(?P<fraction>(?<=s)\.0+)?|(?P<digit>[0#?])|(?P<sign>[.,%@])|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\s*")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
}
_SECTION_BREAK = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"])*)(?:;|$)', re.DOTALL)


@frozen
class Token:
    kind: str
    text: str


def serial(moment: datetime) -> float:
    """Days since 30 December 1899 of a local time, whose zone is not looked at."""
    delta = moment.replace(tzinfo=UTC) - EPOCH
    return delta.days + delta.seconds / 86400


def moment_of(days: float) -> datetime:
    """The local time of a serial number, to the millisecond; the zone it carries means nothing."""
    # Rounded: as a part of a day hardly any second is exact in binary.
    return EPOCH + timedelta(milliseconds=round(days * 86_400_000))


def display_text(value: Any, number_format: dict[str, Any] | None, locale: str = "en_US") -> str:
    """What a cell shows for a number, a boolean or a text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    pattern = pattern_of(number_format, locale)
    if isinstance(value, str):
        sections = _sections(pattern)
        return _text_section(sections[-1], value) if pattern and len(sections) > 3 else value
    if not pattern or pattern.lower() == "general":
        return general(value, signs(locale))
    return _formatted(float(value), pattern, signs(locale))


def pattern_of(number_format: dict[str, Any] | None, locale: str) -> str:
    """The pattern of a NumberFormat, its type's usual one if it has none; empty for automatic and text."""
    if not number_format:
        return ""
    local = signs(locale)
    usual = {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": local.currency_pattern,
        "DATE": local.date_pattern,
        "TIME": "h:mm:ss am/pm",
        "DATE_TIME": f"{local.date_pattern} h:mm:ss",
        "SCIENTIFIC": "0.00E+00",
    }
    return str(number_format.get("pattern") or usual.get(number_format.get("type", ""), ""))


def is_date(number_format: dict[str, Any] | None) -> bool:
    return bool(number_format) and (number_format or {}).get("type") in ("DATE", "TIME", "DATE_TIME")


def general(value: float, local: LocaleSigns) -> str:
    """A number without a format: whole numbers in full, others to ten digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.10g}"
    if "e" in text:
        digits, exponent = text.split("e")
        text = f"{digits}E{int(exponent):+03d}"
    return text.replace(".", local.decimal)


@functools.lru_cache(maxsize=512)
def _sections(pattern: str) -> tuple[tuple[Token, ...], ...]:
    parts = _SECTION_BREAK.findall(pattern)
    # findall ends on an empty match, which is no section of the pattern.
    if len(parts) > 1 and not pattern.endswith(";"):
        parts = parts[:-1] if parts[-1] == "" else parts
    return tuple(_tokens(part) for part in parts)


def _tokens(section: str) -> tuple[Token, ...]:
    tokens = []
    for match in _TOKEN.finditer(section):
        kind = match.lastgroup
        if kind is None:
            continue
        text = match.group(kind)
        if kind == "fraction":
            tokens.append(Token("date", match.group("date")))
        tokens.append(Token(*_normal(kind, text)))
    return _minutes(tokens)


def _normal(kind: str, text: str) -> tuple[str, str]:
    if kind in ("quoted", "escaped"):
        return "literal", text
    if kind == "space":
        return "literal", " "
    if kind == "bracket" and re.fullmatch(r"h+|m+|s+", text, re.IGNORECASE):
        return "elapsed", text.lower()
    return kind, text.lower() if kind == "date" else text


def _minutes(tokens: list[Token]) -> tuple[Token, ...]:
    """`m` beside hours or seconds means minutes, which are written `n` from here on."""
    clock = [index for index, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    result = list(tokens)
    for order, index in enumerate(clock):
        token = tokens[index]
        before = tokens[clock[order - 1]].text[0] if order else ""
        after = tokens[clock[order + 1]].text[0] if order + 1 < len(clock) else ""
        if token.text[0] == "m" and len(token.text) < 3 and (before == "h" or after == "s"):
            result[index] = Token(token.kind, token.text.replace("m", "n"))
    return tuple(result)


def _formatted(value: float, pattern: str, local: LocaleSigns) -> str:
    section, number = _choose(value, _sections(pattern))
    if any(token.kind in ("date", "elapsed") for token in section):
        return _date_section(section, number, local)
    return _number_section(section, number, local)


def _choose(value: float, sections: tuple[tuple[Token, ...], ...]) -> tuple[tuple[Token, ...], float]:
    """The section for this number, and the number as that section writes it (the sign may be the section's own)."""
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or condition(value):
                return section, value
        return sections[-1], value
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


def _condition(section: tuple[Token, ...]) -> Callable[[float], bool] | None:
    for token in section:
        match = _CONDITION.fullmatch(token.text) if token.kind == "bracket" else None
        if match:
            compare, limit = _COMPARE[match.group(1)], float(match.group(2))
            return lambda value: compare(value, limit)
    return None


def _text_section(section: tuple[Token, ...], text: str) -> str:
    return "".join(text if token.text == "@" else token.text for token in section if token.kind != "bracket")


@dataclass(slots=True)
class _Number:
    """What the placeholders of a section ask for."""

    whole: int = 0
    least_decimals: int = 0
    most_decimals: int = 0
    percents: int = 0
    thousands: int = 0
    grouped: bool = False
    exponent: str = ""


def _number_section(section: tuple[Token, ...], value: float, local: LocaleSigns) -> str:
    core = [index for index, token in enumerate(section) if token.kind == "digit"]
    if not core:
        return "".join(general(value, local) if token.text == "@" else _literal(token) for token in section)
    layout = _layout(section, core[0], core[-1])
    digits = _digits(abs(value), layout, local)
    # -0.001 under `0.00` is 0.00, without a sign.
    sign = "-" if value < 0 and any(letter in "123456789" for letter in digits) else ""
    before = "".join(_literal(token) for token in section[: core[0]] if token.text not in (".", ","))
    after = "".join(_literal(token) for token in section[core[-1] + 1 :] if token.text not in (".", ","))
    return sign + before + digits + after


def _layout(section: tuple[Token, ...], first: int, last: int) -> _Number:
    layout = _Number()
    decimals = False
    for index, token in enumerate(section):
        if token.kind == "digit":
            if decimals:
                layout.most_decimals += 1
                layout.least_decimals += token.text == "0"
            else:
                layout.whole += token.text == "0"
        elif token.kind == "exponent":
            layout.exponent = token.text
        elif token.text == "%" and token.kind == "sign":
            layout.percents += 1
        elif token.text == "." and token.kind == "sign":
            decimals = True
        elif token.text == "," and token.kind == "sign" and index > first:
            # A comma among the digits groups them; each one behind the last divides by a thousand.
            layout.grouped = layout.grouped or index < last
            layout.thousands += index > last
    return layout


def _digits(value: float, layout: _Number, local: LocaleSigns) -> str:
    if not math.isfinite(value):
        return "#NUM!"
    # By the digits that people see: 1.005 becomes 1.01, though its double lies below.
    number = Decimal(repr(value)).scaleb(2 * layout.percents - 3 * layout.thousands)
    exponent = 0
    if layout.exponent and number:
        exponent = number.adjusted()
        number = number.scaleb(-exponent)
    rounded = number.quantize(Decimal(1).scaleb(-layout.most_decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    optional = layout.most_decimals - layout.least_decimals
    while optional and fraction.endswith("0"):
        fraction, optional = fraction[:-1], optional - 1
    whole = whole.lstrip("0").rjust(layout.whole, "0")
    if layout.grouped:
        whole = _grouped(whole, local.group)
    text = whole + (local.decimal + fraction if fraction else "")
    return text + (f"E{exponent:+0{len(layout.exponent) - 1}d}" if layout.exponent else "")


def _grouped(whole: str, group: str) -> str:
    head = len(whole) % 3
    parts = ([whole[:head]] if head else []) + [whole[place : place + 3] for place in range(head, len(whole), 3)]
    return group.join(parts)


def _literal(token: Token) -> str:
    return "" if token.kind in ("bracket", "exponent") else token.text


def _date_section(section: tuple[Token, ...], days: float, local: LocaleSigns) -> str:
    moment = moment_of(days)
    halves = any(token.kind == "half" for token in section)
    parts = []
    for token in section:
        if token.kind == "date":
            parts.append(_date_part(token.text, moment, local, halves=halves))
        elif token.kind == "elapsed":
            unit = {"h": 24, "n": 1440, "m": 1440, "s": 86400}[token.text[0]]
            parts.append(str(int(days * unit + 1e-6)).rjust(len(token.text), "0"))
        elif token.kind == "half":
            parts.append("AM" if moment.hour < 12 else "PM")
        elif token.kind == "fraction":
            parts.append(f".{moment.microsecond:06d}"[: len(token.text)])
        else:
            parts.append(_literal(token))
    return "".join(parts)


def _date_part(text: str, moment: datetime, local: LocaleSigns, *, halves: bool) -> str:
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    numbers = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}
    letter, length = text[0], len(text)
    if letter == "y":
        return f"{moment.year:04d}" if length > 2 else f"{moment.year % 100:02d}"
    if length > 2 and letter in "md":
        return _name(letter, length, moment, local)
    return str(numbers[letter]).rjust(min(length, 2), "0")


def _name(letter: str, length: int, moment: datetime, local: LocaleSigns) -> str:
    if letter == "d":
        return (local.days if length > 3 else local.short_days)[moment.weekday()]
    if length == 5:
        return local.months[moment.month - 1][0]
    return (local.months if length > 3 else local.short_months)[moment.month - 1]
