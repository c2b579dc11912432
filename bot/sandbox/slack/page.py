"""The page at /: what stands in the channels, to read only. Every text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape, unescape

from bot.sandbox.slack.slack_workspace import Channel, Json, Message, Workspace

# It is looked for in text that is escaped already: a mention must never bring markup of its own.
MENTION = re.compile(r"&lt;@([A-Z0-9]+)(?:\|[^&]*)?&gt;")
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:56rem;padding:1.5rem;color:#1d1c1d;background:#fff}
h1{font-size:1.2rem}h2{font-size:1rem;margin:2rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid #ddd}
article{margin:.75rem 0;padding-left:.75rem;border-left:3px solid #e8e8e8}.bot{border-color:#36c5f0}
.only{background:#f8f8f8}.who{font-weight:600}small{color:#616061;font-weight:400}h3{margin:.25rem 0;font-size:1.05rem}
p{margin:.25rem 0;white-space:pre-wrap}table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}
td,th{border:1px solid #ddd;padding:.15rem .6rem;text-align:left}.n{text-align:right}
.b{display:inline-block;border:1px solid #bbb;border-radius:4px;padding:0 .6rem;margin:.25rem .4rem 0 0;font-size:.9rem}
@media(prefers-color-scheme:dark){body{background:#1a1d21;color:#e8e8e8}.only{background:#222529}
small{color:#ababad}h2,td,th{border-color:#444}article{border-color:#444}.bot{border-color:#36c5f0}}
"""


def page(workspace: Workspace) -> str:
    """The whole page."""
    channels = "".join(_channel(workspace, channel) for channel in workspace.channels.values())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=5>"
        f"<meta name=viewport content='width=device-width'><title>Local Slack</title><style>{STYLE}</style>"
        f"<h1>Local Slack</h1><p>What stands in each channel. Only on this machine, gone when it stops.</p>{channels}"
    )


def _channel(workspace: Workspace, channel: Channel) -> str:
    messages = [message for message in workspace.messages if message.channel == channel.id]
    if channel.kind == "im":
        title = f"{workspace.users[channel.user].real_name} with KPI Bot"
    else:
        title = f"#{channel.name}" + (" (private)" if channel.kind == "group" else "")
    if not messages and channel.kind != "channel":
        return ""
    inside = "".join(_message(workspace, message) for message in messages) or "<p><small>Nothing yet.</small></p>"
    return f"<section><h2>{_text(title)}</h2>{inside}</section>"


def _message(workspace: Workspace, message: Message) -> str:
    user = workspace.users.get(message.user)
    who = user.real_name if user else message.user
    notes = [f"{datetime.fromtimestamp(float(message.ts), UTC):%d %b %H:%M:%S} UTC"]
    if message.to:
        notes.append(f"only visible to {workspace.users[message.to].real_name}")
    if message.thread_ts:
        notes.append("in a thread")
    if message.edited:
        notes.append("edited")
    kind = " ".join(["bot"] * bool(user and user.is_bot) + ["only"] * bool(message.to))
    body = "".join(part for block in message.blocks for part in _block(block)) or f"<p>{_text(message.text)}</p>"
    head = f"<div class=who>{_text(who)} <small>{_text(' · '.join(notes))}</small></div>"
    named = MENTION.sub(lambda mention: f"@{_name(workspace, mention[1])}", body)
    return f'<article class="{kind}">{head}{named}</article>'


def _name(workspace: Workspace, user_id: str) -> str:
    user = workspace.users.get(user_id)
    return escape(user.name if user else user_id)


def _block(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind == "header":
        yield f"<h3>{_text(block['text']['text'])}</h3>"
    elif kind == "section":
        yield from (f"<p>{_text(part['text'])}</p>" for part in [block.get("text"), *block.get("fields", [])] if part)
        yield from _buttons([block["accessory"]] if "accessory" in block else [])
    elif kind == "context":
        words = " · ".join(str(element.get("text") or element.get("alt_text") or "") for element in block["elements"])
        yield f"<p><small>{_text(words)}</small></p>"
    elif kind == "markdown":
        yield f"<p>{_text(block['text'])}</p>"
    elif kind in {"table", "data_table"}:
        yield _table(block)
    elif kind == "data_visualization":
        yield _chart(block)
    elif kind == "actions":
        yield from _buttons(block["elements"])
    elif kind == "container":
        yield f"<p><b>{_text(block.get('title', {}).get('text', ''))}</b></p>"
        yield from (part for child in block["child_blocks"] for part in _block(child))
    elif kind == "divider":
        yield "<hr>"
    else:
        yield f"<p><small>{_text(str(kind))}</small></p>"


def _buttons(elements: list[Json]) -> Iterator[str]:
    for element in elements:
        label = element.get("text", {}).get("text") or element.get("alt_text")
        options = [option["text"]["text"] for option in element.get("options", [])]
        yield f"<span class=b>{_text(label or ' / '.join(options) or '⋯')}</span>"


def _table(block: Json) -> str:
    rows = []
    for index, row in enumerate(block["rows"]):
        tag = "th" if index == 0 else "td"
        cells = (
            f"<{tag}{' class=n' if cell.get('type') == 'raw_number' else ''}>{_text(_cell(cell))}</{tag}>"
            for cell in row
        )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<p><small>{_text(block['caption'])}</small></p>" if "caption" in block else ""
    return f"{caption}<table>{''.join(rows)}</table>"


def _cell(cell: Json) -> str:
    return str(cell.get("text") or cell.get("value") or "")


def _chart(block: Json) -> str:
    """A chart as its numbers."""
    chart = block["chart"]
    if chart["type"] == "pie":
        rows = [["", ""], *([segment["label"], segment["value"]] for segment in chart["segments"])]
    else:
        names = [series["name"] for series in chart["series"]]
        columns = [[point["value"] for point in series["data"]] for series in chart["series"]]
        rows = [["", *names], *map(list, zip(chart["axis_config"]["categories"], *columns, strict=True))]
    cells = [[{"type": "raw_text", "text": str(value)} for value in row] for row in rows]
    return _table({"caption": f"{chart['type']} chart: {block['title']}", "rows": cells})


def _text(text: str) -> str:
    """Slack's own escapes undone, then escaped for the page."""
    return escape(unescape(text))
