"""The tables of the demo company: their columns, their keys, how they hang together, and how plausible they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from shipped import yaml_of

import kpi_core
from kpi_core.demo.generate import TABLES, generate
from kpi_core.demo.planted_facts import all_facts
from kpi_core.demo.write import DemoCompany, write_demo

Ask = Callable[..., list[tuple[Any, ...]]]
FILES = sorted((Path(kpi_core.__file__).parent / "catalog" / "models").glob("*.yaml"))
BUILT_IN = {path.stem: yaml_of(path.read_text(encoding="utf-8")) for path in FILES}
WITHOUT = {"traffic", "rates", "order_lines"}
"""Visits lie one by one in web_sessions, so their daily sums are no table of the demo; it has one currency and whole
orders."""
ABSENT = {"store", "sales_rep", "lost_reason", "ended_reason", "age_group", "gender", "content_type"}
"""Columns that firms have or have not; the demo company has not."""
MODELS = {name: model for name, model in BUILT_IN.items() if "relation" not in model and name not in WITHOUT}
"""The models that lie in a table of their own; the others are made of these."""
SQL_TYPES = {
    "text": {"VARCHAR"},
    "date": {"DATE"},
    "timestamp": {"TIMESTAMP"},
    "integer": {"BIGINT"},
    "decimal": {"DECIMAL(17,6)"},
    "boolean": {"BOOLEAN"},
}
KEYS = {name: model["key"][0] for name, model in MODELS.items() if model.get("key")}
TIMES = {name: model["time"] for name, model in MODELS.items()}
YESTERDAY = date(2026, 11, 22)


def test_every_built_in_model_has_its_table() -> None:
    """The demo has a table for each model that comes built in but these, and no other."""
    assert set(TABLES) == set(MODELS)


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_model(ask: Ask, table: str) -> None:
    """A table's columns have the model's names, order and types."""
    found = [(row[0], row[1]) for row in ask(f"DESCRIBE {table}")]
    wanted = MODELS[table]["columns"]
    assert [name for name, _ in found] == [name for name in wanted if name not in ABSENT]
    assert all(kind in SQL_TYPES[wanted[name]["type"]] for name, kind in found)


@pytest.mark.parametrize("table", TABLES)
def test_required_columns_are_never_empty(ask: Ask, table: str) -> None:
    """What a model requires stands in every row."""
    required = [name for name, column in MODELS[table]["columns"].items() if column.get("required")]
    empty = " OR ".join(f"{name} IS NULL" for name in required) or "FALSE"
    assert ask(f"SELECT count(*) FROM {table} WHERE {empty}") == [(0,)]


@pytest.mark.parametrize("table", KEYS)
def test_keys_are_unique(ask: Ask, table: str) -> None:
    """No key stands in two rows."""
    assert ask(f"SELECT count(*) - count(DISTINCT {KEYS[table]}) FROM {table}") == [(0,)]


@pytest.mark.parametrize(
    ("table", "grain"),
    [
        ("ad_performance", "date, campaign, ad_group"),
        ("budgets", "month, channel"),
        ("social_accounts", "date, network"),
        ("brand_mentions", "date, brand"),
        ("brand_searches", "date, term"),
        ("market_sales", "date"),
        ("app_activity", "install_id, active_on"),
        ("production", "date, line"),
    ],
)
def test_tables_without_key_have_one_row_a_grain(ask: Ask, table: str, grain: str) -> None:
    """Day tables have one row for each of their groups and days."""
    assert ask(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY {grain} HAVING count(*) > 1)") == [(0,)]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_later_than_yesterday(ask: Ask, table: str) -> None:
    """No date and no instant lies after yesterday, in the company's own time zone, nor before the first month."""
    for name, column in MODELS[table]["columns"].items():
        if column["type"] in {"date", "timestamp"}:
            moment = name if column["type"] == "date" else f"local({name})"
            first, last = ask(f"SELECT min({moment}), max({moment}) FROM {table}")[0]
            assert date(2025, 5, 1) <= first
            assert last <= YESTERDAY


@pytest.mark.parametrize("table", [name for name in TABLES if not MODELS[name].get("sparse")])
def test_every_day_has_data_up_to_yesterday(ask: Ask, table: str) -> None:
    """Eighteen whole months and the running one: every day from 1 May 2025 to yesterday has rows."""
    time = TIMES[table]
    moment = time if MODELS[table]["columns"][time]["type"] == "date" else f"local({time})"
    found = ask(f"SELECT min({moment}), max({moment}), count(DISTINCT {moment}) FROM {table}")[0]
    assert found == (date(2025, 5, 1), YESTERDAY, (YESTERDAY - date(2025, 5, 1)).days + 1)


def test_each_customer_was_touched_before_each_order(ask: Ask) -> None:
    """Every order has a customer, and every customer a contact before the first order."""
    without = """
        SELECT count(*) FROM orders LEFT JOIN
            (SELECT customer_id, min(touched_at) AS touched FROM touchpoints GROUP BY 1) USING (customer_id)
        WHERE touched IS NULL OR touched >= ordered_at
    """
    assert ask(without) == [(0,)]


def test_some_known_people_never_buy(ask: Ask) -> None:
    """Touchpoints hold journeys without an order, which attribution needs, and journeys of several touches."""
    never = (
        "SELECT count(DISTINCT customer_id) FROM touchpoints WHERE customer_id NOT IN (SELECT customer_id FROM orders)"
    )
    several = "SELECT count(*) FROM (SELECT 1 FROM touchpoints GROUP BY customer_id HAVING count(DISTINCT channel) > 1)"
    assert ask(never)[0][0] > 5_000
    assert ask(several)[0][0] > 3_000


def test_customers_are_known_to_orders(ask: Ask) -> None:
    """Subscribers and won leads are customers with orders; a lead that was not won names nobody."""
    for table in ("subscriptions", "leads WHERE won_at IS NOT NULL"):
        assert ask(
            f"SELECT count(*) FROM (FROM {table}) WHERE customer_id NOT IN (SELECT customer_id FROM orders)"
        ) == [(0,)]
    assert ask("SELECT count(customer_id) FROM leads WHERE won_at IS NULL") == [(0,)]


def test_steps_of_a_lead_follow_each_other(ask: Ask) -> None:
    """A lead reaches its steps in order, and is won or lost but never both, with an amount from the opportunity on."""
    wrong = """
        SELECT count(*) FROM leads WHERE mql_at <= created_at OR sql_at <= mql_at OR opportunity_at <= sql_at
            OR won_at <= opportunity_at OR lost_at <= opportunity_at OR (won_at IS NOT NULL AND lost_at IS NOT NULL)
            OR (sql_at IS NOT NULL AND mql_at IS NULL) OR (opportunity_at IS NOT NULL AND sql_at IS NULL)
            OR (coalesce(won_at, lost_at) IS NOT NULL AND opportunity_at IS NULL)
            OR (amount IS NULL) <> (opportunity_at IS NULL)
    """
    assert ask(wrong) == [(0,)]


def test_orders_follow_their_visits(ask: Ask) -> None:
    """Apart from the weeks of broken tracking, each order of the shop is a converted visit of that day."""
    broken = " OR ".join(
        f"local(ordered_at) >= DATE '{fact.start}' AND local(ordered_at) < DATE '{fact.end}'"
        for fact in all_facts(YESTERDAY)["broken_tracking"]
    )
    both = f"""
        SELECT count(*), count(s.session_id), count(*) FILTER (s.converted),
               count(*) FILTER ((s.channel, s.campaign, s.region, s.device, local(started_at))
                    IS DISTINCT FROM (o.channel, o.campaign, o.region, o.device, local(ordered_at)))
        FROM orders o LEFT JOIN web_sessions s ON s.session_id = 'S' || substr(o.order_id, 2)
        WHERE o.device IS NOT NULL AND NOT ({broken})
    """
    orders, visits, converted, different = ask(both)[0]
    assert orders == visits == converted
    assert different == 0


def test_a_visitor_is_new_once(ask: Ask) -> None:
    """Outside the broken week a visitor's first visit is the new one, and the only one."""
    sql = (
        "SELECT max(news) FROM (SELECT count(*) FILTER (is_new_visitor) AS news FROM web_sessions GROUP BY visitor_id)"
    )
    late = """
        SELECT count(*) FROM (FROM web_sessions SELECT is_new_visitor,
                              row_number() OVER (PARTITION BY visitor_id ORDER BY started_at) AS visit)
        WHERE is_new_visitor AND visit > 1
    """
    assert ask(sql) == [(1,)]
    assert ask(late) == [(0,)]


def test_ads_bring_at_least_as_many_clicks_as_visits(ask: Ask) -> None:
    """On no day has a campaign more visits than paid clicks."""
    wrong = """
        SELECT count(*) FROM (SELECT date, campaign, sum(clicks) AS clicks FROM ad_performance GROUP BY ALL)
        JOIN (SELECT local(started_at) AS date, campaign, count(*) AS visits FROM web_sessions GROUP BY ALL)
        USING (date, campaign) WHERE visits > clicks
    """
    assert ask(wrong) == [(0,)]


def test_parts_are_never_more_than_the_whole(ask: Ask) -> None:
    """Clicks fit into impressions, opens into deliveries, refunds into revenue, defects into inspected units."""
    for table, wrong in (
        ("ad_performance", "clicks > impressions OR video_views > impressions OR spend < 0"),
        ("email_campaigns", "unique_opens > delivered OR unique_clicks > unique_opens OR delivered + bounces <> sent"),
        ("orders", "refunded_amount > revenue OR revenue < 0"),
        ("production", "defective_units > inspected_units"),
        ("web_sessions", "engaged_seconds > duration_seconds OR (bounced AND (converted OR pageviews > 1))"),
        ("carts", "purchased_at < created_at"),
        ("subscriptions", "ended_at <= started_at"),
        ("social_posts", "reach > impressions"),
    ):
        assert ask(f"SELECT count(*) FROM {table} WHERE {wrong}") == [(0,)], table


def test_price_changes_end_in_the_present_price(ask: Ask) -> None:
    """Each change starts from the price before it, and the last one leads to the subscription's present price."""
    wrong = """
        WITH steps AS (SELECT *, lead(mrr_before) OVER (PARTITION BY subscription_id ORDER BY changed_at) AS next
                       FROM subscription_changes)
        SELECT count(*) FROM steps JOIN subscriptions USING (subscription_id)
        WHERE mrr_after <> coalesce(next, mrr) OR mrr_before = mrr_after
            OR changed_at <= started_at OR changed_at >= ended_at
    """
    assert ask("SELECT count(*) > 100 FROM subscription_changes") == [(True,)]
    assert ask(wrong) == [(0,)]


def test_followers_add_up(ask: Ask) -> None:
    """Followers never change by more than were won that day."""
    wrong = """
        SELECT count(*) FROM (SELECT followers - lag(followers) OVER (PARTITION BY network ORDER BY date) AS more,
                                     new_followers FROM social_accounts) WHERE more > new_followers
    """
    assert ask(wrong) == [(0,)]


@pytest.mark.parametrize(
    ("what", "sql", "least", "most"),
    [
        ("visits", "SELECT count(*) FROM web_sessions", 350_000, 500_000),
        ("orders", "SELECT count(*) FROM orders", 10_000, 20_000),
        ("rows of ads", "SELECT count(*) FROM ad_performance", 20_000, 40_000),
        ("conversion rate", "SELECT avg(converted::INT) FROM web_sessions", 0.02, 0.03),
        ("roas", "SELECT sum(conversion_value) / sum(spend) FROM ad_performance", 2, 4),
        ("open rate", "SELECT sum(unique_opens) / sum(delivered) FROM email_campaigns", 0.30, 0.40),
        ("win rate", "SELECT count(won_at) / count(coalesce(won_at, lost_at)) FROM leads", 0.25, 0.30),
        ("aov", "SELECT sum(revenue) / count(*) FROM bought", 75, 120),
        ("refunds", "SELECT count(refunded_amount) / count(*) FROM orders", 0.03, 0.07),
        ("visits without channel", "SELECT avg((channel IS NULL)::INT) FROM web_sessions", 0.01, 0.03),
        ("orders without channel", "SELECT avg((channel IS NULL)::INT) FROM orders", 0.01, 0.03),
        ("gifts", "SELECT count(*) FROM orders WHERE revenue = 0", 10, 100),
        ("abandoned carts", "SELECT 1 - count(purchased_at) / count(*) FROM carts", 0.60, 0.80),
        ("repeat orders", "SELECT avg((number > 1)::INT) FROM bought", 0.25, 0.45),
        ("margin", "SELECT 1 - sum(cost_of_goods) / sum(revenue) FROM orders", 0.45, 0.65),
        (
            "nps",
            "SELECT 100 * avg((score >= 9)::INT - (score <= 6)::INT) FROM survey_responses WHERE survey = 'nps'",
            30,
            50,
        ),
    ],
)
def test_the_company_is_plausible(ask: Ask, what: str, sql: str, least: float, most: float) -> None:
    """Sizes and rates are those of a small shop that does well."""
    assert least <= float(ask(sql)[0][0]) <= most, what


def test_cac_is_about_forty_dollars(ask: Ask) -> None:
    """In every whole month after the first three a new customer costs between 35 and 45 dollars."""
    sql = """
        WITH spend AS (SELECT date_trunc('month', date) AS month, sum(spend) AS amount FROM ad_performance GROUP BY 1),
             other AS (SELECT date_trunc('month', date) AS month, sum(amount) AS more FROM costs
                       WHERE category <> 'salaries' GROUP BY 1),
             won AS (SELECT date_trunc('month', day) AS month, count(*) AS customers FROM bought
                     WHERE number = 1 GROUP BY 1)
        SELECT (amount + more) / customers FROM spend JOIN other USING (month) JOIN won USING (month)
        WHERE month >= '2025-08-01' AND month < '2026-11-01'
    """
    months = [cac for (cac,) in ask(sql)]
    assert len(months) == 15
    assert 35 < min(months) <= max(months) < 45


def test_mrr_grows(ask: Ask) -> None:
    """The monthly value of running subscriptions at the end is well above that of a year before."""
    sql = "SELECT sum(mrr) FROM subscriptions WHERE started_at < $1 AND (ended_at IS NULL OR ended_at >= $1)"
    now, year_ago = ask(sql, datetime(2026, 11, 22))[0][0], ask(sql, datetime(2025, 11, 22))[0][0]
    assert float(now) > 1.5 * float(year_ago)


def test_black_friday_is_busy(ask: Ask) -> None:
    """The Friday after Thanksgiving has over half as many orders again as the Fridays before it."""
    sql = "SELECT count(*) FROM bought WHERE day = ?"
    before = sum(ask(sql, day)[0][0] for day in (date(2025, 11, 7), date(2025, 11, 14))) / 2
    assert ask(sql, date(2025, 11, 28))[0][0] > 1.5 * before


def test_channels_and_campaigns_are_shared(ask: Ask) -> None:
    """Channels and campaigns have the same names in every table that has them."""
    channels = {"search", "social", "display", "email", "direct", "organic", "referral", "affiliate", None}
    for table, model in MODELS.items():
        if "channel" in model["columns"]:
            assert {name for (name,) in ask(f"SELECT DISTINCT channel FROM {table}")} <= channels, table
    paid = {name for (name,) in ask("SELECT DISTINCT campaign FROM ad_performance")}
    for table in ("web_sessions", "orders", "leads", "touchpoints"):
        named = {
            name
            for (name,) in ask(
                f"SELECT DISTINCT campaign FROM {table} WHERE channel IN ('search', 'social', 'display')"
            )
        }
        assert named <= paid
        assert len(named) >= 8


def test_the_same_day_and_seed_give_the_same_company(company: DemoCompany, tmp_path: Path) -> None:
    """Every value is the same in a second run; another seed gives other values."""
    again = {name: _fingerprint(table) for name, table in generate(company.today)}
    assert again == {name: _fingerprint(table) for name, table in generate(company.today)}
    other = {name: _fingerprint(table) for name, table in generate(company.today, seed=8)}
    assert [name for name in TABLES if again[name] == other[name]] == ["budgets"]


def _fingerprint(table: Any) -> str:
    mixed = hashlib.sha256()
    for name, column in table.items():
        mixed.update(f"{name}{column.kind}{column.words}".encode() + column.values.tobytes())
    return mixed.hexdigest()


def test_progress_is_told_table_by_table(tmp_path: Path) -> None:
    """Whoever waits hears the name of each table that is written, and how many there are."""
    heard: list[tuple[str, int, int]] = []
    company = write_demo(tmp_path / "new" / "folder", date(2026, 3, 1), progress=lambda *told: heard.append(told))
    assert heard == [(name, number, len(TABLES)) for number, name in enumerate(TABLES, 1)]
    assert {path.stem for path in (tmp_path / "new" / "folder").iterdir()} == set(TABLES) == set(company.rows)
    assert company.name == "Hanok Goods"
