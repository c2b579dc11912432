"""No key of kpi.yaml is let through and then forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from keys import at_default, keys_of, without

from kpi_core.settings.file import read_settings
from kpi_core.settings.rules import settings_shape
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import Settings

EVERY_KEY = """
company: Hanok Goods
timezone: Asia/Seoul
week_start: sunday
fiscal_year: {starts: 4, named_by: start, pattern: 4-4-5}
holidays: KR
locale: ko
currency: KRW
owner: U0MINA
warehouse: duckdb:///facts.duckdb
state: sqlite:///other.db
catalog: [own]
sources:
  - {name: shop, type: csv, path: a.csv, table: orders, columns: {order_id: Invoice}, values: {channel: {fb: social}},
     query: select 1, timezone: Asia/Tokyo, replace: all, every: day 06:00, decimal: ",", dates: dmy,
     encoding: cp949, delimiter: ";", skip: 1, header: 2, set: {device: mobile}, leave_out: [test], currency: USD,
     vat: with, vat_rate: 0.1, accounts: several, breaks: [naver_report_vat]}
  - {name: ads, type: csv, path: b.csv, table: ad_performance, layout: meta_ads/by_day}
goals: [{kpi: cac, target: 4, by: 2026-12-31, owner: U0123, where: {channel: search}, per: month,
    note: agreed, action: pause},
  {kpi: mql, plan: {2026-11: 80}, owner: U0123, where: {channel: search}, note: agreed, action: pause}]
audiences: {exec: [cac], manager: [roas], specialist: [ctr]}
sheets:
  - {spreadsheet: 1AbCdEfGhIjKlMnOpQrStUvWxYz, tabs: [overview], every: day 08:00, comments: true,
    cells: [cac last month]}
summaries:
  - {name: weekly, channel: C0123, audience: exec, every: monday 08:00, timezone: Asia/Taipei, on_holidays: move,
     wait_for_data: 3h, if_late: skip, preview: 30m}
reminders:
  - {name: sure, about: goals, every: monday 09:00, to: U0123}
  - {name: survey, about: numbers, every: monday 09:00, to: U0123, source: shop}
alerts:
  - {kpi: cac, when: threshold, channel: C0123, where: {channel: search}, by: region, above: 9, below: 1, per: week,
     least: 5, in_a_row: 2, margin: 0.1, cool_down: 9, owner: U0123, urgent: true}
  - {kpi: cac, when: change, channel: C0123, where: {channel: search}, by: region, change: 0.2, per: week, least: 5,
     against: year_ago, side: both, in_a_row: 2, cool_down: 9, owner: U0123, urgent: true}
  - {kpi: cac, when: anomaly, channel: C0123, where: {channel: search}, by: region, least: 5, side: both, cool_down: 9,
     owner: U0123, urgent: true}
  - {kpi: cac, when: target_at_risk, channel: C0123, where: {channel: search}, in_a_row: 2, cool_down: 9, owner: U0123,
     urgent: true}
  - {kpi: cac, when: target_missed, channel: C0123, where: {channel: search}, in_a_row: 2, cool_down: 9, owner: U0123,
     urgent: true}
  - {kpi: cac, when: stale, channel: C0123, cool_down: 9, owner: U0123, urgent: true}
attention: {per_day: 3, quiet: 22:00-08:00, weekends: wait, holidays: wait, look_back: 5}
access: {cac: {channels: [C0123], groups: [S0123], users: [U0123], sheets: [1AbCdEfGhIjKlMnOpQrStUvWxYz]}}
parameters: {lifetime_years: 2}
vat: without
vat_rate: 0.2
rates: ecb
rollups: kpi_rollups
channels: {social: [facebook]}
add_data: {users: [U0123], groups: [S0123]}
admins: [U0123]
apps: [A0123]
tasks: {tool: monday, place: 47, token: "${MONDAY}", key: k, status: state, due: date4, done: Fertig}
"""


def read(document: Any, folder: Path) -> Settings:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "kpi.yaml").write_text(yaml.safe_dump(document), "utf-8")
    return read_settings(folder / "kpi.yaml")


def test_every_key_of_kpi_yaml_counts(tmp_path: Path) -> None:
    """The shape's keys are those of the dataclasses: each fills a field, and without it the settings are others."""
    document = yaml.safe_load(EVERY_KEY)
    settings = read(document, tmp_path)
    assert list(at_default(settings)) == []
    optional = [path for path, required in keys_of(settings_shape(source_types()), document) if not required]
    assert len(optional) > 30
    assert [path for path in optional if read(without(document, path), tmp_path) == settings] == []
