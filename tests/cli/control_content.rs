//! What a new file says is compared with itself and with what stands, where its rows and sums would pass.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, TOTAL, answer, check, declaration, file, loaded, night_ends, publish, published,
    rewrite, rows,
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

const FIGURES: &str = "title = \"Made figures\"\npublisher = \"Musterkommission\"\nkind = \"statistics\"\n\
    files = [\"figures.csv\"]\nlist_id = \"figures\"\nperiod = \"2007-2013\"\n\
    [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \",\"\n";
const STATISTIC: &str = "table = \"programme_absorption\"\nlayout = \"columns\"\nnumbers = \"1234.56\"\n\
    [columns]\nState = \"country\"\nYear = \"time\"\nFund = \"fund\"\n[constants]\nperiod = \"2007-2013\"\n\
    [lookups.fund]\nESF = \"ESF\"\n[lookups.country]\nSweden = \"SE\"\n\
    [[value]]\nlabel = \"Paid\"\nmeasure = \"paid_in_year\"\nunit = \"EUR\"\n";

/// Figures of forty years, so many times what they are at first.
fn publish_figures(folder: &Path, factor: f64) {
    let row = |n: i32| {
        format!(
            "Sweden,{},ESF,{:.2}\n",
            1980 + n,
            f64::from(n + 100) * factor
        )
    };
    let figures: String = (0..40).map(row).collect();
    let text = format!("State,Year,Fund,Paid\n{figures}");
    fs::write(folder.join("mirror/figures.csv"), text).unwrap();
}

#[test]
fn figures_that_are_scaled_are_held_until_somebody_takes_them() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let source = folder.join("sources/eu_figures");
    fs::create_dir_all(&source).unwrap();
    fs::create_dir_all(folder.join("mirror")).unwrap();
    fs::write(source.join("source.toml"), FIGURES).unwrap();
    fs::write(source.join("statistic.toml"), STATISTIC).unwrap();
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
