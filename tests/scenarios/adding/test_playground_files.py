"""Files dropped on the playground's page, in a real browser: read, asked about, and then the first number."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playground_side import SECONDS, Running, running

from bot.workspace import Workspace, settings_of

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

SHOTS = Path(__file__).parents[3] / "build" / "screenshots"
FIRM = "company: Made up\ntimezone: America/New_York\ncurrency: USD\nlocale: en\n"
FILES = {
    "meta.csv": (
        "Campaign name,Day,Impressions,Link clicks,Amount spent (USD),Purchases,Reporting starts,Reporting ends\n"
        ",,500,10,30.25,3,2026-10-01,2026-10-02\n"
        '"Sale, autumn",2026-10-01,200,4,10.25,1,2026-10-01,2026-10-01\n'
        '"Sale, autumn",2026-10-02,300,6,20.00,2,2026-10-02,2026-10-02\n'
    ),
    "leads.csv": ("Record ID,Email,Lifecycle Stage,Original Source,Create Date\n1,a@example.com,lead,Email,11/03/26\n"),
    "leave.csv": "Name,Days\nA,8\n",
}
DROP = """
files => {
  const carried = new DataTransfer();
  for (const [name, content] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.querySelector("#slack").dispatchEvent(
      new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true })
    );
  }
}
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Running]:
    """The playground of a firm that has no data yet."""
    config = tmp_path / "kpi.yaml"
    config.write_text(FIRM, "utf-8")
    with running(Workspace(settings_of(config), {}, config=config)) as made:
        yield made


@pytest.fixture
def page(served: Running) -> Iterator[Any]:
    problems: list[str] = []
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        sync_api.expect.set_options(timeout=SECONDS * 1000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.set_default_timeout(SECONDS * 1000)
        opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.goto(served.url)
        opened.wait_for_selector("body[data-ready]")
        yield opened
        browser.close()
    assert problems == []


def shot(page: Any, name: str) -> None:
    if os.environ.get("KPI_WRITE_SCREENSHOTS"):
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")


def card(page: Any, text: str) -> Any:
    """The message with a text, once it is there."""
    message = page.locator(".log .message", has_text=text).last
    message.wait_for()
    return message


def test_a_folder_of_exports_becomes_the_first_number(page: Any, served: Running) -> None:
    """Without data the first step says what to do; dropped files get a card each; then it shows a number."""
    page.click("[data-person=alex]")
    page.click("[data-step=ask]")
    page.locator("#told", has_text="Drop your files onto this page").wait_for()
    files = {name: b64encode(text.encode()).decode() for name, text in FILES.items()}
    page.evaluate(DROP, files)
    assert "1 row left out: totals" in card(page, "Meta Ads, by day").inner_text()
    assert card(page, "leave.csv: not one of the tables").is_visible()
    question = card(page, "which comes first?")
    shot(page, "dropped")
    question.get_by_role("button", name="3 November 2026").click()
    assert "KPIs ready" in card(page, "1 row, 3 November 2026").inner_text()
    assert page.get_by_role("button", name="11 March 2026").count() == 0
    kpi_yaml = (served.playground.workspace.settings.folder / "kpi.yaml").read_text("utf-8")
    assert kpi_yaml.startswith(FIRM)
    assert "dates: mdy" in kpi_yaml
    page.click("[data-step=ask]")
    page.wait_for_selector("[data-step=ask].done:not([disabled])")
    assert "October 2026" in page.locator(".log .message").last.inner_text()
    shot(page, "first-number")


@pytest.mark.parametrize(("person", "words"), [("mina", "메타 광고, 일별"), ("wei", "Meta 廣告，每日")])
def test_chosen_with_the_button_in_the_person_s_language(page: Any, served: Running, person: str, words: str) -> None:
    """Who drops nothing chooses files; the card speaks the sender's language.

    The page sends a person's message; the bot fetches the file itself, with its token, which nobody sees.
    """
    page.click(f"[data-person={person}]")
    page.locator(".place", has_text="KPI Bot").click()
    content = FILES["meta.csv"].replace("2026-10-0", f"2026-09-{1 if person == 'mina' else 2}").encode()
    page.set_input_files("[data-part=files]", {"name": f"{person}.csv", "mimeType": "text/csv", "buffer": content})
    card(page, words)
    shot(page, f"chosen-{person}")
    slack = served.playground.slack
    calls = [call for call in slack.requests if call["method"] == "files"]
    assert [call["error"] for call in calls] == [""]
    assert slack.workspace.bot_token not in page.evaluate("fetch('/api/wire?after=0').then(answer => answer.text())")
    assert slack.workspace.bot_token not in json.dumps(slack.requests, default=str)
