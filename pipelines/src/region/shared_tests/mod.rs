//! Against the real lists and tables of `../shared`, where they are: the share of rows that get a code, and a sample
//! checked by hand, kept as file hash, row and code only. Without the folder the tests say so and do nothing.

mod lists;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use arrow::array::{Array, StringArray};
use sha2::{Digest, Sha256};

use self::lists::{ListSpec, Row, shared, specs};
use super::{Columns, Decides, Field, Gazetteer, resolve_columns};

/// The tables of the shared folder with their roles.
fn gazetteer(folder: &Path) -> Gazetteer {
    let read = |name: &str| std::fs::read(folder.join("data/reference").join(name)).unwrap();
    let tables = [
        ("postcode_nuts", "DE", read("tercet_DE_zip_nuts3.csv")),
        ("postcode_nuts", "SE", read("tercet_SE_zip_nuts3.csv")),
        ("nuts", "", read("nuts2024_de_se.csv")),
        ("place_postcode", "DE", read("zipcodes.de.csv")),
        ("place_postcode", "SE", read("zipcodes.se.csv")),
        ("municipality", "SE", read("municipality_county.csv")),
        (
            "postal_municipality",
            "SE",
            read("postal_to_municipality.csv"),
        ),
    ];
    Gazetteer::bundled(
        &tables
            .each_ref()
            .map(|(role, country, bytes)| (*role, *country, bytes.as_slice())),
    )
    .unwrap()
}

/// For every row the codes, joined by a plus where a list has several; and the reason where there is none.
fn answers(gazetteer: &Gazetteer, spec: &ListSpec, rows: &[Row]) -> Vec<(String, String)> {
    if let Some(field) = &spec.list_of {
        let (field, column) = match field.as_str() {
            "municipality" => (Field::Municipality, 3),
            "district" => (Field::District, 4),
            _ => (Field::Region, 6),
        };
        return rows
            .iter()
            .map(|row| {
                let text = row.cells[column].as_deref().unwrap_or_default();
                let out =
                    gazetteer.resolve_list(spec.country(), spec.within.as_deref(), field, text);
                if !out.problems.is_empty() {
                    return (String::new(), format!("{:?}", out.problems));
                }
                let codes: Vec<String> =
                    out.items.into_iter().filter_map(|i| i.nuts_code).collect();
                (codes.join("+"), String::new())
            })
            .collect();
    }
    let column = |at: usize| {
        rows.iter()
            .map(|r| r.cells[at].as_deref())
            .collect::<StringArray>()
    };
    let columns: Vec<StringArray> = (0..7).map(column).collect();
    let decides = if spec.decides.as_deref() == Some("place") {
        Decides::Place
    } else {
        Decides::Neither
    };
    let columns = Columns {
        country: Some(&columns[0]),
        postcode: Some(&columns[1]),
        place: Some(&columns[2]),
        municipality: Some(&columns[3]),
        district: Some(&columns[4]),
        municipality_code: Some(&columns[5]),
        region: Some(&columns[6]),
        nuts_code: None,
    };
    let out = resolve_columns(
        gazetteer,
        spec.country(),
        spec.within.as_deref(),
        decides,
        &columns,
    );
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    for problem in out.problems {
        reasons.insert(
            problem.row,
            format!("{}: {}", problem.rule, problem.message),
        );
    }
    (0..rows.len())
        .map(|i| {
            let code = if out.codes.is_null(i) {
                ""
            } else {
                out.codes.value(i)
            };
            let method = if out.methods.is_null(i) {
                ""
            } else {
                out.methods.value(i)
            };
            let reason = reasons.remove(&i).unwrap_or_default();
            (
                code.to_owned(),
                format!("{method} {reason}").trim().to_owned(),
            )
        })
        .collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Prints what the gazetteer costs; run with `--nocapture`, in a release build for numbers that mean something.
#[test]
fn costs() {
    let Some(folder) = shared() else {
        return eprintln!("ignored: no ../shared (set ESF_SHARED)");
    };
    let start = std::time::Instant::now();
    let gazetteer = gazetteer(&folder);
    println!("gazetteer built in {:?}", start.elapsed());
    let spec = specs().into_iter().find(|s| s.decides.is_some()).unwrap();
    let rows =
        spec.rows(&std::fs::read(folder.join("data/beneficiaries").join(&spec.file)).unwrap());
    let start = std::time::Instant::now();
    let n = answers(&gazetteer, &spec, &rows).len();
    println!(
        "{n} rows of three columns resolved in {:?}",
        start.elapsed()
    );
}

#[test]
fn tables_fit_together() {
    let Some(folder) = shared() else {
        return eprintln!("ignored: no ../shared (set ESF_SHARED)");
    };
    let gazetteer = gazetteer(&folder);
    println!(
        "regions, postcodes, municipality codes, names: {:?}",
        gazetteer.size()
    );
    assert_eq!(gazetteer.nuts_version(), "2024");
    // Each of the 400 Kreise is reached by at least one municipality code, and by its own.
    let kreise: std::collections::BTreeSet<_> = gazetteer
        .communities
        .iter()
        .filter(|(ags, _)| ags.len() == 5)
        .map(|(_, code)| *code)
        .collect();
    assert_eq!(kreise.len(), 400);
    for (ags, code) in [
        ("07319", "DEB39"),
        ("05117", "DEA16"),
        ("05562", "DEA36"),
        ("09261", "DE221"),
        ("0180", "SE110"),
    ] {
        assert_eq!(gazetteer.communities[ags].as_str(), code, "{ags}");
    }
}

#[test]
fn share_of_rows_with_a_code() {
    let Some(folder) = shared() else {
        return eprintln!("ignored: no ../shared (set ESF_SHARED)");
    };
    let gazetteer = gazetteer(&folder);
    let (mut dump, mut short) = (String::new(), Vec::new());
    println!(
        "{:<48} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8}",
        "list", "rows", "invalid", "foreign", "named", "coded", "share"
    );
    for spec in specs() {
        let bytes = std::fs::read(folder.join("data/beneficiaries").join(&spec.file)).unwrap();
        let rows = spec.rows(&bytes);
        let (mut named, mut coded, mut foreign, mut invalid) = (0, 0, 0, 0);
        for (row, (code, why)) in rows.iter().zip(answers(&gazetteer, &spec, &rows)) {
            let _ = writeln!(
                dump,
                "{}\t{}\t{code}\t{why}\t{:?}",
                spec.file, row.number, row.cells
            );
            match (code.as_str(), why.as_str()) {
                ("", "") => {}
                ("", "foreign") => foreign += 1,
                // A postcode that no table has is not a valid one; of names all count.
                ("", why) if why.starts_with("region_unknown") && row.cells[1].is_some() => {
                    invalid += 1;
                }
                ("", _) => named += 1,
                _ => (named, coded) = (named + 1, coded + 1),
            }
        }
        let share = 100.0 * f64::from(coded) / f64::from(named.max(1));
        println!(
            "{:<48} {:>7} {invalid:>7} {foreign:>7} {named:>7} {coded:>7} {share:>7.2}%",
            spec.file,
            rows.len()
        );
        let by_postcode = rows.iter().any(|r| r.cells[1].is_some());
        let least = if by_postcode { 99.0 } else { 90.0 };
        if share < least {
            short.push(format!(
                "{}: {share:.2} % of the rows that name a place have a code, the aim is {least}",
                spec.file
            ));
        }
    }
    if let Ok(path) = std::env::var("ESF_REGION_DUMP") {
        std::fs::write(path, dump).unwrap();
    }
    assert!(short.is_empty(), "{short:#?}");
}

/// `testdata/checked.csv`: 200 rows drawn at random over all lists, each looked up by hand on the map and in the
/// official tables. An empty code says that the row must not get one.
#[test]
fn hand_checked_sample_is_right() {
    let Some(folder) = shared() else {
        return eprintln!("ignored: no ../shared (set ESF_SHARED)");
    };
    let gazetteer = gazetteer(&folder);
    let mut wanted: BTreeMap<&str, Vec<(&str, usize, &str)>> = BTreeMap::new();
    for line in include_str!("../testdata/checked.csv").lines().skip(1) {
        let [hash, column, row, code] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("checked.csv: {line}")
        };
        wanted
            .entry(hash)
            .or_default()
            .push((column, row.parse().unwrap(), code));
    }
    let mut checked = 0;
    for spec in specs() {
        let bytes = std::fs::read(folder.join("data/beneficiaries").join(&spec.file)).unwrap();
        let Some(sample) = wanted.get(hash(&bytes).as_str()) else {
            continue;
        };
        let rows = spec.rows(&bytes);
        let answers = answers(&gazetteer, &spec, &rows);
        for (column, number, code) in sample
            .iter()
            .filter(|s| s.0 == spec.list_of.as_deref().unwrap_or("row"))
        {
            let at = rows.iter().position(|r| r.number == *number).unwrap();
            assert_eq!(
                answers[at].0, *code,
                "{}, row {number} ({column})",
                spec.file
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 200);
}
