"""A token that expires is renewed before it does, once, by whichever process comes first."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from slack_side import CAC, first_line, said, services

from bot.running.renewing import renewing
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import TEAM_ID
from bot.sandbox.slack.web_api.grants import new_grant
from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.slack.app import SlackAccess, create_app, serve_socket, slack_access
from bot.slack.closed_channels import closed_channels
from bot.slack.delivering import write_directly
from bot.slack.home_refresh import refresh_homes
from bot.slack.installer import installer
from bot.slack.installs.installation import (
    FILE,
    Installation,
    finish_writing,
    installation_of,
    read_installation,
    write_installation,
)
from bot.slack.installs.rotation import EARLY_SECONDS, Credentials, OwnToken
from kpi_core.errors import ServiceError, SettingsError

HALF_A_DAY = 12 * 3600


@contextmanager
def rotating(folder: Path) -> Iterator[tuple[LocalSlack, OwnToken, list[float]]]:
    """A local Slack in a thread of its own whose tokens end after 12 hours, the bot's token, and the clock of both."""
    clock, loop = [1_800_000_000.0], asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running = start_slack(now=lambda: clock[0])
    try:
        slack = asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(30)
        slack.workspace.token_seconds = HALF_A_DAY
        write_installation(folder / FILE, installation_of(new_grant(slack.workspace, TEAM_ID), clock[0]))
        credentials = Credentials("1.2", "secret", slack.environment["SLACK_API_URL"])
        yield slack, OwnToken(folder / FILE, credentials, lambda: clock[0]), clock
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


def renewals(slack: LocalSlack) -> int:
    return len([each for each in slack.requests if each["method"] == "oauth.v2.access" and not each["error"]])


def test_a_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    """While it is young it stays; two hours before its end there is another, and so on through a month."""
    with rotating(tmp_path) as (slack, token, clock):
        first = token()
        assert token() == first
        seen = {first}
        for _hour in range(24 * 30):
            clock[0] += 3600
            seen.add(token())
            assert slack.workspace.grants[token()].expires_at > clock[0] + EARLY_SECONDS - 3600
        # It lasts 12 hours, and is looked at each hour.
        assert len(seen) == renewals(slack) + 1 == 24 * 30 // 11 + 1


def test_of_many_at_once_one_renews(tmp_path: Path) -> None:
    """A refresh token is good once: threads and processes wait for the one that uses it."""
    with rotating(tmp_path) as (slack, token, clock):
        clock[0] += HALF_A_DAY - 60
        other = OwnToken(token.file, token.credentials, token.clock)
        tokens: list[str] = []
        threads = [threading.Thread(target=lambda each=each: tokens.append(each())) for each in [token, other] * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(tokens)) == 1
        assert renewals(slack) == 1


def test_while_slack_is_away_the_old_token_does(tmp_path: Path) -> None:
    """Until it ends; after that it is said what mends it, and the next success goes on."""
    with rotating(tmp_path) as (slack, token, clock):
        first = token()
        clock[0] += HALF_A_DAY - 3600
        slack.faults.put(Fault("drop_before", "oauth.v2.access", times=2))
        assert token() == first
        clock[0] += 3601
        with pytest.raises(ServiceError, match="expired"):
            token()
        assert token() != first


@pytest.mark.parametrize("error", ["invalid_refresh_token", "invalid_client_id"])
def test_a_refused_renewal_names_no_token(tmp_path: Path, error: str, caplog: pytest.LogCaptureFixture) -> None:
    """What Slack refuses is told by its code; no token stands in the log or in the error."""
    with rotating(tmp_path) as (slack, token, clock):
        first = token()
        slack.faults.put(Fault("error", "oauth.v2.access", error=error))
        clock[0] += HALF_A_DAY + 1
        with pytest.raises(ServiceError) as caught:
            token()
        assert "Install the app" in caught.value.hint
        assert error in caplog.text
        assert first not in caplog.text + caught.value.message


def dies(*_arguments: object, **_named: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


DEATHS = {
    "before Slack is asked": ("slack_sdk.web.WebClient", "oauth_v2_access", True),
    "after Slack answered": ("bot.slack.installs.rotation", "write_installation", False),
    "before it is on the disk": ("os", "fsync", True),
    "before it is put in its place": ("pathlib.Path", "replace", True),
}
"""Where a process that renews may die, and whether what Slack gave it survives."""


@pytest.mark.parametrize("death", DEATHS)
def test_a_kill_loses_what_only_the_dead_process_knew_and_says_so(
    tmp_path: Path, death: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By SIGKILL at each step. What reached the disk goes on; what did not is told while the old token still works."""
    with rotating(tmp_path) as (slack, token, clock):
        first = token()
        clock[0] += HALF_A_DAY - 3600
        where, name, survives = DEATHS[death]
        child = os.fork()
        if child == 0:
            *package, last = where.split(".")
            owner = importlib.import_module(where) if last[0].islower() else getattr(_module(package), last)
            setattr(owner, name, dies)
            with suppress(BaseException):
                OwnToken(token.file, token.credentials, token.clock)()
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert (token() != first) is survives
        assert renewals(slack) == 1
        assert ("renewed no more (invalid_refresh_token), and lasts for 60 minutes." in caplog.text) is not survives
        clock[0] += 3601
        if survives:
            assert token() in slack.workspace.grants
        else:
            with pytest.raises(ServiceError, match="expired"):
                token()


def _module(package: list[str]) -> Any:
    return importlib.import_module(".".join(package))


def test_what_was_half_written_is_no_installation(tmp_path: Path) -> None:
    """A file that a killed process left beside is taken only whole, newer, and of the same team."""
    file, beside = tmp_path / FILE, tmp_path / f".{FILE}.new"
    own = Installation("T1", "xoxb-own", "xoxe-own", 2.0)
    write_installation(file, own)
    for left in ("", '{"team": "T1", "bot_to', "[]"):
        beside.write_text(left, "utf-8")
        finish_writing(file)
        assert read_installation(file) == own
    for other in (replace(own, team="T2", expires_at=9.0), replace(own, bot_token="xoxb-older", expires_at=1.0)):
        beside.write_text(json.dumps(asdict(other)), "utf-8")
        finish_writing(file)
        assert read_installation(file) == own
    newer = replace(own, bot_token="xoxb-newer", expires_at=9.0)
    beside.write_text(json.dumps(asdict(newer)), "utf-8")
    finish_writing(file)
    assert (read_installation(file), beside.exists()) == (newer, False)


def test_while_nothing_renews_slack_is_asked_once_a_minute(tmp_path: Path) -> None:
    """A refused renewal is not repeated with each call that the bot makes."""
    with rotating(tmp_path) as (slack, token, clock):
        slack.workspace.refresh_tokens.clear()
        clock[0] += HALF_A_DAY - 3600
        for _second in range(90):
            token()
            clock[0] += 1
        assert len([each for each in slack.requests if each["method"] == "oauth.v2.access"]) == 2


def test_what_is_looked_up_by_itself_uses_the_token_of_the_moment(tmp_path: Path) -> None:
    """The installer, Homes, channels, a word past the ledger: by the renewed token, for the first one has ended."""
    with rotating(tmp_path) as (slack, token, clock):
        old = token()
        clock[0] += HALF_A_DAY + 1
        access = SlackAccess(old, api_url=slack.environment["SLACK_API_URL"], renewed=token)
        assert installer(access, "")[0]
        assert closed_channels(access, services(), ["C0MARKET"]) == frozenset()
        assert refresh_homes(access, services(), ["U0ALEX"]) == ["U0ALEX"]
        write_directly(access, "U0ALEX", "hello")
        assert "hello" in [each.text for each in slack.workspace.messages]


def test_the_file_is_for_the_bots_user_alone(tmp_path: Path) -> None:
    """Whatever the process lets others read otherwise; what is in it is not printed."""
    installation = Installation("T1", "xoxb-secret", "xoxe-secret", 1.0)
    for _time in range(2):
        write_installation(tmp_path / FILE, installation)
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert read_installation(tmp_path / FILE) == installation
    assert "secret" not in repr(installation)
    assert read_installation(tmp_path / "none.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"team": "T1"}', '{"bot_token": "xoxb-secret", "x": 1}'])
def test_a_damaged_file_is_told_without_what_is_in_it(tmp_path: Path, text: str) -> None:
    """A SettingsError, and no token in it."""
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_installation(tmp_path / FILE)
    assert "secret" not in caught.value.message


def test_the_bot_answers_by_its_newest_token(tmp_path: Path) -> None:
    """Through a rotation: the first token has ended, and questions are answered as before."""

    async def whole() -> None:
        async with start_slack() as slack:
            slack.workspace.token_seconds = HALF_A_DAY
            granted = new_grant(slack.workspace, TEAM_ID)
            environment = slack.environment | {
                "SLACK_BOT_TOKEN": granted["access_token"],
                "SLACK_REFRESH_TOKEN": granted["refresh_token"],
                "SLACK_OAUTH_CLIENT_ID": "1.2",
                "SLACK_OAUTH_CLIENT_SECRET": "secret",
            }
            access = renewing(slack_access(environment), tmp_path, environment)
            assert isinstance(access, SlackAccess)
            stop = asyncio.Event()
            serving = asyncio.create_task(serve_socket(create_app(services(), access), access, stop=stop))
            await slack.delivery.connected()
            del slack.workspace.grants[granted["access_token"]]
            await slack.acting.command("alex", "marketing", "/kpi", "cac")
            await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
            assert [first_line(each) for each in await said(slack, 2)] == [CAC["en"], CAC["en"]]
            stop.set()
            await serving
            # Started again, it goes on with what was renewed: the refresh token of the environment is spent.
            again = renewing(slack_access(environment), tmp_path, environment)
            assert await asyncio.to_thread(lambda: again.token) in slack.workspace.grants
            assert renewals(slack) == 1

    asyncio.run(whole())


def test_without_a_refresh_token_nothing_is_renewed(tmp_path: Path) -> None:
    """A token that never ends stays as it is, and no file is made."""
    access = SlackAccess("xoxb-1-2-abcdefgh")
    assert renewing(access, tmp_path, {}) is access
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SettingsError, match="SLACK_OAUTH_CLIENT_ID"):
        renewing(access, tmp_path, {"SLACK_REFRESH_TOKEN": "xoxe-1-2"})
