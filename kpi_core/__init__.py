"""What a KPI is, and what it was worth in a period; knows nothing of Slack or Sheets."""
