"""kpi connect against a local stand-in: what to do, the accounts by name, the source in kpi.yaml, the first numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from vendor_side import VENDORS, Running, running

from bot.cli import main
from kpi_core.settings.source_types import services

OWN = "company: Hanok  # ours\ntimezone: Asia/Seoul\ncurrency: KRW\n"
CLOCK = ("--now", "2026-11-27T12:00")


@pytest.fixture(scope="module")
def meta() -> Iterator[Running]:
    with running(VENDORS["meta_ads"]) as served:
        yield served


@pytest.fixture
def firm(tmp_path: Path, meta: Running, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a kpi.yaml, in which the service is the stand-in."""
    meta.reset()
    (tmp_path / "kpi.yaml").write_text(OWN, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in meta.environment.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_connecting(firm: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The steps, the waiting time, that it was tried against a stand-in alone, each account, and the first days."""
    assert main(["connect", "Meta", "--yes", "--first", *CLOCK]) == 0
    out = capsys.readouterr().out
    assert "ads_read" in out
    assert "never against Meta itself" in out
    assert "Hanok Taiwan (1002), TWD, Asia/Taipei" in out
    assert "meta_ads → ad_performance:" in out
    text = (firm / "kpi.yaml").read_text("utf-8")
    assert text.startswith(OWN)
    assert 'token: "${META_ADS_TOKEN}"' in text
    assert VENDORS["meta_ads"].environment["META_ADS_TOKEN"] not in text + out
    assert main(["connect", "meta_ads", "--yes", "--first", "--json", "--set", "account_ids=1001, 1003", *CLOCK]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["currency"] for each in document["accounts"]] == ["KRW", "TWD", "USD"]
    assert 'account_ids: ["1001", "1003"]' in (firm / "kpi.yaml").read_text("utf-8")
    assert (firm / "kpi.yaml").read_text("utf-8").count("type: meta_ads") == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("connect", "meta", "--yes"), 1, "META_ADS_TOKEN is not set."),
        (("connect", "metta", "--yes"), 2, "Did you mean meta_ads"),
        (("connect", "naver", "--yes"), 1, "account_ids is needed."),
        (("connect", "meta", "--yes", "--set", "token=abc"), 2, "--set token= is no option"),
        (("connect", "meta", "--yes", "--set", "nothing"), 2, "--set says nothing."),
        (("connect", "meta", "--yes", "--set", "table=orders"), 2, "It fills ad_performance."),
        (("connect", "facebook", "--yes", "--set", "table=orders"), 2, "It fills social_accounts or social_posts."),
    ],
)
def test_what_lacks(
    firm: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    """What is missing or wrong is told with what to do, and kpi.yaml stays as it was."""
    monkeypatch.delenv("META_ADS_TOKEN")
    assert main([*words, *CLOCK]) == code
    assert said in capsys.readouterr().err
    assert (firm / "kpi.yaml").read_text("utf-8") == OWN


def test_access_that_is_refused(
    firm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong token connects nothing, and is not repeated."""
    monkeypatch.setenv("META_ADS_TOKEN", "wrong-secret-token")
    assert main(["connect", "meta", "--yes", *CLOCK]) == 1
    shown = capsys.readouterr()
    assert "access is refused" in shown.err
    assert "wrong-secret-token" not in shown.out + shown.err
    assert (firm / "kpi.yaml").read_text("utf-8") == OWN


@pytest.mark.usefixtures("firm")
def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name: every service with how long its access takes."""
    assert main(["connect"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == set(services())
