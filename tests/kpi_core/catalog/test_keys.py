"""No key of a definition is let through and then forgotten: not on the way to its value, not in its fingerprint."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import yaml
from keys import Path, at_default, keys_of, without

from kpi_core.catalog import form
from kpi_core.catalog.digest import meaning_of
from kpi_core.catalog.loader import metrics_of, model_of
from kpi_core.documents.yaml_file import read_text
from kpi_core.metrics import Catalog, Metric, Model, Validity

MODEL = """
model: visits
description: One row is one visit.
key: [visit_id]
time: started_at
times: {ended_at: started_at + interval 1 hour}
sparse: true
lumpy: true
plan: true
columns: {visit_id: {type: text, required: true, description: Its number, empty: none, money: true,
  words: {a: [b]}}}
dimensions: [channel]
members: [channel]
entered_by: channel
entities: {visitor: visitor_id}
primary_entity: visit
computed: {late: started_at > ended_at}
relation: select * from raw
reads: [raw]
may_lack: [raw]
valid: {start: started_at, end: ended_at, entity: visitor_id}
measures:
  readers:
    {agg: percentile, agg_params: {percentile: 0.9, use_discrete_percentile: true}, expr: pages,
     filter: pages > 1, time: ended_at, last_per: [channel], carried_days: 3, at: end,
     non_additive_dimension: {window_choice: min, window_groupings: [channel]},
     spread: true, ahead: true, without_values: none, matures: {days: 3, months: 1, keep: true},
     having: {per: visitor, at_least: 2}, needs: [raw], description: Those who read on, reveals: [pages]}
"""
METRIC = """
id: depth
names: {en: Depth, ko: 깊이, zh-TW: 深度}
aliases: [reading depth]
shared_aliases: [engagement]
description: {en: How far people read., ko: 깊이., zh-TW: 深度。}
type: ratio
formula: readers / 7
inputs:
  readers: {is: visits.readers, names: {en: readers, ko: 독자, zh-TW: 讀者}, unit: score, above_zero: visits.readers,
            by: channel, offset: year_ago, trailing_months: 3, offset_window: 3 days, offset_to_grain: month,
            period_agg: first, window: 2 months, grain_to_date: year, fill_nulls_with: 2,
            where: {metric: visits.readers, above: 1, at_least: 2, below: 9, at_most: 8}}
unit: duration
duration_unit: days
direction: higher
stage: awareness
cadence: weekly
indicator: leading
vanity: true
audiences: [exec]
reading: {en: One., ko: 하나., zh-TW: 一。}
fallback: depth@short
split: [channel]
ratio_of: times
percent_in: [ko]
variants:
  short:
    label: {en: short, ko: 짧은, zh-TW: 短}
    reading: {en: Two., ko: 둘., zh-TW: 二。}
    type: derived
    formula: readers * 2
    inputs: {readers: {is: visits.readers, names: {en: r, ko: ㄹ, zh-TW: 讀}, unit: ratio, above_zero: visits.readers,
                       by: region, offset: previous_period, trailing_months: 2, offset_window: 2 weeks,
                       offset_to_grain: year, period_agg: first, window: all, grain_to_date: week, fill_nulls_with: 0,
                       where: {metric: visits.readers, above: 0, at_least: 2, below: 9, at_most: 8}}}
    unit: score
    duration_unit: seconds
    direction: lower
    worked_example: &example
      - says: A trap.
        tables: {visits: [{visit_id: a}]}
        ask: depth 2026-10
        value: 4
        parts: {readers: 4}
        goals: [{kpi: depth, target: 4, by: 2026-12-31, owner: U1, where: {channel: a}, per: month, note: n, action: a}]
benchmarks: [{text: {en: "2", ko: "2", zh-TW: "2"}, value: 2, source: a survey, trust: measured}]
playbook: {en: Write., ko: 쓰세요., zh-TW: 請寫。}
traps: [{en: A., ko: 가., zh-TW: 甲。}]
disputes: [{en: B., ko: 나., zh-TW: 乙。}]
worked_example: *example
"""
WORDS = {
    "names", "aliases", "shared_aliases", "description", "label", "reading", "benchmarks", "playbook", "traps",
    "disputes", "worked_example",
}  # fmt: skip
LOOKS = {
    "unit",
    "duration_unit",
    "direction",
    "type",
    "vanity",
    "audiences",
    "fallback",
    "split",
    "percent_in",
    "ratio_of",
}
"""How a number is written, judged and asked for; which number it is does not depend on them."""
TABLE = {
    "key",
    "sparse",
    "plan",
    "may_lack",
    "primary_entity",
    "lumpy",
    "columns",
    "dimensions",
    "members",
    "entered_by",
}
"""What a table holds, how fresh it is, and what is missed in it."""
READERS = {"reveals"}
"""Who may see a number."""
WORKED_OUT = {
    "Model.times_of_dates",
    "Model.lookups",
    "Model.calendars",
    "Model.timezone",
    "Measure.reads",
    "Reads.needed",
    "Reads.defaulted",
    "Metric.shares",
    "Column.other_words",
    "Window.days",
    "Window.months",
    "Window.all_time",
}
"""Fields that no key fills: they follow from the others, or from the text of one key together."""


def metrics(document: Any) -> tuple[Metric, ...]:
    return tuple(metrics_of(read_text(yaml.safe_dump(document), "depth.yaml")))


def model(document: Any) -> Model:
    return model_of(read_text(yaml.safe_dump(document), "visits.yaml"))


def meaning(of_metric: Any, of_model: Any) -> list[dict[str, str]]:
    """What the numbers of all readings depend on."""
    table, readings = model(of_model), metrics(of_metric)
    catalog = Catalog({metric.id: metric for metric in readings}, {table.name: table}, {})
    return [meaning_of(metric, catalog) for metric in readings]


def optional(shape: Any, document: Any) -> list[Path]:
    return [path for path, required in keys_of(shape, document) if not required]


def test_every_key_of_a_kpi_counts() -> None:
    """Each key fills a field, and without it the KPI or its variant is another."""
    document = yaml.safe_load(METRIC)
    plain, variant = metrics(document)
    assert [field for field in at_default(plain) if field not in WORKED_OUT] == ["Metric.variant_of"]
    assert variant.variant_of == plain.id
    paths = optional(form.METRIC, document)
    assert len(paths) > 40
    assert [path for path in paths if metrics(without(document, path)) == (plain, variant)] == []


def test_every_key_of_a_model_counts() -> None:
    """Each key fills a field, and without it the model is another."""
    document = yaml.safe_load(MODEL)
    of_lookups = {"Model.primary_entity"}
    assert [field for field in at_default(model(document)) if field not in WORKED_OUT | of_lookups] == []
    same = asdict(model(document))
    assert [path for path in optional(form.MODEL, document) if asdict(model(without(document, path))) == same] == []


def test_every_key_of_a_look_up_counts() -> None:
    """A list without dates has an entity, a key and dimensions, none of which is forgotten."""
    document = yaml.safe_load(
        "{model: people, description: One row is one person., primary_entity: person, key: [id, since],"
        " dimensions: [town], computed: {place: upper(town)}, entities: {club: club_id},"
        " valid: {start: since, end: until},"
        " columns: {id: {type: text, required: true, description: Whose., empty: none, money: true, words: {a: [b]}},"
        " town: {type: text}}}"
    )
    assert {path[0] for path, _required in keys_of(form.LOOKUP, document)} == document.keys()
    whole = model(document)
    assert (whole.primary_entity, whole.key, whole.dimensions, whole.time) == ("person", ("id", "since"), ("town",), "")
    assert (whole.entities, whole.valid) == ({"club": "club_id"}, Validity("since", "until", "id"))


def test_every_key_that_changes_a_number_changes_its_fingerprint() -> None:
    """The receipt's version knows all of a definition but words, looks and what is said of tables as a whole."""
    kpi, table = yaml.safe_load(METRIC), yaml.safe_load(MODEL)
    whole = meaning(kpi, table)
    unseen = [path for path in optional(form.METRIC, kpi) if meaning(without(kpi, path), table) == whole]
    unseen += [path for path in optional(form.MODEL, table) if meaning(kpi, without(table, path)) == whole]
    assert [path for path in unseen if not (WORDS | LOOKS | TABLE | READERS) & {*path}] == []
