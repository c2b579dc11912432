"""dbt's Semantic Layer (MetricFlow): semantic models with measures, and the newer form that lies in models."""
