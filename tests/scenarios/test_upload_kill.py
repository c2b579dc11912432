"""A file sent in Slack outlives the process that asked about it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_side import bot_messages

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
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


def button_of(message: Message) -> dict[str, Any] | None:
    """The button that settles the order of the days."""
    return next((each for each in elements_of(message) if each["text"]["text"] == "3 November 2025"), None)


def questions(slack: LocalSlack) -> list[Message]:
    """What asks about the file; a first message to the installer stands beside it."""
    return [message for message in bot_messages(slack) if button_of(message)]


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
                (question,) = await slack.until(lambda: questions(slack) or None)
                button = button_of(question)
                assert button is not None
                await killed(slack, process)
                assert (tmp_path / "kpi.yaml").read_text("utf-8") == FIRM
                process = await started(slack, tmp_path)
                await slack.acting.press("alex", "dm", question.ts, button["action_id"], button["value"])
                before = question.text
                await slack.until(lambda: question if question.text != before else None)
                texts = [message.text for message in bot_messages(slack)]
                assert len(texts) == len(set(texts))
            finally:
                await killed(slack, process)

    asyncio.run(whole())
    assert "dates: mdy" in (tmp_path / "kpi.yaml").read_text("utf-8")
    assert leads(tmp_path) == 1
