//! Lists of which every page was published twice.

use super::list::{declaration, declare, night_ends, publish_text, rewrite, rows};

const LIST: &str = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR\n\
    Verein 1 e.V.;Reise;01.01.2016;31.12.2016;100,00\n\
    Verein 2 e.V.;Kurs;01.01.2016;31.12.2016;50,00\n\
    Verein 1 e.V.;Reise;01.01.2016;31.12.2016;100,00\n\
    Verein 2 e.V.;Kurs;01.01.2016;31.12.2016;50,00\n";

#[test]
fn a_night_tells_what_is_loaded_and_what_was_repeated() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        format!("pages_published_twice = true\n{declared}")
    });
    publish_text(folder, "a", "2020-01-01", LIST);
    let printed = night_ends(folder, &["--format", "csv"], 0);
    for part in [
        "de_xx_a,2,total_cost EUR,150.00,",
        ",\"loaded, 2 repeated rows left out\"",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(
        rows(folder, "SELECT count(*), sum(amount) FROM operation_amount"),
        ["2,150.00"]
    );
    // Control totals are those of the whole file, as published.
    let published = "SELECT n, total FROM control_total";
    assert_eq!(rows(folder, published), ["4,300.00"]);
}
