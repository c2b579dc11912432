"""The tabs that a sync shows, made from answers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sheets_sync.tabs.dictionary import dictionary_tab
from sheets_sync.tabs.funnel import funnel_tab
from sheets_sync.tabs.goals.goal_rows import GoalRow, GoalsRead
from sheets_sync.tabs.goals.goals_tab import goals_tab
from sheets_sync.tabs.inputs.inputs_tab import inputs_tab
from sheets_sync.tabs.logs.alert_log import alerts_tab
from sheets_sync.tabs.logs.sync_log import sync_log_tab
from sheets_sync.tabs.overview import overview_tab
from sheets_sync.tabs.queries import TRENDS, Material
from sheets_sync.tabs.single_cells import cells_tab
from sheets_sync.tabs.splits import split_tab
from sheets_sync.tabs.tab import Tab, check_tab_names
from sheets_sync.tabs.trends import cohorts_tab, trends_tab

_WHOLE = {
    "overview": overview_tab,
    "cohorts": cohorts_tab,
    "funnel": funnel_tab,
    "dictionary": dictionary_tab,
    "alerts": alerts_tab,
    "inputs": inputs_tab,
}


def build_tabs(
    names: Iterable[str],
    material: Material,
    goals: GoalsRead | None = None,
    seeds: Sequence[GoalRow] = (),
) -> list[Tab]:
    """The named tabs in their order, each once. SettingsError for a name that there is no tab of."""
    listed = list(dict.fromkeys(names))
    check_tab_names(listed)
    return [_tab(name, material, goals or GoalsRead(), seeds) for name in listed]


def _tab(name: str, material: Material, goals: GoalsRead, seeds: Sequence[GoalRow]) -> Tab:
    if name == "goals":
        return goals_tab(material, goals, seeds)
    if name == "sync_log":
        return sync_log_tab(material.settings, ())
    if name == "cells":
        return cells_tab(material.cells, material.answers, material.settings)
    if name in _WHOLE:
        return _WHOLE[name](material)
    if name in TRENDS:
        return trends_tab(material, name)
    return split_tab(material, name)
