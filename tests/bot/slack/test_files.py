"""Files sent to the bot in a direct message: added, asked about with buttons, loaded; once, and from whom may."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from slack_side import bot_messages, run, said

from bot.running.inbox import Inbox
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services
from bot.workspace import Workspace, settings_of
from kpi_core.access.operator import OPERATOR

from golden import matches_golden

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FIRM = """\
company: Made up
timezone: Asia/Seoul
currency: USD
add_data: {users: [U0ALEX, U0MINA, U0WEI], groups: [S0FINANCE]}
"""
META = """\
Campaign name,Day,Impressions,Link clicks,Amount spent (USD),Purchases,Reporting starts,Reporting ends
,,500,10,30.25,3,2026-10-01,2026-10-02
"Sale <b>, autumn",2026-10-01,200,4,10.25,1,2026-10-01,2026-10-01
"Sale <b>, autumn",2026-10-02,300,6,20.00,2,2026-10-02,2026-10-02
"""
LATER = META.replace("2026-10-0", "2026-10-1")
LEADS = "Record ID,Email,Lifecycle Stage,Original Source,Create Date\n1,a@example.com,lead,Email,11/03/26\n"
Talk = Callable[[LocalSlack], Awaitable[None]]


class Firm:
    """A firm's folder with a bot on it; `talk` begins a process anew."""

    def __init__(self, folder: Path, settings: str = FIRM) -> None:
        self.config = folder / "kpi.yaml"
        self.config.write_text(settings, "utf-8")

    def services(self) -> Services:
        settings = settings_of(self.config)
        workspace = Workspace(settings, {}, config=self.config)
        return Services(workspace.door, settings, lambda: NOW, inbox=Inbox(workspace, self.config, lambda: NOW))

    def talk(self, talk: Talk) -> None:
        run(talk, self.services())

    def value(self, question: str) -> float | None:
        workspace = Workspace(settings_of(self.config), {})
        door = workspace.door(OPERATOR)
        answer = door.answer(door.question(question, NOW), NOW)
        workspace.close()
        return answer.value

    @property
    def text(self) -> str:
        return self.config.read_text("utf-8")

    @property
    def files(self) -> list[str]:
        folder = self.config.parent / "uploads"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path)


async def sent(slack: LocalSlack, *files: tuple[str, str | bytes], user: str = "alex", count: int = 1) -> Message:
    """Send files to the bot; its newest card, once it has answered `count` more times."""
    before = len(bot_messages(slack))
    given = [(name, content.encode() if isinstance(content, str) else content) for name, content in files]
    ack = await slack.acting.upload(user, "dm", given)
    assert ack.acked
    return (await said(slack, before + count))[-1]


async def pressed(slack: LocalSlack, message: Message, label: str, user: str = "alex") -> Message:
    """Press a button by what it says; the message, once it has changed."""
    button = next(each for each in elements_of(message) if each["text"]["text"] == label)
    before = message.text
    await slack.acting.press(user, "dm", message.ts, button["action_id"], button["value"])
    return await slack.until(lambda: message if message.text != before else None)


def labels(message: Message) -> list[str]:
    return [each["text"]["text"] for each in elements_of(message)]


def test_an_export_is_added_and_loaded(firm: Firm) -> None:
    """The card says what it is, what is left out and what is ready; its source reads what comes next, too."""

    async def talk(slack: LocalSlack) -> None:
        card = await sent(slack, ("Report: 10/2026.csv", META))
        assert "Meta Ads, by day" in card.text
        assert "1 row left out: totals" in card.text
        assert "KPIs ready" in card.text
        later = await sent(slack, ("later.csv", LATER))
        assert "2 rows, 11 October 2026 to 12 October 2026" in later.text

    firm.talk(talk)
    assert firm.value("ad_spend 2026-10") == pytest.approx(60.5)
    assert firm.text.count("path: uploads/*") == 1
    assert firm.text.startswith(FIRM)
    assert firm.files == ["2026.csv", "later.csv"]


def test_a_packed_export_has_a_card_for_each_table(firm: Firm) -> None:
    """It goes the road of its tables; one with a password says so, and nothing stays of it."""
    archive = io.BytesIO()
    with ZipFile(archive, "w") as packed:
        packed.writestr("October.csv", META)
        packed.writestr("people.csv", "name,town\nann,paris\n")
    locked = bytearray(archive.getvalue())
    locked[locked.index(b"PK\x03\x04") + 6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1

    async def talk(slack: LocalSlack) -> None:
        last = await sent(slack, ("meta.zip", archive.getvalue()), count=2)
        texts = sorted(each.text for each in bot_messages(slack)[-2:])
        assert last.text in texts
        assert any("Meta Ads, by day" in text for text in texts)
        assert any("people-meta.csv" in text for text in texts)
        assert "has a password" in (await sent(slack, ("locked.zip", bytes(locked)))).text

    firm.talk(talk)
    assert firm.value("ad_spend 2026-10") == pytest.approx(30.25)
    assert firm.files == ["October-meta.csv", "people-meta.csv"]


def test_a_question_is_put_with_buttons(firm: Firm) -> None:
    """Nothing of the file is loaded before its answer; then the question gives way to what was read."""

    async def talk(slack: LocalSlack) -> None:
        card = await sent(slack, ("leads.csv", LEADS))
        assert "“11/03/26”: which comes first?" in card.text
        assert labels(card) == ["3 November 2026", "11 March 2026"]
        assert "sources" not in firm.text
        after = await pressed(slack, card, "3 November 2026")
        assert "1 row, 3 November 2026 to 3 November 2026" in after.text
        assert labels(after) == []

    firm.talk(talk)
    assert "dates: mdy" in firm.text
    assert firm.value("leads 2026-11-03") == 1


def test_a_process_that_ends_before_the_answer(firm: Firm) -> None:
    """The next one takes the answer: the button carries the question, the folder has the file."""
    seen: list[dict[str, Any]] = []

    async def ask(slack: LocalSlack) -> None:
        seen.extend(elements_of(await sent(slack, ("leads.csv", LEADS))))

    async def answer(slack: LocalSlack) -> None:
        workspace = slack.workspace
        direct = workspace.direct("U0ALEX")
        blocks = [
            {"type": "actions", "elements": [{key: seen[0][key] for key in ("type", "text", "action_id", "value")}]}
        ]
        card = workspace.add(Message(workspace.new_ts(), direct.id, "U0KPIBOT", "asked before", blocks))
        await pressed(slack, card, "3 November 2026")
        again = workspace.add(Message(workspace.new_ts(), direct.id, "U0KPIBOT", "asked before", blocks))
        assert "Already read by" in (await pressed(slack, again, "3 November 2026")).text

    firm.talk(ask)
    firm.talk(answer)
    assert firm.value("leads 2026-11-03") == 1
    assert firm.text.count("hubspot") == 2  # the source's name and its layout


def test_the_same_file_twice(firm: Firm) -> None:
    """It is kept once, counts once, and kpi.yaml stays as it was; another file of its name lies beside it."""

    async def talk(slack: LocalSlack) -> None:
        await sent(slack, ("meta.csv", META))
        before = firm.text
        assert "Already read by meta_ads" in (await sent(slack, ("copy of meta.csv", META))).text
        assert firm.text == before
        await sent(slack, ("meta.csv", LATER))

    firm.talk(talk)
    assert firm.files == ["meta-2.csv", "meta.csv"]
    assert firm.value("ad_spend 2026-10") == pytest.approx(60.5)


def test_several_files_at_once(firm: Firm) -> None:
    """Each gets its own card; what is none of ours is said and left alone."""

    async def talk(slack: LocalSlack) -> None:
        files = [("meta.csv", META), ("cat.png", b"\x89PNG\x00"), ("leads.csv", LEADS), ("../../kpi.yaml", "a: b\n")]
        await sent(slack, *files, count=4)
        texts = [message.text for message in bot_messages(slack)]
        assert [text.splitlines()[0].partition(":")[0] for text in texts] == [
            name.rpartition("/")[2] for name, _ in files
        ]
        assert sum("not one of the tables" in text for text in texts) == 2

    firm.talk(talk)
    assert firm.text.startswith(FIRM)
    assert firm.value("ad_spend 2026-10") == pytest.approx(30.25)


def test_a_channel_that_is_on_no_list(firm: Firm) -> None:
    """It is asked once, written into kpi.yaml, and the file is loaded by it."""

    async def talk(slack: LocalSlack) -> None:
        orders = "order number,order date,email,channel,total\n1,2026-10-03,a@example.com,Zorp,12\n"
        card = await sent(slack, ("meta.csv", META.replace("Campaign name,", "Campaign name,").replace("Day", "Day")))
        card = await sent(slack, ("orders.csv", orders))
        while "Is this right" in card.text:
            card = await pressed(slack, card, "Yes")
        if "Which channel is “Zorp”?" in card.text:
            assert labels(card)[-1] == "Leave it as it is"
            await pressed(slack, card, "Email")

    firm.config.write_text(FIRM + "channels: {Paid Social: [fb]}\n", "utf-8")
    firm.talk(talk)
    assert "Zorp" in firm.text
    assert firm.value("sales_revenue 2026-10 where channel=Email") == 12


def test_who_is_not_named_adds_nothing(tmp_path: Path) -> None:
    """Nobody by default; the card says what to write, with the sender's own id. A group's members may."""
    firm = Firm(tmp_path, FIRM.replace("add_data: {users: [U0ALEX, U0MINA, U0WEI], groups: [S0FINANCE]}\n", ""))

    async def refused(slack: LocalSlack) -> None:
        assert "add_data: {users: [U0ALEX]}" in (await sent(slack, ("meta.csv", META))).text

    async def by_group(slack: LocalSlack) -> None:
        assert "add_data: {users: [U0ALEX]}" in (await sent(slack, ("meta.csv", META))).text
        assert "메타 광고" in (await sent(slack, ("meta.csv", META), user="mina")).text

    firm.talk(refused)
    assert firm.files == []
    firm.config.write_text(firm.text + "add_data: {groups: [S0FINANCE]}\n", "utf-8")
    firm.talk(by_group)
    assert firm.files == ["meta.csv"]


def test_a_guest_of_another_workspace_adds_nothing(firm: Firm) -> None:
    """Also one whose id is named."""

    async def talk(slack: LocalSlack) -> None:
        slack.workspace.users["U0ALEX"].team = "T0OTHER"
        assert "Meta Ads" not in (await sent(slack, ("meta.csv", META))).text

    firm.talk(talk)
    assert firm.files == []


def test_without_the_scope_it_is_named(firm: Firm) -> None:
    """Slack leads to its sign-in page instead of an error: that page is no file."""

    async def talk(slack: LocalSlack) -> None:
        slack.workspace.scopes.discard("files:read")
        assert "files:read" in (await sent(slack, ("meta.csv", META))).text

    firm.talk(talk)
    assert firm.files == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"size": 60 * 2**20}, "more than 50 MB"),
        ({"mode": "external"}, "no file that can be fetched"),
        ({"url_private_download": "https://files.example.com/x.csv"}, "no file that can be fetched"),
        ({"url_private_download": "https://slack.com.example.com/x.csv"}, "no file that can be fetched"),
    ],
)
def test_what_is_not_fetched(firm: Firm, changed: dict[str, Any], told: str) -> None:
    """Too large, kept elsewhere, or at an address that is none of Slack's: the token goes nowhere else."""

    async def talk(slack: LocalSlack) -> None:
        make = slack.workspace.new_file

        def other(*given: Any) -> dict[str, Any]:
            file = make(*given)
            file.update(changed)
            return file

        slack.workspace.new_file = other  # type: ignore[method-assign]
        assert told in (await sent(slack, ("meta.csv", META))).text
        assert [call for call in slack.requests if call["method"] == "files"] == []

    firm.talk(talk)
    assert firm.files == []


def test_a_file_that_only_its_id_is_known_of(firm: Firm) -> None:
    """An event may name it alone; then Slack is asked."""

    async def talk(slack: LocalSlack) -> None:
        make = slack.workspace.new_file

        def bare(*given: Any) -> dict[str, Any]:
            return {"id": make(*given)["id"], "file_access": "check_file_info"}

        slack.workspace.new_file = bare  # type: ignore[method-assign]
        assert "Meta Ads, by day" in (await sent(slack, ("meta.csv", META))).text

    firm.talk(talk)
    assert firm.files == ["meta.csv"]


def test_a_button_of_nobody_s_making(firm: Firm) -> None:
    """What carries no file of the inbox changes nothing and says so."""

    async def talk(slack: LocalSlack) -> None:
        workspace = slack.workspace
        for value in ("{}", "no json", json.dumps({"file": "../kpi.yaml"}), json.dumps({"file": "gone.csv"})):
            button = {
                "type": "button",
                "text": {"type": "plain_text", "text": "x"},
                "action_id": "kpi_add",
                "value": value,
            }
            message = Message(workspace.new_ts(), workspace.direct("U0ALEX").id, "U0KPIBOT", "q", [
                {"type": "actions", "elements": [button]}
            ])  # fmt: skip
            assert "Meta" not in (await pressed(slack, workspace.add(message), "x")).text

    firm.talk(talk)
    assert firm.text == FIRM


@pytest.mark.parametrize(("user", "locale"), [("alex", "en"), ("mina", "ko"), ("wei", "zh-TW")])
def test_cards_in_three_languages(firm: Firm, user: str, locale: str) -> None:
    """The first rows as understood in a table, then what is ready, or the question with its buttons."""

    async def talk(slack: LocalSlack) -> None:
        meta = await sent(slack, ("meta.csv", META), user=user)
        leads = await sent(slack, ("leads.csv", LEADS), user=user)
        cards = [{"text": card.text, "blocks": card.blocks} for card in (meta, leads)]
        matches_golden(f"add/slack.{locale}.json", json.dumps(cards, ensure_ascii=False, indent=1) + "\n")

    firm.talk(talk)
