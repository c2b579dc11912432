"""Rows behind made-up files of orders, payments, deals, mails and answers. One with a `reason` is rightly no row."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

Made = Mapping[str, Any]
Row = SimpleNamespace

STAY = ("paid", "refunded", "partly", "open", "won", "lost", "sent")
"""States in which an order, a deal or a mail is a row."""
PEOPLE = [("Jane Doe", "jane"), ("김하늘", "haneul"), ("王小明", "ming"), ("Max Weber", "max"), ("佐藤 花", "hana")]


def orders(chance: random.Random, made: Made) -> list[Row]:
    """One or two orders a day, each of one to three `items`; every third one in the next of the `states`."""
    rows = []
    for number, at in enumerate(_moments(chance, made)):
        row = _placed(made, number, at)
        row.lines = [_line(chance, made, place) for place in range(chance.randrange(1, 4))]
        row.goods = sum((line.amount for line in row.lines), start=Decimal(0))
        row.shipping = Decimal(str(made.get("shipping", 0)))
        row.tax = (row.goods * Decimal(str(made.get("tax", 0)))).quantize(_coin(made))
        row.total = row.goods + row.shipping + row.tax
        row.refunded = _refunded(row, made)
        row.net = row.goods - min(row.refunded, row.goods)
        rows.append(row)
    return rows[::-1] if made.get("newest_first") else rows


def payments(chance: random.Random, made: Made) -> list[Row]:
    """Orders as an account has them: each with its fee, some paid back in a row of its own, and what is no sale."""
    rows = []
    for number, row in enumerate(orders(chance, made)):
        row.kind, row.gross, row.fee = made["kinds"]["sale"], row.total, (-row.total / 25).quantize(_coin(made))
        row.sender, row.receiver, row.net = row.email, "shop@northfield.example", row.total + row.fee
        rows.append(row)
        if row.state == "refunded":
            kind, gross = made["kinds"]["refund"], -row.total
            rows.append(_moved(row, made, number, (kind, gross, None)))
        for kind, sign in made["others"][number % 3 :: 3]:
            rows.append(_moved(row, made, number, (kind, sign * row.total / 2, "other_kind")))
    return rows


def deals(chance: random.Random, made: Made) -> list[Row]:
    """One or two deals a day; an open one has a close date too, which is a forecast."""
    rows = []
    for number, at in enumerate(_moments(chance, made)):
        row = _placed(made, number, at)
        row.company, row.title = f"{row.customer} & Co", f"Deal, {row.customer} {number}"
        row.amount = Decimal(chance.randrange(10, 900)) * 100 + Decimal(str(made.get("cents", 0)))
        row.closed = at + timedelta(days=chance.randrange(1, 20))
        row.won_at = row.closed if row.state == "won" else None
        row.lost_at = row.closed if row.state == "lost" else None
        row.is_won, row.is_closed = str(row.state == "won").lower(), str(row.state in {"won", "lost"}).lower()
        row.won_text, row.lost_text = (str(each) if each else "" for each in (row.won_at, row.lost_at))
        row.closed_text = row.won_text or row.lost_text
        row.owner, row.source = ("Ana Page", "Kim Lee")[number % 2], made["sources"][number % len(made["sources"])]
        row.why = "Price" if row.state == "lost" else ""
        rows.append(row)
    return rows


def mails(chance: random.Random, made: Made) -> list[Row]:
    """A mail most days. `delivered` is what was sent less what bounced."""
    rows = []
    for number, at in enumerate(_moments(chance, made)):
        row = _placed(made, number, at)
        row.title, row.sent = f"{made['title']} {number}", chance.randrange(900, 9000)
        row.hard, row.soft = chance.randrange(1, 30), chance.randrange(20)
        row.bounces, row.delivered = row.hard + row.soft, row.sent - row.hard - row.soft
        row.opens, row.clicks = row.delivered * 4 // 10, row.delivered // 20
        row.all_opens, row.all_clicks = row.opens * 2, row.clicks + 9
        row.unsubscribes, row.complaints = chance.randrange(20), chance.randrange(3)
        row.listed = made["lists"][number % len(made["lists"])]
        rows.append(row)
    return rows


def answers(chance: random.Random, made: Made) -> list[Row]:
    """Answers to the question from 0 to 10; every seventh has none."""
    ends = {0: made.get("least", "0"), 10: made.get("most", "10")}
    rows = []
    for number, at in enumerate(_moments(chance, made)):
        row = _placed(made, number, at)
        score = (0, 10)[number % 2] if number < 2 else chance.randrange(11)
        row.reason = "incomplete" if number % 7 == 6 else None
        row.score, row.label = Decimal(score), "" if row.reason else ends.get(score, str(score))
        row.started, row.started_utc = row.at - timedelta(minutes=4), row.utc - timedelta(minutes=4)
        row.korean = f"{at.year}. {at.month}. {at.day} {'오전' if at.hour < 12 else '오후'} {at:%I:%M:%S}"
        row.comment = "good,\nreally 👍" if number % 3 else ""
        rows.append(row)
    return rows


def _placed(made: Made, number: int, at: datetime) -> Row:
    """What stands for a whole order, deal or mail."""
    states: Mapping[str, str] = made.get("states", {"paid": ""})
    state = list(states)[number // 3 % len(states)] if number % 3 == 0 else next(iter(states))
    customer, name = PEOPLE[number % len(PEOPLE)]
    zone = ZoneInfo(made["zone"])
    row = Row(number=made.get("first_id", 1001) + number, at=at, day=at.date(), state=state, status=states[state])
    row.reason = None if state in STAY else made.get("reasons", {}).get(state, state)
    row.id = str(row.number)
    row.zoned, row.customer, row.email = at.replace(tzinfo=zone), customer, f"{name}@example.com"
    row.utc, row.member = row.zoned.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), f"m{number % len(PEOPLE):04}"
    row.flag = made.get("flags", {}).get(state, "")
    return row


def _moments(chance: random.Random, made: Made) -> Iterator[datetime]:
    """The times of a file; the last of October and the first of November lie beside midnight."""
    for day in (made["first"] + timedelta(days=number) for number in range(made["days"])):
        edge = {date(2026, 10, 31): time(23, 40, 5), date(2026, 11, 1): time(0, 20, 5)}.get(day)
        yield datetime.combine(day, edge or time(chance.randrange(8), chance.randrange(60), 7))
        if not edge and chance.random() < made.get("twice", 0.3):
            yield datetime.combine(day, time(chance.randrange(13, 23), chance.randrange(60), 9))


def _line(chance: random.Random, made: Made, place: int) -> Row:
    item, price = made["items"][(place + chance.randrange(9)) % len(made["items"])]
    quantity = chance.randrange(1, 4)
    return Row(line=place, item=item, quantity=quantity, price=price, amount=Decimal(str(price)) * quantity)


def _refunded(row: Row, made: Made) -> Decimal:
    if row.state == "refunded":
        return Decimal(row.total)
    return (row.total / 4).quantize(_coin(made)) if row.state == "partly" else Decimal(0)


def _moved(row: Row, made: Made, number: int, how: tuple[str, Decimal, str | None]) -> Row:
    """A row of an account that is no sale, an hour after one."""
    kind, gross, reason = how
    moved = Row(**vars(row))
    moved.kind, moved.gross, moved.reason = kind, Decimal(gross).quantize(_coin(made)), reason
    moved.id = f"{row.number}-{kind[:3]}{number}"
    moved.sender, moved.receiver, moved.fee, moved.net = row.receiver, row.email, Decimal(0), moved.gross
    moved.status = made["states"]["paid"]
    return moved


def _coin(made: Made) -> Decimal:
    return Decimal(str(made.get("coin", "0.01")))
