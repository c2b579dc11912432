"""kpi mcp: the tools for an assistant on this machine; token, revoke and tokens for those that come over HTTP."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from bot.assistants.protocol import assistants_server, serve_stdio
from bot.assistants.replies import Asker
from bot.cards.blocks import is_user_id
from bot.commands.call import Call
from bot.slack.installs.installation import TEAM
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import UsageError
from kpi_core.state.team.assistant_tokens import new_assistant_token, people_with_tokens, revoke_assistant_tokens

if TYPE_CHECKING:
    from kpi_core.metrics import Language


def run_mcp(call: Call) -> int:
    """Serve on stdin and stdout until the assistant hangs up; or make, revoke and list tokens."""
    match call.options.words:
        case []:
            asyncio.run(_serve(call))
        case ["token", person] if is_user_id(person):
            call.audit(f"mcp token {person}")
            call.show(new_assistant_token(call.workspace.store, person, call.now(), _team(call)))
            call.say(f"It asks in the name of {person}, and is not shown again. kpi mcp revoke {person} ends it.")
        case ["revoke", person] if is_user_id(person):
            call.audit(f"mcp revoke {person}")
            call.show(f"{revoke_assistant_tokens(call.workspace.store, person)} revoked")
        case ["tokens"]:
            call.show("\n".join(f"{each}  {count}" for each, count in people_with_tokens(call.workspace.store).items()))
        case _:
            usage = "kpi mcp serves an assistant; kpi mcp token U0123ABCD, revoke U0123ABCD, tokens."
            raise UsageError(usage, code="usage", hint="USER is a member's id in Slack, as their profile shows it.")
    return 0


def _team(call: Call) -> str:
    """The team whose folder of several this is, as `kpi run --workspaces` has them; else empty."""
    # By its whole path: from inside it is called "." alone.
    name = call.workspace.settings.folder.resolve().name
    return name if TEAM.fullmatch(name) else ""


async def _serve(call: Call) -> None:
    # stdout carries the protocol.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    workspace = call.workspace

    async def asker(_person: str | None, language: Language | None) -> Asker:
        return Asker(workspace.door(OPERATOR), call.now(), language or workspace.settings.locale)  # type: ignore[arg-type]

    # As in the terminal, a question makes no state and no entry: whoever asks here can read the data anyway.
    server = assistants_server(asker, lambda _person, _words: None, workspace.settings.locale)  # type: ignore[arg-type]
    await serve_stdio(server)
