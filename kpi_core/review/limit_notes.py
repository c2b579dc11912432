"""What `access:` of kpi.yaml does, said beforehand: what each limit also closes, and what is left out of which post.

None of it is a problem; `kpi check` prints it as notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpi_core.access.audiences import Audience, Channel, Spreadsheet
from kpi_core.access.limits import Limits
from kpi_core.access.relatives import relatives_of
from kpi_core.dates.schedule import parse_every
from kpi_core.deliveries.summaries import audience_kpis
from kpi_core.documents.shapes import Finding
from kpi_core.documents.yaml_file import Steps
from kpi_core.metrics import Catalog, Metric
from kpi_core.settings.values import Settings


def limit_notes(settings: Settings, catalog: Catalog, in_sheets: Sequence[Metric]) -> Iterator[Finding]:
    """Each by its place in kpi.yaml; `in_sheets` are the KPIs that the tabs of a sheet would show."""
    for metric_id in settings.access:
        if metric_id in catalog.metrics:
            yield Finding(("access", metric_id), *_consequences(metric_id, catalog), key=True)
    for path, what, kpis, audience, way in _posts(settings, catalog, in_sheets):
        limits = Limits(settings.access, catalog)
        closed = [metric_id for metric_id in dict.fromkeys(kpis) if not limits.may_see(metric_id, audience)]
        if closed:
            hint = f"To show it there, add the {way} to access: of each limit that closes it."
            yield Finding(path, f"{what} leaves out {', '.join(closed)}", hint)


def _consequences(metric_id: str, catalog: Catalog) -> tuple[str, str]:
    """What a limit does beyond its own KPI, and what stays open although the KPI is made of it."""
    relatives = relatives_of(metric_id, catalog)
    closed = relatives.closed[1:]
    consequence = (
        f"the limit on {metric_id} also closes {_listed(closed, catalog)}" if closed else f"{metric_id} is limited"
    )
    if relatives.without_parts:
        consequence += f"; without the amounts of their formula: {', '.join(relatives.without_parts)}"
    if not relatives.sources:
        return consequence, ""
    sources = _listed(relatives.sources, catalog)
    return (
        f"{consequence}; it leaves open {sources}",
        f"{metric_id} can be worked out from those: limit them too if it matters.",
    )


def _listed(metric_ids: Iterable[str], catalog: Catalog) -> str:
    """The KPIs; a variant only where its KPI is not among them."""
    ids = list(metric_ids)
    return ", ".join(metric_id for metric_id in ids if catalog.metrics[metric_id].variant_of not in ids)


_Post = tuple[Steps, str, Iterable[str], Audience, str]
"""Where it is configured, what it is, the KPIs it would show, to whom, and the list of a limit that allows it."""


def _posts(settings: Settings, catalog: Catalog, in_sheets: Sequence[Metric]) -> Iterator[_Post]:
    for number, summary in enumerate(settings.summaries):
        grain = parse_every(summary.every).grain
        kpis = audience_kpis(summary.audience, settings, catalog, settings.goals, grain)
        in_catalog = [metric_id for metric_id in kpis if metric_id in catalog.metrics]
        path: Steps = ("summaries", number, "channel")
        yield path, f"the summary {summary.name}", in_catalog, Channel(summary.channel), f"channel {summary.channel}"
    for number, alert in enumerate(settings.alerts):
        if alert.kpi in catalog.metrics:
            path = ("alerts", number, "channel")
            yield path, "this alert is not sent: it", [alert.kpi], Channel(alert.channel), f"channel {alert.channel}"
    for number, sheet in enumerate(settings.sheets):
        path = ("sheets", number, "spreadsheet")
        place = Spreadsheet(sheet.spreadsheet)
        yield path, "this sheet", [metric.id for metric in in_sheets], place, f"sheet {sheet.spreadsheet}"
