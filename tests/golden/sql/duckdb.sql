-- sums_by_group
SELECT kpi_bucket, CASE WHEN kpi_bucket IN (1) THEN channel END AS d0, SUM(spend) AS m0
FROM (SELECT *, CASE WHEN date < $b1 THEN 0 ELSE 1 END AS kpi_bucket
FROM ad_performance
WHERE date >= $b0 AND date < $b2) AS facts
GROUP BY 1, 2

-- first_orders
SELECT kpi_bucket, COUNT(CASE WHEN order_number = 1 THEN 1 END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM (SELECT *, CASE WHEN NOT customer_id IS NULL AND revenue > 0 THEN ROW_NUMBER() OVER (PARTITION BY customer_id, revenue > 0 ORDER BY ordered_at, order_id) END AS order_number
FROM orders) AS orders
WHERE (ordered_at >= $b0 AND ordered_at < $b1) AND (channel IN ($f0_0, $f0_1) OR channel IS NULL)) AS facts
GROUP BY 1

-- distinct
SELECT kpi_bucket, device AS d0, COUNT(DISTINCT visitor_id) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM web_sessions
WHERE started_at >= $b0 AND started_at < $b1) AS facts
GROUP BY 1, 2

-- repeat
SELECT kpi_bucket, d0, COUNT(*) AS m0
FROM (SELECT kpi_bucket, channel AS d0, customer_id AS entity
FROM (SELECT *, 0 AS kpi_bucket
FROM orders
WHERE ordered_at >= $b0 AND ordered_at < $b1) AS facts
WHERE NOT customer_id IS NULL
GROUP BY 1, 2, 3
HAVING COUNT(CASE WHEN revenue > 0 THEN 1 END) >= 2) AS facts
GROUP BY 1, 2

-- named_time
SELECT kpi_bucket, COUNT(CASE WHEN NOT opportunity_at IS NULL AND NOT won_at IS NULL THEN 1 END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM leads
WHERE COALESCE(won_at, lost_at) >= $b0 AND COALESCE(won_at, lost_at) < $b1) AS facts
GROUP BY 1

-- with_a_gap
SELECT kpi_bucket, SUM(revenue - COALESCE(refunded_amount, 0)) AS m0
FROM (SELECT *, CASE WHEN ordered_at < $b1 THEN 0 ELSE CASE WHEN ordered_at < $b2 THEN NULL ELSE 2 END END AS kpi_bucket
FROM orders
WHERE ordered_at >= $b0 AND ordered_at < $b3) AS facts
WHERE NOT kpi_bucket IS NULL
GROUP BY 1

-- last_row
SELECT kpi_bucket, SUM(followers) AS m0
FROM (SELECT *
FROM (SELECT held.*, kpi_bucket, RANK() OVER (PARTITION BY kpi_bucket, held.network ORDER BY held.date DESC) AS kpi_rank
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS DATE) AS kpi_start, CAST($e0 AS DATE) AS kpi_end
UNION ALL SELECT 2 AS kpi_bucket, CAST($b2 AS DATE) AS kpi_start, CAST($e2 AS DATE) AS kpi_end) AS runs
CROSS JOIN social_accounts AS held
WHERE (held.date >= CAST($b0 AS DATE) AND held.date < CAST($e2 AS DATE) AND held.date >= kpi_start AND held.date < kpi_end) AND NOT held.followers IS NULL) AS ranked
WHERE kpi_rank = 1) AS facts
WHERE NOT kpi_bucket IS NULL
GROUP BY 1

-- at_end
SELECT kpi_bucket, channel AS d0, COUNT(DISTINCT customer_id) AS m0
FROM (SELECT held.*, kpi_bucket
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS TIMESTAMP) AS kpi_start, CAST($e0 AS TIMESTAMP) AS kpi_end
UNION ALL SELECT 1 AS kpi_bucket, CAST($b1 AS TIMESTAMP) AS kpi_start, CAST($e1 AS TIMESTAMP) AS kpi_end) AS runs
CROSS JOIN subscriptions AS held
WHERE held.started_at < kpi_end AND (held.ended_at IS NULL OR held.ended_at >= kpi_end)) AS facts
GROUP BY 1, 2

-- at_start_and_end
SELECT kpi_bucket, COUNT(DISTINCT CASE WHEN NOT end_customer_id IS NULL THEN customer_id END) AS m0
FROM (SELECT held.*, kpi_bucket, later.end_customer_id
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS TIMESTAMP) AS kpi_start, CAST($e0 AS TIMESTAMP) AS kpi_end) AS runs
CROSS JOIN subscriptions AS held
LEFT JOIN (SELECT customer_id AS kpi_entity, started_at AS kpi_since, ended_at AS kpi_until, customer_id AS end_customer_id
FROM subscriptions AS states) AS later ON later.kpi_entity = held.customer_id AND (later.kpi_since < kpi_end AND (later.kpi_until IS NULL OR later.kpi_until >= kpi_end))
WHERE (held.started_at < kpi_start AND (held.ended_at IS NULL OR held.ended_at >= kpi_start)) AND (held.channel IN ($f0_0, $f0_1) OR held.channel IS NULL)) AS facts
GROUP BY 1

-- spread_over_months
SELECT kpi_bucket, SUM(amount * kpi_share) AS m0
FROM (SELECT held.*, kpi_bucket, CAST(DATE_DIFF('DAY', CASE WHEN CAST(DATE_TRUNC('MONTH', held.month) AS DATE) IS NULL OR kpi_start IS NULL THEN NULL ELSE GREATEST(CAST(DATE_TRUNC('MONTH', held.month) AS DATE), kpi_start) END, CASE WHEN CAST(CAST(DATE_TRUNC('MONTH', held.month) AS DATE) + INTERVAL '1' MONTH AS DATE) IS NULL OR kpi_end IS NULL THEN NULL ELSE LEAST(CAST(CAST(DATE_TRUNC('MONTH', held.month) AS DATE) + INTERVAL '1' MONTH AS DATE), kpi_end) END) AS DOUBLE) / DATE_DIFF('DAY', CAST(DATE_TRUNC('MONTH', held.month) AS DATE), CAST(CAST(DATE_TRUNC('MONTH', held.month) AS DATE) + INTERVAL '1' MONTH AS DATE)) AS kpi_share
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS DATE) AS kpi_start, CAST($e0 AS DATE) AS kpi_end
UNION ALL SELECT 2 AS kpi_bucket, CAST($b2 AS DATE) AS kpi_start, CAST($e2 AS DATE) AS kpi_end) AS runs
CROSS JOIN budgets AS held
WHERE CAST(DATE_TRUNC('MONTH', held.month) AS DATE) < kpi_end AND CAST(CAST(DATE_TRUNC('MONTH', held.month) AS DATE) + INTERVAL '1' MONTH AS DATE) > kpi_start) AS facts
WHERE NOT kpi_bucket IS NULL
GROUP BY 1

-- since_the_period_began
SELECT kpi_bucket, COUNT(DISTINCT CASE WHEN revenue > 0 AND first_ordered_at < period_start THEN customer_id END) AS m0
FROM (SELECT *, CASE WHEN kpi_bucket = 0 THEN CAST($b0 AS TIMESTAMP) WHEN kpi_bucket = 2 THEN CAST($b2 AS TIMESTAMP) END AS period_start
FROM (SELECT *, CASE WHEN ordered_at < $b1 THEN 0 ELSE CASE WHEN ordered_at < $b2 THEN NULL ELSE 2 END END AS kpi_bucket
FROM (SELECT *, CASE WHEN NOT customer_id IS NULL THEN MIN(CASE WHEN revenue > 0 THEN ordered_at END) OVER (PARTITION BY customer_id) END AS first_ordered_at
FROM orders) AS orders
WHERE ordered_at >= $b0 AND ordered_at < $b3) AS orders) AS facts
WHERE NOT kpi_bucket IS NULL
GROUP BY 1

-- outcome_in_time
SELECT kpi_bucket, COUNT(CASE WHEN purchased_at <= created_at + INTERVAL '7' DAY THEN 1 END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM carts
WHERE created_at >= $b0 AND created_at < $b1) AS facts
GROUP BY 1

-- median
SELECT kpi_bucket, region AS d0, MEDIAN(DATE_DIFF('SECOND', opportunity_at, won_at) / 86400.0) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM leads
WHERE won_at >= $b0 AND won_at < $b1) AS facts
GROUP BY 1, 2

-- local_days
SELECT kpi_bucket, COUNT(CASE WHEN used_on_day_7 = 1 THEN 1 END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM (SELECT i.install_id, i.installed_at, i.channel, i.campaign, MAX(CASE WHEN DATE_DIFF('DAY', i.local_day, a.active_on) = 1 THEN 1 ELSE 0 END) AS used_on_day_1, MAX(CASE WHEN DATE_DIFF('DAY', i.local_day, a.active_on) = 7 THEN 1 ELSE 0 END) AS used_on_day_7, MAX(CASE WHEN DATE_DIFF('DAY', i.local_day, a.active_on) = 30 THEN 1 ELSE 0 END) AS used_on_day_30
FROM (SELECT install_id, installed_at, channel, campaign, CAST(TIMEZONE('Asia/Seoul', TIMEZONE('UTC', installed_at)) AS DATE) AS local_day
FROM app_installs) AS i
LEFT JOIN app_activity AS a ON a.install_id = i.install_id
GROUP BY i.install_id, i.installed_at, i.channel, i.campaign) AS app_returns
WHERE installed_at >= $b0 AND installed_at < $b1) AS facts
GROUP BY 1

-- local_midnights
SELECT kpi_bucket, COUNT(CASE WHEN NOT end_customer_id IS NULL THEN 1 END) AS m0
FROM (SELECT held.*, kpi_bucket, later.end_customer_id
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS TIMESTAMP) AS kpi_start, CAST($e0 AS TIMESTAMP) AS kpi_end) AS runs
CROSS JOIN (SELECT customer_id, channel, campaign, region, device, ordered_at, CASE WHEN next_at < lapses_at THEN next_at ELSE lapses_at END AS active_until
FROM (SELECT customer_id, channel, campaign, region, device, ordered_at, LEAD(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS next_at, TIMEZONE('UTC', TIMEZONE('Asia/Seoul', CAST(CAST(TIMEZONE('Asia/Seoul', TIMEZONE('UTC', ordered_at)) AS DATE) + INTERVAL '90' DAY AS TIMESTAMP))) AS lapses_at
FROM orders
WHERE NOT customer_id IS NULL AND revenue > 0) AS purchases) AS held
LEFT JOIN (SELECT customer_id AS kpi_entity, ordered_at AS kpi_since, active_until AS kpi_until, customer_id AS end_customer_id
FROM (SELECT customer_id, channel, campaign, region, device, ordered_at, CASE WHEN next_at < lapses_at THEN next_at ELSE lapses_at END AS active_until
FROM (SELECT customer_id, channel, campaign, region, device, ordered_at, LEAD(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id) AS next_at, TIMEZONE('UTC', TIMEZONE('Asia/Seoul', CAST(CAST(TIMEZONE('Asia/Seoul', TIMEZONE('UTC', ordered_at)) AS DATE) + INTERVAL '90' DAY AS TIMESTAMP))) AS lapses_at
FROM orders
WHERE NOT customer_id IS NULL AND revenue > 0) AS purchases) AS states) AS later ON later.kpi_entity = held.customer_id AND (later.kpi_since < kpi_end AND (later.kpi_until IS NULL OR later.kpi_until >= kpi_end))
WHERE held.ordered_at < kpi_start AND (held.active_until IS NULL OR held.active_until >= kpi_start)) AS facts
GROUP BY 1

-- local_months
SELECT kpi_bucket, COUNT(CASE WHEN back_in_3m = 1 THEN 1 END) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM (SELECT customer_id, MAX(CASE WHEN order_number = 1 THEN ordered_at END) AS first_ordered_at, MAX(CASE WHEN order_number = 1 THEN channel END) AS channel, MAX(CASE WHEN order_number = 1 THEN campaign END) AS campaign, MAX(CASE WHEN order_number = 1 THEN region END) AS region, MAX(CASE WHEN order_number = 1 THEN device END) AS device, SUM(margin) AS margin, MAX(CASE WHEN order_month - first_month = 1 THEN 1 ELSE 0 END) AS back_in_1m, MAX(CASE WHEN order_month - first_month = 3 THEN 1 ELSE 0 END) AS back_in_3m, MAX(CASE WHEN order_month - first_month = 6 THEN 1 ELSE 0 END) AS back_in_6m, MAX(CASE WHEN order_month - first_month = 12 THEN 1 ELSE 0 END) AS back_in_12m
FROM (SELECT *, MIN(order_month) OVER (PARTITION BY customer_id) AS first_month
FROM (SELECT *, CASE WHEN order_number > 0 THEN 12 * EXTRACT(YEAR FROM local_time) + EXTRACT(MONTH FROM local_time) END AS order_month
FROM (SELECT customer_id, ordered_at, channel, campaign, region, device, revenue - COALESCE(refunded_amount, 0) - cost_of_goods AS margin, TIMEZONE('Asia/Seoul', TIMEZONE('UTC', ordered_at)) AS local_time, CASE WHEN revenue > 0 THEN ROW_NUMBER() OVER (PARTITION BY customer_id, revenue > 0 ORDER BY ordered_at, order_id) END AS order_number
FROM orders
WHERE NOT customer_id IS NULL) AS purchases) AS months) AS histories
GROUP BY customer_id) AS customers
WHERE first_ordered_at >= $b0 AND first_ordered_at < $b1) AS facts
GROUP BY 1

-- chosen_groups
SELECT kpi_bucket, CASE WHEN kpi_bucket IN (1) THEN CASE WHEN campaign IN ($g0_0, $g1_0) OR campaign IS NULL THEN 0 ELSE 1 END END AS kpi_rest, CASE WHEN kpi_bucket IN (1) THEN CASE WHEN campaign IN ($g0_0, $g1_0) OR campaign IS NULL THEN campaign END END AS d0, SUM(spend) AS m0
FROM (SELECT *, CASE WHEN date < $b1 THEN 0 ELSE 1 END AS kpi_bucket
FROM ad_performance
WHERE date >= $b0 AND date < $b2) AS facts
GROUP BY 1, 2, 3

-- chosen_pairs
SELECT kpi_bucket, CASE WHEN (channel = $g0_0 AND device IS NULL) OR (channel IS NULL AND device = $g1_1) THEN 0 ELSE 1 END AS kpi_rest, CASE WHEN (channel = $g0_0 AND device IS NULL) OR (channel IS NULL AND device = $g1_1) THEN channel END AS d0, CASE WHEN (channel = $g0_0 AND device IS NULL) OR (channel IS NULL AND device = $g1_1) THEN device END AS d1, SUM(revenue - COALESCE(refunded_amount, 0)) AS m0
FROM (SELECT *, 0 AS kpi_bucket
FROM orders
WHERE ordered_at >= $b0 AND ordered_at < $b1) AS facts
GROUP BY 1, 2, 3, 4

-- prices
SELECT kpi_bucket, SUM(CASE WHEN end_subscription_id IS NULL THEN mrr END) AS m0
FROM (SELECT held.*, kpi_bucket, later.end_subscription_id
FROM (SELECT 0 AS kpi_bucket, CAST($b0 AS TIMESTAMP) AS kpi_start, CAST($e0 AS TIMESTAMP) AS kpi_end) AS runs
CROSS JOIN (SELECT subscription_id, customer_id, channel, region, mrr, CASE WHEN changed_at > started_at THEN changed_at ELSE started_at END AS valid_from, CASE WHEN next_at < ended_at THEN next_at ELSE COALESCE(ended_at, next_at) END AS valid_until
FROM (SELECT s.subscription_id, s.customer_id, s.channel, s.region, s.started_at, s.ended_at, c.changed_at, COALESCE(c.mrr, s.mrr, 0) AS mrr, LEAD(c.changed_at) OVER (PARTITION BY s.subscription_id ORDER BY c.place) AS next_at
FROM subscriptions AS s
LEFT JOIN (SELECT subscription_id, changed_at, mrr_after AS mrr, ROW_NUMBER() OVER (PARTITION BY subscription_id ORDER BY changed_at, mrr_before, mrr_after) AS place
FROM subscription_changes
UNION ALL SELECT subscription_id, CAST(NULL AS TIMESTAMP), mrr_before, 0
FROM (SELECT subscription_id, mrr_before, ROW_NUMBER() OVER (PARTITION BY subscription_id ORDER BY changed_at, mrr_before, mrr_after) AS place
FROM subscription_changes) AS first_changes
WHERE place = 1) AS c ON c.subscription_id = s.subscription_id) AS prices) AS held
LEFT JOIN (SELECT subscription_id AS kpi_entity, valid_from AS kpi_since, valid_until AS kpi_until, subscription_id AS end_subscription_id
FROM (SELECT subscription_id, customer_id, channel, region, mrr, CASE WHEN changed_at > started_at THEN changed_at ELSE started_at END AS valid_from, CASE WHEN next_at < ended_at THEN next_at ELSE COALESCE(ended_at, next_at) END AS valid_until
FROM (SELECT s.subscription_id, s.customer_id, s.channel, s.region, s.started_at, s.ended_at, c.changed_at, COALESCE(c.mrr, s.mrr, 0) AS mrr, LEAD(c.changed_at) OVER (PARTITION BY s.subscription_id ORDER BY c.place) AS next_at
FROM subscriptions AS s
LEFT JOIN (SELECT subscription_id, changed_at, mrr_after AS mrr, ROW_NUMBER() OVER (PARTITION BY subscription_id ORDER BY changed_at, mrr_before, mrr_after) AS place
FROM subscription_changes
UNION ALL SELECT subscription_id, CAST(NULL AS TIMESTAMP), mrr_before, 0
FROM (SELECT subscription_id, mrr_before, ROW_NUMBER() OVER (PARTITION BY subscription_id ORDER BY changed_at, mrr_before, mrr_after) AS place
FROM subscription_changes) AS first_changes
WHERE place = 1) AS c ON c.subscription_id = s.subscription_id) AS prices) AS states) AS later ON later.kpi_entity = held.subscription_id AND (later.kpi_since < kpi_end AND (later.kpi_until IS NULL OR later.kpi_until >= kpi_end))
WHERE held.valid_from < kpi_start AND (held.valid_until IS NULL OR held.valid_until >= kpi_start)) AS facts
GROUP BY 1
