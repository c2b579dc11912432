"""The playground as its page asks it: what it shows, what a person does in it, and who may."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from demo_side import own_demo, shared_demo
from playground_side import FRIDAY, SECONDS, Running, running

from bot.cli import parser_of_kpi
from bot.commands.call import Call
from bot.commands.goals import run_goals
from bot.running.watching import Watch
from bot.sandbox.playground import serve_page
from kpi_core.access.operator import OPERATOR
from kpi_core.dates.schedule import Fire
from kpi_core.errors import ServiceError
from sheets_sync.sandbox.vandal import DEEDS

STATIC = Path(__file__).parents[3] / "bot" / "sandbox" / "playground" / "static"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(own_demo(tmp_path_factory.mktemp("cache"))) as found:
        yield found


def get(page: Running, path: str) -> Any:
    answer = requests.get(f"{page.url}/api/{path}", timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(page: Running, path: str, **body: Any) -> requests.Response:
    return requests.post(f"{page.url}/api/{path}", json=body, timeout=SECONDS)


def tab(page: Running, block: str) -> Any:
    return next(each for each in get(page, "sheet")["tabs"] if each["block"] == block)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "kpi.example.com"},
        {"Host": "127.0.0.1.example.com:80"},
        {"Origin": "http://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_may_neither_look_nor_act(page: Running, headers: dict[str, str]) -> None:
    """A foreign Host, a foreign Origin and requests made by another site's page are refused."""
    assert requests.get(f"{page.url}/api/slack", headers=headers, timeout=SECONDS).status_code == 403
    assert requests.post(f"{page.url}/api/sync", json={}, headers=headers, timeout=SECONDS).status_code == 403


def test_a_form_of_another_page_cannot_act(page: Running) -> None:
    """What is not sent as JSON changes nothing."""
    answer = requests.post(f"{page.url}/api/clock", data='{"to": "week"}', timeout=SECONDS)
    assert answer.status_code == 400
    assert get(page, "strip")["moved_seconds"] == 0


def test_everything_says_that_nothing_is_loaded_from_elsewhere(page: Running) -> None:
    """Each answer carries a policy that allows this machine alone, and forbids frames."""
    for path in ("/", "/static/main.js", "/api/slack", "/nothing", "/static/../server.py"):
        answer = requests.get(page.url + path, timeout=SECONDS)
        if answer.status_code == 200:
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("path", ["..%2fserver.py", "%2e%2e/server.py", "slack", "none.js", "slack//pane.js"])
def test_only_the_page_s_own_files_are_served(page: Running, path: str) -> None:
    """Nothing beside the folder of static files can be read."""
    assert requests.get(f"{page.url}/static/{path}", timeout=SECONDS).status_code == 404


def test_no_file_of_the_page_names_an_address_to_load() -> None:
    """The page's files hold no address outside this machine, but the name of SVG."""
    found = [
        (path.name, address)
        for path in STATIC.rglob("*.*")
        for address in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\"'\s)]*", path.read_text("utf-8"))
        if "www.w3.org/2000/svg" not in address
    ]
    assert found == []


def test_every_module_is_loaded_at_once() -> None:
    """The page names each of its modules, so that none waits for another to ask for it."""
    modules = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*.js")}
    assert set(re.findall(r'"/static/([^"]+\.js)"', (STATIC / "index.html").read_text("utf-8"))) == modules


def test_what_cannot_be_done_is_told_in_words(page: Running) -> None:
    """A wrong person, cell or step is refused with a sentence, and nothing breaks."""
    assert "no user nobody" in post(page, "slack/say", user="nobody", channel="C0MARKET", text="hi").text
    assert post(page, "sheet/edit", cell="Nowhere!A1", text="1").status_code == 400
    assert post(page, "sheet/teleport").status_code == 400
    assert post(page, "clock", to="yesterday").status_code == 400
    assert post(page, "troubles", name="none", on=True).status_code == 400


def test_a_company_just_made_is_not_loaded_again() -> None:
    """The files of the demo company are no news to what watches them: it was loaded on its morning."""
    company = shared_demo()
    for source in company.settings.sources:
        watch = Watch(company, source.name)
        watch(FRIDAY, Fire(FRIDAY))
        assert watch.loaded, source.name


def test_a_taken_port_is_told(page: Running) -> None:
    """A port in use is a sentence with a way out, no traceback."""
    port = int(page.url.rpartition(":")[2])

    async def again() -> None:
        async with serve_page(page.playground, port):
            pass

    with pytest.raises(ServiceError, match=f"Port {port} cannot be opened"):
        asyncio.run_coroutine_threadsafe(again(), page.loop).result(SECONDS)


def test_each_call_can_be_seen_without_secrets(page: Running) -> None:
    """The wire tells what was asked and answered, in order, and no token."""
    slack = page.playground.slack
    post(page, "slack/command", user="alex", channel="C0MARKET", command="/kpi", text="help")
    entries = get(page, "wire?after=0")["entries"]
    assert [each["number"] for each in entries] == sorted(each["number"] for each in entries)
    assert any(each["what"] == "slash_commands /kpi" and each["ok"] for each in entries)
    for secret in (slack.workspace.bot_token, slack.workspace.app_token, slack.workspace.signing_secret):
        assert secret not in str(entries)


def test_a_typed_target_is_read_by_the_next_sync_and_undone(page: Running) -> None:
    """A person's edit shows at once, the sync judges by it, and undo takes it back."""
    assert post(page, "sync").status_code == 200
    goals = tab(page, "goals")
    row, target = goals["frozenRows"] + 2, 2

    def cell(column: int) -> Any:
        cells = tab(page, "goals")["cells"]
        return next(each for each in cells if each["r"] == row and each["c"] == column)

    before = cell(target)
    assert post(page, "sheet/edit", cell=f"'{goals['title']}'!C{row + 1}", text="99").status_code == 200
    assert cell(target)["e"] == "99"
    assert post(page, "sync").status_code == 200
    cells = tab(page, "goals")["cells"]
    column = next(each["c"] for each in cells if each.get("t") == "Status")
    status = next(each["t"] for each in reversed(cells) if each["r"] == row and each["c"] == column)
    assert status in {"at risk", "off track"}
    assert post(page, "sheet/undo").status_code == 200
    assert cell(target)["t"] == before["t"]


def test_a_checkbox_is_drawn_and_ticked(page: Running) -> None:
    """Empty it is an empty box and no blank cell; ticked it says so; words in its place are words."""
    playground = page.playground
    person, book = playground.sheets.person, playground.spreadsheet
    person.add_tab(book, "Boxes")
    sheet = next(each for each in playground.sheets.spreadsheet(book).sheets if each.title == "Boxes")
    where = {
        "sheetId": sheet.sheet_id,
        "startRowIndex": 0,
        "endRowIndex": 3,
        "startColumnIndex": 0,
        "endColumnIndex": 1,
    }
    person.batch(book, [{"setDataValidation": {"range": where, "rule": {"condition": {"type": "BOOLEAN"}}}}])
    assert post(page, "sheet/edit", cell="Boxes!A2", text="TRUE").status_code == 200
    assert post(page, "sheet/edit", cell="Boxes!A3", text="perhaps").status_code == 200
    cells = next(each for each in get(page, "sheet")["tabs"] if each["title"] == "Boxes")["cells"]
    assert [(each["r"], each.get("b")) for each in cells] == [(0, False), (1, True), (2, None)]
    person.batch(book, [{"deleteSheet": {"sheetId": sheet.sheet_id}}])


def test_a_target_goes_from_the_sheet_to_slack_and_from_the_command_to_the_sheet(page: Running) -> None:
    """Typed by a person it judges the next answer in Slack; changed with kpi goals set it stands in its row."""
    assert post(page, "sync").status_code == 200
    playground = page.playground
    goal = next(goal for goal in playground.workspace.door(OPERATOR).goals() if goal.kpi == "cac" and not goal.where)

    def target() -> Any:
        cells = {(each["r"], each["c"]): each for each in tab(page, "goals")["cells"]}
        columns = {each.get("t"): column for (_row, column), each in cells.items()}
        named = {"CAC", "Customer acquisition cost"}
        whole = {row for row, _at in cells if not cells.get((row, columns["Segment"]), {}).get("t")}
        row = next(
            row for (row, at), each in cells.items() if at == columns["KPI"] and each.get("t") in named and row in whole
        )
        return cells[row, columns["Target"]]

    title, there = tab(page, "goals")["title"], target()
    cell = f"'{title}'!{chr(65 + there['c'])}{there['r'] + 1}"
    assert post(page, "sheet/edit", cell=cell, text="33.33").status_code == 200
    assert post(page, "sync").status_code == 200
    asked = asyncio.run_coroutine_threadsafe(playground.ask("cac last-month"), page.loop).result(SECONDS)
    assert "$33.3" in json.dumps(asked.blocks)
    words = ["goals", "set", "cac", "44.44", "--by", goal.by.isoformat()]
    call = Call(parser_of_kpi().parse_args(words), playground.workspace.environment)
    vars(call)["workspace"] = playground.workspace
    assert run_goals(call) == 0
    assert post(page, "sync").status_code == 200
    assert target()["t"] == "$44.44"


def test_troubles_are_met_as_the_bot_meets_them(page: Running) -> None:
    """A Sheet that is no longer shared is said in words; shared again, it syncs."""
    post(page, "troubles", name="sheets_unshared", on=True)
    assert get(page, "strip")["troubles"]["sheets_unshared"] is True
    refused = post(page, "sync")
    assert refused.status_code == 409
    assert refused.json()["error"]["hint"]
    post(page, "troubles", name="sheets_unshared", on=False)
    assert post(page, "sync").status_code == 200


def test_ten_random_edits_and_the_sync_after_them(page: Running) -> None:
    """Ten things that people do are done and named, and the next sync makes every tab of the bot's whole again."""
    assert post(page, "sync").status_code == 200
    tabs = {each["block"] for each in get(page, "sheet")["tabs"] if each["block"]}
    deeds = post(page, "vandalise").json()["deeds"]
    assert len(deeds) == 10
    assert all(deed["action"] and deed["tab"] for deed in deeds)
    assert post(page, "sync").status_code == 200
    assert {each["block"] for each in get(page, "sheet")["tabs"] if each["block"]} == tabs


def test_every_random_edit_has_its_words() -> None:
    """The page can say each thing that may be done."""
    words = (STATIC / "words.js").read_text("utf-8")
    assert all(words.count(f"    deed_{action}: ") == 3 for action in (*DEEDS, "restore"))


def test_completion_knows_the_workspace_s_words(page: Running) -> None:
    """KPIs, periods and dimensions come from the vocabulary, in three languages; every period can be asked."""
    words = get(page, "words")
    assert next(each for each in words["ko"]["kpis"] if each["id"] == "cac")["name"] == "고객 획득 비용"
    for language in words.values():
        for period in language["periods"]:
            post(page, "slack/say", user="wei", channel="dm", text=f"cac {period}")
    slack = page.playground.slack.workspace
    direct = slack.direct("U0WEI").id
    wanted = sum(len(each["periods"]) for each in words.values())

    def answers() -> list[str]:
        return [each.text for each in slack.messages if each.channel == direct and each.user == "U0KPIBOT"]

    waiting = page.playground.slack.until(lambda: len(answers()) >= wanted, SECONDS)
    asyncio.run_coroutine_threadsafe(waiting, page.loop).result(SECONDS)
    name = next(each["name"] for each in words["zh-TW"]["kpis"] if each["id"] == "cac")
    assert [each for each in answers() if not each.startswith(f"{name} · ")] == []
