"""What comes nearest to something asked for that no KPI counts."""
