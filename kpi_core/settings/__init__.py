"""kpi.yaml as a value, and every problem of it with its line."""
