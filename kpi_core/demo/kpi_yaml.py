"""kpi.yaml of the demo company: a whole workspace over its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kpi_core.demo.company import NAME, TIMEZONE
from kpi_core.demo.generate import TABLES

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

CHANNEL = "C0MARKET"
"""#marketing of the local Slack."""

_HEAD = """\
# The demo company. Every number is made up; `kpi demo` writes this file anew.
company: {company}
timezone: {timezone}
week_start: monday
fiscal_year: {{starts: 1, named_by: end}}
holidays: US
locale: en
currency: USD
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db

sources:
{sources}

goals:
  - {{kpi: cac, target: 40, by: {by}, owner: U0MINA}}
  - {{kpi: cac, target: 52, by: {by}, owner: U0ALEX, where: {{channel: display}}, note: agreed with the agency}}
  - {{kpi: roas, target: 2.8, by: {by}, owner: U0ALEX}}
  - {{kpi: sales_revenue, target: 72000, per: month, by: {by}, owner: U0MINA}}
  - {{kpi: mql, target: 85, per: month, by: {by}, owner: U0WEI}}
  - {{kpi: conversion_rate, target: 0.028, by: {by}, owner: U0WEI}}
  - {{kpi: email_open_rate, target: 0.34, by: {by}, owner: U0WEI}}

audiences:
  exec: [sales_revenue, cac, roi, mer, new_customers, win_rate]
  manager: [sales_revenue, cac, roas, cpl, conversion_rate, mql, email_open_rate]
  specialist: [ctr, cpc, cpm, website_traffic, bounce_rate, email_click_rate]
"""

_SHEETS = """
sheets:
  - spreadsheet: {sheet}
    tabs: [overview, goals, trends, channels, funnel, dictionary]
    every: day 07:00
"""

_MESSAGES = """
summaries:
  - {{name: weekly, channel: {channel}, audience: manager, every: "monday 09:00"}}

alerts:
  - {{kpi: cac, when: target_missed, channel: {channel}}}
  - {{kpi: cac, when: anomaly, channel: {channel}}}
  - {{kpi: website_traffic, when: anomaly, channel: {channel}}}
  - {{kpi: conversion_rate, when: anomaly, channel: {channel}}}
  - {{kpi: cpc, when: anomaly, by: channel, least: 20, channel: {channel}, owner: U0ALEX}}
  - {{kpi: roas, when: anomaly, by: campaign, least: 20, channel: {channel}, owner: U0ALEX}}
  - {{kpi: churn_rate, when: change, change: 0.5, channel: {channel}}}
  - {{when: stale, channel: {channel}}}
"""


def demo_kpi_yaml(folder: Path, sheet_url: str | None, today: date) -> str:
    """The text of kpi.yaml over the Parquet files in `folder` (absolute, or as seen from the file's own place).

    `sheet_url` is the spreadsheet to keep, None for no sheet. The goals run until the end of `today`'s year.
    """
    sources = "\n".join(_source(table, folder / f"{table}.parquet") for table in TABLES)
    head = _HEAD.format(company=NAME, timezone=TIMEZONE, sources=sources, by=today.replace(month=12, day=31))
    sheets = _SHEETS.format(sheet=json.dumps(sheet_url)) if sheet_url else ""
    return head + sheets + _MESSAGES.format(channel=CHANNEL)


def _source(table: str, file: Path) -> str:
    return f"  - {{name: {table}, type: parquet, path: {json.dumps(file.as_posix())}, table: {table}, timezone: UTC}}"
