-- Grain: operation and measure. Inputs: participant_count, counted_operation. Population: operations to count with counts of
-- participants of both sexes.
WITH dated AS (
    -- Days since 1970; a period that nobody names may be any.
    SELECT
        c.operation_id, c.measure, c.unit_of_count, c.n, c.status,
        concat(c.operation_id, ' ', c.measure) AS counted, coalesce(c.nuts_code, '') AS place,
        coalesce(c.period_start - DATE '1970-01-01', -1000000) AS starts,
        coalesce(c.period_end - DATE '1970-01-01', 1000000) AS ends
    FROM participant_count AS c
    JOIN counted_operation AS o ON o.operation_id = c.operation_id
    WHERE c.sex = 'total' AND c.count_of = 'indicator'
),
preferred AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY counted, place
            ORDER BY CASE WHEN status = 'incomplete' THEN 1 ELSE 0 END, ends - starts DESC, starts DESC, n DESC
        ) AS preference
    FROM dated
),
-- Of periods of one region that overlap the longest: a year is not added to the seven of which it is one.
apart AS (
    SELECT p.*, length(p.place) AS size
    FROM preferred AS p
    WHERE NOT EXISTS (
        SELECT 1 AS other
        FROM preferred AS o
        WHERE o.counted = p.counted AND o.place = p.place
            AND o.preference < p.preference AND o.starts <= p.ends AND o.ends >= p.starts
    )
),
-- Periods of an operation that overlap, whatever the region, have one span.
span_of AS (
    SELECT
        counted, starts, ends,
        sum(CASE WHEN starts > reached THEN 1 ELSE 0 END) OVER (PARTITION BY counted ORDER BY starts, ends) AS span
    FROM (
        SELECT
            counted, starts, ends,
            max(ends) OVER (
                PARTITION BY counted ORDER BY starts, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS reached
        FROM (SELECT DISTINCT counted, starts, ends FROM apart) AS p
    ) AS r
),
spanned AS (
    SELECT a.*, s.span
    FROM apart AS a
    JOIN span_of AS s ON s.counted = a.counted AND s.starts = a.starts AND s.ends = a.ends
),
-- The days that the counts of a level of regions hold, each once, and how many people they count.
lasting AS (
    SELECT
        counted, span, size,
        sum(
            CASE
                WHEN reached IS NULL OR starts > reached THEN ends - starts + 1
                WHEN ends > reached THEN ends - reached
                ELSE 0
            END
        ) AS days,
        sum(people) AS people
    FROM (
        SELECT
            *,
            max(ends) OVER (
                PARTITION BY counted, span, size ORDER BY starts, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS reached
        FROM (
            SELECT counted, span, size, starts, ends, sum(coalesce(n, 0)) AS people
            FROM spanned
            GROUP BY counted, span, size, starts, ends
        ) AS p
    ) AS r
    GROUP BY counted, span, size
),
-- The coarsest level, unless a finer one lasts longer and counts more people.
chosen AS (
    SELECT l.counted, l.span, min(l.size) AS size
    FROM lasting AS l
    WHERE NOT EXISTS (
        SELECT 1 AS other
        FROM lasting AS o
        WHERE o.counted = l.counted AND o.span = l.span AND o.size > l.size AND o.days > l.days AND o.people > l.people
    )
    GROUP BY l.counted, l.span
)
SELECT
    s.operation_id,
    s.measure,
    CASE WHEN count(s.n) = count(*) THEN sum(s.n) END AS n,
    bool_or(s.status = 'suppressed') AS is_suppressed,
    min(s.unit_of_count) AS unit_of_count
FROM spanned AS s
JOIN chosen AS c ON c.counted = s.counted AND c.span = s.span AND c.size = s.size
GROUP BY s.operation_id, s.measure
