//! Co-financing rates that can be read in two ways.

use super::list::{declaration, declare, night_ends, publish_text, rewrite, rows};

const RATES: &str =
    "SELECT coalesce(CAST(union_rate AS VARCHAR), 'null') FROM operation ORDER BY title";
const LEFT_OPEN: &str = "SELECT count(*) FROM finding WHERE rule = 'inferred_convention' \
    AND message LIKE 'the bare rates of this file can be read in two ways%'";

#[test]
fn a_rate_with_two_readings_is_null_until_somebody_says_what_it_is() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    let header = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR;Kofinanzierungssatz";
    let row = |n: usize, rate: &str| {
        format!("Verein {n} e.V.;Vorhaben {n};01.02.2016;31.12.2017;{n}00,00;{rate}\n")
    };
    let list = format!("{header}\n{}{}{}", row(1, "1"), row(2, "50 %"), row(3, "1"));
    publish_text(folder, "a", "2020-01-01", &list);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, RATES), ["null", "0.500000", "null"]);
    assert_eq!(rows(folder, LEFT_OPEN), ["1"]);

    rewrite(&declaration(folder, "a", "mapping.toml"), |declared| {
        declared + "rates = \"fraction\"\n"
    });
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, RATES), ["1.000000", "0.500000", "1.000000"]);
    assert_eq!(rows(folder, LEFT_OPEN), ["0"]);
}
