SELECT d0, kpi_value, COUNT(*) OVER () AS kpi_total
FROM (SELECT d0, (CAST(COALESCE(l0, CAST(0 AS Nullable(Float64))) AS Nullable(Float64)) / nullIf(l1, 0)) AS kpi_value
FROM (SELECT d0, MAX(l0) AS l0, MAX(l1) AS l1
FROM (SELECT d0, CAST(SUM(CASE WHEN kpi_bucket IN (0) THEN m0 END) AS Nullable(Float64)) AS l0, CAST(NULL AS Nullable(Float64)) AS l1
FROM (SELECT kpi_bucket, channel AS d0, SUM(spend) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM ad_performance
WHERE date >= CAST($q0_b0 AS Nullable(Date32)) AND date < CAST($q0_b1 AS Nullable(Date32))) AS facts
GROUP BY 1, 2) AS facts
GROUP BY 1
UNION ALL SELECT d0, CAST(NULL AS Nullable(Float64)) AS l0, CAST(SUM(CASE WHEN kpi_bucket IN (0) THEN m0 END) AS Nullable(Float64)) AS l1
FROM (SELECT kpi_bucket, channel AS d0, COUNT(DISTINCT CASE WHEN revenue > 0 THEN customer_id END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM orders
WHERE ordered_at >= CAST($q1_b0 AS Nullable(DateTime64(6))) AND ordered_at < CAST($q1_b1 AS Nullable(DateTime64(6)))) AS facts
GROUP BY 1, 2) AS facts
GROUP BY 1) AS parts
GROUP BY 1) AS leaves) AS ranked ORDER BY CASE WHEN kpi_value IS NULL THEN 1 ELSE 0 END, kpi_value DESC, CASE WHEN d0 IS NULL THEN 1 ELSE 0 END, d0 LIMIT 20
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1, prefer_column_name_to_alias = 1, enable_extended_results_for_datetime_functions = 1, count_distinct_implementation = 'uniqExact', formatdatetime_parsedatetime_m_is_month_name = 0, transform_null_in = 0, session_timezone = 'UTC'
