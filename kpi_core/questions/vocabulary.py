"""The words of a workspace: how its KPIs, dimensions and their values may be called in a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import LANGUAGES, Cadence, Catalog, Metric, Names
from kpi_core.questions.named import says_split
from kpi_core.questions.wording import plain

Values = Callable[[str], Sequence[str | None]]
"""The members of a dimension, read from the data."""

_ASIDE = re.compile(r"\s*[(（][^()（）]*[)）]\s*")


@frozen
class Vocabulary:
    """Phrases are in the plain form of `wording.py`. A phrase of several metrics is one to ask back about."""

    metrics: Mapping[str, tuple[str, ...]]
    """Phrase -> ids, two or more where it is ambiguous."""
    metric_names: Mapping[str, Names]
    dimensions: Mapping[str, str]
    """Phrase -> dimension id."""
    dimension_names: Mapping[str, Names]
    values: Values
    cadence: Mapping[str, Cadence]
    """Metric id -> how often it is looked at, which says what period a question without one is about."""
    short_names: Mapping[str, str] = field(default_factory=dict)
    """Metric id -> the abbreviation it goes by, where it has one."""
    splits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Metric id -> the dimensions it is always split by."""
    display: Mapping[str, str] = field(default_factory=dict)
    """Phrase -> how the catalogue writes it."""
    unoffered: frozenset[str] = frozenset()
    """Metric ids that are understood and never suggested, since the reader may not see them."""
    written: Mapping[str, str] = field(default_factory=dict)
    """Phrase -> the id that it means only as written: revenue_by_channel; "revenue by channel" is a split."""
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Whose revenue it is, "returning customers" -> by a KPI's id that of the KPI which is theirs alone."""
    money: frozenset[str] = frozenset()
    """Ids of the KPIs that are amounts."""
    counts: frozenset[str] = frozenset()
    """Ids of the KPIs that are counts."""
    ratios: frozenset[str] = frozenset()
    """Ids of the KPIs that are averages by themselves: one sum over another."""
    balances: frozenset[str] = frozenset()
    """Ids of the KPIs that are as they stand at the end of a period."""
    growth_of: Mapping[str, str] = field(default_factory=dict)
    """Id of a KPI that says how another one grew -> that other one."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Metric id -> the unit of its values."""
    currency: str = ""
    """The currency of amounts, as far as is known."""
    dimensions_of: Callable[[str], Sequence[str]] | None = None
    """Metric id -> the dimensions that it can be split by; None where nobody knows."""

    @property
    def known(self) -> frozenset[str]:
        """The ids of all KPIs."""
        return frozenset(self.metric_names)

    def splits_of(self, metric: str) -> Sequence[str]:
        """The dimensions by which a KPI may be split, as far as is known."""
        return tuple(self.dimension_names) if self.dimensions_of is None else self.dimensions_of(metric)

    def by_what_splits(self, metric: str) -> Vocabulary:
        """The same words with the dimensions of one KPI alone."""
        splits = set(self.splits_of(metric))
        return replace(
            self,
            dimensions={phrase: name for phrase, name in self.dimensions.items() if name in splits},
            dimension_names={name: names for name, names in self.dimension_names.items() if name in splits},
        )

    def offered(self, metrics: Iterable[str]) -> list[str]:
        """Those of the metrics that may be suggested."""
        return [metric for metric in metrics if metric not in self.unoffered]

    def offered_phrases(self) -> Sequence[str]:
        """The ways to call a KPI that may be suggested."""
        if not self.unoffered:
            return tuple(self.metrics)
        return [phrase for phrase, metrics in self.metrics.items() if not self.unoffered.issuperset(metrics)]

    def name(self, metric: str, language: str) -> str:
        names = self.metric_names[metric]
        return names.get(language) or names["en"]

    def described(self, metric: str, language: str) -> str:
        """A KPI for people to recognise: "CAC (customer acquisition cost)"."""
        name = self.name(metric, language)
        short = self.short_names.get(metric)
        if not short or short.casefold() == name.casefold():
            return name
        inner = name[0].lower() + name[1:] if language == "en" and not name[:2].isupper() else name
        return f"{short} ({inner})"

    def words_for(self, metric: str, language: str) -> str:
        """Words that mean this KPI and no other: its name, or else its id."""
        name = self.name(metric, language)
        return name if self.metrics.get(plain(name)) == (metric,) else metric


def build_vocabulary(catalog: Catalog, values: Values) -> Vocabulary:
    """All names, aliases and ids: an id wins over names, a name over aliases, a KPI over its variants.

    A name that reads as another KPI by a dimension is none: "X by D" always splits X.
    """
    metrics, display = _metric_phrases(catalog)
    dimensions = _dimension_phrases(catalog)
    splits = {phrase for phrase in metrics if says_split(phrase, metrics, dimensions)}
    return Vocabulary(
        metrics={phrase: ids for phrase, ids in metrics.items() if phrase not in splits},
        metric_names={metric.id: metric.names for metric in catalog.metrics.values()},
        dimensions=dimensions,
        dimension_names={dimension.id: dimension.names for dimension in catalog.dimensions.values()},
        values=values,
        cadence={metric.id: metric.cadence for metric in catalog.metrics.values()},
        short_names={metric.id: short for metric in catalog.metrics.values() if (short := _short_name(metric))},
        splits={metric.id: metric.split for metric in catalog.metrics.values() if metric.split},
        display=display,
        written={plain(metric): metric for metric in catalog.metrics if plain(metric) in splits},
        people=_people(catalog, metrics),
        money=frozenset(metric.id for metric in catalog.metrics.values() if metric.unit == "currency"),
        units={metric.id: metric.unit for metric in catalog.metrics.values()},
        counts=frozenset(metric.id for metric in catalog.metrics.values() if metric.unit == "count"),
        ratios=frozenset(metric.id for metric in catalog.metrics.values() if metric.type == "ratio"),
        balances=frozenset(metric.id for metric in catalog.metrics.values() if metric.type == "cumulative"),
        growth_of=_growth_of(catalog),
    )


def _growth_of(catalog: Catalog) -> dict[str, str]:
    """Of each KPI with a part of an earlier period, the KPI that is this part alone."""
    alone = {
        part.expression: metric.id
        for metric in reversed(list(catalog.kpis()))
        for part in metric.inputs.values()
        if len(metric.inputs) == 1 and part.offset is None and metric.type == "simple" and not metric.split
    }
    earlier = ((metric.id, part) for metric in catalog.kpis() for part in metric.inputs.values() if part.offset)
    return {metric: alone[part.expression] for metric, part in earlier if part.expression in alone}


_WHO = ("customer", "customers", "고객", "客", "客戶", "顧客")


def _people(catalog: Catalog, phrases: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, str]]:
    """Out of the names that say whose number it is: of "returning customer revenue" is "returning customer"."""
    plain_kpis = {phrase: ids[0] for phrase, ids in phrases.items() if len(ids) == 1 and "@" not in ids[0]}
    named = {phrase: kpi for phrase, kpi in plain_kpis.items() if any(word in phrase for word in _WHO)}
    people: dict[str, dict[str, str]] = {}
    for whole, theirs in named.items():
        for end in range(1, len(whole)):
            who, kpi = whole[:end].rstrip(), plain_kpis.get(whole[end:], theirs)
            alike = catalog.metrics[kpi].unit == catalog.metrics[theirs].unit
            if kpi == theirs or not alike or not who.endswith(_WHO) or who in phrases:
                continue
            for words in (who, f"{who}s") if who.isascii() else (who,):
                people.setdefault(words, {}).setdefault(kpi, theirs)
    return people


def names_that_split(catalog: Catalog, metrics: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Id and word, of some KPIs: the names and aliases that read as another KPI by a dimension, so ask for that."""
    phrases = build_vocabulary(catalog, lambda _dimension: ()).metrics
    for metric in (catalog.metrics[metric_id] for metric_id in metrics):
        words = (*metric.names.values(), *metric.aliases)
        yield from ((metric.id, word) for word in words if plain(word) not in phrases and "=" not in word)


_RATES = (("률", "율"), ("율", "률"))
_MANY_KOREAN, _MANY_CHINESE = ("수", "개수", "갯수", "건수"), ("數", "數量", "總數")
_MANY_ENDS = ("수", "량", "명", "건", "數", "量", "次", "人")
_SHORTER = (("average ", "avg "), ("conversion ", "conv "), ("advertising ", "ad "))


def _metric_phrases(catalog: Catalog) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Phrase -> the ids of highest rank; phrase -> how the catalogue writes it."""
    ranked: dict[str, dict[str, int]] = {}
    display: dict[str, str] = {}
    for metric in catalog.metrics.values():
        for rank, words in _phrases(metric):
            phrase = plain(words)
            if phrase:
                ranks = ranked.setdefault(phrase, {})
                ranks[metric.id] = min(rank, ranks.get(metric.id, rank))
                display.setdefault(phrase, words)
    metrics = {phrase: _best(ranks) for phrase, ranks in ranked.items()}
    # Another KPI's own name stays that KPI's.
    for phrase, ids in tuple(metrics.items()):
        counts = all(catalog.metrics[metric].unit == "count" for metric in ids)
        for other in (*_other_forms(phrase), *(_counted(phrase) if counts else ())):
            metrics.setdefault(other, ids)
    return metrics, display


def _other_forms(phrase: str) -> Iterator[str]:
    """What a name is called as well: "open rates", "conv rate", 클릭율."""
    if phrase.isascii() and len(phrase) > len("rate") and phrase[-1].isalpha() and not phrase.endswith("s"):
        yield f"{phrase}s"
    yield from (phrase.replace(long, short) for long, short in _SHORTER if long in phrase)
    yield from (phrase.removesuffix(one) + other for one, other in _RATES if phrase.endswith(one))


def _counted(phrase: str) -> Iterator[str]:
    """A count with the word for how many: "mql count", MQL 개수, 訂單數量."""
    if phrase.isascii():
        yield f"{phrase} count"
        yield from (f"{phrase}{many}" for many in (*_MANY_KOREAN, *_MANY_CHINESE))
    elif not phrase.endswith(_MANY_ENDS):
        yield from (f"{phrase}{many}" for many in (_MANY_KOREAN if "가" <= phrase[-1] <= "힣" else _MANY_CHINESE))


def _phrases(metric: Metric) -> Iterator[tuple[int, str]]:
    """Every way to call a metric, with its rank: lower wins."""
    # A variant's own name comes after every alias of the plain KPIs.
    later = 10 if metric.variant_of else 0
    yield 0, metric.id
    names = [metric.names[language] for language in LANGUAGES if metric.names.get(language)]
    yield from ((later + 1, name) for name in names)
    # With "=" it would be read as a filter before anybody looked for a KPI.
    yield from ((later + 2, alias) for alias in metric.aliases if "=" not in alias)
    # Without the words in brackets, too: "이탈률(바운스)" is typed as 이탈률. A variant is told apart by its own.
    if not metric.variant_of:
        yield from ((2, _ASIDE.sub(" ", words)) for words in (*names, *metric.aliases) if _ASIDE.search(words))


def _best(ranks: Mapping[str, int]) -> tuple[str, ...]:
    best = min(ranks.values())
    return tuple(metric for metric, rank in ranks.items() if rank == best)


def _short_name(metric: Metric) -> str | None:
    """The alias in capitals that reads as the id does; a variant goes by its whole id."""
    return next((alias for alias in metric.aliases if alias.isupper() and plain(alias) == plain(metric.id)), None)


def _dimension_phrases(catalog: Catalog) -> dict[str, str]:
    phrases: dict[str, str] = {}
    for dimension in catalog.dimensions.values():
        for words in (dimension.id, *dimension.names.values(), *dimension.aliases):
            phrases.setdefault(plain(words), dimension.id)
    # "By channels"; another dimension's own name stays that dimension's.
    for phrase, dimension_id in tuple(phrases.items()):
        if phrase.isascii() and not phrase.endswith("s"):
            phrases.setdefault(f"{phrase}s", dimension_id)
    return phrases
