"""A made-up company in files, drawn by a seed: what its sources hold, and how each of them lives.

Counts are those of chance around a level with a weekly shape and a season; shops close on weekends or do not; channels
and campaigns begin, pause and end; lists come on Mondays, costs once a month; a column begins to be filled midway.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import duckdb

from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Model
from kpi_core.settings.values import Settings, Source

from tables import CATALOG, settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()
Row = Mapping[str, object]
CHANNELS = ("search", "social", "display", "affiliate", "email", "direct")
REGIONS = ("KR", "TW", "US", "DE")
_WEEKS = (
    (1.0, 1.1, 1.0, 0.9, 1.2, 0.6, 0.5),
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
    (0.8, 0.9, 0.9, 1.0, 1.2, 1.4, 0.0),
    (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
)
_SEASONS = tuple(month for month in range(12) if month != 8)
"""Months in which a season of three may begin. One that has ended three weeks ago looks like an export that is lost."""
_SQL_TYPES = {"text": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "integer": "BIGINT", "boolean": "BOOLEAN"}


@dataclass(frozen=True)
class Company:
    """What the sources of a company hold; `settings` names their files in its folder."""

    settings: Settings
    rows: Mapping[str, Sequence[Row]]
    """By source."""

    def model(self, source: str) -> Model:
        return CATALOG.models[self.source(source).table]

    def source(self, name: str) -> Source:
        return next(source for source in self.settings.sources if source.name == name)


def drawn_company(folder: Path, luck: object, sources: int = 14) -> Company:
    """A company of 200 to 400 days up to yesterday, its files written to `folder`; `sources` is how many it has."""
    random = Random(f"company {luck}")
    life = _Life(random, random.randint(200, 400))
    rows = {
        "google": life.ads("google", ("search", "display")),
        "meta": life.ads("meta", ("social",)),
        "webshop": life.orders("w", random.choice((0.3, 2, 8, 25))),
        "market": life.orders("m", random.choice((0.5, 3, 10))),
        "site": life.sessions(random.choice((5, 20, 40))),
        "books": life.costs(),
        "crm": life.leads(random.choice((0.5, 2, 6))),
        "followers": life.followers(),
        "polls": life.surveys(random.choice((0.3, 1, 4))),
        "mailings": life.mailings(),
        "installs": life.installs(random.choice((1, 4, 10))),
        "plans": life.subscriptions(),
        "line": life.production(),
    }
    rows["uses"] = life.activity(rows["installs"])
    tables = {
        "google": "ad_performance",
        "meta": "ad_performance",
        "webshop": "orders",
        "market": "orders",
        "site": "web_sessions",
        "books": "costs",
        "crm": "leads",
        "followers": "social_accounts",
        "polls": "survey_responses",
        "mailings": "email_campaigns",
        "installs": "app_installs",
        "uses": "app_activity",
        "plans": "subscriptions",
        "line": "production",
    }
    kinds = {name: random.choice(("csv", "parquet")) for name in random.sample(sorted(rows), sources)}
    named = tuple(
        Source(name, kind, tables[name], replace="all", options={"path": f"{name}.{kind}"})
        for name, kind in kinds.items()
    )
    company = Company(
        settings(sources=named, folder=folder, calendar=Calendar("Europe/Berlin")), {name: rows[name] for name in kinds}
    )
    for name, lines in company.rows.items():
        write_source(folder, company.source(name), lines)
    return company


def write_source(folder: Path, source: Source, rows: Sequence[Row]) -> None:
    """The file of one source, as it lies in `folder`."""
    file = folder / Path(source.options["path"]).name
    model = CATALOG.models[source.table]
    names = [name for name in model.columns if any(name in row for row in rows)] or list(model.columns)
    if source.type == "csv":
        with file.open("w", newline="", encoding="utf-8") as text:
            writer = csv.writer(text)
            writer.writerow(names)
            writer.writerows([_written(row.get(name)) for name in names] for row in rows)
        return
    columns = ", ".join(f"{name}: '{_SQL_TYPES.get(model.columns[name].type, 'DECIMAL(17, 6)')}'" for name in names)
    lines = file.with_suffix(".json")
    lines.write_text("\n".join(json.dumps({name: _written(row.get(name)) for name in names}) for row in rows), "utf-8")
    read = f"read_json('{lines}', format = 'newline_delimited', columns = {{{columns}}})"
    duckdb.execute(f"COPY (SELECT * FROM {read}) TO '{file}' (FORMAT parquet)")
    lines.unlink()


def _written(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class _Life:
    """How things go in a company: draws rows of each table."""

    def __init__(self, random: Random, days: int) -> None:
        self._random = random
        self._days = [TODAY - timedelta(days=days - n) for n in range(days)]
        self._season = random.uniform(0, 0.4)

    def ads(self, platform: str, channels: Sequence[str]) -> list[Row]:
        """A row a day, campaign and device. Campaigns begin and end, one of each channel goes on."""
        rows: list[Row] = []
        for channel in channels:
            for number in range(self._random.randint(1, 4)):
                first, last = self._stretch() if number else (self._days[0], self._days[-1])
                name, level = f"{channel} campaign {number + 1}", self._random.uniform(20, 3000)
                for day in self._between(first, last):
                    for device in ("mobile", "desktop"):
                        seen = self._count(level)
                        clicks = sum(self._random.random() < 0.03 for _ in range(min(seen, 300)))
                        rows.append(
                            {
                                "date": day,
                                "platform": platform,
                                "channel": channel,
                                "campaign": name,
                                "region": "KR",
                                "device": device,
                                "impressions": seen,
                                "clicks": clicks,
                                "spend": round(seen * self._random.uniform(0.001, 0.01), 2),
                                "installs": clicks // 20,
                                "video_views": seen // 50,
                                "conversions": float(clicks // 9),
                                "conversion_value": round(clicks // 9 * 31.5, 2),
                            }
                        )
        return rows

    def orders(self, prefix: str, level: float) -> list[Row]:
        """Orders by chance. A channel may begin midway, another sells in its season only."""
        begins, season = self._random.choice(self._days[:150]), self._random.choice(_SEASONS)
        people = max(5, int(level * 60))
        rows: list[Row] = []
        for moment in self._moments(level):
            channel = self._channel(moment.date(), begins, season)
            rows.append(
                {
                    "order_id": f"{prefix}{len(rows)}",
                    "customer_id": f"c{self._random.randrange(people)}",
                    "ordered_at": moment,
                    "channel": channel,
                    "campaign": f"{channel} campaign 1",
                    "region": self._random.choice(REGIONS),
                    "device": self._random.choice(("mobile", "desktop")),
                    "revenue": round(self._random.lognormvariate(4, 0.8), 2),
                    "cost_of_goods": round(self._random.uniform(3, 30), 2),
                    "refunded_amount": 5.0 if self._random.random() < 0.03 else None,
                    "landing": self._random.random() < 0.3,
                }
            )
        return rows

    def sessions(self, level: float) -> list[Row]:
        """Visits by chance, all of their columns filled but the campaign, which few have."""
        begins, season, named = self._days[60], 5, self._random.choice(self._days)
        rows: list[Row] = []
        for moment in self._moments(level):
            channel = self._channel(moment.date(), begins, season)
            rows.append(
                {
                    "session_id": f"s{len(rows)}",
                    "visitor_id": f"v{self._random.randrange(2000)}",
                    "started_at": moment,
                    "channel": channel,
                    "landing_page": self._random.choice(("/", "/shop", "/sale", "/about us")),
                    "region": self._random.choice(REGIONS),
                    "device": self._random.choice(("mobile", "desktop", "tablet")),
                    "campaign": f"{channel} campaign 1" if self._random.random() < 0.2 else None,
                    "pageviews": self._random.randint(1, 9),
                    "duration_seconds": float(self._random.randint(0, 600)),
                    "engaged_seconds": float(self._random.randint(0, 300)) if moment.date() >= named else None,
                    "bounced": self._random.random() < 0.4,
                    "converted": self._random.random() < 0.03,
                    "is_new_visitor": self._random.random() < 0.5,
                }
            )
        return rows

    def costs(self) -> list[Row]:
        """Salaries, tools and an agency once a month; ads of partners now and then."""
        firsts = [day for day in self._days if day.day == 1]
        rows: list[Row] = [
            {"date": day, "category": category, "channel": channel, "amount": amount + self._random.randint(0, 99)}
            for day in firsts
            for category, channel, amount in (
                ("salaries", None, 4000),
                ("tools", "email", 300),
                ("agency", "search", 900),
            )
        ]
        return [*rows, *({**rows[0], "date": day, "category": "other", "amount": 77} for day in self._days[5::61])]

    def leads(self, level: float) -> list[Row]:
        """Leads of which some come further, each step days after the one before."""
        rows: list[Row] = []
        for moment in self._moments(level):
            steps = [moment + timedelta(days=self._random.randint(1, 9) * n) for n in (1, 2, 3, 4)]
            reached = self._random.choice((0, 0, 0, 1, 1, 2, 3, 4))
            steps_taken = [
                step if n < reached and step < datetime.combine(TODAY, time()) else None for n, step in enumerate(steps)
            ]
            rows.append(
                {
                    "lead_id": f"l{len(rows)}",
                    "customer_id": f"b{len(rows)}" if steps_taken[3] else None,
                    "created_at": moment,
                    "channel": self._random.choice(CHANNELS),
                    "campaign": "brochure",
                    "region": self._random.choice(REGIONS),
                    "mql_at": steps_taken[0],
                    "sql_at": steps_taken[1],
                    "opportunity_at": steps_taken[2],
                    "won_at": steps_taken[3],
                    "lost_at": moment + timedelta(days=10)
                    if reached == 2 and moment.date() < TODAY - timedelta(days=10)
                    else None,
                    "amount": float(self._random.randint(100, 5000)),
                }
            )
        return rows

    def followers(self) -> list[Row]:
        """A list each Monday."""
        return [
            {
                "date": day,
                "network": network,
                "followers": base + n * 3 + self._random.randint(-9, 9),
                "new_followers": self._random.randint(0, 30),
                "reached_users": self._random.randint(100, 900),
            }
            for n, day in enumerate(day for day in self._days if day.weekday() == 0)
            for network, base in (("instagram", 5000), ("tiktok", 800))
        ]

    def surveys(self, level: float) -> list[Row]:
        most = {"nps": 10, "csat": 5, "awareness": 1}
        rows: list[Row] = []
        for moment in self._moments(level):
            survey = self._random.choice(tuple(most))
            rows.append(
                {
                    "response_id": f"r{len(rows)}",
                    "responded_at": moment,
                    "survey": survey,
                    "score": self._random.randint(0, most[survey]),
                    "channel": self._random.choice(CHANNELS),
                    "region": self._random.choice(REGIONS),
                }
            )
        return rows

    def mailings(self) -> list[Row]:
        """Two newsletters a week."""
        return [
            {
                "campaign_id": f"mail {n}",
                "sent_at": datetime.combine(day, time(10)),
                "audience": self._random.choice(("all", "loyal")),
                "sent": 1000 + n,
                "delivered": 990 + n,
                "unique_opens": self._random.randint(200, 400),
                "unique_clicks": self._random.randint(10, 90),
                "unsubscribes": self._random.randint(0, 9),
                "bounces": 10,
                "spam_complaints": self._random.randint(0, 1),
            }
            for n, day in enumerate(day for day in self._days if day.weekday() in {1, 4})
        ]

    def installs(self, level: float) -> list[Row]:
        return [
            {
                "install_id": f"i{n}",
                "installed_at": moment,
                "channel": self._random.choice(CHANNELS),
                "campaign": "app campaign 1",
            }
            for n, moment in enumerate(self._moments(level))
        ]

    def activity(self, installs: Sequence[Row]) -> list[Row]:
        """Days on which installs were used."""
        rows = []
        for install in installs:
            first = install["installed_at"].date()  # type: ignore[attr-defined]
            used = [first + timedelta(days=n) for n in range(45) if self._random.random() < 0.9 / (1 + n / 3)]
            rows += [{"install_id": install["install_id"], "active_on": day} for day in used if day < TODAY]
        return rows

    def subscriptions(self) -> list[Row]:
        rows: list[Row] = []
        for moment in self._moments(0.7):
            ended = moment + timedelta(days=self._random.randint(20, 500))
            rows.append(
                {
                    "subscription_id": f"p{len(rows)}",
                    "customer_id": f"k{len(rows)}",
                    "started_at": moment,
                    "ended_at": ended if ended < datetime.combine(TODAY, time()) else None,
                    "mrr": self._random.choice((9.0, 19.0, 49.0)),
                    "channel": self._random.choice(CHANNELS),
                    "region": self._random.choice(REGIONS),
                }
            )
        return rows

    def production(self) -> list[Row]:
        """A row a working day and line."""
        return [
            {
                "date": day,
                "line": line,
                "inspected_units": self._count(400),
                "defective_units": self._random.randint(0, 9),
            }
            for day in self._days
            if day.weekday() < 5
            for line in ("A", "B")
        ]

    def _stretch(self) -> tuple[date, date]:
        """From when to when a campaign runs."""
        first = self._random.choice(self._days)
        return first, first + timedelta(days=self._random.randint(10, 200))

    def _between(self, first: date, last: date) -> Iterator[date]:
        return (day for day in self._days if first <= day <= last)

    def _channel(self, day: date, begins: date, season: int) -> str:
        """Half come by search; affiliates begin on a day, display runs for a quarter of the year."""
        channel = self._random.choice((*CHANNELS, *("search",) * 4))
        off_season = channel == "display" and (day.month - season) % 12 >= 3
        return "search" if off_season or (channel == "affiliate" and day < begins) else channel

    def _moments(self, level: float) -> list[datetime]:
        """Instants (UTC) at which something happens, about `level` a day, with growth, weeks and a season."""
        week, moments = self._random.choice(_WEEKS), []
        growth = self._random.uniform(-0.5, 1.0)
        for number, day in enumerate(self._days):
            season = 1 + self._season * math.sin(day.timetuple().tm_yday / 58)
            due = level * week[day.weekday()] * season * (1 + growth * number / len(self._days))
            opening = datetime.combine(day, time(9))
            moments += [opening + timedelta(seconds=self._random.randrange(9 * 3600)) for _ in range(self._count(due))]
        return sorted(moments)

    def _count(self, due: float) -> int:
        if due > 50:
            return max(0, round(self._random.gauss(due, math.sqrt(due))))
        limit, count, product = math.exp(-due), 0, self._random.random()
        while product > limit:
            count, product = count + 1, product * self._random.random()
        return count


def moved(company: Company, folder: Path, source: str) -> Settings:
    """The settings by which one source of a company is read from its file in another folder, into a warehouse there."""
    sources = []
    for each in company.settings.sources:
        file = company.settings.folder / each.options["path"]
        sources.append(replace(each, options={"path": file.name if each.name == source else str(file)}))
    return replace(company.settings, folder=folder, sources=tuple(sources))
