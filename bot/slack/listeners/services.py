"""What the listeners work with: the door to numbers, the settings, a clock and the state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from kpi_core.access.audiences import Audience
    from kpi_core.access.doorway import Door
    from kpi_core.settings.values import Settings
    from kpi_core.state.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a listener needs."""

    door: Callable[[Audience], Door]
    """The way to numbers, for those who will see them; what it gives is safe to use in several threads."""
    settings: Settings
    clock: Callable[[], datetime]
    """The present instant, timezone-aware."""
    store: Callable[[], Store] | None = None
    """Where it is written what was answered; None remembers it in this process alone."""
