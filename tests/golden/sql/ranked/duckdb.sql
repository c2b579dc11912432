SELECT d0, kpi_value, COUNT(*) OVER () AS kpi_total
FROM (SELECT d0, (COALESCE(l0, CAST(0 AS DOUBLE)) / NULLIF(l1, 0)) AS kpi_value
FROM (SELECT d0, MAX(l0) AS l0, MAX(l1) AS l1
FROM (SELECT d0, CAST(SUM(CASE WHEN kpi_bucket IN (0) THEN m0 END) AS DOUBLE) AS l0, CAST(NULL AS DOUBLE) AS l1
FROM (SELECT kpi_bucket, channel AS d0, SUM(spend) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM ad_performance
WHERE date >= $q0_b0 AND date < $q0_b1) AS facts
GROUP BY 1, 2) AS facts
GROUP BY 1
UNION ALL SELECT d0, CAST(NULL AS DOUBLE) AS l0, CAST(SUM(CASE WHEN kpi_bucket IN (0) THEN m0 END) AS DOUBLE) AS l1
FROM (SELECT kpi_bucket, channel AS d0, COUNT(DISTINCT CASE WHEN revenue > 0 THEN customer_id END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM orders
WHERE ordered_at >= $q1_b0 AND ordered_at < $q1_b1) AS facts
GROUP BY 1, 2) AS facts
GROUP BY 1) AS parts
GROUP BY 1) AS leaves) AS ranked ORDER BY CASE WHEN kpi_value IS NULL THEN 1 ELSE 0 END, kpi_value DESC, CASE WHEN d0 IS NULL THEN 1 ELSE 0 END, d0 LIMIT 20
