//! Statistics, rates and regions of the shared files, against what the files themselves say when they are taken apart in
//! the plainest way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use libtest_mimic::Trial;

use crate::tables::Tables;
use crate::{shared, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    type Check = fn(&Tables);
    let tests: [(&str, Check); 8] = [
        ("eurostat", eurostat),
        ("genesis", genesis),
        ("districts", districts),
        ("exchange_rates", exchange_rates),
        ("absorption", absorption),
        ("regions", regions),
        ("conversions", conversions),
        ("prices", prices),
    ];
    tests
        .into_iter()
        .map(|(name, test)| {
            trial(format!("context::{name}"), move || {
                test(&Tables::open(world::warehouse()));
            })
        })
        .collect()
}

fn path(name: &str) -> PathBuf {
    shared::path("data").join(name)
}

/// Hundredths of a published number.
fn hundredths(text: &str) -> i64 {
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    format!("{whole}{rest:0<2}").parse().unwrap()
}

/// Every German and Swedish cell of both files: how many have a number, and what they add up to.
fn eurostat(tables: &Tables) {
    for (file, source) in [
        (
            "labour_market/lfst_r_lfu3rt.tsv",
            "eu_eurostat_lfst_r_lfu3rt",
        ),
        ("labour_market/tgs00010.tsv", "eu_eurostat_tgs00010"),
    ] {
        let text = std::fs::read_to_string(path(file)).unwrap();
        let (mut cells, mut numbers, mut sum, mut breaks) = (0, 0, 0, 0);
        for line in text.lines().skip(1) {
            let mut parts = line.split('\t');
            let geo = parts.next().unwrap().rsplit(',').next().unwrap();
            if !geo.starts_with("DE") && !geo.starts_with("SE") {
                continue;
            }
            for cell in parts {
                cells += 1;
                let (figure, flags) = cell.trim().split_once(' ').unwrap_or((cell.trim(), ""));
                if figure != ":" {
                    numbers += 1;
                    sum += hundredths(figure);
                    breaks += i64::from(flags.contains('b'));
                }
            }
        }
        assert!(numbers > 1000, "{file}");
        let expected = format!("{cells}|{numbers}|{sum}|{breaks}");
        let sql = format!(
            "SELECT count(*), count(value), CAST(sum(value) * 100 AS BIGINT), \
             sum(CASE WHEN value_status = 'break' THEN 1 ELSE 0 END) \
             FROM region_statistic WHERE source_id = '{source}'"
        );
        assert_eq!(tables.lines(&sql), [expected], "{file}");
    }
}

/// Every cell of the table: what stands for no number, by kind, and the sums of whole columns.
fn genesis(tables: &Tables) {
    let bytes = std::fs::read(path("labour_market/13211-02-05-4.csv")).unwrap();
    let text: String = bytes.iter().map(|b| char::from(*b)).collect();
    let mut words: BTreeMap<&str, i64> = BTreeMap::new();
    let (mut unemployed, mut long_term, mut rates) = (0, 0, 0);
    for line in text.lines() {
        let cells: Vec<&str> = line.split(';').collect();
        if cells.len() != 16 || !cells[0].starts_with("20") {
            continue;
        }
        for cell in &cells[3..] {
            let word = match *cell {
                "-" => "not_existing",
                "." => "unknown",
                "x" => "blocked",
                _ => "ok",
            };
            *words.entry(word).or_default() += 1;
        }
        let number = |at: usize| {
            cells[at]
                .replace(',', ".")
                .parse::<f64>()
                .map_or(0, |_| hundredths(cells[at]))
        };
        unemployed += number(3);
        long_term += number(9);
        rates += number(11) + number(12) + number(13) + number(14) + number(15);
    }
    let source = "FROM region_statistic WHERE source_id = 'de_regionalstatistik_13211_02_05_4'";
    let expected: Vec<String> = words
        .iter()
        .map(|(word, n)| format!("{word}|{n}"))
        .collect();
    let sql = format!("SELECT value_status, count(*) {source} GROUP BY 1 ORDER BY 1");
    assert_eq!(tables.lines(&sql), expected);
    let sum = |filter: &str| {
        tables.number(&format!(
            "SELECT CAST(sum(value) * 100 AS BIGINT) {source} AND {filter}"
        ))
    };
    assert_eq!(
        sum(
            "statistic = 'registered_unemployed' AND age_group = 'total' AND population_group = 'total'"
        ),
        unemployed
    );
    assert_eq!(
        sum("statistic = 'registered_long_term_unemployed'"),
        long_term
    );
    assert_eq!(sum("statistic = 'registered_unemployment_rate'"), rates);
}

/// Each of the 401 districts of NUTS 2021 has its figures, and none is taken for another.
fn districts(tables: &Tables) {
    let of_2020 = "FROM region_statistic WHERE source_id = 'de_regionalstatistik_13211_02_05_4' \
        AND period_start = '2020-01-01' AND statistic = 'registered_unemployed' \
        AND age_group = 'total' AND population_group = 'total' AND value IS NOT NULL";
    let level = |n: usize| {
        tables.number(&format!(
            "SELECT count(DISTINCT nuts_code) {of_2020} AND character_length(nuts_code) = {n}"
        ))
    };
    // Berlin and Hamburg stand in the table as Länder only.
    assert_eq!((level(2), level(3), level(5)), (1, 16, 399));
    let codes = |of: &str| {
        tables.lines(&format!(
            "SELECT DISTINCT region_code, nuts_code FROM region_statistic WHERE region_code IN ({of}) ORDER BY 1"
        ))
    };
    assert_eq!(
        codes("'03152', '03159', '05334', '05354', '16054', '16056', '16063', '03241001'"),
        [
            "03152|-",
            "03159|DE91C",
            "03241001|-",
            "05334|DEA2D",
            "05354|-",
            "16054|DEG04",
            "16056|DEG0N",
            "16063|DEG0P"
        ]
    );
    // The parts of a Land add up to it.
    let sums = tables.lines(&format!(
        "SELECT l.nuts_code, l.value - sum(k.value) FROM (SELECT nuts_code, value {of_2020}) AS l \
         JOIN (SELECT nuts_code, value {of_2020}) AS k ON substr(k.nuts_code, 1, 3) = l.nuts_code \
         WHERE character_length(l.nuts_code) = 3 AND character_length(k.nuts_code) = 5 \
         GROUP BY l.nuts_code, l.value HAVING abs(l.value - sum(k.value)) > 20"
    ));
    assert!(sums.is_empty(), "{sums:?}");
}

fn exchange_rates(tables: &Tables) {
    let mut reader = csv::Reader::from_path(path("reference/eurofxref-hist.csv")).unwrap();
    let at = reader
        .headers()
        .unwrap()
        .iter()
        .position(|h| h == "SEK")
        .unwrap();
    let (mut days, mut sum) = (0, 0_i64);
    for record in reader.records() {
        let record = record.unwrap();
        if &record[at] != "N/A" {
            days += 1;
            let (whole, rest) = record[at].split_once('.').unwrap_or((&record[at], ""));
            sum += format!("{whole}{rest:0<6}").parse::<i64>().unwrap();
        }
    }
    let lines = tables.lines("SELECT count(*), CAST(sum(rate) * 1000000 AS BIGINT) FROM exchange_rate WHERE currency = 'SEK'");
    assert_eq!(lines, [format!("{days}|{sum}")]);
    // Annual averages of the code list are averages of these rates.
    let far = tables.lines(
        "SELECT p.year FROM price_level AS p JOIN ( \
           SELECT date_part('year', rate_date) AS year, avg(rate) AS rate FROM exchange_rate GROUP BY 1 \
         ) AS r ON r.year = p.year WHERE p.series = 'SEK_PER_EUR' AND abs(p.value - r.rate) > 0.00006",
    );
    assert!(far.is_empty(), "{far:?}");
}

fn absorption(tables: &Tables) {
    let file = "monitoring/eu-funds-absorption-rate-2007-2013/2007-2013_Funds_Absoption_Rate.csv";
    let mut reader = csv::Reader::from_path(path(file)).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let paid: i64 = records.iter().map(|r| hundredths(&r[3])).sum();
    let lines = tables.lines(
        "SELECT count(*), CAST(sum(CASE WHEN measure = 'paid_in_year' THEN value END) * 100 AS BIGINT) \
         FROM programme_absorption",
    );
    assert_eq!(lines, [format!("{}|{paid}", 4 * records.len())]);
    let shares = tables.lines(
        "SELECT country, value FROM programme_absorption WHERE fund = 'ESF' AND measure = 'paid_share' \
         AND country IN ('DE', 'SE') AND period_end = '2015-12-31' ORDER BY 1",
    );
    assert_eq!(shares, ["DE|91.700000", "SE|95.000000"]);
}

/// As many regions of each version and level as the code list says, and a parent for each.
fn regions(tables: &Tables) {
    let counts = esf_schemas::code_list("nuts_count").unwrap();
    for entry in &counts.entries {
        let get = |column: &str| entry.get(column).unwrap();
        let expected: Vec<String> = ["1"]
            .into_iter()
            .chain(["nuts1", "nuts2", "nuts3"].map(get))
            .zip(0..)
            .map(|(n, level)| format!("{level}|{n}"))
            .collect();
        let sql = format!(
            "SELECT level, count(*) FROM region WHERE country = '{}' AND nuts_version = '{}' GROUP BY 1 ORDER BY 1",
            get("country"),
            get("version")
        );
        assert_eq!(tables.lines(&sql), expected, "{}", entry.code);
    }
    let orphans = tables.lines(
        "SELECT r.nuts_code, r.nuts_version FROM region AS r LEFT JOIN region AS p \
         ON p.nuts_code = r.parent_nuts_code AND p.nuts_version = r.nuts_version \
         WHERE r.level > 0 AND p.nuts_code IS NULL",
    );
    assert!(orphans.is_empty(), "{orphans:?}");
    let names = tables.lines(
        "SELECT nuts_version, name FROM region WHERE nuts_code IN ('DE808', 'DE919', 'SE110') ORDER BY 1, 2",
    );
    assert!(names.contains(&"2010|Demmin".to_owned()), "{names:?}");
    assert!(
        names.contains(&"2013|Osterode am Harz".to_owned()),
        "{names:?}"
    );
}

/// What is exact leads to a region that exists, and what is not has a reason. The workbooks know no other changes.
fn conversions(tables: &Tables) {
    let wrong = tables.lines(
        "SELECT c.from_code, c.from_version, c.to_version FROM region_conversion AS c \
         LEFT JOIN region AS r ON r.nuts_code = c.to_code AND r.nuts_version = c.to_version \
         WHERE (c.exact AND (r.nuts_code IS NULL OR c.reason IS NOT NULL OR c.weight <> 1)) \
            OR (NOT c.exact AND (c.to_code IS NOT NULL OR c.weight IS NOT NULL OR c.reason IS NULL))",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    // Where nothing was divided, the regions of one version lie in exactly one of the other.
    let missing = tables.number(
        "SELECT count(*) FROM region AS r LEFT JOIN region_conversion AS c \
         ON c.from_code = r.nuts_code AND c.from_version = r.nuts_version AND c.to_version = '2024' \
         WHERE c.from_code IS NULL",
    );
    assert_eq!(missing, 0);
    assert_eq!(
        tables.number("SELECT count(*) FROM region_change WHERE status = 'published'"),
        0
    );
    let to = |code: &str, from: &str, to: &str| {
        tables.lines(&format!(
            "SELECT to_code, relation FROM region_conversion \
             WHERE from_code = '{code}' AND from_version = '{from}' AND to_version = '{to}'"
        ))
    };
    assert_eq!(to("DEA36", "2010", "2024"), ["DEA36|same"]);
    assert_eq!(to("DEG0N", "2021", "2024"), ["DEG0R|part_of"]);
    assert_eq!(to("DEG0R", "2024", "2021"), ["-|-"]);
    assert_eq!(to("DE80", "2010", "2024"), ["DE80|same"]);
}

fn prices(tables: &Tables) {
    let kinds = tables.lines("SELECT DISTINCT kind, series FROM price_level ORDER BY 1, 2");
    assert_eq!(
        kinds,
        [
            "exchange_rate|SEK_PER_EUR",
            "harmonised|HICP_RATE",
            "national|CPI_INDEX_2015",
            "national|CPI_RATE",
            "national|KPI_1980",
            "national|VPI_2015",
            "parity|PPP_GDP",
            "parity|PPP_GDP_SEK_PER_EUR",
        ]
    );
    assert_eq!(
        tables.lines("SELECT value FROM price_level WHERE series = 'SEK_PER_EUR' AND year = 2024"),
        ["11.432500"]
    );
}
