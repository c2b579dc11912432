"""kpi init: a few questions, then a kpi.yaml to start from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.commands.call import Call
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import SettingsError, UsageError
from kpi_core.settings.file import settings_problems

QUESTIONS: tuple[tuple[str, str, str], ...] = (
    ("company", "Company name", "My company"),
    ("timezone", "Time zone, such as Asia/Seoul", "UTC"),
    ("currency", "Currency, such as KRW", "USD"),
    ("locale", "Language: en, ko or zh-TW", "en"),
    ("orders", "CSV file of orders", "orders.csv"),
)


def run_init(call: Call) -> int:
    """Write ./kpi.yaml (or --config); never over a file that is there."""
    path = call.config or Path("kpi.yaml")
    if path.exists():
        hint = "Edit it, or name another file with --config."
        raise UsageError(f"{path} is there already.", code="file_exists", hint=hint)
    text = settings_text(dict(_answers(ask=not call.options.yes and sys.stdin.isatty())))
    problems = settings_problems(read_text(text, str(path)), path.parent)
    if problems:
        raise SettingsError(problems)
    path.write_text(text, "utf-8")
    call.show(f"Wrote {path}. Next: put your orders into the file it names, then kpi check and kpi load.")
    return 0


def _answers(*, ask: bool) -> Iterator[tuple[str, str]]:
    for key, question, default in QUESTIONS:
        typed = input(f"{question} [{default}]: ").strip() if ask else ""
        yield key, typed or default


def settings_text(answers: dict[str, str]) -> str:
    """kpi.yaml for the answers. A JSON text is a YAML text, so any name is quoted safely."""
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in answers.items()}
    return f"""\
# What each key means: kpi.example.yaml in the documentation.
company: {quoted["company"]}
timezone: {quoted["timezone"]}
week_start: monday
locale: {quoted["locale"]}
currency: {quoted["currency"]}
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db

sources:
  # columns: says which of your columns is which; leave out what has the same name.
  - name: orders
    type: csv
    path: {quoted["orders"]}
    table: orders
    columns: {{order_id: order_id, customer_id: customer_id, ordered_at: ordered_at, revenue: revenue}}
"""
