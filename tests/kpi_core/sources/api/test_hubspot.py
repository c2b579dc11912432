"""What is HubSpot's alone: searches that end somewhere, and statuses of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from record_side import NOW, RECORDS, running_records

from kpi_core.sources import Outcome
from kpi_core.sources.api.forms import forms_of
from kpi_core.sources.api.outcomes import RefusedError, Reply, judged
from kpi_core.sources.api.stand_ins.crm import Crm, CrmRecord
from kpi_core.sources.hubspot.stand_in import HubSpotStandIn

import long


@pytest.mark.long
def test_more_hits_than_a_search_shows() -> None:
    """A search that ends at 10,000 results: of 10,001 deals, all come, each once."""
    most = long.times(400, 10_000)
    made = NOW - timedelta(days=3)
    deals = tuple(CrmRecord(number, made, "PAID_SEARCH", amount=Decimal(number)) for number in range(1, most + 2))
    stand_in = replace(RECORDS["hubspot"], made=lambda now: HubSpotStandIn(now, Crm(deals), most))
    with running_records(stand_in) as service:
        _raw, records = service.read()
    own = {key: record for key, record in records.items() if int(key) <= most + 1}
    assert len(own) == most + 1
    assert sum(record[4] for record in own.values()) == Decimal((most + 1) * (most + 2) // 2)
    long.ran("deals beyond the end of a search", most + 1)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (530, {}, "reconnect"),
        (477, {}, "retry_now"),
        (429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY"}, "retry_tomorrow"),
        (429, {"status": "error", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}, "retry_now"),
        (403, {"status": "error", "category": "MISSING_SCOPES"}, "reconnect"),
        (400, {"status": "error", "category": "VALIDATION_ERROR"}, "our_fault"),
    ],
)
def test_outcomes(status: int, body: object, outcome: Outcome) -> None:
    """Its own statuses, and the rule that was broken, say what mends it."""
    with pytest.raises(RefusedError) as caught:
        judged(Reply(status, {}, json.dumps(body).encode()), forms_of("hubspot").errors, NOW)
    assert caught.value.trouble.outcome == outcome
