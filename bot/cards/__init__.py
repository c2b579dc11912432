"""Cards: what a person reads in Slack, as values. Pure: an Answer in, text and blocks out."""
