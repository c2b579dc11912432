"""Words in three languages to a MetricQuery."""
