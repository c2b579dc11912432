"""The first cause that an alert names is the true one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from answer_examples import CATALOG, SPEND, answer
from companies.drawn_firm import drawn_firm, incidents_in, names, trouble_of

from kpi_core.alerts.cause import cause_of
from kpi_core.alerts.episode import Episode, Scope
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.health.facts import Health
from kpi_core.metrics import Catalog, Input
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert

from long import ran, times


@pytest.mark.long
def test_the_first_cause_named_is_the_true_one(tmp_path: Path) -> None:
    """Of firms with a channel's rate or weight, a price, a step of the funnel or a source gone wrong, in 9 of 10.

    One thing goes wrong, so hardly ever is there more than one incident.
    """
    count = times(2, 100)
    true = single = 0
    for seed in range(count):
        trouble = trouble_of(seed)
        found = incidents_in(drawn_firm(tmp_path / f"{seed}.duckdb", seed, trouble))
        true += bool(found) and names(found[0], trouble)
        single += len(found) == 1
    ran("firms with one trouble", count, true=true, single=single)
    assert true >= 0.9 * count
    assert single >= 0.8 * count


@pytest.mark.parametrize("part", ["costs", "tools"])
def test_the_steps_make_up_the_change(part: str) -> None:
    """A KPI whose formula is a single part has one step, all of the change, though both bear one name."""
    metric = replace(SPEND, id="costs", formula=part, inputs={part: Input(part, "costs.non_salary", {"en": part})})
    amounts = {date(2026, 9, 1): 94.0, date(2026, 10, 1): 80.0}
    months = [Period(date(2026, month, 1), date(2026, month + 1, 1), "month") for month in (9, 10)]

    def ask(queries: Sequence[MetricQuery], _day: date) -> Sequence[Answer]:
        values = [amounts[query.period.start] for query in queries]
        return [
            answer(metric, value=value, parts={part: value}, query=query)
            for value, query in zip(values, queries, strict=True)
        ]

    catalog = Catalog({metric.id: metric}, CATALOG.models, CATALOG.dimensions)
    scope = Scope(ask, catalog, Calendar("UTC"), (), Health(), {}, months[0].start, months[1].end)
    episode = Episode(
        Alert("change", "C1", metric.id), metric.id, (), months[1].last_day, months[1], value=80.0, usual=94.0
    )
    (step,) = cause_of(episode, scope, lambda _kpi: ()).steps
    assert (step.part, step.effect) == (part, pytest.approx(-14.0))
