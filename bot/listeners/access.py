"""Who may see a KPI, and where: the channel's widest reader counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpi_core.metrics import Metric
    from kpi_core.settings import Access, Settings

Showing = Literal["public", "asker", "nobody"]


def access_of(settings: Settings, metric: Metric) -> Access | None:
    """The limit on a KPI; a variant is limited as the KPI it belongs to. None: everybody may see it."""
    return settings.access.get(metric.id) or settings.access.get(metric.variant_of or metric.id.partition("@")[0])


def showing(access: Access | None, channel: str, *, direct: bool, asker_allowed: bool) -> Showing:
    """To whom an answer may be shown when asked in `channel`; in a direct conversation the asker is all there is."""
    if access is None or channel in access.channels:
        return "public"
    if not asker_allowed:
        return "nobody"
    return "public" if direct else "asker"
