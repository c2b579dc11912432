"""A file sent in Slack outlives the process that asked about it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from datetime import UTC, datetime
from pathlib import Path

from slack_side import bot_messages, said

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.acting import elements_of
from bot.workspace import Workspace, settings_of
from kpi_core.access.operator import OPERATOR

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FIRM = "company: Made up\ntimezone: Asia/Seoul\ncurrency: USD\nadd_data: {users: [U0ALEX]}\n"
LEADS = "Record ID,Email,Lifecycle Stage,Original Source,Create Date\n1,a@example.com,lead,Email,11/03/2025\n"
RUN = "from bot.cli import main; raise SystemExit(main(['run', '--config', 'kpi.yaml']))"


async def started(slack: LocalSlack, folder: Path) -> Process:
    """`kpi run` in a process of its own, once it is connected."""
    environment = {**os.environ, **slack.environment}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN), cwd=folder, env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    await slack.delivery.connected()
    return process


async def killed(slack: LocalSlack, process: Process) -> None:
    """End a process as a power cut does, until Slack has seen its socket go."""
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await slack.until(lambda: not slack.delivery.sockets)


def leads(folder: Path) -> float | None:
    workspace = Workspace(settings_of(folder / "kpi.yaml"), {})
    door = workspace.door(OPERATOR)
    answer = door.answer(door.question("leads 2025-11-03", NOW), NOW)
    workspace.close()
    return answer.value


def test_killed_between_question_and_answer(tmp_path: Path) -> None:
    """The next process takes the answer: the file is read by it, loaded, and counts once."""
    (tmp_path / "kpi.yaml").write_text(FIRM, "utf-8")

    async def whole() -> None:
        async with start_slack() as slack:
            process = await started(slack, tmp_path)
            try:
                await slack.acting.upload("alex", "dm", [("leads.csv", LEADS.encode())])
                question = (await said(slack))[-1]
                button = next(each for each in elements_of(question) if each["text"]["text"] == "3 November 2025")
                await killed(slack, process)
                assert (tmp_path / "kpi.yaml").read_text("utf-8") == FIRM
                process = await started(slack, tmp_path)
                await slack.acting.press("alex", "dm", question.ts, button["action_id"], button["value"])
                before = question.text
                await slack.until(lambda: question if question.text != before else None)
                assert len(bot_messages(slack)) == 1
            finally:
                await killed(slack, process)

    asyncio.run(whole())
    assert "dates: mdy" in (tmp_path / "kpi.yaml").read_text("utf-8")
    assert leads(tmp_path) == 1
