"""The app manifest asks for what the listeners need, and for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from slack_side import services

from bot.sandbox.slack.web_api.methods import SCOPE_OF
from bot.slack import manifest as known
from bot.slack.app import SlackAccess, create_app
from bot.slack.listeners import register
from bot.slack.listeners.commands import COMMANDS
from bot.slack.listeners.events import EVENTS
from bot.slack.manifest import manifest_problems
from kpi_core.documents.yaml_file import read_document, read_text

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT.parent / "shared" / "data"
SCOPES_OF_CALL = {
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read", "mpim:read"},
    "conversations_members": {"channels:read", "groups:read", "mpim:read"},
}
"""Calls that several scopes open: the bot posts in public and in private channels."""
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read", "message.im": "im:history", "app_home_opened": "",
    "app_context_changed": "assistant:write", "app_uninstalled": "", "tokens_revoked": "",
}  # fmt: skip
"""Event -> its scope at Slack, none for what concerns the app itself."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    return read


def scopes(manifest: dict[str, Any]) -> set[str]:
    return set(manifest["oauth_config"]["scopes"]["bot"])


def test_the_manifest_fits_slacks_published_schema(manifest: dict[str, Any]) -> None:
    """Slack's own schema of the manifest's version accepts it."""
    schema = SCHEMAS / f"manifest.schema.{manifest['_metadata']['major_version']}.0.0.json"
    if not schema.is_file():
        pytest.skip("Slack's published manifest schema is not at hand")
    jsonschema.validate(manifest, json.loads(schema.read_text("utf-8")))


class Registered:
    """Stands where the app does, and takes down by kind what is listened to."""

    def __init__(self) -> None:
        self.names: dict[str, set[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def attach(name: Any, *_more: Any) -> Callable[..., Any]:
            self.names.setdefault(kind, set()).add(name)
            return lambda *functions: functions

        return attach


@pytest.fixture
def heard() -> dict[str, set[Any]]:
    """Kind -> the names that the listeners attach themselves to."""
    app = Registered()
    register(app, services())  # type: ignore[arg-type]
    return app.names


def test_commands_events_and_shortcuts_agree_with_the_listeners(
    manifest: dict[str, Any], heard: dict[str, set[Any]]
) -> None:
    """Each of the manifest has a listener, and each listener stands in the manifest."""
    features, settings = manifest["features"], manifest["settings"]
    assert {each["command"] for each in features["slash_commands"]} == heard["command"] == set(COMMANDS)
    subscribed = settings["event_subscriptions"]["bot_events"]
    assert set(subscribed) == set(EVENTS)
    assert {event.partition(".")[0] for event in subscribed} == heard["event"]
    named = {each["callback_id"] for each in features.get("shortcuts", ())}
    assert named == heard.get("shortcut", set()) | heard.get("message_shortcut", set())


def test_the_app_takes_every_listener(heard: dict[str, set[Any]]) -> None:
    """What the listeners attach to arrives in the real app, none twice."""
    app = create_app(services(), SlackAccess("xoxb-1234567890", signing_secret="1234567890"))
    assert len(app._async_listeners) == sum(len(each) for kind, each in heard.items() if kind != "middleware")


def test_every_event_and_call_has_its_scope_and_every_scope_its_use(manifest: dict[str, Any]) -> None:
    """An event without its scope never arrives; a scope without use frightens whoever installs the app."""
    needed = {SCOPE_OF_EVENT[event] for event in EVENTS if SCOPE_OF_EVENT[event]} | {"commands"}
    for file in (ROOT / "bot").rglob("*.py"):
        if "sandbox" not in file.parts:
            for called in re.findall(r"client\.([a-z]+(?:_[a-zA-Z]+)+)\(", file.read_text("utf-8")):
                needed |= SCOPES_OF_CALL.get(called) or set(SCOPE_OF.get(called.replace("_", "."), ())[:1])
    assert scopes(manifest) == needed


def test_socket_mode_needs_no_address(manifest: dict[str, Any]) -> None:
    """Without a public address: Socket Mode on, buttons on, no request URL."""
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert "url" not in manifest["features"]["slash_commands"][0]


def test_kpi_check_accepts_our_own_manifest_and_knows_what_the_bot_hears() -> None:
    """The file that ships has no problem; the events are those of the listeners."""
    assert manifest_problems(read_document(ROOT / "manifest.yaml")) == []
    assert set(SCOPE_OF_EVENT) == set(known.SCOPES) == set(EVENTS)


def test_kpi_check_knows_what_may_be_left_out() -> None:
    """Files are; what answers need is not, nor what is not asked for at all."""
    text = (ROOT / "manifest.yaml").read_text("utf-8")
    assert "bot_optional" in text
    document = read_text(
        text.replace("      - mpim:read\nsettings", "      - mpim:read\n      - commands\nsettings"), "m"
    )
    assert [each.message for each in manifest_problems(document)] == ["the bot cannot do without the scope commands"]
    document = read_text(text.replace("      - files:read   ", "      - team:read   "), "m")
    said = [each.message for each in manifest_problems(document)]
    assert said == ["nothing needs the scope team:read", "the scope files:read is not asked for"]


def test_kpi_check_tells_what_would_leave_the_bot_deaf() -> None:
    """A missing command, event and scope, one right too many, and HTTP without an address, each with its line."""
    text = """\
features: {slash_commands: [{command: /kpis}]}
oauth_config: {scopes: {bot: [chat:write, commands, users:read, im:history, reactions:write]}}
settings:
  socket_mode_enabled: false
  event_subscriptions: {bot_events: [message.im, reaction_added]}
"""
    said = [f"{each.line}: {each.message}" for each in manifest_problems(read_text(text, "manifest.yaml"))]
    assert said == [
        "1: the command /kpi is missing",
        "1: nobody listens to the command /kpis",
        "5: the event app_mention is missing",
        "5: the event app_home_opened is missing",
        "5: the event app_context_changed is missing",
        "5: the event app_uninstalled is missing",
        "5: the event tokens_revoked is missing",
        "5: nobody listens to the event reaction_added",
        "2: the scope app_mentions:read is missing",
        "2: the scope assistant:write is missing",
        "2: nothing needs the scope reactions:write",
        "1: without Socket Mode a command needs its url",
        "5: without Socket Mode events need a request_url",
    ]
