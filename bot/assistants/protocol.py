"""The tools as a server of the Model Context Protocol (https://modelcontextprotocol.io), on stdio or behind HTTP."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from bot.assistants.fitting import written
from bot.assistants.replies import Asker, reply
from bot.assistants.tools import INSTRUCTIONS, LONGEST, TOOLS, Tool
from bot.log_lines import under_an_id
from kpi_core.errors import KpiBotError, ServiceError, UsageError
from kpi_core.metrics import LANGUAGES
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult, ListToolsResult

    from kpi_core.metrics import Language

AskerOf = Callable[[str | None, "Language | None"], Awaitable[Asker]]
"""Of a person's id, None at this machine's own terminal: who asks; QuestionError for somebody who may not."""
Audit = Callable[[str | None, str], None]
"""Writes down who called what."""
PERSON = "kpi_bot.person"
"""Under this name the gate leaves whose token came with an HTTP request."""
log = logging.getLogger("kpi_bot.assistants")


def assistants_server(asker_of: AskerOf, audit: Audit, language: Language) -> Server[Any]:
    """A server of the five tools; `language` where a call names none. ServiceError without the package `mcp`."""
    try:
        import mcp_types as wire
        from mcp.server.lowlevel import Server
    except ImportError:
        hint = "Install it: pip install 'kpi-bot[mcp]'."
        raise ServiceError("The package mcp is not installed.", code="no_mcp", hint=hint) from None

    async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
        return wire.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(context: Any, params: Any) -> CallToolResult:
        person = _person(context)
        with under_an_id():
            text, failed = await _called(params.name, params.arguments or {}, person)
        return wire.CallToolResult(content=[wire.TextContent(type="text", text=text)], is_error=failed)

    async def _called(name: str, arguments: Mapping[str, Any], person: str | None) -> tuple[str, bool]:
        speaks = arguments.get("language")
        try:
            checked = _arguments(name, arguments)
            asker = await asker_of(person, speaks if speaks in LANGUAGES else None)
            await asyncio.to_thread(audit, person, " ".join(["mcp", name, *checked.values()]))
            return written(await asyncio.to_thread(reply, name, checked, asker)), False
        except KpiBotError as error:
            message, hint = error_words(error, speaks if speaks in LANGUAGES else language)
            return written({"error": error.code, "message": message, "hint": hint}), True
        except Exception as error:  # noqa: BLE001 - the assistant gets a reply, whatever failed
            log.error("A call of %s failed: %s", name, type(error).__name__)  # noqa: TRY400 - may carry secrets
            return written({"error": "internal", "message": "This could not be answered.", "hint": "Ask again."}), True

    return Server(
        "kpi-bot", version=_version(), instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )


async def serve_stdio(server: Server[Any]) -> None:
    """Serve on stdin and stdout until the other side hangs up."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _described(tool: Tool) -> Any:
    import mcp_types as wire

    marks = wire.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return wire.Tool(name=tool.name, description=tool.says, input_schema=tool.schema(), annotations=marks)


def _arguments(name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a tool takes. UsageError for a tool or an argument that there is not, or that is no text."""
    tool = TOOLS.get(name)
    if tool is None:
        raise UsageError("There is no such tool.", code="no_tool", hint=f"There are {', '.join(TOOLS)}.")
    wrong = [key for key in arguments if key not in tool.arguments and key != "language"]
    wrong += [key for key in tool.needed if not str(arguments.get(key) or "").strip()]
    wrong += [key for key, value in arguments.items() if not _is_line(value)]
    if wrong or arguments.get("language", "en") not in LANGUAGES:
        takes = ", ".join(tool.schema()["properties"])
        hint = f"{name} takes {takes}: one line of text each, at most {LONGEST} characters."
        raise UsageError("These arguments do not fit.", code="arguments", hint=hint)
    return {key: " ".join(value.split()) for key, value in arguments.items() if key != "language"}


def _is_line(value: object) -> bool:
    """Whether it is a text that can be written down: no control characters, no half of one."""
    return (
        isinstance(value, str)
        and len(value) <= LONGEST
        and not any(unicodedata.category(sign) in {"Cc", "Cs"} and not sign.isspace() for sign in value)
    )


def _person(context: Any) -> str | None:
    """Whose token came with the request; None where there was no request, but a terminal."""
    scope = getattr(getattr(context, "request", None), "scope", None)
    return None if scope is None else str(scope[PERSON])


def _version() -> str:
    try:
        return version("kpi-bot")
    except PackageNotFoundError:
        return ""
