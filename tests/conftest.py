"""Shared by all tests: golden files, and settings that make hypothesis repeatable."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "sides"))

from kpi_core.cache import caching

import golden
import long

settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_FOLDER = "KPI_TESTS_FOLDER"
_made = "" if _FOLDER in os.environ else os.environ.setdefault(_FOLDER, tempfile.mkdtemp(prefix="kpi-tests-"))
"""Where this run keeps what its tests and workers share; the first process makes it and clears it away."""
# What the product caches on disk is worked out once a run. From here on: tests read the catalogue while collected.
_caching = ExitStack()
_caching.enter_context(caching(Path(os.environ[_FOLDER]) / "cached"))

_SERVERS = {"postgres", "clickhouse", "spark"}
_OBJECTS = 20_000
"""How many new objects there may be before Python looks for garbage: with its own 700 that is a twentieth of a run."""
_UNUSED = pytest.StashKey[list[str]]()
_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files instead of comparing")


def pytest_configure(config: pytest.Config) -> None:
    # Until all tests are collected nothing is garbage.
    gc.disable()
    config.addinivalue_line("markers", "long: a promise with a long form, which `make long` runs")
    golden.update = config.getoption("--update-golden")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """What is learnt of a server's tables is cached for a minute, in which a test writes them anew."""
    if _SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
        return (yield)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kpi_core.cache._folder", None)
        return (yield)


def pytest_collection_finish() -> None:
    """Thousands of tests live until the end: nobody need look through them for garbage, nor after every few objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    _caching.close()
    if _made:
        shutil.rmtree(_made, ignore_errors=True)
        del os.environ[_FOLDER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What a test counted travels in its report, from workers too."""
    long.taken()
    try:
        return (yield)
    finally:
        item.user_properties.extend(long.taken())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """With pytest -n, each worker knows only the golden files of its own tests; here they come together."""
    golden.used |= set(getattr(node, "workeroutput", {}).get("golden", ()))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A whole run that went well leaves no golden file unused."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["golden"] = sorted(golden.used)
    elif exitstatus == pytest.ExitCode.OK and _is_whole(config):
        config.stash[_UNUSED] = golden.unused()
        if config.stash[_UNUSED]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config: pytest.Config) -> bool:
    """Whether every test was asked for."""
    narrowed = any(config.getoption(option, default=None) for option in _NARROWING)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name in config.stash.get(_UNUSED, []):
        terminalreporter.write_line(f"No test uses the golden file {name}; remove it.", red=True)
    if long.share() is not None:
        _write_counts(terminalreporter)


def _write_counts(terminalreporter: pytest.TerminalReporter) -> None:
    """The end of a long run: how often each promise was tried, by the reports of the tests themselves."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    calls = [report for report in reports if getattr(report, "when", "") == "call"]
    terminalreporter.section(f"long forms, share {long.share():g}")
    for line in long.lines(count for report in calls for count in report.user_properties):
        terminalreporter.write_line(line)
