"""How the firm counts its money: its currency, its basis of VAT, and what converts the amounts of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.money.rates import OpenRates, RateRow, ecb_rates, table_rates
from kpi_core.settings.values import ECB, VAT_RATES, Settings, Vat


@frozen
class Books:
    """`rates` is None where kpi.yaml names none: then amounts in other currencies do not count."""

    currency: str
    vat: Vat | None = None
    vat_rate: Fraction | None = None
    """Of the firm's own country."""
    rates: OpenRates | None = None


def books_of(settings: Settings, table: Callable[[], Iterable[RateRow]]) -> Books:
    """The books of a workspace; `table` gives the rows of the source that fills its rates, in rising order of worth."""
    own = settings.currency
    rate = settings.vat_rate if settings.vat_rate is not None else VAT_RATES.get(own)
    rates: OpenRates | None = None
    if settings.rates == ECB:
        rates = ecb_rates
    elif settings.rates is not None:
        rates = lambda _currencies: table_rates(table(), own)  # noqa: E731  (three lines that belong together)
    return Books(own, settings.vat, None if rate is None else exact(rate), rates)


def exact(rate: float) -> Fraction:
    """A rate as it is written in kpi.yaml: 0.1 is a tenth."""
    return Fraction(Decimal(str(rate)))
