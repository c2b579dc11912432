"""Figures from outside."""

from __future__ import annotations

from dataclasses import replace

from answer_examples import CAC

from kpi_core.formats.benchmarks import benchmark_json, benchmark_of
from kpi_core.metrics import Benchmark

WORDS = Benchmark({"en": "about 250 %, search marketing"}, "a guide", "low")
FIGURE = Benchmark({"en": "5 %", "ko": "5 퍼센트"}, "a survey", "medium", 0.05)


def test_a_figure_before_words() -> None:
    """The first benchmark with a figure is shown, else the first in words, else none."""
    assert benchmark_of(replace(CAC, benchmarks=(WORDS, FIGURE))) is FIGURE
    assert benchmark_of(replace(CAC, benchmarks=(WORDS,))) is WORDS
    assert benchmark_of(replace(CAC, benchmarks=())) is None


def test_as_json() -> None:
    """A benchmark says its figure, source and trust; without a figure its value is null."""
    expected = {"text": "5 %", "source": "a survey", "trust": "medium", "value": 0.05}
    assert benchmark_json(replace(CAC, benchmarks=(FIGURE,))) == expected
    assert benchmark_json(replace(CAC, benchmarks=(WORDS,))) == {
        "text": "about 250 %, search marketing",
        "source": "a guide",
        "trust": "low",
        "value": None,
    }
    assert benchmark_json(replace(CAC, benchmarks=())) is None
