"""The market around the shop, and the workshop behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.demo.company import NAME
from kpi_core.demo.generated_table import Table, day, flag, hundredths, text, whole

if TYPE_CHECKING:
    from kpi_core.demo.draws import Draws
    from kpi_core.demo.seasons import Days

BRANDS = (NAME, "Nordhaus Living", "Willow & Clay", "Taipei Home")
_MENTIONS = (24.0, 52.0, 31.0, 17.0)
TERMS = ("hanok goods", "hanok linen", "hanok gift set")
_SEARCHES = (145.0, 38.0, 22.0)
LINES = ("ceramics", "textiles", "woodwork")
_UNITS = (260.0, 340.0, 120.0)
_DEFECTS = (0.016, 0.007, 0.011)
_MARKET_A_DAY = 58_000.0


def brand_mentions(draws: Draws, days: Days) -> Table:
    import numpy as np

    brands = np.arange(len(BRANDS))
    grown = np.where(brands == 0, 1.0, 0.0)[None, :] * (days.growth[:, None] - 1.0) + 1.0
    mean = grown * np.array(_MENTIONS) * draws.noise(0.2, "mentions/mood", days.ordinals[:, None], brands[None, :])
    mentions = draws.poisson(mean, "mentions", days.ordinals[:, None], brands[None, :])
    return {
        "date": day(np.repeat(days.ordinals, len(brands))),
        "brand": text(BRANDS, np.tile(brands, days.count)),
        "own": flag(np.tile(brands == 0, days.count)),
        "mentions": whole(mentions.ravel()),
    }


def brand_searches(draws: Draws, days: Days) -> Table:
    import numpy as np

    terms = np.arange(len(TERMS))
    mean = days.demand[:, None] * np.array(_SEARCHES)[None, :]
    searches = draws.poisson(mean, "searches", days.ordinals[:, None], terms[None, :])
    return {
        "date": day(np.repeat(days.ordinals, len(terms))),
        "term": text(TERMS, np.tile(terms, days.count)),
        "searches": whole(searches.ravel()),
    }


def market_sales(draws: Draws, days: Days) -> Table:
    """What all shops of the kind sell a day, as the trade association reports it."""
    amount = _MARKET_A_DAY * days.demand / days.growth * days.buying * draws.noise(0.03, "market", days.ordinals)
    return {"date": day(days.ordinals), "amount": hundredths(amount)}


def production(draws: Draws, days: Days) -> Table:
    """Every day, with a small crew at the weekend."""
    import numpy as np

    crew = days.growth * np.where(days.weekday < 5, 1.0, 0.35)
    lines = np.arange(len(LINES))
    keys = (days.ordinals[:, None], lines[None, :])
    inspected = np.rint(crew[:, None] * np.array(_UNITS) * draws.noise(0.08, "made", *keys)).astype(np.int64)
    rate = np.array(_DEFECTS)[None, :] * draws.noise(0.2, "made/quality", *keys)
    defective = np.minimum(draws.poisson(inspected * rate, "made/defects", *keys), inspected)
    return {
        "date": day(np.repeat(days.ordinals, len(lines))),
        "line": text(LINES, np.tile(lines, days.count)),
        "inspected_units": whole(inspected.ravel()),
        "defective_units": whole(defective.ravel()),
    }
