"""Health and readiness of `kpi run`, for whoever restarts it or sends it requests."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import pytest

from bot.running.readiness import LONGEST_ROUND_SECONDS, TOKEN_SECONDS, TokenWatch, health_page, readiness
from bot.running.wheel import Job, Wheel
from bot.workspace import Workspace, settings_of
from kpi_core.errors import ServiceError

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def workspace_in(folder: Path, more: str = "") -> Workspace:
    (folder / "kpi.yaml").write_text(f"company: Hanok Goods\ntimezone: UTC\ncurrency: USD\n{more}", "utf-8")
    return Workspace(settings_of(folder / "kpi.yaml"), {})


def wheel_of(workspace: Workspace, *jobs: Job) -> Wheel:
    return Wheel(jobs, lambda: workspace.store, ZoneInfo("UTC"), lambda: NOW)


def failing(*_args: object) -> list[object]:
    raise ServiceError("It is down.", code="down")


def asked(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_ready_is_what_can_answer(tmp_path: Path) -> None:
    """Slack, state, data and schedules; a job that fails is named, and holds no answer up."""
    workspace = workspace_in(tmp_path)
    wheel = wheel_of(workspace, Job("load:shop", None, failing))  # type: ignore[arg-type]
    assert readiness(workspace, wheel, connected=True).is_ready
    assert not readiness(workspace, wheel, connected=False).is_ready
    wheel.round()
    now = readiness(workspace, wheel, connected=True)
    assert (now.is_ready, now.jobs) == (True, ("load:shop",))
    wheel.turned_at = monotonic() - LONGEST_ROUND_SECONDS - 1
    assert dict(readiness(workspace, wheel, connected=True).parts)["schedules"] is False
    workspace.close()


def test_a_state_that_cannot_be_opened_is_not_ready(tmp_path: Path) -> None:
    """The process lives, and says that it is of no use."""
    (tmp_path / "state.db").write_bytes(b"this is no database" * 100)
    workspace = workspace_in(tmp_path)
    parts = readiness(workspace, wheel_of(workspace), connected=True).parts
    assert (parts["state"], parts["data"]) == (False, True)


def test_a_token_that_is_revoked_is_not_ready_until_it_works_again() -> None:
    """Slack is asked once a minute, however often a probe comes."""
    answers, now = [True, False, False], [0.0]
    watch = TokenWatch(lambda: not answers.pop(), lambda: now[0])
    seen = []
    for now[0] in (0.0, 10.0, TOKEN_SECONDS, TOKEN_SECONDS + 59.0, 2 * TOKEN_SECONDS):
        seen.append(watch.works())
    assert (seen, answers) == ([False, False, False, False, True], [])


def test_the_page_answers_with_status_and_names_alone(tmp_path: Path) -> None:
    """200 and 503 as probes read them; nothing of the workspace is in the answers. A taken port is said."""
    workspace = workspace_in(tmp_path)
    wheel = wheel_of(workspace)
    there = [False]

    async def connected() -> bool:
        return there[0]

    async def probe() -> list[tuple[int, str]]:
        async with health_page(workspace, wheel, connected, "127.0.0.1", 0) as address:
            seen = [await asyncio.to_thread(asked, f"{address}/healthz")]
            for there[0] in (False, True):
                seen.append(await asyncio.to_thread(asked, f"{address}/readyz"))
            port = int(address.rpartition(":")[2])
            with pytest.raises(ServiceError, match="cannot be opened"):
                async with health_page(workspace, wheel, connected, "127.0.0.1", port):
                    pass
            return seen

    alive, waiting, ready = asyncio.run(probe())
    assert alive == (200, "ok")
    assert (waiting[0], ready[0]) == (503, 200)
    assert json.loads(ready[1]) == {
        "ready": True,
        "parts": {"slack": True, "state": True, "data": True, "schedules": True},
        "jobs_failing": [],
    }
    workspace.close()
