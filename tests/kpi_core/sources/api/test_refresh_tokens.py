"""Access that renews itself: each refresh token is good once, and none of them is lost or written down in clear."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from record_side import NOW, RECORDS, RunningRecords, running_records

from kpi_core.errors import DataError
from kpi_core.loading.load import StoppedClock
from kpi_core.sources.api.forms import Forms
from kpi_core.sources.api.grants.refresh_tokens import RotatingToken
from kpi_core.sources.api.grants.sealing import key_of, sealed, unsealed
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.stand_ins.faults import Today
from kpi_core.sources.cafe24.stand_in import CLIENT_SECRET, CODE_ADDRESS, FIRST_TOKEN, Cafe24StandIn
from kpi_core.state.sealed.vault import StateVault
from kpi_core.state.store import open_store

MALL = RECORDS["cafe24"]
GRANT = f"cafe24 {sha256(FIRST_TOKEN.encode()).hexdigest()[:16]}"
"""The name under which a grant is kept."""
ASKER = """
import json, sys
from datetime import datetime
from pathlib import Path
from record_side import RECORDS, RunningRecords
from kpi_core.sources.api.stand_ins.faults import Order, Today
from kpi_core.state.store import open_store
from kpi_core.state.sealed.vault import StateVault
folder, url, now = json.loads(sys.argv[1])
vault = StateVault(lambda: open_store("sqlite:///state.db", Path(folder)), Path(folder))
RunningRecords(RECORDS["cafe24"], url, Order(), Today(datetime.fromisoformat(now)), vault=vault).read()
"""


@contextmanager
def mall() -> Iterator[tuple[RunningRecords, Cafe24StandIn]]:
    made: list[Cafe24StandIn] = []

    def remembered(now: object) -> Cafe24StandIn:
        made.append(Cafe24StandIn(now))  # type: ignore[arg-type]
        return made[0]

    with running_records(replace(MALL, made=remembered)) as service:
        yield service, made[0]


def test_each_renewal_brings_the_next() -> None:
    """For a month of daily loads the tokens that are in the state go on; within two hours nothing is renewed."""
    with mall() as (service, stand_in):
        service.read()
        service.read()
        assert stand_in.grant.number == 1
        for day in range(1, 30, 9):
            service.today.instant = NOW + timedelta(days=day)
            service.read()
        assert stand_in.grant.number == 5


def test_two_tables_of_one_grant() -> None:
    """A source for orders and one for their lines begin with the same token: it is exchanged once, and both go on."""
    with mall() as (service, stand_in):
        service.read()
        lines = replace(service, vendor=replace(RECORDS["cafe24 lines"], made=MALL.made), name="lines", state={})
        lines.read()
        service.today.instant += timedelta(days=3)
        lines.read()
        service.read()
        assert stand_in.grant.number == 2


def test_grants_of_before() -> None:
    """What an older version kept under the source's name is found there."""
    with mall() as (service, stand_in):
        service.read()
        (sealed_text,) = service.vault.sealed.values()
        key = key_of(CLIENT_SECRET, "tokens")
        opened_text = unsealed(sealed_text, key, GRANT)
        assert opened_text
        service.vault.sealed.clear()
        service.vault.sealed["source records"] = sealed(opened_text, key, "source records")
        service.read()
        assert stand_in.grant.number == 1


def test_nothing_is_in_clear() -> None:
    """Neither the state nor what is said of an error has a token or the client's secret."""
    with mall() as (service, stand_in):
        service.read()
        (text,) = service.vault.sealed.values()
        secrets = [FIRST_TOKEN, CLIENT_SECRET, stand_in.grant.refresh, *stand_in.grant.access]
        assert not [secret for secret in secrets if secret in text]
        stand_in.grant.access.clear()
        with pytest.raises(DataError) as caught:
            service.read()
        assert caught.value.code == "source_reconnect"
        assert not [secret for secret in secrets if secret in f"{caught.value} {caught.value.hint}"]


def test_the_address_that_the_browser_was_led_to() -> None:
    """Its code is exchanged once; that it stands in the environment ever after changes nothing."""
    with mall() as (service, stand_in):
        service.vendor = replace(service.vendor, environment={**MALL.environment, "CAFE24_REFRESH_TOKEN": CODE_ADDRESS})
        service.read()
        service.today.instant += timedelta(days=3)
        service.read()
        assert (stand_in.grant.number, stand_in.grant.code) == (2, "")


def test_another_first_token_begins_anew() -> None:
    """Whoever grants access again puts the new token where the old one was; what the state has of that is over."""
    with mall() as (service, stand_in):
        service.read()
        stand_in.grant.refresh, stand_in.grant.until = "granted0anew", None
        stand_in.grant.access.clear()
        service.vendor = replace(
            service.vendor, environment={**MALL.environment, "CAFE24_REFRESH_TOKEN": "granted0anew"}
        )
        service.read()
        assert stand_in.grant.number == 2


def test_two_weeks_alone() -> None:
    """Access that nobody renewed in time is over, and somebody has to grant it again."""
    with mall() as (service, _stand_in):
        service.read()
        service.today.instant += timedelta(days=15)
        with pytest.raises(DataError) as caught:
            service.read()
        assert caught.value.code == "source_reconnect"


def test_one_renewal_at_a_time(tmp_path: Path) -> None:
    """While another process renews, this one waits for the next load and spends no token."""
    store = open_store("sqlite:///state.db", tmp_path)
    with mall() as (service, stand_in), StateVault(lambda: store, None).alone(GRANT, NOW) as is_alone:
        assert is_alone
        with pytest.raises(Exception, match="renewed by another"):
            service.read(vault=StateVault(lambda: store, None))
        assert stand_in.grant.number == 0


def test_without_a_state() -> None:
    """Where nothing can be kept, the one token is not spent."""
    with mall() as (service, stand_in):
        with pytest.raises(DataError) as caught:
            service.read(vault=None)
        assert caught.value.code == "source_vault"
        assert stand_in.grant.number == 0


def test_killed_between_answer_and_save(tmp_path: Path) -> None:
    """Whoever asked for the renewal is killed as it is answered: the next load is still connected."""
    asker: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        asker[0].send_signal(signal.SIGKILL)
        asker[0].wait()

    killing = Cafe24StandIn(Today(NOW), renewing=kill)
    with running_records(replace(MALL, made=lambda _now: killing)) as service:
        told = json.dumps([str(tmp_path), service.url, NOW.isoformat()])
        paths = os.pathsep.join(path for path in sys.path if path)
        asker.append(subprocess.Popen([sys.executable, "-c", ASKER, told], env=os.environ | {"PYTHONPATH": paths}))
        assert asker[0].wait(60) == -signal.SIGKILL
        waited = Event()
        while not list(tmp_path.glob(".*.renewed")):
            waited.wait(0.02)
        store = open_store("sqlite:///state.db", tmp_path)
        vault = StateVault(lambda: store, tmp_path)
        assert vault.read(GRANT) is None
        # Nobody gave the lease back.
        service.today.instant += timedelta(minutes=10)
        assert service.read(vault=vault)[0].covers
        assert killing.grant.number == 1
        assert vault.read(GRANT) is not None
        assert not list(tmp_path.glob(".*.renewed"))


@pytest.mark.parametrize("text", ["", "a token", "토큰 權杖", "x" * 10_000])
def test_sealing(text: str) -> None:
    """Only the same key under the same name opens it, and the same text is never sealed alike."""
    key = key_of("client secret", "tokens")
    one, two = sealed(text, key, "source shop"), sealed(text, key, "source shop")
    assert one != two
    assert unsealed(one, key, "source shop") == unsealed(two, key, "source shop") == text
    assert unsealed(one, key, "source other") is None
    assert unsealed(one, key_of("another secret", "tokens"), "source shop") is None
    assert unsealed(one[:-4] + "AAAA", key, "source shop") is None
    assert unsealed("no seal", key, "source shop") is None


def test_no_token_is_shown() -> None:
    """What is printed of the tokens and of who renews them has none."""
    with mall() as (service, stand_in):
        service.read()
        options = {"client_secret": CLIENT_SECRET, "refresh_token": FIRST_TOKEN}
        line = Line("cafe24", Forms(""), "", lambda _signing: {}, StoppedClock(NOW))
        rotating = RotatingToken(line, "records", options, service.vault, print)
        tokens = rotating.standing()
        assert tokens is not None
        shown = f"{tokens!r} {rotating!r}"
        assert not [secret for secret in (stand_in.grant.refresh, *options.values()) if secret in shown]
