//! Operations that a programme pays for abroad are its own.

use super::list::{declare, night_ends, publish_text, rows};
use super::run;

const LIST: &str = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR;Ort des Vorhabens;Staat\n\
    Verein 1 e.V.;Kurs in der Fremde;01.01.2016;31.12.2016;2200,00;Wien;Österreich\n\
    Verein 2 e.V.;Reise;01.01.2016;31.12.2016;100,00;;SE\n\
    Verein 3 e.V.;Werkstatt;01.01.2016;31.12.2016;50,00;;DE\n";

#[test]
fn an_operation_abroad_is_of_the_country_that_pays_and_of_no_region() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    publish_text(folder, "a", "2020-01-01", LIST);
    night_ends(folder, &[], 0);

    // Where it takes place stays to be seen.
    let places = "SELECT o.title, o.country, r.nuts_code, r.method FROM operation AS o \
        JOIN operation_region AS r ON r.operation_id = o.operation_id AND r.role = 'implementation' \
        WHERE o.title LIKE 'Kurs%'";
    assert_eq!(rows(folder, places), ["Kurs in der Fremde,DE,AT,foreign"]);
    let compared =
        "SELECT country, nuts_code, count(*), sum(weight) FROM operation_place GROUP BY ALL";
    assert_eq!(rows(folder, compared), ["DE,DE,3,3.00000000"]);
    let by_country = "SELECT key, value FROM compare('funding_total_cost', 'country')";
    assert_eq!(rows(folder, by_country), ["DE,2350.0"]);

    // Nobody read its country from the cell.
    let id = rows(
        folder,
        "SELECT operation_id FROM operation WHERE title = 'Reise'",
    );
    let (code, out, err) = run(
        folder,
        &["trace", &id[0], "--warehouse", "w", "--format", "csv"],
    );
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("operation.country,,,declared for the source,DE,DE,true"),
        "{out}"
    );
}
