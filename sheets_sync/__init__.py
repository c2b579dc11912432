"""Keeps KPI tables and goals right in the team's own Google Sheet."""
