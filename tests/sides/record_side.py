"""Services whose rows are orders, deals or campaigns: each with its stand-in, and what is true at a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from kpi_core.loading.load import StoppedClock
from kpi_core.settings.values import Source
from kpi_core.sources import Covered, Raw, ReadRequest, reader_of
from kpi_core.sources.activecampaign import stand_in as activecampaign
from kpi_core.sources.api.stand_ins.crm import CRM
from kpi_core.sources.api.stand_ins.faults import Asked, Order, StandIn, Today
from kpi_core.sources.api.stand_ins.loopback import serving
from kpi_core.sources.api.stand_ins.mail import SENDER
from kpi_core.sources.api.stand_ins.shop import SHOP, ShopOrder
from kpi_core.sources.cafe24 import stand_in as cafe24
from kpi_core.sources.hubspot import stand_in as hubspot
from kpi_core.sources.mailchimp import stand_in as mailchimp
from kpi_core.sources.shopify import stand_in as shopify

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
ZONE = "Asia/Seoul"
Records = dict[str, tuple[Any, ...]]
"""By key: what the other columns have, numbers as numbers and moments as moments."""
Truth = Callable[[datetime, datetime, datetime], Records]
"""What there is of `[start, end)` at a moment."""


@dataclass(frozen=True, slots=True)
class RecordVendor:
    """A type of source with one account, and which requests bring its rows."""

    type: str
    table: str
    made: Callable[[Callable[[], datetime]], StandIn]
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    columns: tuple[str, ...]
    """The key, then what is compared."""
    truth: Truth
    brings_rows: Callable[[Asked], bool]
    day: str = "ordered_at"


def shop_orders(start: datetime, end: datetime, now: datetime) -> Iterator[ShopOrder]:
    return (order for order in SHOP.orders(start, end, now) if order.counts(now))


def _channel(order: ShopOrder) -> str:
    return " / ".join(order.visit[:2]) if order.visit else "direct"


def _shopify_orders(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        str(order.id): (
            order.created, str(order.customer) if order.customer else None, order.total, order.refunded(now), "KRW",
            _channel(order), order.visit[2] if order.visit else None,
        )
        for order in shop_orders(start, end, now)
    }  # fmt: skip


def _shopify_lines(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        f"gid://shopify/LineItem/{line.id}": (order.created, str(order.id), line.product, line.quantity, line.amount)
        for order in shop_orders(start, end, now)
        for line in order.lines
    }


_SHOPIFY = {
    "type": "shopify",
    "made": shopify.ShopifyStandIn,
    "options": {
        "shop": "hanok-goods",
        "client_id": "${SHOPIFY_CLIENT_ID}",
        "client_secret": "${SHOPIFY_CLIENT_SECRET}",
    },
    "environment": {"SHOPIFY_CLIENT_ID": shopify.CLIENT_ID, "SHOPIFY_CLIENT_SECRET": shopify.CLIENT_SECRET},
    "brings_rows": lambda asked: b"created_at:>=" in asked.body,
}


def _sold_by_mall(start: datetime, end: datetime, now: datetime) -> Iterator[ShopOrder]:
    orders = SHOP.orders(start, end, now)
    return (order for order in orders if order.is_paid(now) and not order.is_cancelled(now))


def _cafe24_orders(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        cafe24.order_number(order): (
            order.created, f"member{order.customer}" if order.customer else None, order.total, order.refunded(now),
            "KRW", "mobile" if order.id % 2 else "desktop",
        )
        for order in _sold_by_mall(start, end, now)
    }  # fmt: skip


def _cafe24_lines(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        f"{cafe24.order_number(order)}-{number:02d}": (
            order.created, cafe24.order_number(order), line.product, line.quantity, line.amount,
        )
        for order in _sold_by_mall(start, end, now)
        for number, line in enumerate(order.lines, start=1)
    }  # fmt: skip


def _deals(start: datetime, end: datetime, now: datetime) -> Records:
    deals = (deal for deal in CRM.records("deals", now, start) if start <= deal.created < end and deal.is_there(now))
    return {
        str(deal.id): (
            deal.created, str(min(deal.contacts)) if deal.contacts else None,
            deal.closes if deal.is_closed(now) and deal.is_won else None,
            deal.closes if deal.is_closed(now) and not deal.is_won else None,
            deal.amount, deal.currency or "KRW", deal.source,
        )
        for deal in deals
    }  # fmt: skip


def _contacts(start: datetime, end: datetime, now: datetime) -> Records:
    contacts = (each for each in CRM.records("contacts", now, start) if start <= each.created < end)
    return {
        str(contact.id): (
            contact.created, *([moment if moment <= now else None for moment in contact.steps] + [None] * 4)[:4],
            contact.source, contact.country,
        )
        for contact in contacts
        if contact.is_there(now)
    }  # fmt: skip


def _campaigns(start: datetime, end: datetime, now: datetime) -> Records:
    return {
        each.id: (
            each.sent_at, each.audience, each.sent, each.sent - each.hard - each.soft,
            each.so_far(each.opens, now) * (1 if mailchimp.has_human_opens(each) else 2), each.so_far(each.clicks, now),
            each.so_far(each.unsubscribes, now), each.hard + each.soft, each.complaints,
        )
        for each in SENDER.campaigns(start, end, now)
    }  # fmt: skip


_CAFE24 = {
    "type": "cafe24",
    "made": cafe24.Cafe24StandIn,
    "options": {
        "mall": "hanok",
        **{name: f"${{CAFE24_{name.upper()}}}" for name in ("client_id", "client_secret", "refresh_token")},
    },
    "environment": {
        "CAFE24_CLIENT_ID": cafe24.CLIENT_ID,
        "CAFE24_CLIENT_SECRET": cafe24.CLIENT_SECRET,
        "CAFE24_REFRESH_TOKEN": cafe24.FIRST_TOKEN,
    },
    "brings_rows": lambda asked: asked.path == "/api/v2/admin/orders" and asked.query.get("date_type") == "order_date",
}
RECORDS: dict[str, RecordVendor] = {
    "activecampaign": RecordVendor(
        "activecampaign",
        "email_campaigns",
        activecampaign.ActiveCampaignStandIn,
        {"account_name": activecampaign.ACCOUNT, "api_key": "${ACTIVECAMPAIGN_API_KEY}"},
        {"ACTIVECAMPAIGN_API_KEY": activecampaign.API_KEY},
        (
            *("campaign_id", "sent_at", "sent", "delivered", "unique_opens", "unique_clicks", "unsubscribes"),
            "bounces",
        ),
        lambda start, end, now: {key: (row[0], *row[2:8]) for key, row in _campaigns(start, end, now).items()},
        lambda asked: asked.path == "/api/3/campaigns",
        "sent_at",
    ),
    "cafe24": RecordVendor(
        table="orders",
        columns=("order_id", "ordered_at", "customer_id", "revenue", "refunded_amount", "currency", "device"),
        truth=_cafe24_orders,
        **_CAFE24,
    ),
    "cafe24 lines": RecordVendor(
        table="order_lines",
        columns=("line_id", "ordered_at", "order_id", "product", "quantity", "amount"),
        truth=_cafe24_lines,
        **_CAFE24,
    ),
    "hubspot": RecordVendor(
        "hubspot",
        "leads",
        hubspot.HubSpotStandIn,
        {"token": "${HUBSPOT_TOKEN}"},
        {"HUBSPOT_TOKEN": hubspot.TOKEN},
        ("lead_id", "created_at", "customer_id", "won_at", "lost_at", "amount", "currency", "channel"),
        _deals,
        lambda asked: asked.path.endswith("/search") and b"lastmodified" not in asked.body,
        "created_at",
    ),
    "hubspot contacts": RecordVendor(
        "hubspot",
        "leads",
        hubspot.HubSpotStandIn,
        {"token": "${HUBSPOT_TOKEN}", "objects": "contacts"},
        {"HUBSPOT_TOKEN": hubspot.TOKEN},
        ("lead_id", "created_at", "mql_at", "sql_at", "opportunity_at", "won_at", "channel", "region"),
        _contacts,
        lambda asked: asked.path.endswith("/search") and b"lastmodified" not in asked.body,
        "created_at",
    ),
    "mailchimp": RecordVendor(
        "mailchimp",
        "email_campaigns",
        mailchimp.MailchimpStandIn,
        {"api_key": "${MAILCHIMP_API_KEY}"},
        {"MAILCHIMP_API_KEY": mailchimp.API_KEY},
        (
            "campaign_id",
            "sent_at",
            "audience",
            "sent",
            "delivered",
            "unique_opens",
            "unique_clicks",
            "unsubscribes",
            "bounces",
            "spam_complaints",
        ),
        _campaigns,
        lambda asked: asked.path == "/3.0/reports",
        "sent_at",
    ),
    "shopify": RecordVendor(
        table="orders",
        columns=(
            "order_id",
            "ordered_at",
            "customer_id",
            "revenue",
            "refunded_amount",
            "currency",
            "channel",
            "campaign",
        ),
        truth=_shopify_orders,
        **_SHOPIFY,
    ),
    "shopify lines": RecordVendor(
        table="order_lines",
        columns=("line_id", "ordered_at", "order_id", "product", "quantity", "amount"),
        truth=_shopify_lines,
        **_SHOPIFY,
    ),
}


@dataclass(frozen=True, slots=True)
class PassingVault:
    """Secrets that last as long as a test."""

    sealed: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None

    def read(self, name: str) -> str | None:
        return self.sealed.get(name)

    def write(self, name: str, sealed: str, now: datetime) -> None:
        assert now.tzinfo
        self.sealed[name] = sealed

    @contextmanager
    def alone(self, name: str, now: datetime) -> Iterator[bool]:
        yield bool(name and now)


@dataclass(slots=True)
class RunningRecords:
    """A vendor that can be asked; `today` sets its clock and ours."""

    vendor: RecordVendor
    url: str
    order: Order
    today: Today
    state: Mapping[str, Any] = field(default_factory=dict)
    clock: StoppedClock | None = None
    """The clock of the last reading."""
    vault: PassingVault = field(default_factory=PassingVault)
    name: str = "records"
    """The source's."""

    @property
    def environment(self) -> dict[str, str]:
        return {f"KPI_{self.vendor.type.upper()}_API_URL": self.url, **self.vendor.environment}

    def reset(self) -> None:
        self.order.fault, self.order.times, self.order.cut_at, self.state = None, None, None, {}
        self.order.concerns = lambda _asked: True
        self.order.requests.clear()
        self.today.instant = NOW

    def read(self, options: Mapping[str, Any] | None = None, **changes: Any) -> tuple[Raw, Records]:
        vendor = self.vendor
        source = Source(self.name, vendor.type, vendor.table, options={**vendor.options, **(options or {})})
        with TemporaryDirectory() as folder, duckdb.connect() as into:
            self.clock = StoppedClock(self.today.instant)
            request = ReadRequest(
                source, Path(folder), Path(folder), self.environment, clock=self.clock, zone=ZONE,
                states=lambda: {self.name: self.state}, **{"vault": self.vault, **changes},
            )  # fmt: skip
            raw = reader_of(vendor.type)(request, into)
            rows = into.execute(f"SELECT {', '.join(vendor.columns)} FROM source").fetchall()
        records = {str(key): tuple(map(understood, rest)) for key, *rest in rows}
        assert len(records) == len(rows)
        return raw, records

    def truth(self, raw: Raw) -> Records:
        """What there is now of the days that were covered."""
        records: Records = {}
        for window in raw.covers or ():
            records |= self.truth_of(window)
        return records

    def truth_of(self, window: Covered) -> Records:
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
            for day in (window.first, window.last + timedelta(days=1))
        )
        return self.vendor.truth(start, end, self.today.instant)

    def put(self, stored: Records, raw: Raw, records: Records) -> Records:
        """What a load makes of stored records: what is covered is replaced, and so is what has the same key."""
        place = self.vendor.columns.index(self.vendor.day, 1) - 1
        spans = [(window.first, window.last) for window in raw.covers or ()]
        staying = {
            key: record
            for key, record in stored.items()
            if not any(first <= _day(record[place]) <= last for first, last in spans)
        }
        return staying | records


def _day(moment: datetime | str) -> date:
    if isinstance(moment, str):
        return date.fromisoformat(moment)
    return moment.astimezone(ZoneInfo(ZONE)).date()


def understood(text: Any) -> Any:
    """A text as what it says."""
    if text is None:
        return None
    if str(text)[4:5] == "-" and "T" in str(text):
        return datetime.fromisoformat(str(text))
    try:
        return Decimal(str(text)) if not str(text).startswith("+") else text
    except ArithmeticError:
        return text


def alike(records: Records) -> Records:
    """The same with all numbers and texts understood, to be compared."""
    return {key: tuple(map(understood, record)) for key, record in records.items()}


@contextmanager
def running_records(vendor: RecordVendor) -> Iterator[RunningRecords]:
    today = Today(NOW)
    with serving(vendor.made(today)) as served:
        yield RunningRecords(vendor, served.url, served.order, today)
