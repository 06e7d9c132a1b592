//! What a new file says is compared with itself and with what stands, where its rows and sums would pass.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, TOTAL, answer, check, declaration, declare, file, ingest, loaded, night_ends, publish,
    publish_text, published, rewrite, rows,
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
            "3 values of total_cost EUR are exactly ten, a hundred or more times what b_2020-01-01.csv says",
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
    let told = "19 of the 20 values of total_cost EUR that are others than in a_2020-01-01.csv are those of the operation \
                below there";
    held(folder, &[told, "[esf explain amounts-slipped]"]);
    publish_amounts(folder, "2020-03-01", |row| 1500 + 13 * row);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["70140"]);
}

/// Publishes a list of forty operations, each with its rate, what was granted and what was paid.
fn publish_financed(folder: &Path, day: &str, money: impl Fn(usize) -> [String; 3]) {
    let mut text = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Kofinanzierungssatz;Bewilligte Beträge in EUR;\
                    Ausgezahlte Beträge in EUR\n"
        .to_owned();
    for row in 0..40 {
        let [rate, granted, paid] = money(row);
        let line = format!("Verein {row} e.V.;Vorhaben {row};01.02.2016;{rate};{granted};{paid}\n");
        text.push_str(&line);
    }
    publish_text(folder, "a", day, &text);
}

#[test]
fn rates_that_are_a_tenth_of_what_they_were_are_held_and_new_ones_are_not() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    let publish_rates = |day: &str, rate: &dyn Fn(usize) -> &'static str| {
        publish_financed(folder, day, |row| {
            let amount = format!("{},00", 1000 + 7 * row);
            [rate(row).to_owned(), amount.clone(), amount]
        });
    };
    publish_rates("2020-01-01", &|_| "49,92 %");
    night_ends(folder, &[], 0);
    publish_rates("2020-02-01", &|_| "4,992 %");
    let all = "40 of the 40 values of union_rate that a_2020-01-01.csv has as well are 0.1 times what they are there";
    held(folder, &[all, "[esf explain values-scaled]"]);
    publish_rates("2020-02-01", &|row| {
        if row < 3 { "4,992 %" } else { "49,92 %" }
    });
    held(
        folder,
        &[
            "3 values of union_rate are exactly ten, a hundred or more times what a_2020-01-01.csv says",
            "the first is 4.992 % at line 2",
            ", where it was 49.92 %: a decimal mark may have slipped",
            "[esf explain amounts-slipped]",
        ],
    );
    publish_rates("2020-02-01", &|_| "50,5 %");
    night_ends(folder, &[], 0);
    let rates = "SELECT union_rate, count(*) FROM operation GROUP BY 1";
    assert_eq!(rows(folder, rates), ["0.505000,40"]);
}

#[test]
fn two_columns_of_amounts_that_were_exchanged_are_held_and_operations_that_ended_are_not() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    let rate = || "50 %".to_owned();
    let granted = |row: usize| format!("{},00", 1000 + 7 * row);
    let paid = |row: usize| format!("{},50", 990 + 7 * row);
    publish_financed(folder, "2020-01-01", |row| {
        [rate(), granted(row), paid(row)]
    });
    night_ends(folder, &[], 0);
    publish_financed(folder, "2020-02-01", |row| {
        [rate(), paid(row), granted(row)]
    });
    let told = "40 amounts that were granted EUR in a_2020-01-01.csv are paid EUR now, and 40 the other way round";
    held(folder, &[told, "[esf explain amounts-exchanged]"]);
    // What was granted is paid in the end, and stands nowhere else.
    publish_financed(folder, "2020-02-01", |row| {
        if row < 12 {
            [rate(), String::new(), granted(row)]
        } else {
            [rate(), granted(row), paid(row)]
        }
    });
    night_ends(folder, &[], 0);
    let amounts = "SELECT amount_kind, count(*) FROM operation_amount GROUP BY 1 ORDER BY 1";
    assert_eq!(rows(folder, amounts), ["granted,28", "paid,40"]);
}

/// Declares a table of postcodes, of which the first forty are in one Land and the others in another.
fn declare_two_lands(folder: &Path) {
    let path = declaration(folder, "places", "source.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let declared = "title = \"Made postcodes\"\npublisher = \"Musterministerium\"\nkind = \"reference\"\n\
                    role = \"postcode_nuts\"\nfiles = [\"places_*.csv\"]\nlist_id = \"places\"\ncountry = \"DE\"\n\
                    [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \",\"\n";
    fs::write(path, declared).unwrap();
    let place = |row: usize| {
        let region = if row < 40 { "DED21" } else { "DE300" };
        format!("DE,{:05},{region}\n", 1001 + row)
    };
    let places: String = (0..80).map(place).collect();
    publish_text(
        folder,
        "places",
        "1",
        &format!("alpha_2,zip,nuts_3\n{places}"),
    );
}

/// Publishes a list of forty operations at forty postcodes, the first of which is this one.
fn publish_at(folder: &Path, day: &str, first: usize) {
    publish(folder, "a", day, 40, 1000);
    rewrite(&file(folder, "a", day), |text| {
        let lines = text.lines().enumerate().map(|(at, line)| match at {
            0 => format!("{line};PLZ\n"),
            at => format!("{line};{:05}\n", first + at - 1),
        });
        lines.collect()
    });
}

#[test]
fn a_list_whose_operations_are_in_other_regions_than_before_or_than_declared_is_held() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        format!("nuts_code = \"DED\"\n{declared}")
    });
    declare_two_lands(folder);
    publish_at(folder, "2020-01-01", 1041);
    let outside = "40 of its 40 operations with a region are outside of DED, which its source declares: a column that";
    let code = "[esf explain regions-moved]";
    held(folder, &[outside, code, "--accept de_xx_a=REASON"]);
    publish_at(folder, "2020-01-01", 1001);
    night_ends(folder, &[], 0);
    publish_at(folder, "2020-02-01", 1010);
    let moved = "9 of its 40 operations that have a region in a_2020-01-01.csv as well are in another one now: a column that";
    held(folder, &[moved, code]);
    // Some are honestly elsewhere.
    publish_at(folder, "2020-02-01", 1008);
    night_ends(folder, &[], 0);
    let regions = "SELECT nuts_code, count(*) FROM operation GROUP BY 1 ORDER BY 1";
    assert_eq!(rows(folder, regions), ["DE300,7", "DED21,33"]);
}

#[test]
fn different_rows_that_come_again_in_the_same_order_are_held_and_fewer_are_not() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    let once = fs::read_to_string(file(folder, "a", "2020-01-01")).unwrap();
    let with_again = |rows: usize| {
        let block: String = once.split_inclusive('\n').skip(4).take(rows).collect();
        publish_text(folder, "a", "2020-01-01", &format!("{once}{block}"));
    };
    with_again(5);
    let told = "5 of its rows, from row 42 on, are those from row 5 on once more, in the same order: a part of the list";
    held(
        folder,
        &[
            told,
            "[esf explain list-doubled]",
            "--accept de_xx_a=REASON",
        ],
    );
    let (exit, printed) = check(folder, "a", "2020-01-01");
    assert_eq!(exit, 3, "{printed}");
    assert!(printed.contains(told), "{printed}");
    with_again(4);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,44", "de_xx_b,40"]);
}

#[test]
fn a_list_whose_amounts_have_no_currency_is_loaded_and_told() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let list = |label: &str| {
        let insats = |n: usize| {
            let cost = 1000 + n;
            format!("Förening {n};Insats {n};2023-02-01;2024-06-30;{cost},50\n")
        };
        let all: String = (1..=12).map(insats).collect();
        format!(
            "Stödmottagarens namn;Insatsens namn;Startdatum för insatsen;Förväntat eller faktiskt slutdatum;{label}\n{all}"
        )
    };
    let text = list("Insatsens totala kostnad");
    let (code, printed) = ingest(folder, "l.csv", text.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    let told = "nothing says in which currency its 12 amounts are";
    for part in [told, "[esf explain amounts-without-currency]"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let dated = "SELECT count(start_date), count(end_date) FROM operation";
    assert_eq!(rows(folder, dated), ["12,12"]);
    let text = list("Insatsens totala kostnad (SEK)");
    let other = tempfile::tempdir().unwrap();
    let (code, printed) = ingest(other.path(), "l.csv", text.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    assert!(!printed.contains(told), "{printed}");
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

#[test]
fn a_page_of_operations_is_held_where_it_says_that_there_are_more() {
    let row = |n: usize| {
        format!(
            "<tr><td>Brücke in Arbeit {n}</td><td>Musterverein {n} e.V.</td><td>01.01.2016 - 31.12.2018</td>\
             <td>{},00 €</td></tr>",
            1000 + n
        )
    };
    let rows_of_five: String = (1..=5).map(row).collect();
    let page = |said: &str| {
        format!(
            "<!doctype html><html lang='de'><head><title>Projekte</title></head><body><main>\
             <h1>Geförderte Projekte</h1><p>{said}</p><table><tr><th>Projekt</th><th>Träger</th><th>Laufzeit</th>\
             <th>Fördersumme</th></tr>{rows_of_five}</table></main></body></html>"
        )
    };
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    for said in ["1 – 5 von 312 Treffern", "Seite 1 von 7"] {
        let (code, printed) = ingest(folder, "p.html", page(said).as_bytes(), &[]);
        assert_eq!(code, 4, "{printed}");
        for part in [
            format!(
                "5 operations stand on it, and it says {said:?}: it may be one page of several"
            ),
            "[esf explain list-partial]".to_owned(),
        ] {
            assert!(printed.contains(&part), "{part}: {printed}");
        }
    }
    let whole = page("1 – 5 von 5 Treffern");
    let (code, printed) = ingest(folder, "p.html", whole.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(rows(folder, COUNTS), ["made_list,5"]);
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
