"""What the files of a catalogue look like: one shape a kind of file, for checking and for editors' completion."""

from __future__ import annotations

from typing import get_args

from kpi_core.metrics import LANGUAGES, Aggregation, Cadence, ColumnType, Direction, MetricType, Moment, Offset, Unit
from kpi_core.shapes import AnyOf, Anything, Boolean, Field, ListOf, MappingOf, Number, OneOf, Record, Text, names

STAGES = ("awareness", "consideration", "conversion", "loyalty", "internal", "all")
TRUST = ("measured", "published", "rule of thumb", "no source stated")

_SAID = AnyOf((Text(), Record({language: Field(Text(), required=language == "en") for language in LANGUAGES})))
"""A sentence: in English for everybody, or in each language; one that is left out is English, too."""

_INPUT = AnyOf(
    (
        Text(),
        Record(
            {
                "is": Field(Text(), required=True, description="Arithmetic over model.measure and KPI ids"),
                "names": Field(names(), description="What people call this part, e.g. spend"),
                "unit": Field(OneOf(get_args(Unit)), description="How the part is written; count if left out"),
                "above_zero": Field(Text(), description="Count only groups in which this model.measure is above 0"),
                "by": Field(Text(), description="The dimension of those groups"),
                "offset": Field(OneOf(get_args(Offset)), description="Of another period than the asked one"),
                "trailing_months": Field(Number(whole=True, least=1), description="Of so many months up to the end"),
            }
        ),
    )
)
_INPUTS = MappingOf(_INPUT)
_EXAMPLE = Record(
    {
        "says": Field(Text(), description="The trap this example shows"),
        "tables": Field(MappingOf(ListOf(MappingOf(Anything()))), required=True),
        "ask": Field(Text(), required=True),
        "value": Field(Anything(), required=True, description="The value one can check by hand; empty for no data"),
        "parts": Field(MappingOf(Anything())),
        "goals": Field(ListOf(MappingOf(Anything())), description="Goals of kpi.yaml that the example needs"),
    }
)
_BENCHMARK = Record(
    {
        "text": Field(_SAID, required=True),
        "value": Field(Number(), description="In the KPI's own scale: 0.05 for 5 %"),
        "source": Field(Text(), required=True),
        "trust": Field(OneOf(TRUST), required=True),
    }
)
_VARIANT = Record(
    {
        "label": Field(names(), required=True, description="Stands behind the KPI's name, e.g. paid"),
        "reading": Field(_SAID, required=True),
        "formula": Field(Text()),
        "inputs": Field(_INPUTS, description="Only those that differ"),
        "worked_example": Field(ListOf(_EXAMPLE)),
    }
)

METRIC = Record(
    {
        "id": Field(Text(), required=True),
        "names": Field(names(), required=True),
        "aliases": Field(ListOf(Text()), description="Other words for it, in any language"),
        "shared_aliases": Field(ListOf(Text()), description="Words that mean other KPIs too: the question asks back"),
        "description": Field(names(), required=True, description="One sentence"),
        "type": Field(OneOf(get_args(MetricType)), required=True),
        "formula": Field(Text(), required=True, description="Arithmetic over the inputs"),
        "inputs": Field(_INPUTS, required=True),
        "unit": Field(OneOf(get_args(Unit)), required=True),
        "duration_unit": Field(OneOf(("seconds", "days", "months"))),
        "direction": Field(OneOf(get_args(Direction)), required=True, description="Which way is good"),
        "stage": Field(OneOf(STAGES), required=True),
        "cadence": Field(OneOf(get_args(Cadence)), required=True),
        "indicator": Field(OneOf(("leading", "lagging")), required=True),
        "vanity": Field(Boolean()),
        "audiences": Field(ListOf(OneOf(("exec", "manager", "specialist")))),
        "reading": Field(_SAID, required=True, description="Which reading of a disputed formula this is"),
        "fallback": Field(Text(), description="The variant that answers where this reading's tables are missing"),
        "split": Field(ListOf(Text()), description="Dimensions a question about it is split by unasked"),
        "variants": Field(MappingOf(_VARIANT)),
        "benchmarks": Field(ListOf(_BENCHMARK)),
        "playbook": Field(names(), description="What to do when it is off target"),
        "traps": Field(ListOf(_SAID)),
        "disputes": Field(ListOf(_SAID)),
        "worked_example": Field(ListOf(_EXAMPLE, at_least=1)),
    }
)

_COLUMN = Record(
    {
        "type": Field(OneOf(get_args(ColumnType)), required=True),
        "required": Field(Boolean()),
        "description": Field(Text()),
    }
)
_MEASURE = Record(
    {
        "agg": Field(OneOf(get_args(Aggregation)), required=True),
        "expr": Field(Text(), description="SQL over the model's columns"),
        "filter": Field(Text(), description="SQL condition: only these rows"),
        "time": Field(Text(), description="The time that puts a row into a period, if not the model's own"),
        "last_per": Field(ListOf(Text()), description="Semi-additive: only the last day with a row, of each of these"),
        "at": Field(OneOf(get_args(Moment)), description="Rows that hold at the start or end of the period, or both"),
        "spread": Field(Boolean(), description="Each row is a month's amount, spread over its days"),
        "without_values": Field(OneOf(("zero", "none")), description="A sum without any value: 0, or not known"),
        "matures": Field(
            Record(
                {
                    "days": Field(Number(whole=True, least=0)),
                    "months": Field(Number(whole=True, least=0)),
                    "keep": Field(Boolean(), description="Younger rows count as they stand, and the answer says so"),
                }
            ),
            description="How long until a row's outcome is known; younger rows are left out",
        ),
        "having": Field(
            Record({"per": Field(Text(), required=True), "at_least": Field(Number(), required=True)}),
            description="Count entities with at least so many rows",
        ),
        "description": Field(Text()),
    }
)

MODEL = Record(
    {
        "model": Field(Text(), required=True),
        "description": Field(Text(), required=True),
        "key": Field(ListOf(Text()), description="Columns that name a row; none for day tables"),
        "time": Field(Text(), required=True),
        "times": Field(MappingOf(Text()), description="Named times: SQL over the columns"),
        "sparse": Field(
            Boolean(), description="Rows come now and then; the newest does not say how fresh the table is"
        ),
        "lumpy": Field(Boolean(), description="Amounts belong to more days than the one they are booked on"),
        "columns": Field(MappingOf(_COLUMN), required=True),
        "dimensions": Field(ListOf(Text()), required=True),
        "entities": Field(MappingOf(Text())),
        "computed": Field(MappingOf(Text()), description="Columns the engine adds: SQL, windows allowed"),
        "relation": Field(Text(), description="SQL that makes the rows out of other models' tables"),
        "reads": Field(ListOf(Text()), description="The models whose tables relation reads"),
        "valid": Field(
            Record(
                {
                    "start": Field(Text(), required=True),
                    "end": Field(Text(), required=True),
                    "entity": Field(Text(), required=True),
                }
            ),
            description="Rows hold from one instant until another, for an entity",
        ),
        "measures": Field(MappingOf(_MEASURE), required=True),
    }
)

DIMENSIONS = MappingOf(Record({"names": Field(names(), required=True), "aliases": Field(ListOf(Text()))}))
