"""The playground's page in a real browser: the first minute, keys, people, themes, widths, and no one left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from demo_side import own_demo
from playground_side import SECONDS, Running, running

from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, User
from kpi_core.settings.values import Access

import long

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

ROOT = Path(__file__).parents[3]
SHOTS = ROOT / "build" / "screenshots"
PICTURE = ROOT / "docs" / "images" / "playground.png"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SEEN_BY_EVERYBODY = {"critical", "serious"}
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    demo = own_demo(tmp_path_factory.mktemp("cache"))
    limited = replace(demo, settings=replace(demo.settings, access={"bounce_rate": Access(users=("U0MINA",))}))
    with running(limited) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        sync_api.expect.set_options(timeout=SECONDS * 1000)
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def visit(served: Running, browser: Any) -> Iterator[Open]:
    """Opens the page in a browser of its own; afterwards the console is empty and nothing came from elsewhere."""
    problems: list[str] = []
    contexts: list[Any] = []

    def opened(width: int = 1280, height: int = 800, theme: str = "light", person: str = "alex") -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", lambda message: problems.append(message.text) if message.type != "info" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: elsewhere(request.url))
        page.goto(served.url)
        page.wait_for_selector("body[data-ready]")
        page.click(f"[data-person={person}]")
        return page

    def elsewhere(address: str) -> None:
        if not address.startswith((served.url, "data:")):
            problems.append(f"asked {address}")

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


def step(page: Any, name: str) -> None:
    """Press a step of the first minute and wait until it is done."""
    page.click(f"[data-step={name}]")
    page.wait_for_selector(f"[data-step={name}].done:not([disabled])")


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    settle(page)
    page.screenshot(path=SHOTS / f"{name}.png")


def settle(page: Any) -> None:
    """Until everything that moves or fades stands, and has been drawn."""
    page.evaluate(
        """async () => {
          const ends = (motion) => motion.effect.getComputedTiming().endTime !== Infinity;
          await Promise.allSettled(document.getAnimations().filter(ends).map((motion) => motion.finished));
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        }"""
    )


def newest(page: Any) -> str:
    return str(page.locator(".log .message").last.inner_text())


def test_the_first_minute(visit: Open) -> None:
    """Five presses: an answer, a split, a synced Sheet, a target typed as a person, and Monday's summary."""
    page = visit()
    step(page, "ask")
    assert "Customer acquisition cost · October 2026" in newest(page)
    assert page.locator(".message .chart svg").last.is_visible()
    if os.environ.get("KPI_WRITE_SCREENSHOTS"):
        PICTURE.parent.mkdir(exist_ok=True)
        step(page, "read")
        page.wait_for_selector("#told:not(.shown)", state="attached")
        page.screenshot(path=PICTURE)
    step(page, "split")
    assert page.locator(".message .data-table").last.locator("tbody th", has_text="search").is_visible()
    shot(page, "split")
    step(page, "read")
    page.locator(".grid td", has_text="Customer acquisition cost").first.wait_for()
    assert page.locator(".scorecard").count() > 2
    step(page, "edit")
    assert page.locator(".tabs [aria-selected=true]").inner_text().startswith("Goals")
    shot(page, "goals")
    step(page, "monday")
    assert "Week 47 · 16-22 November 2026" in newest(page)
    assert "Mon 23 Nov, 09:00" in page.locator(".clock").inner_text()
    page.click(".story button")
    assert page.locator(".wire summary", has_text="chat.postMessage").first.is_visible()
    page.locator(".wire summary", has_text="chat.postMessage").first.click()
    assert "kpi_bot_delivery" in page.locator(".carried pre").first.inner_text()
    shot(page, "wire")


def test_a_question_is_typed_with_keys_alone(visit: Open) -> None:
    """/kpi is completed by keys, once the vocabulary is there; the answer is in the asker's language."""
    page = visit(person="mina")
    page.evaluate(
        "import('/static/state.js').then(async (page) => { await page.refresh('words'); page.state.words = 0; })"
    )
    page.focus(".composer textarea")
    page.keyboard.type("/kpi roa")
    page.evaluate("import('/static/state.js').then((page) => page.refresh('words'))")
    page.wait_for_selector("#suggestions li")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert page.input_value(".composer textarea") == "/kpi roas 지난달 "
    before = page.locator(".log .message").count()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator(".log .message").nth(before).wait_for()
    assert "광고비 대비 매출" in newest(page) or "ROAS" in newest(page)


def test_a_question_goes_on_in_its_thread(visit: Open) -> None:
    """Asked with a mention, the question goes on in its thread, whoever speaks there."""
    page = visit()
    page.locator(".place", has_text="marketing").click()
    say(page, "@kpi cac last month")
    page.locator(".log .message", has_text="cac last month").last.locator(".replies").click()
    page.locator(".log .message", has_text="$").first.wait_for()
    say(page, "@kpi by channel")
    page.locator(".log .message .data-table").last.wait_for()
    assert "by channel" in newest(page)
    page.click("[data-person=wei]")
    say(page, "@kpi 只看 search")
    page.locator(".log .message", has_text="管道 search").last.wait_for()
    shot(page, "thread")


def say(page: Any, words: str) -> None:
    """Write into what is open: the channel or its thread."""
    page.fill(".composer textarea", words)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def test_only_the_asker_sees_an_aside(visit: Open) -> None:
    """What only one person may see is shown to that person, and marked."""
    page = visit(person="wei")
    page.fill(".composer textarea", "/kpi help")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message.only")
    page.click("[data-person=mina]")
    page.wait_for_selector(".message.only", state="detached")


def test_cells_are_walked_edited_and_undone_by_keys(visit: Open) -> None:
    """Arrows walk, typing edits, Escape leaves, Enter keeps; undo takes back."""
    page = visit()
    page.locator(".tabs [role=tab]", has_text="Sheet1").click()
    page.locator('td[data-r="0"][data-c="0"]').click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.locator(".bar b").inner_text() == "B2"
    page.keyboard.type("=1+")
    page.keyboard.press("Escape")
    assert page.locator('td[data-r="1"][data-c="1"]').inner_text() == ""
    page.keyboard.type("<b>=40*2")
    page.keyboard.press("Enter")
    cell = page.locator('td[data-r="1"][data-c="1"]')
    cell.filter(has_text="<b>=40*2").wait_for()
    page.keyboard.type("=40*2")
    page.keyboard.press("Enter")
    page.locator('td[data-r="2"][data-c="1"]').filter(has_text="80").wait_for()
    page.locator(".tools button").first.click()
    page.locator(".tools button").first.click()
    sync_api.expect(cell).to_have_text("")


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="keys in cells have their test, a sync finds renamed tabs in another")
def test_a_renamed_tab_stays_the_bot_s(visit: Open) -> None:
    """A person renames a tab with F2; the next sync still finds it."""
    page = visit()
    page.click("#sync")
    tab = page.locator(".tabs [role=tab]", has_text="Trends")
    tab.click()
    page.keyboard.press("F2")
    page.keyboard.type("흐름 📈")
    page.keyboard.press("Enter")
    page.locator(".tabs [role=tab]", has_text="흐름 📈").wait_for()
    page.click("#sync")
    page.wait_for_selector("#sync:not([disabled])")
    assert page.locator(".tabs [role=tab]", has_text="Trends").count() == 0
    page.locator(".tools button").first.click()
    page.locator(".tabs [role=tab]", has_text="Trends").wait_for()


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="the same edits and the sync have a test at the wire")
def test_a_vandalised_sheet_is_mended_by_the_sync(visit: Open) -> None:
    """The button does ten things and names them; the sync afterwards says what it did, and the bot's tabs are there."""
    page = visit()
    page.click("#sync")
    page.wait_for_selector("#sync:not([disabled])")
    page.click("#vandalise")
    told = page.locator("#told")
    told.filter(has_text="10 things done. Sync mends them").wait_for()
    shot(page, "vandalised")
    page.click("#sync")
    page.wait_for_selector("#sync:not([disabled])")
    told.filter(has_text="cells changed").wait_for()
    shot(page, "mended")


def test_tables_are_sorted_by_their_headings(visit: Open) -> None:
    """A heading sorts by the numbers behind the texts, and says so."""
    page = visit()
    page.locator(".place", has_text="KPI Bot").click()
    ask(page, "cac last-month by channel")
    table = page.locator(".data-table").last
    heading = table.locator("thead button", has_text="New customers")
    heading.click()
    assert table.locator("thead th[aria-sort=descending]").count() == 1
    texts = table.locator("tbody tr td:last-child").all_inner_texts()
    numbers = [float(each.replace(",", "")) for each in texts]
    assert numbers == sorted(numbers, reverse=True)
    heading.click()
    assert table.locator("thead th[aria-sort=ascending]").count() == 1


MODAL = {
    "type": "modal", "title": {"type": "plain_text", "text": "Set a goal"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*CAC* for <@U0WEI> &lt;b&gt; :dart:"}},
        {"type": "input", "block_id": "target", "label": {"type": "plain_text", "text": "Target"},
         "element": {"type": "number_input", "is_decimal_allowed": True, "action_id": "value"}},
        {"type": "input", "block_id": "by", "label": {"type": "plain_text", "text": "By"},
         "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-12-31"}},
        {"type": "input", "block_id": "per", "label": {"type": "plain_text", "text": "Per"},
         "element": {"type": "static_select", "action_id": "grain", "options": [
             {"text": {"type": "plain_text", "text": "Month"}, "value": "month"}]}},
    ],
}  # fmt: skip
HOME = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "Your KPIs"}},
        {"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "Bold", "style": {"bold": True}}]}]},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "go", "style": "primary", "text": {"type": "plain_text", "text": "Go"}}]},
    ],
}  # fmt: skip


def call(served: Running, method: str, **params: Any) -> Any:
    """A call of the Web API as an app makes it."""
    import requests

    token = served.playground.slack.workspace.bot_token
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{served.playground.slack.url}/api/{method}", json=params, headers=headers, timeout=SECONDS)
    assert answer.json()["ok"], answer.text
    return answer.json()


def test_modals_and_homes_show_by_themselves(visit: Open, served: Running) -> None:
    """A view that the app opens for a person is drawn, filled in by keys and closed; a Home likewise."""
    page = visit(person="wei")
    trigger = served.playground.slack.workspace.new_trigger("U0WEI")
    call(served, "views.open", trigger_id=trigger, view=MODAL)
    page.wait_for_selector("dialog[open]")
    page.get_by_label("Target").fill("38.5")
    assert page.get_by_label("By *").input_value() == "2026-12-31"
    assert "@Wei Chen <b> 🎯" in page.locator("dialog .section").inner_text()
    assert problems_for_everybody(page) == []
    shot(page, "modal")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert served.playground.slack.workspace.opened["U0WEI"] == []
    call(served, "views.publish", user_id="U0WEI", view=HOME)
    page.locator(".place", has_text="KPI Bot").click()
    page.locator("[role=tab]", has_text="首頁").click()
    page.locator(".home h3", has_text="Your KPIs").wait_for()
    assert problems_for_everybody(page) == []


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="each form has its test at the wire; all of them in a page take 8 s")
def test_people_set_goals_and_alerts_and_see_what_is_theirs(visit: Open, served: Running) -> None:
    """A goal by its form, seen in the Sheet; an alert of one's own; the Home; a refusal; a stranger, told alone."""
    invite_a_stranger(served)
    page = visit()
    page.locator(".place", has_text="KPI Bot").click()
    ask(page, "cac last-month")
    page.locator("[data-action=set_goal]").last.click()
    page.get_by_label("Target *").fill("many")
    page.get_by_label("By when *").fill("year end")
    page.locator("dialog .main-button").click()
    page.locator("dialog .wrong", has_text="many is no number.").wait_for()
    assert problems_for_everybody(page) == []
    shot(page, "goal")
    page.get_by_label("Target *").fill("39.25")
    page.locator("dialog .main-button").click()
    page.locator("dialog", has_text="stands in the Sheet after its next sync").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    page.click("#sync")
    page.wait_for_selector("#sync:not([disabled])")
    page.locator(".tabs [role=tab]", has_text="Goals").click()
    page.locator(".grid td", has_text="39.25").first.wait_for()
    page.locator("[data-action=alert_me]").last.click()
    page.get_by_label("Limit").fill("45")
    page.locator("dialog .main-button").click()
    page.locator("dialog", has_text="above $45.0").wait_for()
    page.keyboard.press("Escape")
    page.locator(".log .message", has_text="set an alert here").wait_for()
    page.locator("[role=tab]", has_text="Home").click()
    for part in ("My KPIs", "My goals", "My alerts", "Data"):
        page.locator(".home h3", has_text=part).wait_for()
    assert problems_for_everybody(page) == []
    shot(page, "home")
    page.locator(".place", has_text="marketing").click()
    page.fill(".composer textarea", "/kpi bounce rate last-month")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator(".message.only", has_text="is shown only to some people, and not here.").wait_for()
    page.locator(".place", has_text="partners").click()
    page.click("[data-person=gus]")
    page.fill(".composer textarea", "@KPI Bot cac last-month")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator(".message.only", has_text="The bot answers members of its own workspace.").wait_for()
    shot(page, "stranger")
    page.click("[data-person=alex]")
    page.wait_for_selector(".message.only", state="detached")


def invite_a_stranger(served: Running) -> None:
    """Gus of another workspace shares a channel with Alex and the bot."""
    workspace = served.playground.slack.workspace
    workspace.users["U0GUS"] = User("U0GUS", "gus", "Gus Gale", team="T0OTHER")
    members = {"U0GUS", "U0ALEX", BOT_USER}
    workspace.channels["C0PARTNERS"] = Channel("C0PARTNERS", "partners", members=members, shared=True)
    # The page gives everybody their conversation with the bot when it starts.
    workspace.direct("U0GUS")


def test_a_press_is_not_lost_when_something_changes_meanwhile(visit: Open, served: Running) -> None:
    """News that comes while the button of the mouse is down waits until it is up, then it is drawn."""
    page = visit()
    page.locator(".place", has_text="KPI Bot").hover()
    page.mouse.down()
    with page.expect_response("**/api/slack") as response:
        call(served, "chat.postMessage", channel="C0MARKET", text="While you press")
    response.value.finished()
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.mouse.up()
    page.locator("[role=tab]", has_text="Home").wait_for()
    page.locator(".place.fresh", has_text="marketing").wait_for()


@contextmanager
def trouble(page: Any, name: str) -> Iterator[None]:
    """A trouble switched on, and off again."""
    page.click("[data-part=troubles]")
    page.check(f"[data-part=trouble-{name}]")
    page.wait_for_selector("[data-part=troubles].alarming")
    yield
    page.uncheck(f"[data-part=trouble-{name}]")
    page.wait_for_selector("[data-part=troubles]:not(.alarming)")


def test_troubles_can_be_watched(visit: Open) -> None:
    """In a workspace without charts the card comes without one; switched off, charts are back."""
    page = visit()
    page.locator(".place", has_text="KPI Bot").click()
    for is_on in (True, False):
        if is_on:
            with trouble(page, "slack_plain"):
                ask(page, "roas last-month")
        else:
            ask(page, "roas last-month")
        assert page.locator(".log .message").last.locator(".chart").count() == (0 if is_on else 1)


def ask(page: Any, words: str) -> None:
    """Write to the bot, and wait until what was written and its answer stand there."""
    before = page.locator(".log .message").count()
    page.fill(".composer textarea", words)
    page.keyboard.press("Enter")
    page.locator(".log .message").nth(before + 1).wait_for()


def problems_for_everybody(page: Any) -> list[str]:
    """What axe-core finds critical or serious, AA contrast included."""
    from axe_playwright_python.sync_playwright import Axe

    settle(page)
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in SEEN_BY_EVERYBODY
        for node in each["nodes"]
    ]


LOOKS = [("light", 1280, "alex"), ("dark", 390, "wei"), ("dark", 1280, "mina"), ("light", 390, "mina")]
"""Theme, width and person: all four even in a tenth of the long form."""


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="Axe looks in other tests, too; this takes 8 s each")
@pytest.mark.parametrize(("theme", "width", "person"), LOOKS)
def test_nobody_is_left_out(visit: Open, theme: str, width: int, person: str) -> None:
    """Axe finds nothing serious in either theme, wide and narrow, in three languages, and nothing sticks out."""
    page = visit(width, 844 if width < 900 else 800, theme, person)
    step(page, "ask")
    assert problems_for_everybody(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(page, f"slack-{theme}-{width}-{person}")
    long.ran("pages looked at by Axe")
    step(page, "read")
    for part in ("deliveries", "troubles", "wire"):
        page.click(f"[data-part={part}]")
    assert problems_for_everybody(page) == []
    page.click("[data-part=wire]")
    shot(page, f"sheet-{theme}-{width}-{person}")
    step(page, "edit")
    assert problems_for_everybody(page) == []


def test_the_page_speaks_three_languages(visit: Open) -> None:
    """Every sentence of the page exists in each language, with the same places to fill."""
    page = visit()
    words = page.evaluate("async () => (await import('/static/words.js')).WORDS")
    import re

    for language in ("ko", "zh-TW"):
        assert words[language].keys() == words["en"].keys()
        for key, sentence in words[language].items():
            assert set(re.findall(r"\{(\w+)\}", sentence)) == set(re.findall(r"\{(\w+)\}", words["en"][key])), key
