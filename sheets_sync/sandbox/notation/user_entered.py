"""What Sheets makes of text that a person types (USER_ENTERED): numbers, percents, money, dates, booleans, formulas."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

from sheets_sync.sandbox.notation.locales import LocaleSigns, signs
from sheets_sync.sandbox.notation.number_patterns import serial

Json = dict[str, Any]
Typed = tuple[Json | None, Json | None]
"""An ExtendedValue (None: the cell is emptied) and the NumberFormat that typing it sets (None: the old one stays)."""

CURRENCIES = "$€£¥₩元"
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?")
_DATE = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?")
_HANGUL_DATE = re.compile(r"(\d{4})[년年]\s*(\d{1,2})[월月]\s*(\d{1,2})[일日]")


def typed(text: str, locale: str) -> Typed:
    """Reads one typed text in the spreadsheet's locale."""
    if text == "":
        return None, None
    if text.startswith("'"):
        return {"stringValue": text[1:]}, None
    if text.startswith("=") and len(text) > 1:
        return {"formulaValue": text}, None
    if text.strip().upper() in ("TRUE", "FALSE"):
        return {"boolValue": text.strip().upper() == "TRUE"}, None
    local = signs(locale)
    return _number(text.strip(), local) or _moment(text.strip(), local) or ({"stringValue": text}, None)


def _number(text: str, local: LocaleSigns) -> Typed | None:
    group, decimal = re.escape(local.group), re.escape(local.decimal)
    money = (
        f"(?P<money>[{CURRENCIES}{re.escape(local.currency)}])"
        if len(local.currency) == 1
        else (f"(?P<money>[{CURRENCIES}]|{re.escape(local.currency)})")
    )
    tail = money.replace("money", "tail")
    match = re.fullmatch(
        rf"(?P<open>\()?(?P<sign>[-+]?)\s*(?:{money}\s*)?(?P<inner>-?)"
        rf"(?P<whole>\d{{1,3}}(?:{group}\d{{3}})+|\d*)(?P<part>{decimal}\d*)?"
        rf"(?P<power>[eE][+-]?\d+)?\s*(?P<percent>%)?(?:\s*{tail})?(?P<close>\))?",
        text,
    )
    if (
        match is None
        or bool(match["open"]) != bool(match["close"])
        or not re.search(r"\d", match["whole"] + (match["part"] or ""))
    ):
        return None
    whole = match["whole"].replace(local.group, "")
    value = float((whole or "0") + "." + ((match["part"] or ".0")[1:] or "0") + (match["power"] or ""))
    if match["sign"] == "-" or match["inner"] or match["open"]:
        value = -value
    if match["percent"]:
        # 9.7 / 100 is 0.09699999999999999.
        value = float(f"{value / 100:.15g}")
    number = int(value) if value.is_integer() and abs(value) < 2**53 else value
    return {"numberValue": number}, _number_format(match, local)


def _number_format(match: re.Match[str], local: LocaleSigns) -> Json | None:
    decimals = bool(match["part"] and len(match["part"]) > 1)
    sign = match["money"] or match["tail"]
    if match["percent"]:
        return {"type": "PERCENT", "pattern": "0.00%" if decimals else "0%"}
    if sign:
        digits = "#,##0.00" if decimals else "#,##0"
        return {"type": "CURRENCY", "pattern": f'"{sign}"{digits}' if match["money"] else f'{digits}" {sign}"'}
    if match["power"]:
        return {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if local.group in match["whole"]:
        return {"type": "NUMBER", "pattern": "#,##0.00" if decimals else "#,##0"}
    return None


def _moment(text: str, local: LocaleSigns) -> Typed | None:
    clock = _clock(text)
    if clock:
        return {"numberValue": clock[0]}, {"type": "TIME", "pattern": clock[1]}
    day_text, _, time_text = text.replace("T", " ").partition(" ") if ":" in text else (text, "", "")
    # `2026. 7. 1 9:30`: a Korean date has spaces of its own, so it does not end at the first.
    if ":" in text and _DATE.match(text):
        day_text, time_text = text[: _last_date_end(text)], text[_last_date_end(text) :].strip(" T")
    day = _day(day_text, local)
    if day is None:
        return None
    if not time_text:
        return {"numberValue": int(day[0])}, {"type": "DATE", "pattern": day[1]}
    clock = _clock(time_text.removesuffix("Z"))
    if clock is None:
        return None
    return {"numberValue": day[0] + clock[0]}, {"type": "DATE_TIME", "pattern": f"{day[1]} {clock[1]}"}


def _last_date_end(text: str) -> int:
    match = _DATE.match(text)
    return match.end() if match else 0


def _clock(text: str) -> tuple[float, str] | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, half = int(match[1]), int(match[2]), int(match[3] or 0), (match[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        moment = time(hour, minute, second)
    except ValueError:
        return None
    pattern = ("h:mm:ss" if match[3] else "h:mm") + (" am/pm" if half else "")
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400, pattern


def _day(text: str, local: LocaleSigns) -> tuple[float, str] | None:
    match = _DATE.fullmatch(text) or _HANGUL_DATE.fullmatch(text)
    if match is None:
        return None
    numbers = [int(part) for part in match.groups() if part.isdigit()]
    year_first = len(match[1]) == 4
    order = "ymd" if year_first else local.date_order
    if not year_first and order.startswith("y") and numbers[0] > 31:
        return None
    parts = dict(zip(order, numbers, strict=True))
    # Two digits mean 1950 to 2049.
    year = parts["y"] + (2000 if parts["y"] < 50 else 1900 if parts["y"] < 100 else 0)
    try:
        moment = datetime(year, parts["m"], parts["d"], tzinfo=UTC)
    except ValueError:
        return None
    # Typed as ISO it stays so; any other date is shown as the locale writes it.
    iso = year_first and "-" in text
    return serial(moment), "yyyy-mm-dd" if iso else local.date_pattern
