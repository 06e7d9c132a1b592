//! Periods in SQL: which of them overlap, and how many days they hold together. Periods are columns `starts` and `ends`, in
//! days since 1970, the last day included.

/// The last day of all periods before one, in the order of their first days.
const REACHED: &str = "ORDER BY p.starts, p.ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";

/// `group`, `starts`, `ends` and `span` of the periods of a table: within a group, periods have the same span where they
/// overlap, or where others between them lead from one to the other.
pub(super) fn spans(group: &str, table: &str) -> String {
    format!(
        "    SELECT r.{group}, r.starts, r.ends,
        sum(CASE WHEN r.starts > r.reached THEN 1 ELSE 0 END) OVER (PARTITION BY r.{group} ORDER BY r.starts, r.ends) AS span
    FROM (
        SELECT p.{group}, p.starts, p.ends, max(p.ends) OVER (PARTITION BY p.{group} {REACHED}) AS reached
        FROM (SELECT DISTINCT {group}, starts, ends FROM {table}) AS p
    ) AS r"
    )
}

/// The columns of `groups`, with the `days` that the periods of a group hold, each counted once, and the `people` of its cells.
pub(super) fn lasting(groups: &str, cells: &str) -> String {
    format!(
        "    SELECT {groups},
        sum(
            CASE
                WHEN r.reached IS NULL OR r.starts > r.reached THEN r.ends - r.starts + 1
                WHEN r.ends > r.reached THEN r.ends - r.reached
                ELSE 0
            END
        ) AS days,
        sum(r.people) AS people
    FROM (
        SELECT p.*, max(p.ends) OVER (PARTITION BY {groups} {REACHED}) AS reached
        FROM (SELECT {groups}, starts, ends, sum(people) AS people FROM {cells} GROUP BY {groups}, starts, ends) AS p
    ) AS r
    GROUP BY {groups}"
    )
}
