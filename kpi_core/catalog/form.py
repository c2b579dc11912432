"""What the files of a catalogue look like: one shape a kind of file, for checking and for editors' completion."""

from __future__ import annotations

import re
from typing import get_args

from kpi_core.catalog.lengths_of_time import window_of
from kpi_core.documents.shapes import (
    AnyOf,
    Boolean,
    Day,
    Empty,
    Field,
    ListOf,
    MappingOf,
    Number,
    OneOf,
    Record,
    Text,
    Verdict,
    names,
)
from kpi_core.metrics import (
    AUDIENCES,
    CARRIED_DAYS,
    LANGUAGES,
    STAGES,
    Aggregation,
    Cadence,
    CalendarUnit,
    ColumnType,
    Counted,
    Direction,
    MetricType,
    Moment,
    Offset,
    PeriodAgg,
    Unit,
)
from kpi_core.settings.rules import GOAL

TRUST = ("measured", "published", "rule of thumb", "no source stated")

_NAME = re.compile(r"[^\W\d]\w*")
_WORD = re.compile(r"\w+")
_SENTENCE = AnyOf((Text(), Record({language: Field(Text(), required=language == "en") for language in LANGUAGES})))
"""A sentence: in English for everybody, or in each language; one that is left out is English, too."""


def _is_name(text: str) -> Verdict:
    return None if _NAME.fullmatch(text) else (f"{text} is no name", "Use letters, digits and _, a letter first.")


def _is_word(text: str) -> Verdict:
    return None if _WORD.fullmatch(text) else (f"{text} is no name", "Use letters, digits and _.")


def _is_window(text: str) -> Verdict:
    return (
        None if window_of(text) else (f"{text} is no time", "Write a number and a unit, such as 14 days or 2 months.")
    )


def _is_trailing(text: str) -> Verdict:
    return None if text == "all" else _is_window(text)


_A_NAME = Text(_is_name, says="a name of letters, digits and _")
"""What formulas and questions call something by."""
_A_WORD = Text(_is_word, says="letters, digits and _")
_INPUT = AnyOf(
    (
        Text(),
        Record(
            {
                "is": Field(Text(), required=True, description="Arithmetic over model.measure and KPI ids"),
                "names": Field(names(), description="What people call this part, e.g. spend"),
                "unit": Field(OneOf(get_args(Unit)), description="How the part is written; count if left out"),
                "above_zero": Field(Text(), description="Count only groups in which this model.measure is above 0"),
                "by": Field(Text(), description="The dimension or entity of those groups"),
                "where": Field(
                    Record(
                        {
                            "metric": Field(Text(), required=True, description="A KPI, or model.measure"),
                            "above": Field(Number(), description="Only groups whose number is higher"),
                            "at_least": Field(Number(), description="Only groups with this number or more"),
                            "below": Field(Number(), description="Only groups whose number is lower"),
                            "at_most": Field(Number(), description="Only groups with this number or less"),
                        }
                    ),
                    description="Count only groups in which another number of the same days is so high or low",
                ),
                "offset": Field(OneOf(get_args(Offset)), description="Of another period than the asked one"),
                "trailing_months": Field(Number(whole=True, least=1), description="Of so many months up to the end"),
                "offset_window": Field(
                    Text(_is_window, says="a time such as 14 days"), description="Of the days so much earlier: 14 days"
                ),
                "offset_to_grain": Field(
                    OneOf(get_args(CalendarUnit)), description="Of the first day of the unit that the period begins in"
                ),
                "window": Field(
                    Text(_is_trailing, says="a time such as 7 days, or all"),
                    description="Of so much time up to the end of the period: 7 days, 2 months; all: since ever",
                ),
                "grain_to_date": Field(
                    OneOf(get_args(CalendarUnit)), description="From the start of the unit that the period ends in"
                ),
                "period_agg": Field(
                    OneOf(get_args(PeriodAgg)),
                    description="Whether window and grain_to_date end with the first or last day of the period",
                ),
                "fill_nulls_with": Field(Number(), description="What stands for no data"),
            }
        ),
    )
)
_INPUTS = MappingOf(_INPUT, key=_A_NAME)
_VALUE = AnyOf((Number(), Empty()))
_CELL = AnyOf((Text(), Number(), Boolean(), Day(), Empty()))
_EXAMPLE = Record(
    {
        "says": Field(Text(), description="The trap this example shows"),
        "tables": Field(
            MappingOf(ListOf(MappingOf(_CELL))),
            required=True,
            description="A few rows of each table; columns left out are empty",
        ),
        "ask": Field(Text(), required=True, description="A question as people ask it, e.g. cac 2026-10"),
        "value": Field(_VALUE, required=True, description="The value one can check by hand; empty for no data"),
        "parts": Field(MappingOf(_VALUE), description="Values of the formula's inputs"),
        "goals": Field(ListOf(GOAL), description="Goals of kpi.yaml that the example needs"),
    }
)
_BENCHMARK = Record(
    {
        "text": Field(_SENTENCE, required=True, description="The figure in words, with what it holds for"),
        "value": Field(Number(), description="In the KPI's own scale: 0.05 for 5 %"),
        "source": Field(Text(), required=True, description="Where the figure comes from"),
        "trust": Field(OneOf(TRUST), required=True, description="How far the figure can be relied on"),
    }
)
_UNIT = Field(OneOf(get_args(Unit)), required=True, description="What the value is; percent is kept as a fraction")
_DURATION_UNIT = Field(OneOf(("seconds", "days", "months")), description="What a duration is counted in")
_DIRECTION = Field(OneOf(get_args(Direction)), required=True, description="Which way is good")
_TYPE = Field(
    OneOf(get_args(MetricType)), required=True, description="simple: one input; ratio: one over another; else derived"
)
_EXAMPLES = "Small tables with the value that one can check by hand; kpi check runs them"


def _if_other(field: Field) -> Field:
    """A field that a variant gives only where it differs from its KPI."""
    return Field(field.shape, description=f"{field.description}; only if other than the KPI's")


_VARIANT = Record(
    {
        "label": Field(names(), required=True, description="Stands behind the KPI's name, e.g. paid"),
        "reading": Field(_SENTENCE, required=True, description="One sentence: how this variant reads the KPI"),
        "type": _if_other(_TYPE),
        "formula": Field(Text(), description="Arithmetic over the inputs; only if other than the KPI's"),
        "inputs": Field(_INPUTS, description="Only those that differ"),
        "unit": _if_other(_UNIT),
        "duration_unit": _if_other(_DURATION_UNIT),
        "direction": _if_other(_DIRECTION),
        "worked_example": Field(ListOf(_EXAMPLE), description=_EXAMPLES),
    }
)

METRIC = Record(
    {
        "id": Field(_A_NAME, required=True, description="What formulas, goals and kpi.yaml call it by"),
        "names": Field(names(), required=True, description="What people call it"),
        "aliases": Field(ListOf(Text()), description="Other words for it, in any language"),
        "shared_aliases": Field(ListOf(Text()), description="Words that mean other KPIs too: the question asks back"),
        "description": Field(names(), required=True, description="One sentence: what it says about the business"),
        "type": _TYPE,
        "formula": Field(Text(), required=True, description="Arithmetic over the inputs"),
        "inputs": Field(
            _INPUTS, required=True, description="The parts of the formula by name: model.measure or KPI ids"
        ),
        "unit": _UNIT,
        "duration_unit": _DURATION_UNIT,
        "ratio_of": Field(
            OneOf(get_args(Counted)),
            description="What a ratio counts per one: 1.2 times, 3.4 pages; else it is a multiple",
        ),
        "percent_in": Field(
            ListOf(OneOf(LANGUAGES)),
            description="Languages whose readers write the ratio as a percentage: 3.1 is 310 %",
        ),
        "direction": _DIRECTION,
        "stage": Field(OneOf(STAGES), required=True, description="The part of the customer journey it belongs to"),
        "cadence": Field(OneOf(get_args(Cadence)), required=True, description="How often it is worth a look"),
        "indicator": Field(
            OneOf(("leading", "lagging")), required=True, description="Whether it foretells results or counts them"
        ),
        "vanity": Field(Boolean(), description="Flatters without a business goal behind it; never to stand alone"),
        "audiences": Field(ListOf(OneOf(AUDIENCES)), description="Whose summaries show it"),
        "reading": Field(
            _SENTENCE, required=True, description="One sentence: which reading of a disputed formula this is"
        ),
        "fallback": Field(Text(), description="The variant that answers where this reading's tables are missing"),
        "split": Field(ListOf(Text()), description="Dimensions a question about it is split by unasked"),
        "variants": Field(MappingOf(_VARIANT, key=_A_WORD), description="Other readings, asked for as kpi@variant"),
        "benchmarks": Field(ListOf(_BENCHMARK), description="Figures from outside to hold it against"),
        "playbook": Field(names(), description="What to do when it is off target"),
        "traps": Field(ListOf(_SENTENCE), description="What makes the number mislead, a sentence each"),
        "disputes": Field(ListOf(_SENTENCE), description="What people define differently, a sentence each"),
        "worked_example": Field(ListOf(_EXAMPLE, at_least=1), description=_EXAMPLES),
    }
)

_COLUMN = Record(
    {
        "type": Field(OneOf(get_args(ColumnType)), required=True, description="decimal is exact; timestamp an instant"),
        "required": Field(Boolean(), description="A row without it is kept out by kpi load"),
        "description": Field(Text(), description="What the column holds"),
        "empty": Field(OneOf(("none", "not_yet")), description="An empty cell means: there is none, or not yet"),
        "words": Field(
            MappingOf(ListOf(Text())),
            description="Its words with a meaning, each with what people write for it; any other is told",
        ),
        "money": Field(Boolean(), description="Amounts of money: loads bring them into the firm's currency"),
    }
)
_MEASURE = Record(
    {
        "agg": Field(OneOf(get_args(Aggregation)), required=True, description="What is made of the rows"),
        "expr": Field(Text(), description="SQL over the model's columns"),
        "filter": Field(Text(), description="SQL condition: only these rows"),
        "time": Field(Text(), description="The time that puts a row into a period, if not the model's own"),
        "agg_params": Field(
            Record(
                {
                    "percentile": Field(Number(), required=True, description="The share, such as 0.95"),
                    "use_discrete_percentile": Field(
                        Boolean(), description="One of the values, never a number between two"
                    ),
                }
            ),
            description="What agg: percentile is one of",
        ),
        "last_per": Field(
            ListOf(Text()), description="A balance kept as snapshots: of each of these, the last day with a row counts"
        ),
        "carried_days": Field(
            Number(whole=True, least=0),
            description=f"For so many days the last row stands in for missing ones; {CARRIED_DAYS} if left out",
        ),
        "non_additive_dimension": Field(
            Record(
                {
                    "window_choice": Field(
                        OneOf(("min", "max")), description="The first day, or the last; max if left out"
                    ),
                    "window_groupings": Field(ListOf(Text()), description="Of each of these columns by itself"),
                }
            ),
            description="Of the asked days only the first or last with rows counts, and nothing from before is carried",
        ),
        "at": Field(OneOf(get_args(Moment)), description="Rows that hold at the start or end of the period, or both"),
        "spread": Field(Boolean(), description="Each row is the amount of its month, spread over its days up to now"),
        "ahead": Field(Boolean(), description="Of what is spread, days that have not come count, too"),
        "without_values": Field(OneOf(("zero", "none")), description="A sum without any value: 0, or not known"),
        "matures": Field(
            Record(
                {
                    "days": Field(Number(whole=True, least=0), description="So many days after its own"),
                    "months": Field(Number(whole=True, least=0), description="So many whole months after its own"),
                    "keep": Field(Boolean(), description="Younger rows count as they stand, and the answer says so"),
                }
            ),
            description="How long until a row's outcome is known; younger rows are left out",
        ),
        "having": Field(
            Record(
                {
                    "per": Field(Text(), required=True, description="The entity, by its name in the model"),
                    "at_least": Field(
                        Number(whole=True, least=1), required=True, description="So many rows of the period"
                    ),
                }
            ),
            description="Count entities with at least so many rows",
        ),
        "needs": Field(ListOf(Text()), description="Of may_lack, the tables without which it says nothing"),
        "description": Field(Text(), description="What the measure counts, where its name does not say it"),
        "reveals": Field(
            ListOf(Text()),
            description="Measures that this one gives away where they are limited; [] for none, else by its expr",
        ),
    }
)

MODEL = Record(
    {
        "model": Field(_A_NAME, required=True, description="The name of the table"),
        "description": Field(Text(), required=True, description="What one row is"),
        "key": Field(ListOf(Text()), description="Columns that name a row; none for day tables"),
        "time": Field(Text(), required=True, description="The date or timestamp column that puts a row into a period"),
        "times": Field(MappingOf(Text()), description="Named times: SQL over the columns"),
        "sparse": Field(
            Boolean(), description="Rows come now and then; the newest does not say how fresh the table is"
        ),
        "plan": Field(Boolean(), description="Rows say what is meant to be; those dated ahead count, too"),
        "lumpy": Field(Boolean(), description="Amounts belong to more days than the one they are booked on"),
        "members": Field(
            ListOf(Text()), description="Dimensions whose values report every day; one that stops is told"
        ),
        "entered_by": Field(
            Text(), description="The column whose values people enter monthly; a month without is told"
        ),
        "columns": Field(MappingOf(_COLUMN), required=True, description="The columns by name"),
        "dimensions": Field(
            ListOf(Text()),
            required=True,
            description="Columns, computed ones too, that may split or filter; [] for none",
        ),
        "entities": Field(MappingOf(Text()), description="What rows belong to: entity and its column"),
        "primary_entity": Field(
            Text(), description="One row is one of this entity; models that have it gain its dimensions"
        ),
        "computed": Field(MappingOf(Text()), description="Columns the engine adds: SQL, windows allowed"),
        "relation": Field(Text(), description="SQL that makes the rows out of other models' tables"),
        "reads": Field(ListOf(Text()), description="The models whose tables relation reads"),
        "may_lack": Field(ListOf(Text()), description="Of reads, the tables that need not be there: then without rows"),
        "valid": Field(
            Record(
                {
                    "start": Field(Text(), required=True, description="Column of the first instant"),
                    "end": Field(Text(), required=True, description="Column of the last; empty: still"),
                    "entity": Field(Text(), required=True, description="Column that says whose row it is"),
                }
            ),
            description="Rows hold from one instant until another, for an entity",
        ),
        "measures": Field(
            MappingOf(_MEASURE, key=_A_NAME), required=True, description="What formulas use as model.measure"
        ),
    }
)

LOOKUP = Record(
    {
        "model": Field(_A_NAME, required=True, description="The name of the table"),
        "description": Field(Text(), required=True, description="What one row is"),
        "primary_entity": Field(
            Text(), required=True, description="One row is one of this entity; models that have it gain its dimensions"
        ),
        "key": Field(
            ListOf(Text()), required=True, description="The one column that names a row; with valid, its start after it"
        ),
        "entities": Field(MappingOf(Text()), description="What its rows belong to in turn: entity and its column"),
        "valid": Field(
            Record(
                {
                    "start": Field(Text(), required=True, description="Column of the first day or instant"),
                    "end": Field(Text(), required=True, description="Column of the first one after; empty: still"),
                }
            ),
            description="A row for each span of time: facts see the one of their own date",
        ),
        "columns": Field(MappingOf(_COLUMN), required=True, description="The columns by name"),
        "computed": Field(
            MappingOf(Text()), description="Dimensions that the table does not have: SQL over its columns"
        ),
        "dimensions": Field(
            ListOf(Text()), required=True, description="Columns, computed ones too, that may split or filter"
        ),
    }
)
"""A table without a date: what it tells of an entity splits and filters the models whose rows belong to one."""

DIMENSIONS = MappingOf(
    Record(
        {
            "names": Field(names(), required=True),
            "aliases": Field(ListOf(Text())),
            "words": Field(MappingOf(ListOf(Text())), description="Values with a meaning, and the words for them"),
        }
    )
)
