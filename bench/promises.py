"""The promises of deliveries, schedules and ingestion, tried and counted: the rows of docs/reference/promises.md.

Each is a test with a long form; this runs those forms, or a share of them, and prints what they counted. It needs what
`make test` needs, a Postgres server's programs among it. The whole takes hours, `--share 0.05` some minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = "tests/"
PROGRESS = re.compile(r"[.FEsx]+ *\[ *\d+%\]")


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised, and the tests that keep it."""

    name: str
    words: str
    tests: tuple[str, ...]


PROMISES = (
    Promise(
        "crash",
        "SIGKILL at any commit, send or look-up of two processes: 0 lost, 0 doubled",
        ("scenarios/test_kills.py",),
    ),
    Promise(
        "faults and kills",
        "any series of faults of Slack and a kill anywhere: 0 lost, 0 doubled",
        (
            "kpi_core/deliveries/test_deliveries.py::test_any_series_of_faults",
            "kpi_core/deliveries/test_deliveries.py::test_dying_at_every_boundary",
        ),
    ),
    Promise(
        "faulty Slack",
        "12 % of calls fail: 0 lost, 0 doubled",
        ("bot/slack/test_faulty_slack.py::test_every_eighth_call_fails",),
    ),
    Promise(
        "lost end",
        "the state's log cut anywhere after its machine died: each message once, the owner told",
        ("kpi_core/deliveries/test_lapses.py::test_a_log_that_was_cut_anywhere",),
    ),
    Promise(
        "refusals",
        "each code of Slack: sent after it passes or is mended, the owner told once",
        ("bot/slack/test_faulty_slack.py::test_each_refusal_passes",),
    ),
    Promise(
        "backlog",
        "20 days without Slack: one post",
        ("kpi_core/deliveries/test_deliveries.py::test_a_backlog_is_one_post",),
    ),
    Promise(
        "wrong clock",
        "10 minutes, 2 hours, 3 days, a year ahead and back: 0 doubled, no schedule silent",
        (
            "kpi_core/deliveries/test_deliveries.py::test_a_clock_wrong_by_hours_costs_nothing",
            "kpi_core/deliveries/test_deliveries.py::test_a_clock_wrong_by_days_heals",
        ),
    ),
    Promise("DST", "one fire for each local date", ("kpi_core/dates/test_schedule.py::test_one_fire_a_date",)),
    Promise("catch-up", "one post after any downtime", ("kpi_core/dates/test_schedule.py::test_one_catch_up",)),
    Promise(
        "people editing",
        "edits between and during syncs of a Sheet that fails at times: not one of people's cells changed",
        ("sheets_sync/spreadsheet/test_histories.py", "sheets_sync/test_sync_on_second_sheets.py"),
    ),
    Promise("commands", "any text: no traceback", ("bot/slack/talks/test_request.py::test_any_text_is_a_request",)),
    Promise(
        "signatures",
        "made-up signatures: none accepted",
        ("bot/slack/test_app.py::test_no_made_up_signature_passes_or_raises",),
    ),
    Promise(
        "injection",
        "hostile texts: none active in Slack, in SQL, in a Sheet, in a workbook or in CSV",
        (
            "bot/cards/test_hostile_names.py",
            "sheets_sync/test_hostile_strings.py",
            "sheets_sync/files/test_tab_files.py::test_texts_stay_texts_and_numbers_numbers",
            "kpi_core/formats/test_csv_text.py",
        ),
    ),
    Promise(
        "loads",
        "cut, killed, overlapping, or from a service that fails: nothing partial, nothing twice, no wrong number",
        (
            "kpi_core/sources/api/test_restated_days.py",
            "kpi_core/sources/api/test_vendors.py",
            "kpi_core/loading/test_smaller_loads.py",
            "kpi_core/loading/test_file_days.py",
            "kpi_core/loading/test_loading.py::test_killed_anywhere",
        ),
    ),
    Promise(
        "upgrade",
        "the state of each version opens in the newest; a migration that breaks changes nothing",
        (
            "kpi_core/state/test_store.py::test_every_version_is_brought_up_to_date",
            "kpi_core/state/test_store.py::test_a_broken_migration_changes_nothing",
        ),
    ),
    Promise(
        "tenants",
        "random questions to two workspaces in one process: nothing of the other",
        ("scenarios/teams/test_two_workspaces.py",),
    ),
)


def main() -> int:
    """Try the promises and print a row for each; 1 where one is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the long forms (default 1)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="one promise; may be given again")
    wish = parser.parse_args()
    print("| promise | figure | tried | seconds |\n|---|---|---|---|")
    kept = True
    for promise in PROMISES:
        if not wish.only or promise.name in wish.only:
            row, holds = tried(promise, wish.share)
            kept = kept and holds
            print(row, flush=True)
    return 0 if kept else 1


def tried(promise: Promise, share: float) -> tuple[str, bool]:
    """Its row, and whether it holds."""
    started = time.monotonic()
    quiet = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--tb=no"]
    command = [sys.executable, "-m", "pytest", *quiet, *(TESTS + test for test in promise.tests)]
    environment = os.environ | {"KPI_LONG": str(share)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    holds = done.returncode == 0
    outcome = "; ".join(counts_in(lines)) if holds else "NOT KEPT: " + "; ".join(lines[-3:])
    return f"| {promise.name} | {promise.words} | {outcome} | {time.monotonic() - started:.0f} |", holds


def counts_in(lines: Sequence[str]) -> list[str]:
    """What the tests counted, as pytest's last section has it; without any, how many tests there were."""
    heads = [place for place, line in enumerate(lines) if " long forms, share " in line]
    counts = [line for line in lines[heads[-1] + 1 :] if ": " in line] if heads else []
    tests = sum(line.split(" [")[0].count(".") for line in lines if PROGRESS.fullmatch(line))
    skips = [line for line in lines if line.startswith("SKIPPED")]
    return [*(counts or [f"{tests} tests"]), *skips]


if __name__ == "__main__":
    sys.exit(main())
