"""kpi deliveries and kpi summary --post: what a person sees of posts, and may do with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_team import CHANNEL, Team, team

from bot.cli import main
from bot.sandbox.slack.web_api.slack_faults import Fault
from kpi_core.deliveries.ledger import claim
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import plan_once

KPI_YAML = f"""company: Hanok Goods
timezone: UTC
currency: USD
sources: [{{name: books, type: csv, path: costs.csv, table: costs}}]
summaries: [{{name: weekly, channel: {CHANNEL}, audience: exec, every: monday 09:00}}]
"""
Kpi = Callable[..., tuple[int, str, str]]


@pytest.fixture
def marketing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with team(tmp_path) as running:
        running.clock[0] = datetime.now(UTC)
        (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
        (tmp_path / "costs.csv").write_text("date,category,amount\n2026-11-20,tools,12\n", "utf-8")
        monkeypatch.chdir(tmp_path)
        for name, value in running.slack.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def kpi(marketing: Team, capsys: pytest.CaptureFixture[str]) -> Kpi:
    assert marketing.store is not None

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def post(kpi: Kpi, *more: str) -> tuple[int, str]:
    """The exit code of `kpi summary --post`, and its error or warning."""
    code, out, _err = kpi("summary", "weekly", "--post", "--now", "2026-11-23T09:00", "--json", *more)
    document = json.loads(out)
    return code, document.get("error", {}).get("code", "")


def states(kpi: Kpi) -> list[str]:
    code, out, _err = kpi("deliveries", "--json")
    assert code == 0
    return [each["state"] for each in json.loads(out)["deliveries"]]


def test_a_second_summary_of_a_period_is_asked_about(marketing: Team, kpi: Kpi) -> None:
    """Nobody posts the same week twice by mistake; --again does, and another week needs no word."""
    assert post(kpi) == (0, "")
    assert post(kpi) == (1, "already_posted")
    assert len(marketing.shown) == 1
    assert post(kpi, "--again") == (0, "")
    assert len(marketing.shown) == 2
    code, _out, err = kpi("summary", "weekly", "--post", "--now", "2026-11-23T09:00")
    assert (code, "--again" in err) == (1, True)
    assert kpi("summary", "weekly", "--post", "--now", "2026-11-16T09:00", "--json")[0] == 0


@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [
        (Fault("drop_after", "chat.postMessage"), "post_uncertain", "uncertain"),
        (Fault("http", "chat.postMessage"), "post_uncertain", "uncertain"),
        (Fault("error", "chat.postMessage", error="is_archived"), "not_posted", "waiting"),
        (Fault("ratelimited", "chat.postMessage"), "not_posted", "pending"),
        (Fault("drop_before", "*", times=9), "not_posted", "pending"),
    ],
    ids=["answer lost", "500", "archived", "limited", "away"],
)
def test_what_may_be_posted_is_never_called_not_posted(
    marketing: Team, kpi: Kpi, fault: Fault, code: str, state: str
) -> None:
    """Each answer of Slack by what it means; in every case it stays planned, and the next try asks first."""
    marketing.slack.faults.put(fault)
    assert post(kpi) == (3, code)
    marketing.slack.faults.clear()
    assert states(kpi) == [state]
    assert post(kpi) == (1, "already_posted")


def test_a_post_is_shown_resent_and_given_up(marketing: Team, kpi: Kpi) -> None:
    """By the beginning of its key; what has come is sent as a copy, what is given up stays unsent."""
    assert kpi("deliveries")[1].startswith("Nothing has been posted yet")
    assert post(kpi) == (0, "")
    key = json.loads(kpi("deliveries", "--json")[1])["deliveries"][0]["key"]
    listed = kpi("deliveries")[1]
    assert listed.startswith(key[:8])
    assert "posted" in listed
    shown = kpi("deliveries", "show", key[:6])[1]
    assert CHANNEL in shown
    assert marketing.shown[0].text.splitlines()[0] in shown
    assert kpi("deliveries", "cancel", key[:8])[0] == 1
    assert kpi("deliveries", "resend", key[:8])[0] == 0
    assert sorted(states(kpi)) == ["pending", "sent"]
    marketing.clock[0] += timedelta(minutes=1)
    marketing.round()
    assert len(marketing.shown) == 2


def test_what_is_on_its_way_is_not_sent_twice(marketing: Team, kpi: Kpi) -> None:
    """A post that may be arriving at this moment is neither sent again nor given up."""
    plan_once(marketing.store, "summary:weekly", [Posting(CHANNEL, "x")], marketing.clock[0])
    claimed = claim(marketing.store, marketing.clock[0])
    assert claimed is not None
    assert kpi("deliveries", "resend", claimed.key)[0] == 1
    assert kpi("deliveries", "cancel", claimed.key)[0] == 1
    assert states(kpi) == ["sending"]


@pytest.mark.parametrize("words", [("show",), ("show", "zz"), ("resend", "zz")])
def test_a_delivery_that_is_not_there_is_said(kpi: Kpi, words: tuple[str, ...]) -> None:
    """A sentence that says how to find it."""
    code, _out, err = kpi("deliveries", *words)
    assert code in {1, 2}
    assert "kpi deliveries" in err
