"""A file of a team becomes a source of kpi.yaml: looked at, understood, asked about, written down."""
