"""The Slack app's manifest held against what the bot listens to: what Slack's own schema does not notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.listeners.commands import COMMANDS
from kpi_core.documents.yaml_file import Document, Steps
from kpi_core.errors import Problem

SCOPES: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "app_home_opened": "",
    "app_context_changed": "assistant:write",
    "app_uninstalled": "",
    "tokens_revoked": "",
}
"""Event -> the scope without which it never arrives, if any. These are the events the bot listens to."""
ALWAYS = frozenset({"commands", "chat:write", "users:read"})
ON_REQUEST = frozenset(
    {
        "channels:history", "channels:read", "files:read", "files:write", "groups:history", "groups:read", "im:write",
        "mpim:read", "usergroups:read",
    }
)  # fmt: skip
"""For looking up a post whose fate is not known, files, the owner, access by user group, and shared channels."""
ALL_SCOPES = (ALWAYS | frozenset(SCOPES.values()) | ON_REQUEST) - {""}
"""What an installation asks for."""
OPTIONAL = frozenset({"assistant:write", "files:read", "mpim:read"})
"""Without these a person may install the app all the same."""
SERVERS = "mcp:connect"
"""Without it Slack's own assistant calls none of the manifest's `mcp_servers`, and it is of no other use."""
Finding = tuple[Steps, str, str]


def manifest_problems(document: Document) -> list[Problem]:
    """Everything in a manifest that would leave the bot deaf, mute or with more rights than it uses."""
    manifest = document.value if isinstance(document.value, Mapping) else {}
    findings = [*_commands(manifest), *_events(manifest), *_scopes(manifest), *_optional(manifest)]
    findings += _addresses(manifest)
    return [document.problem(*finding) for finding in findings]


def _commands(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    place = ("features", "slash_commands")
    named = [entry.get("command") for entry in _list(manifest, *place) if isinstance(entry, Mapping)]
    for command in COMMANDS:
        if command not in named:
            yield place, f"the command {command} is missing", f"Add it under slash_commands: command: {command}."
    for number, name in enumerate(named):
        if name not in COMMANDS:
            yield (*place, number), f"nobody listens to the command {name}", "Take it out."


def _events(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    place = ("settings", "event_subscriptions", "bot_events")
    named = _list(manifest, *place)
    for event in SCOPES:
        if event not in named:
            yield place, f"the event {event} is missing", f"Add {event} under bot_events, or the bot does not hear it."
    for number, event in enumerate(named):
        if event not in SCOPES:
            yield (*place, number), f"nobody listens to the event {event}", "Take it out."


def _scopes(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    place = ("oauth_config", "scopes", "bot")
    named = _list(manifest, *place)
    needed = (ALWAYS | set(SCOPES.values()) | ({SERVERS} if manifest.get("mcp_servers") else set())) - {""}
    for scope in sorted(needed - set(map(str, named))):
        yield place, f"the scope {scope} is missing", f"Add {scope}; without it Slack refuses or stays silent."
    for number, scope in enumerate(named):
        if scope not in needed | ON_REQUEST:
            yield (*place, number), f"nothing needs the scope {scope}", "Take it out: least rights frighten nobody."


def _optional(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """A scope that may be left out is one that is asked for, and one that the bot can do without."""
    place = ("oauth_config", "scopes", "bot_optional")
    asked_for = _list(manifest, "oauth_config", "scopes", "bot")
    for number, scope in enumerate(_list(manifest, *place)):
        if scope not in asked_for:
            yield (*place, number), f"the scope {scope} is not asked for", "Add it under bot: too, or take it out."
        elif scope not in OPTIONAL:
            yield (*place, number), f"the bot cannot do without the scope {scope}", "Take it out here."


def _addresses(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Over HTTP each command and the events need the address that Slack calls."""
    settings = manifest.get("settings")
    if not isinstance(settings, Mapping) or settings.get("socket_mode_enabled"):
        return
    hint = "Add the address, ending in /slack/events, or set socket_mode_enabled: true."
    for number, command in enumerate(_list(manifest, "features", "slash_commands")):
        if isinstance(command, Mapping) and not command.get("url"):
            yield ("features", "slash_commands", number), "without Socket Mode a command needs its url", hint
    events = settings.get("event_subscriptions")
    if isinstance(events, Mapping) and not events.get("request_url"):
        yield ("settings", "event_subscriptions"), "without Socket Mode events need a request_url", hint


def _list(node: Any, *steps: str) -> list[Any]:
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node if isinstance(node, list) else []
