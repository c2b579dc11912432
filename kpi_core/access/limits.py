"""The limits of kpi.yaml as rules: what an audience may see of each KPI. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from kpi_core.access.audiences import Audience, Channel, File, Person, Spreadsheet
from kpi_core.access.operator import Operator
from kpi_core.errors import Problem, SettingsError
from kpi_core.metrics import Catalog
from kpi_core.settings.values import Access


class Limits:
    """`access:` of kpi.yaml with all that it closes. A KPI under several limits must be allowed by each of them."""

    def __init__(self, access: Mapping[str, Access], catalog: Catalog) -> None:
        """A limit on a KPI that the catalogue does not have closes nothing; `refuse_unknown` is for those who serve."""
        self._access = {metric_id: limit for metric_id, limit in access.items() if metric_id in catalog.metrics}
        self._catalog = catalog

    def may_see(self, metric_id: str, audience: Audience) -> bool:
        """Whether the audience may see the KPI's value."""
        return not _is_foreign(audience) and all(_allows(limit, audience) for limit in self.closing(metric_id))

    def hides_parts(self, metric_id: str, audience: Audience) -> bool:
        """Whether the amounts in the KPI's formula would give a limited KPI away to the audience."""
        return not all(_allows(limit, audience) for limit in self._of(metric_id, closed=False))

    def closing(self, metric_id: str) -> tuple[Access, ...]:
        """The limits under which the KPI's value stands: its own, and those of the KPIs that it gives away."""
        return tuple(self._of(metric_id, closed=True))

    def closed_to(self, audience: Audience) -> frozenset[str]:
        """Every KPI and variant that the audience may not see."""
        if isinstance(audience, Operator):
            return frozenset()
        if _is_foreign(audience):
            return frozenset(self._catalog.metrics)
        return frozenset(closed for metric_id in self.limited_for(audience) for closed in self._closed_by(metric_id))

    def limited_for(self, audience: Audience) -> tuple[str, ...]:
        """The KPIs of kpi.yaml whose limit keeps the audience out, without what they close."""
        return tuple(metric_id for metric_id, limit in self._access.items() if not _allows(limit, audience))

    def groups(self) -> tuple[str, ...]:
        """The user groups that any limit names."""
        return tuple(dict.fromkeys(group for limit in self._access.values() for group in limit.groups))

    def _of(self, metric_id: str, *, closed: bool) -> Iterator[Access]:
        if not self._access:
            return
        from kpi_core.access.relatives import relatives_of

        for limited, limit in self._access.items():
            hidden = relatives_of(limited, self._catalog).without_parts
            if metric_id in (self._closed_by(limited) if closed else hidden):
                yield limit

    def _closed_by(self, limited: str) -> Iterator[str]:
        """What the limit on a KPI closes; a variant of it with a limit of its own has that one instead."""
        from kpi_core.access.relatives import relatives_of

        for metric_id in relatives_of(limited, self._catalog).closed:
            if (
                metric_id == limited
                or metric_id not in self._access
                or self._catalog.metrics[metric_id].variant_of != limited
            ):
                yield metric_id


def refuse_unknown(access: Mapping[str, Access], catalog: Catalog) -> None:
    """SettingsError for a misspelt KPI under access: it would leave the real one open to everybody."""
    unknown = [metric_id for metric_id in access if metric_id not in catalog.metrics]
    if unknown:
        hint = "Mend the name, so that nobody sees what they should not."
        raise SettingsError([Problem("kpi.yaml", 0, 0, f"access: there is no KPI {name}", hint) for name in unknown])


def _is_foreign(audience: Audience) -> bool:
    match audience:
        case Person():
            return audience.foreign and not audience.admitted
        case Channel():
            # As a whole: what is posted there, the strangers among its readers read too.
            return (audience.shared or audience.unverified) and not audience.admitted
        case _:
            return False


def _allows(limit: Access, audience: Audience) -> bool:
    match audience:
        case Person(unverified=True) | Channel(unverified=True) | Person(foreign=True) | Channel(shared=True):
            return False
        case Person():
            return (
                audience.user in limit.users
                or audience.channel in limit.channels
                or not audience.groups.isdisjoint(limit.groups)
            )
        case Channel():
            return audience.channel in limit.channels
        case Spreadsheet():
            return audience.spreadsheet in limit.sheets
        case File():
            return False
        case Operator():
            return True


@lru_cache(maxsize=64)
def visible(catalog: Catalog, closed: frozenset[str]) -> Catalog:
    """The catalogue without some KPIs and variants; the same one each time, for much is remembered by it."""
    metrics = {metric.id: metric for metric in catalog.metrics.values() if metric.id not in closed}
    return replace(catalog, metrics=metrics) if closed else catalog
