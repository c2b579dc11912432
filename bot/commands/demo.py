"""kpi demo: ask in Slack, sync the Sheet, post the summary, all on this machine; then stay to be looked at."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime

from bot.commands.call import Call, progress
from bot.commands.sources.load import readiness
from bot.commands.sources.stand_in_company import stand_in_company
from bot.commands.sync import report_text
from bot.sandbox.local_product import Playground, first_tab, start_playground
from bot.sandbox.playground import serve_page
from bot.sandbox.terminal_table import text_table
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.first_number import first_number
from kpi_core.formats.notices import notice_text
from kpi_core.phrases import Notice, say

_ROWS, _COLUMNS = 14, 9


def run_demo(call: Call) -> int:
    """Show everything once; --once ends then, else it serves the page until Ctrl-C."""
    logging.getLogger("kpi_bot").setLevel(logging.ERROR)
    with suppress(KeyboardInterrupt):
        if call.options.connect:
            _connected(call)
        else:
            asyncio.run(_demo(call))
    return 0


def _connected(call: Call) -> None:
    """The same with a company that has nothing but one service, played by its stand-in."""
    instant = call.options.now or datetime.now(UTC)
    now = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    with (
        progress() as tell,
        stand_in_company(call.options.connect, call.environment, now, "en", call.show, tell) as workspace,
    ):
        # Whatever the command does from here on, it does with this company.
        vars(call)["workspace"] = workspace
        asyncio.run(_demo(call))


async def _demo(call: Call) -> None:
    workspace = await asyncio.to_thread(lambda: call.workspace)
    call.show(f"{workspace.settings.company} · the bot is starting")
    async with start_playground(workspace, call.now) as playground, serve_page(playground, call.options.port) as page:
        call.show(f"The playground's page: {page}/")
        await _ask(call, playground)
        # This loop serves the local Slack and Sheet: whoever blocked it while asking them would wait for ever.
        await asyncio.to_thread(_sync, call, playground)
        await asyncio.to_thread(_post, call, playground)
        call.show(f"\nPage   {page}/\nSlack  {playground.slack.url}/\nSheet  {playground.sheet_address}")
        if not call.options.once:
            call.show("Open the page in a browser. Ctrl-C ends it.")
            with progress() as playground.growth.tell:
                await asyncio.Event().wait()


async def _ask(call: Call, playground: Playground) -> None:
    local = playground.workspace
    first = await asyncio.to_thread(first_number, local.door(OPERATOR), playground.clock())
    if not local.is_demo:
        call.show(await asyncio.to_thread(readiness, call))
    if first is None:
        call.show(say(call.language, "demo.no_number"))
        return
    question = first.words(call.language)
    message = await playground.ask(question)
    call.show(f"\n── Slack · /kpi {question}\n\n{message.text}")


def _sync(call: Call, playground: Playground) -> None:
    report = playground.sync()
    call.show(f"\n── Sheet\n\n{report_text(report)}\n")
    call.show(text_table(first_tab(playground.sheets, playground.spreadsheet, _ROWS, _COLUMNS)))


def _post(call: Call, playground: Playground) -> None:
    from bot.commands.posts.summary import post_summary
    from bot.running.telling.summarising import composed

    local = playground.workspace
    setting = local.settings.summaries[0]
    summary = composed(local, setting, playground.clock())
    if not summary.lines:
        # On its Monday it would say so; here it would be the first thing that somebody reads.
        day = playground.newest_day()
        if day is not None:
            call.show("\n" + notice_text(Notice("demo.no_summary", {"day": day.isoformat()}), call.language))
        return
    delivery = post_summary(local, summary, playground.clock)
    call.show(f"\n── Slack · #marketing · the {setting.name} summary\n\n{delivery.message.text}")
