"""Made-up export files. `python tests/kpi_core/layouts/sample_files.py` writes them anew, byte for byte.

A made.yaml in each tool's folder says how the tool writes its files: a template a column, what stands above and below.
The rows come from a seed, and what is right about a file is taken from these rows, not from the file.
"""

from __future__ import annotations

import csv
import io
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from sold_rows import answers, deals, mails, orders, payments

SAMPLES = Path(__file__).parent / "samples"
Made = Mapping[str, Any]
"""A file of made.yaml."""
Row = SimpleNamespace
Fact = Mapping[str, object]
"""A row of the model as it must come out."""

WORKSPACES = {
    "america": {"timezone": "America/New_York", "currency": "USD", "locale": "en"},
    "germany": {"timezone": "Europe/Berlin", "currency": "EUR", "locale": "en"},
    "japan": {"timezone": "Asia/Tokyo", "currency": "JPY", "locale": "en"},
    "korea": {"timezone": "Asia/Seoul", "currency": "KRW", "locale": "ko"},
    "taiwan": {"timezone": "Asia/Taipei", "currency": "TWD", "locale": "zh-TW"},
}


def ad_days(chance: random.Random, made: Made) -> list[Row]:
    """One row a day and ad group, some days without any delivery; `coin` is the smallest amount."""
    coin = Decimal(str(made.get("coin", "0.01")))
    scale = 900 if coin == 1 else 1
    rows = []
    for day in days(made):
        for campaign, group in made["parts"]:
            if chance.random() < 0.12:
                continue
            impressions = chance.randrange(400, 9000)
            clicks = int(impressions * chance.uniform(0.01, 0.06))
            conversions = int(clicks * chance.uniform(0, 0.08))
            spend = (Decimal(clicks * chance.randrange(40, 290)) / 100 * scale).quantize(coin)
            value = (Decimal(conversions * chance.randrange(1800, 9900)) / 100 * scale).quantize(coin)
            row = Row(day=day, campaign=campaign, group=group, impressions=impressions, clicks=clicks, spend=spend)
            row.conversions, row.value, row.views = Decimal(conversions), value, impressions // chance.randrange(2, 6)
            row.all_clicks, row.ctr = clicks + chance.randrange(40), Decimal(clicks * 10000 // impressions) / 100
            rows.append(row)
    return rows


def visits(chance: random.Random, made: Made) -> list[Row]:
    """One row a day and channel; `parts` are channels, or source, medium and campaign."""
    rows = []
    for day in days(made):
        for where in made["parts"]:
            sessions = chance.randrange(20, 1900)
            users = int(sessions * chance.uniform(0.7, 0.95))
            new, engaged = int(users * chance.uniform(0.2, 0.8)), int(sessions * chance.uniform(0.4, 0.8))
            events = Decimal(int(engaged * chance.uniform(0, 0.1)))
            row = Row(day=day, sessions=sessions, users=users, new=new, engaged=engaged, events=events)
            row.rate, row.revenue = 1 - engaged / sessions, events * 39
            rows.append(Row(**vars(row), **dict(zip(("channel", "medium", "campaign"), where, strict=False))))
    return rows


def posts(chance: random.Random, made: Made) -> list[Row]:
    """A post most days, newest first; `first_id` is the id of the oldest."""
    rows = []
    for number, day in enumerate(days(made)):
        if chance.random() < 0.3:
            continue
        views, at = chance.randrange(900, 19000), time(chance.randrange(7, 22), chance.randrange(60))
        row = Row(id=str(made["first_id"] + number), day=day, at=datetime.combine(day, at), views=views)
        row.reach, row.likes, row.saves = int(views * 0.7), int(views * 0.03), int(views * 0.004)
        row.comments, row.shares, row.clicks = chance.randrange(70), chance.randrange(40), chance.randrange(90)
        row.engaged, row.midnight = row.likes + row.comments + row.shares, datetime.combine(day, time())
        rows.append(row)
    return rows[::-1]


def audience(chance: random.Random, made: Made) -> list[Row]:
    """A row a day of an account; the tool does not yet have the followers of the first day."""
    rows, followers = [], 10400
    for number, day in enumerate(days(made)):
        free, paid = chance.randrange(-8, 50) if number else 0, chance.randrange(4)
        followers += free
        row = Row(
            day=day, followers=followers if number else None, change=free, paid=paid, people=chance.randrange(99, 4000)
        )
        row.organic, row.both, row.old = abs(free), abs(free) + paid, row.people // 3
        row.state, row.new = followers if number else "undefined", row.people - row.old
        rows.append(row)
    return rows


KINDS: Mapping[str, Callable[[random.Random, Made], list[Row]]] = {
    "ad_days": ad_days,
    "visits": visits,
    "posts": posts,
    "audience": audience,
    "orders": orders,
    "payments": payments,
    "deals": deals,
    "mails": mails,
    "answers": answers,
}
TIMES = ("date", "published_at", "ordered_at", "created_at", "sent_at", "responded_at", "started_at")
"""The column of a model that says when a row was."""


def days(made: Made) -> list[date]:
    """The days of a file, in a row."""
    return [made["first"] + timedelta(days=number) for number in range(made["days"])]


def rows_of(made: Made) -> list[Row]:
    """The rows behind a file: the same for the same seed."""
    zone = WORKSPACES[made["workspace"]]["timezone"]
    return KINDS[made["of"]](random.Random(made["seed"]), {"zone": zone, **made})


def facts(made: Made) -> list[Fact]:
    """What the model must hold: each column by the name of what it is made of, or a constant after `=`."""
    taken = {column: str(name) for column, name in made["model"].items()}
    return [
        {column: name[1:] if name.startswith("=") else getattr(row, name) for column, name in taken.items()}
        for row in rows_of(made)
        if not getattr(row, "reason", None)
    ]


_ALONE = re.compile(r"\{r\.(\w+)\}(\|empty|\|german)?")


def filled(template: object, row: Row) -> object:
    """A cell: a value by itself stays a number, all else is text. `|empty` writes nothing for 0, `|german` 1.234,50.

    `|first` stands on the first line of an order only.
    """
    if str(template).endswith("|first"):
        return filled(str(template).removesuffix("|first"), row) if row.line == 0 else None
    alone = _ALONE.fullmatch(str(template))
    if not alone:
        return str(template).format(r=row)
    value = getattr(row, alone[1])
    if alone[2] == "|empty":
        return value or None
    return f"{value:,}".translate(str.maketrans(",.", ".,")) if alone[2] else value


def records(made: Made) -> list[list[object]]:
    """All lines of a file as the tool writes them."""
    rows, columns = rows_of(made), made["columns"]
    total = Row(count=len(rows), **sums(vars(row) for row in rows))
    totals = [[filled(cell, total) for cell in made["total"]]] if "total" in made else []
    body = [[filled(cell, line) for cell in columns.values()] for row in rows for line in lines_of(row, made)]
    body = totals + body if made.get("total_first") else body + totals
    return [*made.get("above", []), list(columns), *made.get("under", []), *body, *made.get("below", [])]


def lines_of(row: Row, made: Made) -> list[Row]:
    """The lines of a file that a row has: one, or with `lines` one for each of its items."""
    return [Row(**(vars(row) | vars(line))) for line in row.lines] if made.get("lines") else [row]


def content(made: Made, name: str) -> bytes:
    """The bytes of a file."""
    if name.endswith(".xlsx"):
        return workbook(made["sheet"], records(made))
    return text_file(records(made), made)


def plain_content(made: Made) -> bytes:
    """The table of a file by itself, as UTF-8 with commas."""
    keys = ("above", "under", "below", "total", "encoding", "delimiter")
    table = {key: value for key, value in made.items() if key not in keys}
    return text_file(records(table), table)


def text_file(lines: Iterable[Sequence[object]], made: Made) -> bytes:
    """Lines as text, in the encoding and with the delimiter of a file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=made.get("delimiter", ","), lineterminator="\r\n")
    if made.get("quoted"):
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(["" if cell is None else str(cell) for cell in record] for record in lines)
    return text.getvalue().encode(made.get("encoding", "utf-8-sig"))


def sums(of_rows: Iterable[Fact]) -> dict[str, int | Decimal]:
    """Each numeric column over all rows."""
    added: dict[str, int | Decimal] = {}
    for row in of_rows:
        for name, value in row.items():
            if isinstance(value, int | Decimal):
                added[name] = added.get(name, 0) + value
    return added


def expected(made: Made) -> dict[str, object]:
    """What is right about a file; amounts are texts, so that they stay exact. Questions are put for October 2026."""
    rows = facts(made)
    at_days = sorted(day_of(row) for row in rows)
    of_october = [row for row in rows if (day_of(row).year, day_of(row).month) == (2026, 10)]
    october = sums(of_october) | {"rows": sum(Decimal(str(row.get("revenue", 1))) > 0 for row in of_october)}
    asked = [
        {"ask": f"{kpi} 2026-10", "value": str(_added(october, columns))}
        for kpi, columns in made.get("asked", {}).items()
    ]
    return {
        "layout": made["layout"],
        "workspace": WORKSPACES[made["workspace"]],
        "rows": len(rows),
        "days": [at_days[0].isoformat(), at_days[-1].isoformat()],
        "left_out": _left_out(made),
        "sums": {name: str(value) for name, value in sums(rows).items()},
        "counts": {name: sum(row[name] is not None for row in rows) for name in made.get("counted", [])},
        "answers": asked,
    }


def _added(values: Mapping[str, int | Decimal], columns: str) -> int | Decimal:
    """Columns added up, those after a minus taken away."""
    signs = re.findall(r"([+-]?)(\w+)", columns)
    return sum(((-1 if sign == "-" else 1) * values.get(name, 0) for sign, name in signs), start=0)


def _left_out(made: Made) -> dict[str, int]:
    """Lines by the reason for which they are none."""
    counted: dict[str, int] = dict(made.get("left_out", {}))
    for row in rows_of(made):
        if reason := getattr(row, "reason", None):
            counted[reason] = counted.get(reason, 0) + len(lines_of(row, made))
    return counted


def day_of(fact: Fact) -> date:
    """The day of a row: its date, or that of the moment at which it was."""
    at = next(fact[name] for name in TIMES if name in fact)
    assert isinstance(at, date)
    return at.date() if isinstance(at, datetime) else at


_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(sheet: str, lines: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet: numbers as numbers, all else as text."""
    rows = [
        f'<row r="{line}">{"".join(_cell(cell, line, place) for place, cell in enumerate(record))}</row>'
        for line, record in enumerate(lines, start=1)
    ]
    parts = _PARTS | {
        "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>'
        f"{''.join(rows)}</sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            stamped = zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0))  # the same bytes at each run
            archive.writestr(stamped, f'<?xml version="1.0"?>\n{part}', zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _cell(value: object, line: int, place: int) -> str:
    if value is None or value == "":
        return ""
    name = f"{chr(ord('A') + place // 26 - 1) if place > 25 else ''}{chr(ord('A') + place % 26)}{line}"
    if isinstance(value, int | Decimal):
        return f'<c r="{name}"><v>{value}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def described(text: str) -> Mapping[str, Any]:
    """YAML, read by the C library where there is one: that takes an eighth of the time."""
    read: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


def write(folder: Path) -> None:
    """The files of one tool, and its expected.yaml."""
    files: Mapping[str, Made] = described((folder / "made.yaml").read_text("utf-8"))
    for name, made in files.items():
        (folder / name).write_bytes(content(made, name))
    right = {name: expected(made) for name, made in files.items()}
    text = yaml.dump(right, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)
    (folder / "expected.yaml").write_text(text, "utf-8")


class _Plain(yaml.SafeDumper):
    """YAML without anchors: each file's part is whole by itself."""

    def ignore_aliases(self, data: object) -> bool:
        return True


if __name__ == "__main__":
    for written in sorted(SAMPLES.glob("*/made.yaml")):
        write(written.parent)
