"""The local Slack refuses the blocks that Slack refuses, at Slack's limits and in its words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.block_rules.problems import problems

Block = dict[str, Any]


def plain(length: int) -> Block:
    return {"type": "plain_text", "text": "x" * length}


def marked(length: int) -> Block:
    return {"type": "mrkdwn", "text": "x" * length}


def button(text: int = 5, **more: Any) -> Block:
    return {"type": "button", "text": plain(text), "action_id": "a", **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def named(count: int) -> list[Block]:
    return [button() | {"action_id": f"a{number}"} for number in range(count)]


def select(options: int, text: int = 5, value: int = 5) -> Block:
    option = {"text": plain(text), "value": "v" * value}
    return {"type": "static_select", "action_id": "a", "options": [option] * options}


def overflow(options: int) -> Block:
    return select(options) | {"type": "overflow"}


def cells(columns: int, kind: str = "raw_text", text: str = "x") -> list[Block]:
    return [{"type": kind, "text": text} for _ in range(columns)]


def table(rows: int, columns: int = 2, text: str = "x") -> Block:
    return {"type": "table", "rows": [cells(columns, text=text) for _ in range(rows)]}


def data_table(rows: int, columns: int = 2, **more: Any) -> Block:
    return {"type": "data_table", "caption": "c", "rows": [cells(columns) for _ in range(rows)], **more}


def lines(points: int, series: int = 1, kind: str = "line", label: str = "p{}", title: int = 5) -> Block:
    labels = [label.format(number) for number in range(points)]
    data = [{"label": each, "value": 1.5} for each in labels]
    drawn = [{"name": f"s{number}", "data": data} for number in range(series)]
    return {
        "type": "data_visualization",
        "title": "t" * title,
        "chart": {"type": kind, "series": drawn, "axis_config": {"categories": labels}},
    }


def pie(segments: int, value: float = 1) -> Block:
    parts = [{"label": f"p{number}", "value": value} for number in range(segments)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": parts}}


def container(children: int, child: Block | None = None) -> Block:
    return {"type": "container", "title": plain(5), "child_blocks": [child or {"type": "divider"}] * children}


def image(alt: int = 5, **more: Any) -> Block:
    return {"type": "image", "alt_text": "a" * alt, "image_url": "https://example.org/a.png", **more}


RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
TEXT_INPUT = {"type": "plain_text_input", "action_id": "a"}

LIMITS: list[tuple[str, Block, Block]] = [
    ("header", {"type": "header", "text": plain(150)}, {"type": "header", "text": plain(151)}),
    ("header kind", {"type": "header", "text": plain(1)}, {"type": "header", "text": marked(1)}),
    ("section", {"type": "section", "text": marked(3000)}, {"type": "section", "text": marked(3001)}),
    ("section empty", {"type": "section", "text": marked(1)}, {"type": "section", "text": marked(0)}),
    ("section none", {"type": "section", "fields": [marked(1)]}, {"type": "section"}),
    ("fields", {"type": "section", "fields": [marked(1)] * 10}, {"type": "section", "fields": [marked(1)] * 11}),
    ("field", {"type": "section", "fields": [marked(2000)]}, {"type": "section", "fields": [marked(2001)]}),
    ("context", {"type": "context", "elements": [marked(1)] * 10}, {"type": "context", "elements": [marked(1)] * 11}),
    ("actions", actions(*named(25)), actions(*named(26))),
    ("action ids", actions(*named(2)), actions(button(), button())),
    ("button", actions(button(75)), actions(button(76))),
    ("button value", actions(button(value="v" * 2000)), actions(button(value="v" * 2001))),
    ("button url", actions(button(url="u" * 3000)), actions(button(url="u" * 3001))),
    ("button style", actions(button(style="primary")), actions(button(style="loud"))),
    ("button unknown", actions(button()), actions(button(colour="red"))),
    ("action_id", actions(button(action_id="i" * 255)), actions(button(action_id="i" * 256))),
    ("block_id", {"type": "divider", "block_id": "i" * 255}, {"type": "divider", "block_id": "i" * 256}),
    ("select", actions(select(100)), actions(select(101))),
    ("option text", actions(select(1, text=75)), actions(select(1, text=76))),
    ("option value", actions(select(1, value=150)), actions(select(1, value=151))),
    ("overflow", actions(overflow(5)), actions(overflow(6))),
    ("divider", {"type": "divider"}, {"type": "divider", "text": "x"}),
    ("image alt", image(2000), image(2001)),
    ("image source", image(), image(slack_file={"id": "F1"})),
    ("markdown", {"type": "markdown", "text": "x" * 12_000}, {"type": "markdown", "text": "x" * 12_001}),
    ("table rows", table(100), table(101)),
    ("table columns", table(2, 20), table(2, 21)),
    ("table cell", table(2), table(2, text="")),
    ("table size", table(100, 2, "x" * 50), table(100, 2, "x" * 51)),
    ("data_table rows", data_table(101), data_table(102)),
    ("data_table header", data_table(2), data_table(1)),
    ("data_table columns", data_table(2, 20), data_table(2, 21)),
    ("data_table page", data_table(2, page_size=100), data_table(2, page_size=101)),
    ("data_table page 0", data_table(2, page_size=1), data_table(2, page_size=0)),
    ("data_table caption", data_table(2), data_table(2) | {"caption": ""}),
    ("data_table lengths", data_table(2), {"type": "data_table", "caption": "c", "rows": [cells(2), cells(3)]}),
    (
        "data_table rich header",
        {"type": "data_table", "caption": "c", "rows": [cells(1), [RICH]]},
        {"type": "data_table", "caption": "c", "rows": [[RICH], cells(1)]},
    ),
    (
        "data_table number",
        {
            "type": "data_table",
            "caption": "c",
            "rows": [cells(1), [{"type": "raw_number", "value": 1.5, "text": "1.5"}]],
        },
        {"type": "data_table", "caption": "c", "rows": [cells(1), [{"type": "raw_number", "value": "1.5"}]]},
    ),
    ("chart points", lines(20), lines(21)),
    ("chart series", lines(3, 6, "bar"), lines(3, 7, "bar")),
    ("chart kind", lines(3, kind="area"), lines(3, kind="scatter")),
    ("chart label", lines(1, label="l" * 20), lines(1, label="l" * 21)),
    ("chart title", lines(2, title=50), lines(2, title=51)),
    ("pie segments", pie(6), pie(7)),
    ("pie value", pie(1, 0.1), pie(1, 0)),
    ("container", container(10), container(11)),
    ("container child", container(1, {"type": "header", "text": plain(3)}), container(1, data_table(2))),
    ("rich_text", RICH, {"type": "rich_text", "elements": [{"type": "section"}]}),
    (
        "input",
        {"type": "input", "label": plain(2000), "element": TEXT_INPUT},
        {"type": "input", "label": plain(2001), "element": TEXT_INPUT},
    ),
    (
        "input element",
        {"type": "input", "label": plain(1), "element": TEXT_INPUT},
        {"type": "input", "label": plain(1)},
    ),
    ("type", {"type": "divider"}, {"type": "carousel"}),
]


@pytest.mark.parametrize(("fits", "too_much"), [each[1:] for each in LIMITS], ids=[each[0] for each in LIMITS])
def test_a_block_is_taken_at_its_limit_and_refused_beyond(fits: Block, too_much: Block) -> None:
    """What Slack documents as the most is accepted, one more is refused with the place named."""
    assert problems([fits]) == []
    found = problems([too_much])
    assert found
    assert all(line.startswith("[ERROR] ") and "[json-pointer:/blocks" in line for line in found)


@pytest.mark.parametrize(
    ("fits", "too_much", "surface"),
    [
        ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51, "message"),
        ([{"type": "divider"}] * 100, [{"type": "divider"}] * 101, "modal"),
        ([{"type": "divider"}] * 100, [{"type": "divider"}] * 101, "home"),
        ([table(1)], [table(1), table(1)], "message"),
        ([lines(2), pie(2)], [lines(2), pie(2), pie(2)], "message"),
        ([{"type": "markdown", "text": "x" * 6000}] * 2, [{"type": "markdown", "text": "x" * 6001}] * 2, "message"),
        ([{"type": "divider", "block_id": "a"}], [{"type": "divider", "block_id": "a"}] * 2, "message"),
        ([], [None], "message"),
        ([], {"type": "divider"}, "message"),
    ],
)
def test_a_message_as_a_whole_has_limits(fits: Any, too_much: Any, surface: Any) -> None:
    """Some limits count over all blocks."""
    assert problems(fits, surface) == []
    assert problems(too_much, surface)


def test_a_problem_is_said_as_slack_says_it() -> None:
    """The message and its JSON pointer are Slack's."""
    assert problems([{"type": "section", "text": marked(3001)}]) == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert problems([{"type": "section", "text": marked(0)}]) == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_a_workspace_without_the_new_blocks_refuses_them() -> None:
    """While Slack rolls a block out, some workspaces do not know it."""
    assert problems([lines(2)]) == []
    assert problems([lines(2)], unsupported={"data_visualization"}) == [
        "[ERROR] unsupported type: data_visualization [json-pointer:/blocks/0/type]"
    ]
