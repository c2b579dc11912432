"""Amounts in other currencies: converted at the day's rate, exactly, or left out and told; never added to others."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading_side import CATALOG, NOW, asked_of, csv, sentences, settings

from bot.cards.lines import receipt
from kpi_core.formats.answer_json import answer_json
from kpi_core.loading.load import load
from kpi_core.loading.money.rates import ecb_rates
from kpi_core.loading.staged import SourceLoad
from kpi_core.settings.values import Settings, Source

import long
from tables import read_tables

ADS = "date,platform,campaign,spend,conversion_value,currency\n"
RATES = "date,currency,rate,units\n"


def put(workspace: Settings, **options: Any) -> tuple[SourceLoad, ...]:
    return load(workspace, CATALOG, now=NOW, **options).sources


def stored(folder: Path, select: str, table: str = "ad_performance") -> list[tuple[Any, ...]]:
    with read_tables(folder / "kpi.duckdb") as snapshot:
        return snapshot.execute(f"SELECT {select} FROM {table} ORDER BY ALL").fetchall()


def left_out(source: SourceLoad) -> dict[str, int]:
    return {each.reason: each.rows for each in source.left_out}


def test_without_rates_another_currency_is_left_out_and_told(tmp_path: Path) -> None:
    """The total is of the firm's currency alone; the load and every answer on these days say what is missing."""
    text = ADS + "2026-10-05,x,a,100,,KRW\n2026-10-05,x,b,7,1,USD\n2026-10-06,x,a,50,,\n2026-10-07,x,c,9,,usd\n"
    ads = csv(tmp_path, "ads", "ad_performance", text)
    answer, (report,) = asked_of(tmp_path, "ad spend october 2026", ads)
    assert answer.value == 150
    assert (left_out(report), report.rejected) == ({"foreign_currency": 2}, 0)
    assert [(each.currency, each.rows) for each in report.foreign] == [("USD", 2)]
    (note,) = [each for each in answer.health if each.finding.code == "currency_left_out"]
    assert (note.finding.member, note.finding.count, note.incomplete) == ("USD", 2, True)
    assert note.finding.days == (date(2026, 10, 5), date(2026, 10, 8))
    untouched, _reports = asked_of(tmp_path, "ad spend september 2026", ads)
    assert not [each for each in untouched.health if each.finding.code == "currency_left_out" and each.incomplete]


def test_a_row_without_an_amount_stays(tmp_path: Path) -> None:
    """A lead of another country without an amount is a lead: there is nothing to convert."""
    text = "lead_id,created_at,amount,currency\n1,2026-10-05,,USD\n2,2026-10-05,10,USD\n3,2026-10-05,10,KRW\n"
    (report,) = put(settings(tmp_path, csv(tmp_path, "crm", "leads", text)))
    assert stored(tmp_path, "lead_id, amount", "leads") == [("1", None), ("3", Decimal(10))]
    assert left_out(report) == {"foreign_currency": 1}


@pytest.mark.parametrize(
    ("header", "cell", "rest"),
    [
        ("통화", "달러", [(100,)]),
        ("幣別", "US$", [(100,)]),
        ("통화", "완료", [(7,), (100,)]),
        ("currency", "unknown", [(100,)]),
        ("Currency", "원", [(7,), (100,)]),
        ("memo", "USD", [(7,), (100,)]),
    ],
)
def test_the_column_of_currencies(tmp_path: Path, header: str, cell: str, rest: list[tuple[int]]) -> None:
    """It is found in three languages; one of that name that holds no currencies is none, and `currency` always is."""
    text = f"date,category,amount,{header}\n2026-10-05,tools,100,\n2026-10-05,tools,7,{cell}\n"
    put(settings(tmp_path, csv(tmp_path, "books", "costs", text)))
    assert stored(tmp_path, "amount", "costs") == rest


def test_what_says_the_currency(tmp_path: Path) -> None:
    """kpi.yaml wins over the column, `columns:` names another, `values:` says what its texts mean."""
    text = "date,category,amount,currency,money\n2026-10-05,tools,100,USD,won\n2026-10-05,tools,7,KRW,dollar\n"
    for changes, rest in (
        ({"currency": "KRW"}, [(7,), (100,)]),
        ({"currency": "USD"}, None),
        ({"columns": {"currency": "money"}, "values": {"currency": {"WON": "KRW", "dollar": "USD"}}}, [(100,)]),
    ):
        (tmp_path / "kpi.duckdb").unlink(missing_ok=True)
        source: Source = csv(tmp_path, "books", "costs", text, **changes)
        put(settings(tmp_path, source))
        assert (stored(tmp_path, "amount", "costs") or None) == rest, changes


@pytest.mark.parametrize(
    ("own", "cells", "named"),
    [
        ("KRW", ("€5", "7.50 €"), "EUR"),
        ("EUR", ("€5", "7.50 €"), None),
        ("KRW", ("$5", "$7.50"), "$"),
        ("USD", ("$5", "$7.50"), None),
        ("KRW", ("$5", "7.50 USD"), "USD"),
        ("KRW", ("5,000원", "₩7,000"), None),
        ("TWD", ("NT$5", "7元"), None),
        ("KRW", ("3만원", "5"), None),
    ],
)
def test_signs_in_the_cells_say_the_currency(tmp_path: Path, own: str, cells: Sequence[str], named: str | None) -> None:
    """$12.50 is never twelve won: a sign that cannot be the firm's leaves the rows out, by its name."""
    rows = "\n".join(f'2026-10-05,tools,"{cell}"' for cell in cells)
    source = csv(tmp_path, "books", "costs", f"date,category,amount\n{rows}\n")
    (report,) = put(replace(settings(tmp_path, source), currency=own))
    assert [each.currency for each in report.foreign] == ([named] if named else [])
    assert len(stored(tmp_path, "amount", "costs")) == (0 if named else 2)


def test_the_central_bank(tmp_path: Path) -> None:
    """Saturday takes Friday's rate; a currency that the bank does not publish is left out, and told so."""
    text = ADS + "2026-10-31,x,a,10,,USD\n2026-10-30,x,b,10,,USD\n2026-10-30,x,c,10,,TWD\n2026-11-20,x,d,10,,USD\n"
    workspace = replace(settings(tmp_path, csv(tmp_path, "ads", "ad_performance", text)), rates="ecb")
    (report,) = put(workspace)
    factor = ecb_rates({"USD", "KRW"}).factor("USD", "KRW", date(2026, 10, 30))
    assert factor is not None
    friday = Decimal(round(10 * factor * 10**6)) / 10**6
    assert stored(tmp_path, "campaign, spend") == [("a", friday), ("b", friday)]
    assert [(each.currency, each.rated, each.rows) for each in report.foreign] == [("TWD", True, 1), ("USD", True, 1)]


def table_of(rates: Mapping[tuple[date, str], tuple[Decimal, int | None]]) -> str:
    return RATES + "".join(f"{day},{code},{rate},{units or ''}\n" for (day, code), (rate, units) in rates.items())


def naive(amount: Decimal, code: str, day: date, rates: Mapping[tuple[date, str], Any]) -> Decimal | None:
    """An amount in won, as somebody with a table and a calculator would work it out."""
    if code == "KRW":
        return amount
    for back in range(8):
        if (found := rates.get((day - timedelta(days=back), code))) is not None:
            rate, units = found
            with localcontext() as context:
                context.prec = 60
                return (amount * rate / (units or 1)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return None


@long.examples("mixes of currencies, days and rates", 3, 1_000)
@given(seed=st.integers(0, 2**32))
def test_any_mix_is_what_each_row_makes(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Every row is converted as by hand with decimals, or left out and counted; no row is anything else."""
    chance, folder = random.Random(seed), tmp_path_factory.mktemp("mix")
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(31)]
    codes = ["KRW", "USD", "TWD", "JPY", "XAU"]
    rates = {
        (day, code): (Decimal(chance.randint(1, 10**9)) / 10**6, chance.choice([None, 1, 3, 100]))
        for day in days
        for code in codes[1:4]
        if chance.random() < 0.2
    }
    rows = [
        (chance.choice(days), str(number), Decimal(chance.randint(-(10**12), 10**12)) / 10**4, chance.choice(codes))
        for number in range(120)
    ]
    text = "date,campaign,spend,currency\n" + "".join(f"{day},{n},{amount},{code}\n" for day, n, amount, code in rows)
    ads, fx = csv(folder, "ads", "ad_performance", text), csv(folder, "fx", "rates", table_of(rates))
    report, _rates = put(replace(settings(folder, ads, fx), rates="fx"))
    made = {n: naive(amount, code, day, rates) for day, n, amount, code in rows}
    assert dict(stored(folder, "campaign, spend")) == {n: amount for n, amount in made.items() if amount is not None}
    missing = sum(amount is None for amount in made.values())
    assert sum(each.rows for each in report.foreign) == left_out(report).get("foreign_currency", 0) == missing


def test_rates_stay_for_later_loads(tmp_path: Path) -> None:
    """One source alone is loaded with the rates of all loads so far; those that their file has now count first."""
    ads = csv(tmp_path, "ads", "ad_performance", ADS + "2026-10-05,x,a,10,,USD\n2026-10-25,x,b,10,,USD\n")
    fx = csv(tmp_path, "fx", "rates", "date,currency,rate\n2026-10-05,USD,1000\n")
    workspace = replace(settings(tmp_path, ads, fx), rates="fx")
    put(workspace)
    assert stored(tmp_path, "campaign, spend") == [("a", Decimal(10_000))]
    csv(tmp_path, "fx", "rates", "date,currency,rate\n2026-10-24,USD,1300\n")
    (report,) = put(workspace, only="ads")
    assert stored(tmp_path, "campaign, spend") == [("a", Decimal(10_000)), ("b", Decimal(13_000))]
    assert report.foreign == ()
    (tmp_path / "fx.csv").unlink()
    (report,) = put(workspace, only="ads")
    assert report.error is None
    assert [each.rows for each in report.foreign] == [1]


def test_rates_that_are_named_no_longer(tmp_path: Path) -> None:
    """What was converted before goes with the next load of its days: no old conversion stays in a total."""
    ads = csv(tmp_path, "ads", "ad_performance", ADS + "2026-10-05,x,a,10,,KRW\n2026-10-06,x,b,10,,USD\n")
    workspace = settings(tmp_path, ads)
    put(replace(workspace, rates="ecb"))
    assert len(stored(tmp_path, "spend")) == 2
    put(workspace)
    assert stored(tmp_path, "campaign, spend") == [("a", Decimal(10))]


def test_an_order_by_its_local_day(tmp_path: Path) -> None:
    """An evening in New York is the next day in Seoul, and takes that day's rate."""
    text = "order_id,ordered_at,revenue,currency\n1,2026-10-05T22:00:00-04:00,2,USD\n"
    fx = csv(tmp_path, "fx", "rates", "date,currency,rate\n2026-10-05,USD,1000\n2026-10-06,USD,1100\n")
    put(replace(settings(tmp_path, csv(tmp_path, "shop", "orders", text), fx), rates="fx"))
    assert stored(tmp_path, "revenue", "orders") == [(Decimal(2200),)]


@pytest.mark.parametrize(
    ("basis", "firm", "own", "rate", "value"),
    [
        ("with", "without", "KRW", None, Decimal(100)),
        ("without", "with", "KRW", None, Decimal(121)),
        ("with", "without", "TWD", None, Decimal("104.761905")),
        ("with", "without", "EUR", 0.19, Decimal("92.436975")),
        ("with", "with", "KRW", None, Decimal(110)),
        ("with", None, "KRW", None, Decimal(110)),
        (None, "without", "KRW", None, Decimal(110)),
    ],
)
def test_vat(tmp_path: Path, basis: Any, firm: Any, own: str, rate: float | None, value: Decimal) -> None:
    """Amounts whose basis is known get the firm's, by the rate of its country; others stay as they are."""
    books = csv(tmp_path, "books", "costs", "date,category,amount\n2026-10-05,tools,110\n", vat=basis)
    put(replace(settings(tmp_path, books), currency=own, vat=firm, vat_rate=rate))
    assert stored(tmp_path, "amount", "costs") == [(value,)]


def test_vat_of_another_country(tmp_path: Path) -> None:
    """Nobody's rate is taken for another's: the source says its own, or is not loaded."""
    text = "date,category,amount\n2026-10-05,tools,119\n"
    fx = csv(tmp_path, "fx", "rates", "date,currency,rate\n2026-10-05,EUR,1600\n")
    for rate, value in ((None, None), (0.19, [(Decimal(160_000),)])):
        books = csv(tmp_path, "books", "costs", text, vat="with", currency="EUR", vat_rate=rate)
        report, _fx = put(replace(settings(tmp_path, books, fx), rates="fx", vat="without"))
        if value is None:
            assert report.error is not None
            assert report.error.code == "vat_rate"
        else:
            assert stored(tmp_path, "amount", "costs") == value


def test_what_a_load_says(tmp_path: Path) -> None:
    """How many, in which currency, and what to do."""
    ads = csv(tmp_path, "ads", "ad_performance", ADS + "2026-10-05,x,a,10,,CAD\n")
    (report,) = put(settings(tmp_path, ads))
    assert [each.notice.key for each in report.foreign] == ["load.foreign"]
    assert sentences(report) == ()


def test_the_basis_of_vat_stands_in_the_answer(tmp_path: Path) -> None:
    """By source, where it is known; an answer without amounts says nothing of it."""
    ads = csv(tmp_path, "ads", "ad_performance", ADS + "2026-10-05,x,a,10,,\n", vat="with")
    other = csv(tmp_path, "other", "ad_performance", ADS + "2026-10-05,y,a,10,,\n")
    answer, _reports = asked_of(tmp_path, "ad spend october 2026", ads, other)
    assert answer.vat == {"ads": "with"}
    assert "ads with VAT" in receipt(answer, "en")
    assert answer_json(answer, "en")["vat"] == {"ads": "with"}
    clicks, _reports = asked_of(tmp_path, "impressions october 2026", ads, other)
    assert clicks.vat == {}


LAYOUT = """
layout: made_up/payments
tool: made_up
title: {en: Payments, ko: 결제, zh-TW: 付款}
table: orders
export: {en: Export., ko: 내보내기., zh-TW: 匯出。}
certainty: low
seen: Made up.
fields:
  id: [Id]
  at: [At]
  amount: [Amount]
  code: [Code]
  own_amount: ["Own (VAT in)", Own amount]
  own_code: [Own code]
  net: {names: ["Fee (net)", "Fee (gross)"], vat: {net: without, gross: with}}
needs: [id, at, amount]
columns: {order_id: id, ordered_at: at, revenue: amount, cost_of_goods: net}
currency: code
converted: {revenue: [own_amount, own_code]}
"""


def test_what_the_tool_has_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An amount in the firm's currency is taken as the tool writes it; others of its row still need a rate."""
    file = tmp_path / "payments.yaml"
    file.write_text(LAYOUT, "utf-8")
    monkeypatch.setattr("kpi_core.layouts.export_layout._files", lambda: {"made_up/payments": file})
    text = (
        "Id,At,Amount,Code,Own amount,Own code,Fee (gross)\n"
        "1,2026-10-05,10,USD,13500.5,KRW,\n2,2026-10-05,10,USD,9,EUR,\n3,2026-10-05,10,KRW,,,110\n"
        "4,2026-10-05,10,USD,13500.5,krw,3\n"
    )
    pay = csv(tmp_path, "pay", "orders", text, layout="made_up/payments")
    (report,) = put(replace(settings(tmp_path, pay), vat="without"))
    rows = stored(tmp_path, "order_id, revenue, cost_of_goods", "orders")
    assert rows == [("1", Decimal("13500.5"), None), ("3", Decimal(10), Decimal(100))]
    assert (left_out(report), report.rejected) == ({"foreign_currency": 2}, 0)
