-- sums_by_group
SELECT kpi_bucket, CASE WHEN kpi_bucket IN (1) THEN channel END AS d0, SUM(spend) AS m0 FROM (SELECT *, CASE WHEN date < $b1 THEN 0 ELSE 1 END AS kpi_bucket FROM ad_performance WHERE date >= $b0 AND date < $b2) AS facts GROUP BY 1, 2

-- first_orders
SELECT kpi_bucket, COUNT(CASE WHEN order_number = 1 THEN 1 END) AS m0 FROM (SELECT *, 0 AS kpi_bucket FROM (SELECT *, CASE WHEN NOT customer_id IS NULL AND revenue > 0 THEN ROW_NUMBER() OVER (PARTITION BY customer_id, revenue > 0 ORDER BY ordered_at, order_id) END AS order_number FROM orders) AS orders WHERE (ordered_at >= $b0 AND ordered_at < $b1) AND (channel IN ($f0_0, $f0_1) OR channel IS NULL)) AS facts GROUP BY 1

-- distinct
SELECT kpi_bucket, device AS d0, COUNT(DISTINCT visitor_id) AS m0 FROM (SELECT *, 0 AS kpi_bucket FROM web_sessions WHERE started_at >= $b0 AND started_at < $b1) AS facts GROUP BY 1, 2

-- repeat
SELECT kpi_bucket, d0, COUNT(*) AS m0 FROM (SELECT kpi_bucket, channel AS d0, customer_id AS entity FROM (SELECT *, 0 AS kpi_bucket FROM orders WHERE ordered_at >= $b0 AND ordered_at < $b1) AS facts WHERE NOT customer_id IS NULL GROUP BY 1, 2, 3 HAVING COUNT(CASE WHEN revenue > 0 THEN 1 END) >= 2) AS facts GROUP BY 1, 2

-- named_time
SELECT kpi_bucket, COUNT(CASE WHEN NOT opportunity_at IS NULL AND NOT won_at IS NULL THEN 1 END) AS m0 FROM (SELECT *, 0 AS kpi_bucket FROM leads WHERE COALESCE(won_at, lost_at) >= $b0 AND COALESCE(won_at, lost_at) < $b1) AS facts GROUP BY 1

-- with_a_gap
SELECT kpi_bucket, SUM(revenue - COALESCE(refunded_amount, 0)) AS m0 FROM (SELECT *, CASE WHEN ordered_at < $b1 THEN 0 ELSE CASE WHEN ordered_at < $b2 THEN NULL ELSE 2 END END AS kpi_bucket FROM orders WHERE ordered_at >= $b0 AND ordered_at < $b3) AS facts WHERE NOT kpi_bucket IS NULL GROUP BY 1
