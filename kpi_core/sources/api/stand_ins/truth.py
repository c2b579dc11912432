"""A made-up advertiser: what each of its ad groups did on a day, as a service would tell it some days later. Pure.

Conversions are booked to the day of the click and come in for weeks, cost settles within three days, a few rows are
taken back, and days without anything have no row at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zlib import crc32

from kpi_core.frozen_dataclass import frozen

_SETTLED_AFTER = 25


@frozen
class AdAccount:
    id: str
    name: str
    currency: str = "KRW"
    zone: str = "Asia/Seoul"


@frozen
class AdGroup:
    """An ad group with its campaign."""

    id: str
    name: str
    campaign_id: str
    campaign: str


@frozen
class AdRow:
    """One ad group and day. Amounts are in the account's currency."""

    group: AdGroup
    day: date
    impressions: int
    clicks: int
    spend: Decimal
    conversions: int
    value: Decimal


ACCOUNTS = (
    AdAccount("1001", "Hanok Goods"),
    AdAccount("1002", "Hanok Taiwan", "TWD", "Asia/Taipei"),
    AdAccount("1003", "Hanok Global", "USD", "America/New_York"),
)
GROUPS = tuple(
    AdGroup(f"{campaign}{group}", f"{name} {words}", f"{campaign}", name)
    for campaign, name in ((71, "Autumn sale"), (72, "브랜드"), (73, 'Always "on", 常態'))
    for group, words in ((1, "A"), (2, "B"))
)


@frozen
class Advertiser:
    """Accounts and their ad groups, which are the same in each."""

    accounts: tuple[AdAccount, ...] = ACCOUNTS
    groups: tuple[AdGroup, ...] = GROUPS
    begins: date = field(default=date(2025, 1, 1))

    def account(self, id_: str) -> AdAccount | None:
        return next((account for account in self.accounts if account.id == id_), None)

    def row(self, account: AdAccount, group: AdGroup, day: date, today: date) -> AdRow | None:
        """What is said today of a day; None where there is nothing."""
        seed = crc32(f"{account.id} {group.id} {day}".encode())
        age = (today - day).days
        # A few days have nothing, and a few rows of invalid traffic are taken back.
        if age < 0 or day < self.begins or seed % 7 == 0 or (seed % 11 == 0 and age >= 4):
            return None
        settled = min(_SETTLED_AFTER, 10 + age)
        impressions = 500 + seed % 4_000
        clicks = 5 + seed // 7 % 90
        conversions = (seed // 13 % 12) * settled // _SETTLED_AFTER
        unit = Decimal("0.01") if account.currency == "USD" else Decimal(1)
        cost = Decimal(clicks * (200 + seed // 3 % 900)) * (unit if account.currency == "USD" else 1)
        spend = (cost * Decimal(97 + min(3, age)) / 100).quantize(unit, ROUND_HALF_UP)
        worth = Decimal(conversions * (1_000 + seed // 5 % 9_000)) * unit
        return AdRow(group, day, impressions, clicks, spend, conversions, worth)

    def rows(self, account: AdAccount, days: list[date], today: date) -> Iterator[AdRow]:
        """The rows of some days, by day and ad group."""
        for day in days:
            for group in self.groups:
                if row := self.row(account, group, day, today):
                    yield row


ADVERTISER = Advertiser()
