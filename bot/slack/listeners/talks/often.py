"""What a person asks for most, so that it comes first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.slack.listeners.services import Services

OWN = 10
log = logging.getLogger("kpi_bot.slack")


def uses_of(services: Services, user: str) -> Mapping[str, int]:
    """How often each KPI was asked for; what this person asked counts far more. Empty without a state."""
    if services.store is None:
        return {}
    from kpi_core.state.talks.asked_kpis import asked_since

    try:
        return asked_since(services.store(), user, services.clock())
    except KpiBotError as error:
        log.warning("What people ask most is not known: %s", error.message)
        return {}


def own_first(uses: Mapping[str, int]) -> list[str]:
    """The ten KPIs that the person asked for most."""
    from kpi_core.state.talks.asked_kpis import OWN_WEIGHT

    own = (kpi for kpi, count in uses.items() if count >= OWN_WEIGHT)
    return sorted(own, key=lambda kpi: (-uses[kpi], kpi))[:OWN]
