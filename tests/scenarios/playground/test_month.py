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


def week(page: Any) -> bool:
    """Go a week ahead; whether the page said meanwhile how far it was."""
    before = page.locator(".clock b").inner_text()
    page.click(".steps [data-keep=week]")
    page.wait_for_selector(".clock .quiet:has-text('%')", state="attached")
    page.wait_for_function("before => document.querySelector('.clock b').textContent !== before", arg=before)
    page.wait_for_selector(".steps [data-keep=week]:not([disabled])")
    return True


def texts(served: Running) -> list[tuple[str, str]]:
    """Each message of the channel with the ts of its thread, as it reads now."""
    shown = served.playground.slack.workspace.in_channel(MARKETING)
    return [(message.text, message.thread_ts) for message in shown]


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
        assert week(page)
        seconds.append(time.monotonic() - started)
    every = texts(served)
    heads = Counter(text.partition(" · ")[0] for text, thread in every if text.startswith("Week "))
    assert heads == Counter({"Week 47": 1, "Week 48": 1, "Week 49": 1, "Week 50": 1})
    (alert,) = [text for text, _thread in every if text.startswith("Cost per click")]
    assert "97% of the change" in alert
    assert [text for text, thread in every if thread and "has seen it" in text] == ["<@U0ALEX> has seen it."]
    assert len([text for text, thread in every if thread and text.startswith("Over: back to usual")]) == 1
    restated = [text for text, _thread in every if "Changed since" in text]
    assert [text.partition(" · ")[0] for text in restated] == ["Week 48"]
    assert all(text.count("Changed since") == 1 for text in restated)
    long.ran("weeks of the demo company in a browser", WEEKS, slowest_seconds=round(max(seconds)))
