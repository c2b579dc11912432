"""A MetricQuery to an Answer."""
