"""The alerts log: a row an incident, with its reason, who acted and how it ended; the newest on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpi_core.metrics import Metric
from kpi_core.phrases import say
from kpi_core.settings.sheet_record import LoggedAlert
from sheets_sync.tabs.cells import KEEP, Cell, Text
from sheets_sync.tabs.left_out import with_left_out
from sheets_sync.tabs.queries import Material
from sheets_sync.tabs.tab import Area, Column, Shade, Tab, filled, width_of
from sheets_sync.tabs.typed import owner_shown, spelled

HEADER = 2
NEWEST = 200
"""Incidents that it lists, and some more until these go together; a row that people wrote beside stays longer."""
_WIDTHS = {"at": 130, "kpi": 200, "alarm": 130, "size": 250, "cause": 250, "state": 90, "owner": 110, "acted": 240}
_WIDTHS |= {"over": 130, "seen": 80}
_WRAPPED = {"size", "cause", "acted"}


def alerts_tab(material: Material) -> Tab:
    """All incidents that the spreadsheet may show, whatever became of them."""
    language = material.language
    listed = material.alerts
    rows: list[Sequence[Cell]] = [
        [Text(say(language, "sheet.tab.alerts"))],
        [Text(with_left_out(say(language, "sheet.line.alerts"), _closed(material), language))],
        [Text(say(language, f"sheet.column.{key}")) for key in _WIDTHS],
        *(list(_row(alert, material)) for alert in listed),
    ]
    names = width_of((_named(alert, material) for alert in listed), 200, 320)
    columns = tuple(
        Column(
            key,
            say(language, f"sheet.column.{key}"),
            width=names if key == "kpi" else width,
            wraps=key in _WRAPPED,
            ticked=key == "seen",
        )
        for key, width in _WIDTHS.items()
    )
    state = list(_WIDTHS).index("state")
    return Tab(
        "alerts",
        say(language, "sheet.tab.alerts"),
        columns,
        filled(rows, len(columns)),
        HEADER,
        shades=(Shade((Area(HEADER + 1, state, None, state + 1),), say(language, "alert.state_open"), "bad"),),
        keys=tuple(alert.id for alert in listed),
        grows=NEWEST,
    )


def _closed(material: Material) -> list[Metric]:
    """The KPIs of alerts that the spreadsheet may not show."""
    ruled = {rule.kpi for rule in material.settings.alerts}
    return [metric for metric in material.left_out if metric.id in ruled]


def _row(alert: LoggedAlert, material: Material) -> Iterator[Cell]:
    language = material.language
    yield Text(material.moment(alert.at))
    yield Text(_named(alert, material))
    yield Text(say(language, f"sheet.alarm.{alert.kind}") if alert.kind else "")
    yield Text(alert.size or alert.line)
    yield Text(alert.reason)
    yield Text(say(language, f"alert.state_{alert.state}"))
    yield Text(owner_shown(alert.owner, material.people))
    yield Text("\n".join(_acts(alert, material)))
    yield Text(material.moment(alert.over) if alert.over else "")
    yield KEEP


def _acts(alert: LoggedAlert, material: Material) -> Iterator[str]:
    for act in alert.acts:
        who = owner_shown(act.who, material.people)
        yield " · ".join(part for part in (material.moment(act.at)[:10], who, act.words) if part)


def _named(alert: LoggedAlert, material: Material) -> str:
    metric = material.catalog.metrics.get(alert.kpi)
    name = metric.name(material.language) if metric else alert.kpi or alert.source
    unknown = say(material.language, "sheet.group.unknown")
    where = {dimension: value or unknown for dimension, value in alert.where.items()}
    return " · ".join(part for part in (name, spelled(where)) if part)
