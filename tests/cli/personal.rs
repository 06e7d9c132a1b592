//! Made-up persons through the whole program: none of them is printed or published, and bodies stay whole.

use std::fmt::Write;
use std::path::Path;

use super::list::{self, rows};
use super::{run, said};

fn ingest(folder: &Path, text: &str) -> String {
    let (code, printed) = list::ingest(folder, "list.csv", text.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    printed
}

/// Begins a source from the list; gives what that printed.
fn begin(folder: &Path) -> String {
    let begun = [
        "source",
        "new",
        "made_list",
        "--from",
        "list.csv",
        "--into",
        "s",
    ];
    let (code, printed) = said(folder, &begun);
    assert_eq!(code, 0, "{printed}");
    printed
}

#[test]
fn trying_a_source_shows_no_person() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(
        folder.join("list.csv"),
        "Begünstigter;Vorhaben;Ansprechpartner;Telefon;E-Mail;Bearbeiterin;Prüfvermerk;Gewährte Beträge in EUR\n\
         Frau Gudrun Beispiel;Coaching Gudrun Beispiel;Zacharias Quux;0511 9876500;qq@muster.example;Quuxmann;Anna Quux;1.000,50\n\
         Muster e.V.;Beratung;Zacharias Quux;0511 9876500;qq@muster.example;Quuxmann;x;2.000,50\n",
    )
    .unwrap();
    begin(folder);
    let (_, seen) = said(
        folder,
        &["source", "check", "made_list", "list.csv", "--sources", "s"],
    );
    for part in ["Gudrun", "Quux", "987650", "qq@"] {
        assert!(!seen.contains(part), "{part} is shown in\n{seen}");
    }
    assert_eq!(
        seen.matches("personal data, not shown").count(),
        5,
        "{seen}"
    );
    assert!(
        seen.contains("natural person") && seen.contains("Coaching […]"),
        "{seen}"
    );
}

#[test]
fn persons_with_a_form_of_address_are_no_organisation_and_contacts_part_none() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ingest(
        folder,
        "Begünstigter;Vorhaben;Gewährte Beträge in EUR\n\
         Frau Elif Beispiel;Coaching;1.000,50\n\
         Frau Anna Muster;Coaching;2.000,50\n\
         Herrn Dr. Paul Muster;Beratung;3.000,50\n\
         Fru Sanna Exempel;Beratung;3.500,50\n\
         \"Stadt Muster, Herr Paul Beispiel\";V;4.000,50\n\
         \"Stadt Muster, Frau Eva Beispiel\";V2;4.000,50\n\
         Stadt Muster;V3;4.000,50\n",
    );
    assert_eq!(
        rows(
            folder,
            "SELECT n.name, n.natural_person, count(*), count(DISTINCT r.organisation_id)
             FROM operation_organisation r JOIN organisation n USING (organisation_id)
             GROUP BY 1, 2 ORDER BY 1"
        ),
        ["Stadt Muster,false,3,1", ",true,4,4"]
    );
}

/// Names of given natural persons in titles of their own operations and of others.
#[test]
fn a_surname_goes_from_the_titles_of_the_operations_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ingest(
        folder,
        "Begünstigter;Vorhaben;Gewährte Beträge in EUR\n\
         \"Krüger, Karla\";Förderung K. Krüger;1.000,50\n\
         \"Krüger, Karla\";Existenzgründung Krueger;2.000,50\n\
         \"Krüger, Karla\";Coaching für Karla Krüger-Muster;3.000,50\n\
         Anna Koch;Ausbildung zum Koch;4.000,50\n\
         Muster e.V.;Beratung Krüger;5.000,50\n",
    );
    let titles = rows(
        folder,
        "SELECT o.title, n.name FROM operation o JOIN operation_organisation r USING (operation_id) \
         JOIN organisation n USING (organisation_id) ORDER BY 1",
    );
    assert_eq!(
        titles,
        [
            "Ausbildung zum Koch,",
            "Beratung Krüger,Muster e.V.",
            "Coaching für […],",
            "Existenzgründung […],",
            "Förderung […],",
        ]
    );
    let ids = rows(
        folder,
        "SELECT operation_id FROM operation WHERE title LIKE '%[…]%'",
    );
    assert_eq!(ids.len(), 3);
    for id in ids {
        // What is stored comes out again, and the name is not shown on the way.
        let (code, out, err) = run(folder, &["trace", &id, "--warehouse", "w"]);
        assert_eq!(code, 0, "{out}{err}");
        let seen = out + &err;
        assert!(!seen.contains("Krü") && !seen.contains("Krue"), "{seen}");
    }
}

#[test]
fn a_person_in_a_label_is_in_no_finding_and_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let list = "Begünstigter;Vorhaben;Rückfragen an Frau Gudrun Beispiel Tel 0511 123456;Fördersumme in EUR\n\
                A e.V.;V1;x;1.000,50\nB e.V.;V2;y;2.000,50\n";
    let mut seen = ingest(folder, list);
    let columns = rows(
        folder,
        "SELECT \"column\" FROM finding WHERE rule = 'unknown_column'",
    );
    assert_eq!(columns, ["Rückfragen an Frau […] Tel […]"]);
    seen += &begin(folder);
    let mapping = folder.join("s/made_list/mapping.toml");
    let declared = std::fs::read_to_string(&mapping).unwrap();
    seen += &declared;
    let check = ["source", "check", "made_list", "list.csv", "--sources", "s"];
    let (_, out, err) = run(folder, &check);
    assert!(err.contains("is not understood"), "{err}");
    seen += &(out + &err);
    for part in ["Gudrun", "123456"] {
        assert!(!seen.contains(part), "{part} is shown in\n{seen}");
    }
    // The label as it is shown declares the column.
    let line = "\"Rückfragen an Frau […] Tel […]\" = ";
    assert!(declared.contains(line), "{declared}");
    let declared = declared.replace(&format!("# {line}\"\""), &format!("{line}\"contact_name\""));
    std::fs::write(&mapping, declared).unwrap();
    let (_, out, err) = run(folder, &check);
    assert!(!err.contains("is not understood"), "{out}{err}");
    assert!(out.contains("contact_name"), "{out}{err}");
}

/// Twelve women and a man of one programme; what stands for the region of one of them is a name.
#[test]
fn records_of_participants_are_public_as_controlled_counts_only() {
    let folder = tempfile::tempdir().unwrap();
    let mirror = folder.path().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    let mut csv = String::from(
        "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,labour_status,\
         disability,foreign_background,status_on_leaving,status_6_months\n",
    );
    for number in 0..13 {
        let (sex, region) = match number {
            0 => ("m", "DE2"),
            1 => ("f", "Erika Mustermann"),
            _ => ("f", "DE2"),
        };
        writeln!(
            csv,
            ",2014DE05SFOP004,pseudonym-{number},{region},2016-03-01,,{sex},30,isced_3_4,unemployed,no,no,,"
        )
        .unwrap();
    }
    std::fs::write(mirror.join("participant_made.csv"), csv).unwrap();
    let ask = |arguments: &[&str]| {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        out
    };
    ask(&["nightly", "--warehouse", "w", "--mirror", "mirror"]);
    let sql = |query: &str| ask(&["sql", "--warehouse", "w", query]);
    let cells = sql(
        "SELECT sex, n, status FROM participation_cell WHERE indicator_code = 'CO01' AND nuts_code IS NULL ORDER BY sex",
    );
    // One man alone is not shown, and none of what he could be computed from.
    let lines: Vec<&str> = cells.lines().collect();
    assert_eq!(lines.len(), 4, "{cells}");
    let shown = lines.iter().filter(|line| line.ends_with(",ok")).count();
    assert_eq!(shown, 1, "{cells}");
    assert!(cells.contains("m,,suppressed"), "{cells}");
    let findings = sql("SELECT value, message FROM finding");
    assert!(
        findings.contains("what stands for a region is no NUTS code"),
        "{findings}"
    );
    for text in [&findings, &cells] {
        assert!(
            !text.contains("Erika") && !text.contains("pseudonym"),
            "{text}"
        );
    }
    let (code, _, err) = run(
        folder.path(),
        &["sql", "--warehouse", "w", "SELECT * FROM participant"],
    );
    assert_eq!(code, 2, "{err}");
    assert!(!err.contains("pseudonym"), "{err}");
    // How many records there are is a count of people too, in the tables and in the document of the release.
    let of_file = "FROM {} WHERE source_id = 'xx_participant'";
    let told = |columns: &str, table: &str| {
        let query = format!("SELECT {columns} {}", of_file.replace("{}", table));
        let out = sql(&query);
        out.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(
        told(
            "file_name, bytes, rows_read, rows_loaded, rows_quarantined, rows_ignored",
            "source_file"
        ),
        "participant_made.csv,,,,,"
    );
    assert_eq!(told("count(*)", "ignored_rows"), "0");
    assert_eq!(told("count(source_row)", "finding"), "0");
    let warehouse = folder.path().join("w");
    for table in [
        "restricted_source_file",
        "restricted_ignored_rows",
        "restricted_finding",
    ] {
        assert!(
            warehouse.join("restricted").join(table).exists(),
            "{table} is kept"
        );
        assert!(!warehouse.join("data").join(table).exists(), "{table}");
    }
    let document = std::fs::read_to_string(warehouse.join("releases/00000001.json")).unwrap();
    assert!(!document.contains("pseudonym-"), "{document}");
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let file = &document["tables"]["participant"]["files"][0];
    assert!(file["path"].is_string() && file["rows"].is_null(), "{file}");
    let file = &document["sources"]["xx_participant"]["files"][0];
    assert!(
        file["sha256"].is_string() && file["bytes"].is_null(),
        "{file}"
    );
}
