"""A month in the playground, in a real browser: what comes by itself comes once, and the page shows how far it is."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from demo_side import own_demo
from playground_side import SECONDS, Running, running

from bot.sandbox.slack.slack_workspace import Message

import long

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(long.share() is None, reason="a month of the demo company takes a minute or more"),
]
WEEKS = 4
MARKETING = "C0MARKET"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(own_demo(tmp_path_factory.mktemp("cache"))) as found:
        yield found


@pytest.fixture
def page(served: Running) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = launched.new_page()
        opened.set_default_timeout(SECONDS * 1000)
        opened.goto(served.url)
        opened.wait_for_selector("body[data-ready]")
        opened.click("[data-person=alex]")
        yield opened
        launched.close()


def week(page: Any) -> None:
    """Go a week ahead: the page says meanwhile how far it is, and is done when the step is."""
    with page.expect_response("**/api/clock", timeout=SECONDS * 1000) as answer:
        page.click(".steps [data-keep=week]")
        page.wait_for_selector(".clock .quiet:has-text('%')", state="attached")
    assert answer.value.ok
    page.wait_for_selector(".steps [data-keep=week]:not([disabled])")


def shown(served: Running) -> list[Message]:
    """Each message of the channel, as it reads now."""
    return list(served.playground.slack.workspace.in_channel(MARKETING))


def test_a_month_goes_by(served: Running, page: Any) -> None:
    """Four weeks: a summary each Monday, an alert with its reason, that it was seen, its end, a restatement: each once.

    Each step shows how far it is.
    """
    served.playground.wheel.round()
    page.locator(".log .message", has_text="Cost per click · channel display: unusual").wait_for()
    seen = page.locator(".log .message", has_text="Cost per click").locator("button", has_text="seen").first
    seen.click()
    seconds = []
    for _ in range(WEEKS):
        started = time.monotonic()
        week(page)
        seconds.append(time.monotonic() - started)
    every = shown(served)
    heads = Counter(one.text.partition(" · ")[0] for one in every if one.text.startswith("Week "))
    assert heads == Counter({"Week 47": 1, "Week 48": 1, "Week 49": 1, "Week 50": 1})
    (alert,) = [one for one in every if one.text.startswith("Cost per click · channel display: unusual")]
    assert "97% of the change" in alert.text
    assert [one.text for one in every if one.thread_ts == alert.ts and one.ts != alert.ts] == [
        "<@U0ALEX> has seen it.",
        "Over: back to usual since 23 Nov 2026.",
    ]
    restated = [one.text for one in every if "Changed since" in one.text]
    assert [text.partition(" · ")[0] for text in restated] == ["Week 48"]
    assert restated[0].count("Changed since") == 1
    long.ran("weeks of the demo company in a browser", WEEKS, slowest_seconds=round(max(seconds)))
