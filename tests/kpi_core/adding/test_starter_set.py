"""The first KPIs of a firm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.adding.starter_set import AIMS, FEWEST, MOST, Aim, starter_set
from kpi_core.catalog import load_catalog

METRICS = load_catalog(()).metrics
KPIS = sorted(kpi for kpi, metric in METRICS.items() if metric.variant_of is None)


@pytest.mark.parametrize("aim", AIMS)
def test_a_firm_with_everything(aim: Aim) -> None:
    """With all data: five to seven KPIs, some that lead and some that lag, none of them vanity at the head."""
    chosen = starter_set(aim, KPIS, METRICS)
    assert FEWEST <= len(chosen) <= MOST
    assert {METRICS[kpi].indicator for kpi in chosen} == {"leading", "lagging"}
    assert not METRICS[chosen[0]].vanity


@given(st.sampled_from(AIMS), st.sets(st.sampled_from(KPIS), max_size=20))
def test_any_firm(aim: Aim, ready: set[str]) -> None:
    """Whatever has data: only that, each once, at most seven; both kinds where there are both; no vanity alone."""
    chosen = starter_set(aim, ready, METRICS)
    assert set(chosen) <= ready
    assert len(set(chosen)) == len(chosen) <= MOST
    if not chosen:
        assert all(METRICS[kpi].vanity for kpi in ready)
        return
    assert not all(METRICS[kpi].vanity for kpi in chosen)
    solid = {kpi for kpi in ready if not METRICS[kpi].vanity}
    assert len(chosen) >= min(FEWEST, len(solid))
    if len({METRICS[kpi].indicator for kpi in solid}) == 2:
        assert len({METRICS[kpi].indicator for kpi in chosen}) == 2 or len(chosen) < 2
