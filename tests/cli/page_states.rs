//! Pages that change from night to night: which operations a warehouse has of them, and what it tells of the others.

use std::fs;
use std::path::Path;

use super::list::{declaration, night_ends, rows, stays};

const SOURCE: &str = "title = \"Made pages\"\npublisher = \"Musterministerium\"\nkind = \"page\"\n\
    files = [\"p_*.html\"]\nlist_id = \"pages\"\ncountry = \"DE\"\n";
const OPERATIONS: &str = "SELECT o.title, o.start_date, a.amount FROM operation o
    JOIN operation_amount a USING (operation_id) ORDER BY 1, 2, 3";
const HISTORY: &str =
    "SELECT title, start_date, changed_columns FROM operation_history ORDER BY 1, 2";
const NOT_FOUND: &str = "<!DOCTYPE html><html lang=\"de\"><head><title>404</title></head><body>\
    <h1>Seite nicht gefunden</h1></body></html>";

/// Declares a source of pages that are read as those that nobody declared.
fn declare(folder: &Path) {
    let source = declaration(folder, "pages", "source.toml");
    fs::create_dir_all(source.parent().unwrap()).unwrap();
    fs::write(source, SOURCE).unwrap();
    let any = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sources/any_page");
    for name in ["mapping.toml", "patterns.toml"] {
        fs::copy(any.join(name), declaration(folder, "pages", name)).unwrap();
    }
}

fn publish(folder: &Path, name: &str, text: &str) {
    let file = folder.join("mirror").join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A page of one project.
fn page(title: &str, holder: &str, start: &str, euro: &str) -> String {
    document(&format!(
        "<h1>{title}</h1><table><tr><th>Träger</th><td>{holder}</td></tr>\
         <tr><th>Projektlaufzeit</th><td>{start} - 31.12.2018</td></tr>\
         <tr><th>Fördersumme</th><td>{euro} €</td></tr></table>"
    ))
}

/// A table of so many projects.
fn table(projects: usize) -> String {
    table_of(1..=projects)
}

/// A table of these projects.
fn table_of(projects: impl IntoIterator<Item = usize>) -> String {
    let row = |n: usize| {
        format!(
            "<tr><td>Vorhaben {n}</td><td>Verein {n} e.V.</td><td>01.02.2016 - 31.12.2018</td><td>{n}00,00 €</td></tr>"
        )
    };
    let rows: String = projects.into_iter().map(row).collect();
    format!(
        "<table><tr><th>Projekt</th><th>Träger</th><th>Laufzeit</th><th>Fördersumme</th></tr>{rows}</table>"
    )
}

/// A page of nothing but tables.
fn list(tables: &str) -> String {
    document(&format!("<h1>Geförderte Projekte</h1>{tables}"))
}

fn document(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>Projekte</title></head>\
         <body>{body}</body></html>"
    )
}

#[test]
fn a_page_that_is_corrected_night_by_night_is_one_operation() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let page = |title: &str, start: &str| page(title, "Beispielwerk gGmbH", start, "1.200.000");
    let first = page("Wege in Arbeit", "01.04.2016");
    publish(folder, "p_x.html", &first);
    night_ends(folder, &[], 0);
    let a = ["Wege in Arbeit,2016-04-01,1200000.00"];
    assert_eq!(rows(folder, OPERATIONS), a);

    publish(folder, "p_x.html", &page("Wege in Arbeit", "01.05.2016"));
    night_ends(folder, &[], 0);
    assert_eq!(
        rows(folder, OPERATIONS),
        ["Wege in Arbeit,2016-05-01,1200000.00"]
    );
    assert_eq!(rows(folder, HISTORY), ["Wege in Arbeit,2016-04-01,gone"]);
    stays(folder, &[], 2);
    stays(folder, &["--full"], 2);

    publish(folder, "p_x.html", &page("Wege zur Arbeit", "01.05.2016"));
    night_ends(folder, &[], 0);
    let corrected = ["Wege zur Arbeit,2016-05-01,1200000.00"];
    assert_eq!(rows(folder, OPERATIONS), corrected);

    // What tells nothing takes nothing away.
    publish(folder, "p_x.html", NOT_FOUND);
    let printed = night_ends(folder, &[], 0);
    let told = "p_x.html: nothing in it became a row of any table";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, OPERATIONS), corrected);

    // Its publisher goes back to what was there first.
    publish(folder, "p_x.html", &first);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, OPERATIONS), a);
    let gone = [
        "Wege in Arbeit,2016-05-01,gone",
        "Wege zur Arbeit,2016-05-01,gone",
    ];
    assert_eq!(rows(folder, HISTORY), gone);
    stays(folder, &["--full"], 5);
}

#[test]
fn pages_of_one_title_and_several_bodies_are_several_operations() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let page = |holder: &str, euro: &str| page("Wege in Arbeit", holder, "01.01.2016", euro);
    publish(folder, "p_0.html", &page("Stadt Astadt", "100.000"));
    publish(folder, "p_1.html", &page("Stadt Bestadt", "250.000"));
    night_ends(folder, &[], 0);
    let amounts = "SELECT amount FROM operation_amount ORDER BY 1";
    assert_eq!(rows(folder, amounts), ["100000.00", "250000.00"]);

    // Two that say different things of one operation are told for what they are, and neither counts.
    publish(folder, "p_2.html", &page("Stadt Cestadt", "400.000"));
    publish(folder, "p_3.html", &page("Stadt Cestadt", "500.000"));
    for _ in 0..2 {
        let printed = night_ends(folder, &[], 4);
        for part in [
            "p_2.html, p_3.html came together and say different things of one operation",
            "[esf explain vintages-undated]",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert_eq!(rows(folder, amounts), ["100000.00", "250000.00"]);
    }
    let accept = ["--accept", "de_xx_pages:p_3.html=told so"];
    night_ends(folder, &accept, 0);
    assert_eq!(
        rows(folder, amounts),
        ["100000.00", "250000.00", "500000.00"]
    );
}

#[test]
fn a_table_that_stands_on_a_page_twice_counts_once_and_is_told() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    publish(folder, "p_x.html", &list(&(table(3) + &table(3))));
    let printed = night_ends(folder, &["--format", "csv"], 0);
    let sums = "SELECT count(*), sum(amount) FROM operation_amount";
    assert_eq!(rows(folder, sums), ["3,600.00"], "{printed}");
    let told = "SELECT count(*) FROM finding WHERE rule = 'operations_repeated'";
    assert_eq!(rows(folder, told), ["1"]);
    let told = "\"loaded, 3 repeated rows left out\"";
    assert!(printed.contains(told), "{printed}");
}

#[test]
fn a_page_that_lost_much_of_its_list_is_held() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    publish(folder, "p_x.html", &list(&table(40)));
    night_ends(folder, &[], 0);
    publish(folder, "p_x.html", &list(&table(20)));
    let printed = night_ends(folder, &[], 4);
    for part in [
        "20 of the 40 operations of p_x.html are not in it any more",
        "[esf explain operations-gone]",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let count = "SELECT count(*) FROM operation";
    assert_eq!(rows(folder, count), ["40"]);
    night_ends(folder, &["--accept", "de_xx_pages=they ended"], 0);
    assert_eq!(rows(folder, count), ["20"]);
}

#[test]
fn pages_of_one_name_in_several_folders_stay_several() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let page = |title: &str| page(title, "Beispielwerk gGmbH", "01.04.2016", "1.200.000");
    publish(folder, "one/p_index.html", &page("Wege in Arbeit"));
    night_ends(folder, &[], 0);
    publish(folder, "two/p_index.html", &page("Neue Wege"));
    night_ends(folder, &[], 0);
    let count = "SELECT count(*) FROM operation";
    assert_eq!(rows(folder, count), ["2"]);
    let told = "SELECT count(*) FROM finding WHERE rule = 'page_name_shared'";
    assert_eq!(rows(folder, told), ["2"]);
    stays(folder, &["--full"], 2);
}

#[test]
fn a_page_whose_number_is_given_anew_stays() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let page = |title: &str| page(title, "Beispielwerk gGmbH", "01.04.2016", "1.200.000");
    let publish_all = |titles: &[&str]| {
        for (at, title) in titles.iter().enumerate() {
            publish(folder, &format!("p_{at}.html"), &page(title));
        }
    };
    publish_all(&["Wege in Arbeit", "Brücken bauen"]);
    night_ends(folder, &[], 0);
    publish_all(&["Neue Wege", "Wege in Arbeit", "Brücken bauen"]);
    night_ends(folder, &[], 0);
    let titles = "SELECT title FROM operation ORDER BY 1";
    assert_eq!(
        rows(folder, titles),
        ["Brücken bauen", "Neue Wege", "Wege in Arbeit"]
    );
    assert_eq!(rows(folder, HISTORY), Vec::<String>::new());
    stays(folder, &[], 2);
    stays(folder, &["--full"], 2);
    // Nothing is new where they only exchange their names.
    publish_all(&["Brücken bauen", "Neue Wege", "Wege in Arbeit"]);
    stays(folder, &[], 2);
}

#[test]
fn a_list_that_goes_on_from_page_to_page_may_grow_at_its_head() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let publish_from = |first: usize| {
        for (page, begin) in (first..=120).step_by(40).enumerate() {
            let projects = begin..=(begin + 39).min(120);
            publish(
                folder,
                &format!("p_{page}.html"),
                &list(&table_of(projects)),
            );
        }
    };
    publish_from(21);
    night_ends(folder, &[], 0);
    publish_from(1);
    night_ends(folder, &[], 0);
    let count = "SELECT count(*) FROM operation";
    assert_eq!(rows(folder, count), ["120"]);
    assert_eq!(rows(folder, HISTORY), Vec::<String>::new());
    let told = "SELECT count(*) FROM finding WHERE rule = 'operations_gone'";
    assert_eq!(rows(folder, told), ["0"]);
    stays(folder, &["--full"], 2);
}

#[test]
fn a_page_that_is_held_beside_another_of_its_name_makes_no_releases() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder);
    let page = |title: &str| page(title, "Beispielwerk gGmbH", "01.04.2016", "1.200.000");
    publish(folder, "one/p_index.html", &page("Wege in Arbeit"));
    publish(folder, "two/p_index.html", &page("Neue Wege"));
    night_ends(folder, &[], 0);
    let cut = page("Brücken bauen").replace("</body></html>", "");
    publish(folder, "two/p_index.html", &cut);
    for _ in 0..2 {
        let printed = night_ends(folder, &[], 4);
        let same = "nothing has changed since release 1 ";
        assert!(printed.contains(same), "{printed}");
    }
    let count = "SELECT count(*) FROM operation";
    assert_eq!(rows(folder, count), ["2"]);
}
