//! What a new file says is compared with itself and with what stands, where its rows and sums would pass.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, TOTAL, answer, check, declaration, declare, file, ingest, loaded, night_ends, publish,
    published, rewrite, rows,
};

/// Runs a night that holds a file, and looks for what it says.
fn held(folder: &Path, told: &[&str]) {
    let printed = night_ends(folder, &[], 4);
    for part in told {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

#[test]
fn a_list_that_is_in_its_file_twice_is_held_though_it_is_the_first_one() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    let first = file(folder, "a", "2020-01-01");
    let once = fs::read_to_string(&first).unwrap();
    let (header, rest) = once.split_once('\n').unwrap();
    let twice = "80 of its 80 rows say the same as others of it, being 40 different ones";
    let code = "[esf explain list-doubled]";
    fs::write(&first, format!("{header}\n{rest}{rest}")).unwrap();
    held(folder, &[twice, code, "--accept de_xx_a=REASON"]);
    assert_eq!(rows(folder, COUNTS), ["de_xx_b,40"]);
    let (exit, printed) = check(folder, "a", "2020-01-01");
    assert_eq!(exit, 3, "{printed}");
    assert!(printed.contains(twice));
    // A quarter of it stands there again, with the header.
    let quarter: String = rest.split_inclusive('\n').take(10).collect();
    let again = format!("{once}{header}\n{quarter}");
    fs::write(&first, again).unwrap();
    let part = "20 of its 50 rows say the same as others of it, being 10 different ones, and its header stands between";
    held(folder, &[part, code]);

    // Vouchers are alike, too.
    let voucher = rest.split_inclusive('\n').next().unwrap();
    let vouchers = format!("{once}{}", voucher.repeat(3));
    fs::write(&first, vouchers).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,43", "de_xx_b,40"]);
}

#[test]
fn a_list_that_is_in_its_file_twice_is_noted_and_taken_where_somebody_says_so() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    rewrite(&file(folder, "a", "2020-01-01"), |once| {
        let (_, rest) = once.split_once('\n').unwrap();
        format!("{once}{rest}")
    });
    held(folder, &["[esf explain list-doubled]"]);
    night_ends(folder, &["--accept", "de_xx_a=they are vouchers"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,80", "de_xx_b,40"]);
    let query = "SELECT found, passed, coalesce(accepted, 'by nobody') FROM run_control \
                 WHERE control = 'repeated_rows' AND source_id = 'de_xx_a' ORDER BY run_id";
    assert_eq!(
        answer(folder, query, "operator"),
        [
            "1.0000000000,false,by nobody",
            "1.0000000000,true,they are vouchers"
        ]
    );
}

#[test]
fn a_first_file_that_states_a_unit_its_amounts_are_not_read_in_is_held() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    let state = |day: &str| {
        rewrite(&file(folder, "a", day), |text| {
            format!("{text}2) in TEUR\n")
        });
    };
    state("2020-01-01");
    let told = "a unit is stated that its amounts are not read in, at line 42 ";
    let accept = "--accept de_xx_a=REASON";
    held(folder, &[told, "[esf explain unit-unclear]", accept]);
    assert_eq!(rows(folder, COUNTS), ["de_xx_b,40"]);
    night_ends(folder, &["--accept", "de_xx_a=it is about others"], 0);
    // From then on there is a file to compare with.
    publish(folder, "a", "2020-02-01", 41, 1000);
    state("2020-02-01");
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41", "de_xx_b,40"]);
}

#[test]
fn a_list_whose_ids_are_others_is_held_though_its_rows_and_sums_are_the_same() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 40, 1000);
    rewrite(&file(folder, "a", "2020-02-01"), |text| {
        text.replace("Vorhaben a ", "Projekt 0")
    });
    let told = "0 of its 40 operations are among the 40 of a_2020-01-01.csv";
    held(folder, &[told, "[esf explain identities-changed]"]);
    let history = "SELECT count(*) FROM operation_history";
    assert_eq!(rows(folder, history), ["0"]);
    night_ends(folder, &["--accept", "de_xx_a=they are others"], 0);
    assert_eq!(rows(folder, history), ["40"]);
}

#[test]
fn amounts_of_a_growing_list_that_are_a_hundred_times_what_they_were_are_held() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        format!("vintage = \"extend\"\n{declared}")
    });
    night_ends(folder, &[], 0);
    publish(folder, "a", "2020-02-01", 41, 100_000);
    let told = "40 of the 40 values of total_cost EUR that a_2020-01-01.csv has as well are 100 times what they are there";
    held(folder, &[told, "[esf explain values-scaled]"]);
    assert_eq!(rows(folder, TOTAL), ["40000"]);
    publish(folder, "a", "2020-03-01", 41, 1100);
    night_ends(folder, &[], 0);
}

#[test]
fn a_list_whose_end_is_gone_is_held_until_its_source_says_how_much_may_be() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 30, 1000);
    let told = "10 of the 40 operations of a_2020-01-01.csv are not in it any more, and they are the last ones of that file";
    held(
        folder,
        &[
            told,
            "[esf explain operations-gone]",
            "--accept de_xx_a=REASON",
        ],
    );
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        declared + "[control]\ngone = 0.3\n"
    });
    let printed = night_ends(folder, &[], 0);
    let line = "loaded, rows 40 → 30, total_cost EUR 40 000 → 30 000";
    assert!(printed.contains(line), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,30"]);
}

#[test]
fn a_list_whose_operations_lose_their_ends_is_held_until_its_source_says_how_many_may() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 40, 1000);
    rewrite(&file(folder, "a", "2020-02-01"), |text| {
        text.replacen(";31.12.2017;", ";;", 15)
    });
    let told =
        "62.5 % of its operations have a value for end_date, of a_2020-01-01.csv before it 100.0 %";
    held(folder, &[told, "[esf explain control-failed]"]);
    let ends = "SELECT count(end_date) FROM operation";
    assert_eq!(rows(folder, ends), ["40"]);
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        declared + "[control]\ndate_coverage = 0.4\n"
    });
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, ends), ["25"]);
}

#[test]
fn operations_that_are_there_under_another_title_are_not_gone() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 40, 1000);
    // Eleven of forty.
    rewrite(&file(folder, "a", "2020-02-01"), |text| {
        text.replace("Vorhaben a 1", "Projekt a 1")
    });
    night_ends(folder, &[], 0);
    let query = "SELECT found, passed FROM run_control WHERE control = 'gone'";
    assert_eq!(answer(folder, query, "operator"), ["0.0000000000,true"]);
}

#[test]
fn a_few_amounts_that_are_tenfold_are_told_and_more_are_held() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    for (name, slipped) in [("a", 2), ("b", 3)] {
        publish(folder, name, "2020-02-01", 40, 1000);
        rewrite(&file(folder, name, "2020-02-01"), |text| {
            text.replacen("1000,00", "10,00", slipped)
        });
    }
    held(
        folder,
        &[
            "3 amounts of total_cost EUR are exactly ten, a hundred or more times what b_2020-01-01.csv says",
            "the first is 10.00 at line 2",
            ", where it was 1000.00: a decimal mark may have slipped",
            "[esf explain amounts-slipped]",
            "--accept de_xx_b=REASON",
        ],
    );
    assert_eq!(rows(folder, TOTAL), ["78020"]);
    let told = "SELECT source_id, message FROM finding WHERE rule = 'amount_tenfold'";
    let message =
        "total_cost EUR is 10.00, and was 1000.00 before: a decimal mark may have slipped";
    assert_eq!(
        rows(folder, told),
        vec![format!("de_xx_a,\"{message}\""); 2]
    );
    // A night that reads everything says the same.
    night_ends(folder, &["--full", "--accept", "de_xx_b=they are right"], 0);
    assert_eq!(rows(folder, told).len(), 5);
}

/// Publishes a list of forty operations with these amounts.
fn publish_amounts(folder: &Path, day: &str, euro: impl Fn(usize) -> usize) {
    publish(folder, "a", day, 40, 1000);
    rewrite(&file(folder, "a", day), |text| {
        let (header, operations) = text.split_once('\n').unwrap();
        let amount =
            |(row, line): (usize, &str)| line.replace("1000,00", &format!("{},00\n", euro(row)));
        let operations: String = operations.lines().enumerate().map(amount).collect();
        format!("{header}\n{operations}")
    });
}

#[test]
fn a_column_of_amounts_that_moved_by_a_row_is_held_and_new_amounts_are_not() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    publish_amounts(folder, "2020-01-01", |row| 1000 + 7 * row);
    night_ends(folder, &[], 0);
    let moved = |row: usize| if row < 20 { row } else { row + 1 };
    publish_amounts(folder, "2020-02-01", |row| 1000 + 7 * moved(row));
    let told = "19 of the 20 amounts of total_cost EUR that are others than in a_2020-01-01.csv are those of the operation \
                below there";
    held(folder, &[told, "[esf explain amounts-slipped]"]);
    publish_amounts(folder, "2020-03-01", |row| 1500 + 13 * row);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["70140"]);
}

#[test]
fn a_page_of_a_list_is_held_where_it_says_that_there_are_more() {
    let object = |n: usize| {
        format!(
            "{{\"Begünstigter\": \"Verein {n} e.V.\", \"Vorhaben\": \"Vorhaben {n}\", \"Beginn\": \"01.02.2016\", \
             \"Gesamtkosten in EUR\": {}.25}}",
            1000 + n
        )
    };
    let list = (0..12).map(object).collect::<Vec<_>>().join(",\n");
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    for (beside, told) in [
        (
            "\"count\": 336, \"next\": null",
            "it says beside them (count) that there are 336",
        ),
        (
            "\"next\": \"https://example.org/?page=2\"",
            "it names a page behind them (next)",
        ),
    ] {
        let text = format!("{{{beside}, \"results\": [{list}]}}");
        let (code, printed) = ingest(folder, "l.json", text.as_bytes(), &[]);
        assert_eq!(code, 4, "{printed}");
        let start = format!("12 objects stand in it, and {told}");
        assert!(printed.contains(&start), "{printed}");
        assert!(printed.contains("[esf explain list-partial]"), "{printed}");
    }
    let text = format!("{{\"count\": 12, \"next\": null, \"results\": [{list}]}}");
    let (code, printed) = ingest(folder, "l.json", text.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(rows(folder, COUNTS), ["made_list,12"]);
}

const FIGURES: &str = "title = \"Made figures\"\npublisher = \"Musterkommission\"\nkind = \"statistics\"\n\
    files = [\"figures.csv\"]\nlist_id = \"figures\"\nperiod = \"2007-2013\"\n\
    [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \",\"\n";
const STATISTIC: &str = "table = \"programme_absorption\"\nlayout = \"columns\"\nnumbers = \"1234.56\"\n\
    [columns]\nState = \"country\"\nYear = \"time\"\nFund = \"fund\"\n[constants]\nperiod = \"2007-2013\"\n\
    [lookups.fund]\nESF = \"ESF\"\n[lookups.country]\nSweden = \"SE\"\n\
    [[value]]\nlabel = \"Paid\"\nmeasure = \"paid_in_year\"\nunit = \"EUR\"\n";

/// Figures of forty years, so many times what they are at first.
fn publish_figures(folder: &Path, factor: f64) {
    let figure = |n: i32| Some(format!("{:.2}", f64::from(n + 100) * factor));
    publish_years(folder, figure);
}

/// Figures of forty years, of those that have one.
fn publish_years(folder: &Path, figure: impl Fn(i32) -> Option<String>) {
    let row = |n: i32| Some(format!("Sweden,{},ESF,{}\n", 1980 + n, figure(n)?));
    let figures: String = (0..40).filter_map(row).collect();
    let text = format!("State,Year,Fund,Paid\n{figures}");
    fs::write(folder.join("mirror/figures.csv"), text).unwrap();
}

/// A folder with the source of figures.
fn declared_figures() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let source = folder.join("sources/eu_figures");
    fs::create_dir_all(&source).unwrap();
    fs::create_dir_all(folder.join("mirror")).unwrap();
    fs::write(source.join("source.toml"), FIGURES).unwrap();
    let words = format!("{STATISTIC}[words]\n\":\" = \"unknown\"\n");
    fs::write(source.join("statistic.toml"), words).unwrap();
    temporary
}

/// How many figures have a value.
const VALUES: &str = "SELECT count(value) FROM programme_absorption";

#[test]
fn a_table_that_lacks_years_is_held_until_its_source_says_how_many_may_be_gone() {
    let temporary = declared_figures();
    let folder = temporary.path();
    publish_figures(folder, 1.0);
    night_ends(folder, &[], 0);
    let without_first = |years: i32| {
        publish_years(folder, |n| (n >= years).then(|| format!("{}.00", n + 100)));
    };
    without_first(9);
    let told = "9 of the 40 figures of figures.csv are not in it any more, such as all of period_end 1980-12-31, 1981-12-31, \
                1982-12-31 and 6 more: it may be cut off";
    let accept = "--accept eu_figures=REASON";
    held(folder, &[told, "[esf explain operations-gone]", accept]);
    assert_eq!(rows(folder, VALUES), ["40"]);
    without_first(8);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, VALUES), ["32"]);
    let source = folder.join("sources/eu_figures/source.toml");
    rewrite(&source, |declared| declared + "[control]\ngone = 0.5\n");
    without_first(20);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, VALUES), ["20"]);
}

#[test]
fn a_table_whose_figures_lose_their_values_is_held_and_so_is_a_first_one_without_any() {
    let temporary = declared_figures();
    let folder = temporary.path();
    let with_values = |figures: i32| {
        publish_years(folder, |n| {
            let value = format!("{}.00", n + 100);
            Some(if n < figures { value } else { ":".to_owned() })
        });
    };
    with_values(1);
    let code = "[esf explain control-failed]";
    let accept = "--accept eu_figures=REASON";
    let told = "2.5 % of its figures have a value, at least 5.0 % pass";
    held(folder, &[told, code, accept]);
    with_values(40);
    night_ends(folder, &[], 0);
    with_values(31);
    let told = "77.5 % of its figures have a value, of figures.csv before it 100.0 %";
    held(folder, &[told, code, accept]);
    assert_eq!(rows(folder, VALUES), ["40"]);
    with_values(32);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, VALUES), ["32"]);
}

#[test]
fn figures_that_are_scaled_are_held_until_somebody_takes_them() {
    let temporary = declared_figures();
    let folder = temporary.path();
    publish_figures(folder, 1.0);
    night_ends(folder, &[], 0);
    let total = "SELECT CAST(sum(value) AS BIGINT) FROM programme_absorption";
    assert_eq!(rows(folder, total), ["4780"]);

    for (factor, told) in [
        (
            0.01,
            "40 of the 40 values of paid_in_year that figures.csv has as well are 0.01 times",
        ),
        (
            3.0,
            "its values of paid_in_year that figures.csv has as well are 3.00 times",
        ),
    ] {
        publish_figures(folder, factor);
        held(folder, &[told, "[esf explain values-scaled]"]);
        assert_eq!(rows(folder, total), ["4780"]);
    }
    night_ends(
        folder,
        &["--accept", "eu_figures=the unit is another one"],
        0,
    );
    assert_eq!(rows(folder, total), ["14340"]);
}
