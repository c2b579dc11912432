"""Cards: what a person reads in Slack, as values. Pure: an Answer in, text and blocks out.

Buttons carry the action id `kpi_ask` (value: a whole question) or `kpi_explain` (value: a metric id). Slack wants ids
to be unique in a row, so the second is `kpi_ask.2` and so on.
"""
