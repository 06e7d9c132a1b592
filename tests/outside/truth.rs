//! Rows, sums and dates of every list, as an independent parser found them.

use libtest_mimic::Trial;

use crate::tables::Tables;
use crate::{shared, trial, world};

/// What `TRUTH.csv` says of one file.
pub(crate) struct Truth {
    pub(crate) file: String,
    pub(crate) data_rows: i64,
    pub(crate) sums: Vec<Sum>,
    min_start: Option<String>,
    max_end: Option<String>,
}

/// One amount column; kind and currency where the table states them.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    kind: Option<String>,
    currency: Option<String>,
    n: i64,
    pub(crate) total: String,
}

/// All of `TRUTH.csv`.
pub(crate) fn truths() -> Vec<Truth> {
    let mut reader = csv::Reader::from_path(shared::path("data/TRUTH.csv")).unwrap();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let filled =
                |column: usize| Some(record[column].to_owned()).filter(|text| !text.is_empty());
            let one_currency = Some(record[2].to_owned()).filter(|text| text.len() == 3);
            let columns = record[3].split('|');
            let counts = record[4].split('|');
            let totals = record[5].split('|');
            let sums = columns
                .zip(counts)
                .zip(totals)
                .map(|((column, n), total)| {
                    // "4 eu EUR": the kind and the currency stand in the rows.
                    let words: Vec<&str> = column.split(' ').collect();
                    Sum {
                        kind: words.get(1).map(ToString::to_string),
                        currency: words
                            .get(2)
                            .map(ToString::to_string)
                            .or(one_currency.clone()),
                        n: n.parse().unwrap(),
                        total: total.to_owned(),
                    }
                })
                .collect();
            Truth {
                file: record[0].rsplit('/').next().unwrap().to_owned(),
                data_rows: record[1].parse().unwrap(),
                sums,
                min_start: filled(6),
                max_end: filled(7),
            }
        })
        .collect()
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = shared::LISTS
        .iter()
        .map(|file| trial(format!("truth::{file}"), move || as_published(file)))
        .collect();
    trials.push(trial("truth::every_list_has_a_test", every_list));
    trials.push(trial(
        "truth::hessen_2007-2013_keeps_half_of_its_pages",
        pages_published_twice,
    ));
    trials.push(trial("truth::renditions_agree", renditions_agree));
    trials
}

fn every_list() {
    let files: Vec<String> = truths().into_iter().map(|truth| truth.file).collect();
    assert_eq!(files, shared::LISTS);
}

fn as_published(file: &str) {
    let truth = truths()
        .into_iter()
        .find(|truth| truth.file == *file)
        .expect("TRUTH.csv has the file");
    let tables = Tables::open(world::warehouse());
    let found = tables.rows(&format!(
        "SELECT source_file, list_id, rendition_rank, rows_read, rows_loaded, rows_quarantined, rows_ignored \
         FROM source_file WHERE file_name = '{file}'"
    ));
    assert_eq!(found.len(), 1, "one file of that name was read");
    let cell = |column: usize| found[0][column].clone().expect("the account is complete");
    let count = |column: usize| cell(column).parse::<i64>().unwrap();
    let (hash, list_id) = (cell(0), cell(1));

    // Accounting closes, and no reason is missing.
    assert_eq!(
        count(3),
        count(4) + count(5) + count(6),
        "read = loaded + quarantined + ignored"
    );
    let ignored = tables.number(&format!(
        "SELECT sum(n) FROM ignored_rows WHERE source_file = '{hash}'"
    ));
    assert_eq!(ignored, count(6), "every ignored row has a reason");
    let elsewhere = tables.number(&format!(
        "SELECT sum(n) FROM ignored_rows WHERE source_file = '{hash}' \
         AND reason IN ('other_rendition', 'repeated_page', 'older_vintage')"
    ));
    assert_eq!(
        count(4) + count(5) + elsewhere,
        truth.data_rows,
        "data rows"
    );

    // Control totals, to the cent. A published column that holds nothing but zeros is no column of the truth.
    let mut totals: Vec<Vec<String>> = tables
        .rows(&format!(
            "SELECT amount_kind, currency, sum(n), sum(total) FROM control_total \
             WHERE source_file = '{hash}' GROUP BY 1, 2 HAVING sum(total) <> 0"
        ))
        .into_iter()
        .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
        .collect();
    assert_eq!(totals.len(), truth.sums.len(), "amount columns: {totals:?}");
    for sum in &truth.sums {
        let at = totals.iter().position(|total| {
            sum.kind.as_ref().is_none_or(|kind| *kind == total[0])
                && sum
                    .currency
                    .as_ref()
                    .is_none_or(|currency| *currency == total[1])
                && sum.n.to_string() == total[2]
                && sum.total == total[3]
        });
        let at = at.unwrap_or_else(|| panic!("{sum:?} is not among {totals:?}"));
        totals.remove(at);
    }

    // Dates; a list that states only the day of the grant has it with the amount.
    for (limit, function, column) in [
        (&truth.min_start, "min", "start_date"),
        (&truth.max_end, "max", "end_date"),
    ] {
        let Some(limit) = limit else { continue };
        let from_operations = tables.column(&format!(
            "SELECT {function}({column}) FROM operation WHERE list_id = '{list_id}'"
        ));
        let from_amounts = tables.column(&format!(
            "SELECT {function}(a.amount_date) FROM operation_amount a JOIN operation o USING (operation_id) \
             WHERE o.list_id = '{list_id}'"
        ));
        let is = if from_operations[0] == "-" {
            &from_amounts[0]
        } else {
            &from_operations[0]
        };
        assert_eq!(is, limit, "{function}({column})");
    }

    // The file that gives the operations gives as many as it has loaded rows, with all of its money.
    if cell(2) == "1" {
        let operations = tables.number(&format!(
            "SELECT count(*) FROM operation WHERE list_id = '{list_id}'"
        ));
        assert_eq!(operations, count(4), "an operation per loaded row");
        if elsewhere == 0 {
            let mut loaded = tables.column(&format!(
                "SELECT sum(a.amount) FROM operation_amount a JOIN operation o USING (operation_id) \
                 WHERE o.list_id = '{list_id}' GROUP BY a.amount_kind, a.currency ORDER BY 1"
            ));
            let mut published: Vec<_> = truth.sums.iter().map(|sum| sum.total.clone()).collect();
            loaded.sort();
            published.sort();
            assert_eq!(loaded, published, "amounts of the operations");
        }
    } else {
        assert_eq!(count(4), 0, "a lesser rendition gives no operation");
    }
}

fn pages_published_twice() {
    let tables = Tables::open(world::warehouse());
    let file = "de_he_esf_2007-2013.csv";
    let list = shared::source_of(file).list_id().to_owned();
    assert_eq!(
        tables.lines(&format!(
            "SELECT count(DISTINCT operation_id), sum(amount), min(currency), max(currency) \
             FROM operation_amount JOIN operation USING (operation_id) WHERE list_id = '{list}'"
        )),
        ["1782|472386151.00|EUR|EUR"]
    );
    assert_eq!(
        tables.lines(&format!(
            "SELECT rows_loaded, n, reason FROM source_file f JOIN ignored_rows i ON f.source_file = i.source_file \
             WHERE file_name = '{file}' AND reason = 'repeated_page'"
        )),
        ["1782|1755|repeated_page"]
    );
}

fn renditions_agree() {
    let tables = Tables::open(world::warehouse());
    let differing = tables.lines(
        "SELECT source_id, count(*) FROM finding WHERE rule = 'rendition_difference' GROUP BY 1 ORDER BY 1",
    );
    assert!(differing.is_empty(), "{differing:?}");
    // Five lists come in two formats each.
    let ignored =
        tables.lines("SELECT count(*) FROM ignored_rows WHERE reason = 'other_rendition'");
    assert_eq!(ignored, ["5"]);
}
