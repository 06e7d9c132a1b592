//! Comparisons over the demonstration: as data, as a table for people, as pictures, as a table in SQL, and refusals.

use super::{esf, run, seen};

/// The demonstration, loaded once for a test.
fn demonstration() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["nightly"]);
    assert_eq!(code, 0, "{out}{err}");
    folder
}

#[test]
fn a_comparison_adds_up_to_what_sql_says() {
    let folder = demonstration();
    let ask = |arguments: &[&str]| {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
        out
    };
    let by_list = ask(&[
        "compare",
        "funding_total_eligible",
        "--by",
        "list",
        "--limit",
        "0",
        "--format",
        "json",
    ]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&by_list).unwrap();
    assert!(rows.len() > 5, "{by_list}");
    let sum: f64 = rows.iter().filter_map(|row| row["value"].as_f64()).sum();
    let total = ask(&[
        "sql",
        "SELECT CAST(sum(amount_eur) AS DOUBLE) AS total FROM amount_eur WHERE amount_kind = 'total_eligible'",
        "--format",
        "json",
    ]);
    let total: serde_json::Value = serde_json::from_str(&total).unwrap();
    let total = total[0]["total"].as_f64().unwrap();
    assert!((sum - total).abs() < 0.005, "{sum} {total}");

    // The same as a table in SQL.
    let in_sql = ask(&[
        "sql",
        "SELECT sum(value) AS total FROM compare('funding_total_eligible', 'list')",
        "--format",
        "json",
    ]);
    let in_sql: serde_json::Value = serde_json::from_str(&in_sql).unwrap();
    assert!((in_sql[0]["total"].as_f64().unwrap() - total).abs() < 0.005);
}

#[test]
fn people_get_bars_a_reading_and_what_is_missing() {
    let folder = demonstration();
    let (code, out, err) = run(
        folder.path(),
        &[
            "compare",
            "duration",
            "--country",
            "DE",
            "--language",
            "de",
            "--format",
            "table",
        ],
    );
    assert_eq!(code, 0, "{err}");
    for part in [
        "Mittlere Laufzeit",
        "Brandenburg",
        "kleine Fallzahl",
        "Zeigt, wie viele Tage",
        "· Monatsgenaue Angaben zählen",
        "release 1",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn files_get_the_picture_that_their_name_asks_for() {
    let folder = demonstration();
    for (file, begins, holds) in [
        ("map.svg", "<svg", "Brandenburg"),
        ("page.html", "<!DOCTYPE html>", "<table"),
        ("data.csv", "key,label,value", "Brandenburg"),
    ] {
        let (code, out, err) = run(folder.path(), &["compare", "completeness", "-o", file]);
        assert_eq!(code, 0, "{out}{err}");
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(
            text.starts_with(begins) && text.contains(holds),
            "{file}: {}",
            &text[..200]
        );
        // One file that needs nothing from a network.
        assert!(
            !text.contains("<script src") && !text.contains("@import"),
            "{file}"
        );
    }
    let (code, _, err) = run(
        folder.path(),
        &[
            "compare",
            "completeness",
            "--by",
            "fund",
            "--picture",
            "map",
            "-o",
            "no.svg",
        ],
    );
    assert_eq!(code, 2);
    assert!(err.contains("a map needs regions"), "{err}");
}

#[test]
fn the_statements_of_an_answer_run_as_they_stand() {
    let folder = demonstration();
    let rows = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
        serde_json::from_str(&out).unwrap()
    };
    let data = ["--limit", "0", "--format", "json"];
    for question in [
        &["compare", "completeness", "--level", "nuts3"][..],
        &["compare", "funding_total_eligible", "--by", "list"],
        &[
            "compare",
            "duration",
            "--country",
            "DE",
            "--where",
            "fund = 'ESF' -- alone",
        ],
    ] {
        let (code, out, err) = run(
            folder.path(),
            &[question, &["-o", "answer.sql"][..]].concat(),
        );
        assert_eq!((code, out.as_str()), (0, ""), "{question:?}: {err}");
        let text = std::fs::read_to_string(folder.path().join("answer.sql")).unwrap();
        assert!(
            text.contains("\n-- Demonstration: made-up data\n"),
            "{text}"
        );
        let given = rows(&["sql", "-f", "answer.sql", "--format", "json"]);
        let mut compared = 0;
        for told in rows(&[question, &data[..]].concat()) {
            let Some(value) = told["value"].as_f64() else {
                continue;
            };
            let row = given.iter().find(|row| row["key"] == told["key"]).unwrap();
            let found = row["value"].as_f64().unwrap();
            assert!((found - value).abs() <= 1e-12 * value.abs(), "{told} {row}");
            for column in ["n", "unallocated_share"] {
                assert_eq!(row[column], told[column], "{told} {row}");
            }
            compared += 1;
        }
        assert!(compared > 0, "{question:?}: {text}");
        // A shell or another program sends them as they are, and each is a statement of its own.
        let piped = esf(folder.path())
            .args(["sql", "--format", "json"])
            .write_stdin(text)
            .output()
            .unwrap();
        let (code, out, err) = seen(&piped);
        assert_eq!(code, 0, "{err}");
        assert_eq!(
            serde_json::from_str::<Vec<serde_json::Value>>(&out).unwrap(),
            given
        );
    }
}

/// Boundaries of these regions, each a square of its own.
fn boundaries(first_longitude: f64, regions: &[&str]) -> String {
    let feature = |(i, key): (usize, &&str)| {
        let x = first_longitude + i as f64 * 2.0;
        let ring = [
            (x, 50.0),
            (x + 1.0, 50.0),
            (x + 1.0, 51.0),
            (x, 51.0),
            (x, 50.0),
        ];
        let ring: Vec<[f64; 2]> = ring.iter().map(|(x, y)| [*x, *y]).collect();
        serde_json::json!({
            "type": "Feature",
            "properties": {"NUTS_ID": key},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        })
    };
    let features: Vec<serde_json::Value> = regions.iter().enumerate().map(feature).collect();
    serde_json::json!({"type": "FeatureCollection", "features": features}).to_string()
}

#[test]
fn boundaries_of_both_countries_come_from_several_files() {
    let folder = demonstration();
    let (code, out, err) = run(
        folder.path(),
        &["compare", "completeness", "--limit", "0", "--format", "csv"],
    );
    assert_eq!(code, 0, "{err}");
    let key = |country: &str| {
        let keys = out.lines().filter_map(|line| line.split(',').next());
        let mut of_country = keys.filter(|key| key.starts_with(country));
        of_country
            .next()
            .expect("the country is compared")
            .to_owned()
    };
    let (german, swedish) = (key("DE"), key("SE"));
    assert_eq!((german.len(), swedish.len()), (3, 4), "{out}");
    let shapes = folder.path().join("shapes");
    std::fs::create_dir(&shapes).unwrap();
    // GISCO's file of Länder has coarser Swedish regions, and that of NUTS 2 has parts of Länder.
    let coarse = boundaries(8.0, &[&german, &swedish[..3], "FR1"]);
    let fine = boundaries(20.0, &[&format!("{german}1"), &swedish]);
    std::fs::write(shapes.join("level_1.geojson"), coarse).unwrap();
    std::fs::write(shapes.join("level_2.geojson"), &fine).unwrap();
    let draw = |file: &str, shapes: &[&str]| {
        let mut arguments = vec!["compare", "completeness", "--limit", "1", "-o", file];
        arguments.extend(shapes.iter().flat_map(|path| ["--shapes", *path]));
        let (code, out, err) = run(folder.path(), &arguments);
        assert_eq!(code, 0, "{out}{err}");
        (
            std::fs::read_to_string(folder.path().join(file)).unwrap(),
            err,
        )
    };
    let files = ["shapes/level_1.geojson", "shapes/level_2.geojson"];
    let (both, err) = draw("both.svg", &files);
    assert_eq!(both.matches("fill-rule=\"evenodd\"").count(), 2, "{both}");
    assert!(!both.contains("not part of the comparison"), "{both}");
    assert!(!err.contains("two boundary files"), "{err}");
    // A map has all rows.
    assert!(!err.contains("--limit"), "{err}");
    let (of_folder, _) = draw("folder.svg", &["shapes"]);
    assert_eq!(of_folder, both);
    let (one, _) = draw("one.svg", &files[..1]);
    assert_ne!(one, both);
    assert!(
        one.contains(&format!("{}: not part", &swedish[..3])),
        "{one}"
    );

    std::fs::write(shapes.join("level_2_again.geojson"), &fine).unwrap();
    let (again, err) = draw("again.svg", &["shapes"]);
    assert_eq!(again, both);
    for part in [
        "is in two boundary files: ",
        "level_2_again.geojson",
        "boundaries-twice",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

#[test]
fn made_up_data_and_what_a_question_leaves_out_are_said() {
    let folder = demonstration();
    let question = [
        "compare",
        "completeness",
        "--country",
        "DE",
        "--period",
        "2014-2020",
        "--where",
        "fund = 'ESF' -- alone",
        "--as-of",
        "1",
    ];
    let ask = |more: &[&str]| {
        let (code, out, err) = run(folder.path(), &[&question[..], more].concat());
        assert_eq!(code, 0, "{more:?}: {out}{err}");
        (out, err)
    };
    let only = "Only: country DE · period 2014-2020 · where fund = 'ESF' -- alone · as of 1";
    let (table, _) = ask(&["--format", "table"]);
    let below: Vec<&str> = table.lines().skip(1).take(2).collect();
    assert_eq!(below, ["Demonstration: made-up data", only], "{table}");
    assert!(table.contains("\nData: release 1 of "), "{table}");
    let escaped = only.replace('\'', "&#39;");
    for file in ["map.svg", "page.html"] {
        ask(&["-o", file]);
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        for part in [
            "Demonstration: made-up data",
            escaped.as_str(),
            "files dated ",
        ] {
            assert!(text.contains(part), "{file}: {part}");
        }
    }
    let (data, err) = ask(&["--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&data).unwrap();
    assert!(
        rows.iter().all(|row| row["demonstration"] == true),
        "{data}"
    );
    assert!(
        !rows.is_empty() && err.contains("Demonstration: made-up data"),
        "{err}"
    );
}

#[test]
fn data_have_all_rows_and_a_cut_is_said() {
    let folder = demonstration();
    let ask = |more: &[&str]| {
        let question = ["compare", "completeness", "--level", "nuts3"];
        let (code, out, err) = run(folder.path(), &[&question[..], more].concat());
        assert_eq!(code, 0, "{more:?}: {out}{err}");
        (out, err)
    };
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    let (_, err) = ask(&["-o", "all.csv"]);
    let all = read("all.csv").lines().count() - 1;
    assert!(all > 50 && !err.contains("--limit"), "{all} {err}");
    // What is in no row is a column, and said beside them, unless nothing is to be said.
    let text = read("all.csv");
    let mut head = text.lines().next().unwrap().split(',');
    assert_eq!(head.position(|name| name == "unallocated_share"), Some(7));
    let of_all = "SELECT count(*) AS n FROM compare('completeness', 'region', 'level=nuts3') WHERE unallocated_share > 0";
    let (code, out, sql_err) = run(folder.path(), &["sql", of_all]);
    assert_eq!((code, out), (0, format!("n\n{all}\n")), "{sql_err}");
    let left = "of the operations could not be given to any row";
    assert!(err.contains(left), "{err}");
    let (_, err) = ask(&["-o", "all.csv", "--quiet"]);
    assert!(!err.contains(left), "{err}");
    let (few, err) = ask(&["--format", "csv", "--limit", "3"]);
    assert_eq!(few.lines().count(), 4, "{few}");
    assert!(
        err.contains(&format!("the first 3 of {all} rows; --limit 0 gives all")),
        "{err}"
    );
    let (table, err) = ask(&["--format", "table"]);
    assert!(
        table.contains(&format!("the first 50 of {all} rows; --limit 0 shows all")),
        "{table}"
    );
    assert!(err.contains("the first 50 of"), "{err}");
    ask(&["-o", "page.html"]);
    assert!(read("page.html").contains(&format!("<h2>The first 50 of {all} rows</h2>")));
}

#[test]
fn a_map_that_would_show_nothing_is_not_drawn() {
    let folder = demonstration();
    let ask = |more: &[&str]| {
        run(
            folder.path(),
            &[&["compare", "completeness"][..], more].concat(),
        )
    };
    // Of the districts only the Swedish ones have tiles.
    let (code, _, err) = ask(&["--level", "nuts3", "-o", "bars.svg"]);
    assert!(
        code == 0 && err.contains("few of these regions have a tile"),
        "{err}"
    );
    let picture = std::fs::read_to_string(folder.path().join("bars.svg")).unwrap();
    assert!(picture.contains("id=\"bar-missing\""));
    let (code, _, err) = ask(&["--level", "nuts3", "--picture", "map", "-o", "no.svg"]);
    assert!(
        code == 2 && err.contains("few of these regions have a tile"),
        "{err}"
    );

    std::fs::write(
        folder.path().join("districts.geojson"),
        boundaries(8.0, &["DE111", "DE112"]),
    )
    .unwrap();
    let (code, _, err) = ask(&["--shapes", "districts.geojson", "-o", "no.svg"]);
    assert_eq!(code, 2, "{err}");
    for part in [
        "the files hold 2 of NUTS 3, and the rows need NUTS 1 of DE and NUTS 2 of SE",
        "`esf explain boundaries-level`",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let by_fund = [
        "--by",
        "fund",
        "--shapes",
        "districts.geojson",
        "-o",
        "no.svg",
    ];
    let (code, _, err) = ask(&by_fund);
    assert!(code == 2 && err.contains("a map needs regions"), "{err}");
    assert!(!folder.path().join("no.svg").exists());

    // No Land has the code DEY.
    std::fs::write(
        folder.path().join("other.geojson"),
        boundaries(8.0, &["DE1", "DEY"]),
    )
    .unwrap();
    let other = [
        "--country",
        "DE",
        "--shapes",
        "other.geojson",
        "-o",
        "other.svg",
    ];
    let (code, _, err) = ask(&other);
    assert!(
        code == 0 && err.contains("of another version of NUTS"),
        "{err}"
    );
}

#[test]
fn refusals_say_why_and_what_can_be_asked() {
    let folder = demonstration();
    for (arguments, parts) in [
        (
            &["compare", "operations"][..],
            &["different quantities", "--country DE or --country SE"][..],
        ),
        (
            &["compare", "instrument_mix"],
            &["values of instrument_id", "`esf explain compare-lacks`"],
        ),
        (
            &["compare", "duration", "--country", "FR"],
            &["nothing of the country FR", "operations of DE, SE"],
        ),
        (
            &["compare", "funding_total_eligible", "--period", "2000-2006"],
            &[
                "there is no number of the period 2000-2006; there are numbers of the countries DE",
                "2014-2020",
                "`esf explain compare-nothing`",
            ],
        ),
        (
            &["compare", "funding_total_eligible", "--by", "instrument"],
            &["what has a number has no instrument"],
        ),
        (
            &["compare", "spending", "--where", "year = '2016'"],
            &["has a year of its own", "`esf explain compare-condition`"],
        ),
        (
            &["compare", "operations", "--language", "de"],
            &[
                "nicht zwischen DE und SE vergleichen: Deutsche Listen",
                "--country DE oder --country SE",
                "`esf explain compare-incomparable`",
            ],
        ),
        (
            &["compare", "instrument_mix", "--language", "sv"],
            &[
                "det behövs värden för instrument_id i tabellen operation",
                "`esf explain compare-lacks`",
            ],
        ),
        (
            &[
                "compare",
                "funding_total_eligible",
                "--by",
                "instrument",
                "--language",
                "de",
            ],
            &[
                "fehlt die Angabe „Instrument“; es gibt Zahlen aus den Staaten DE",
                "`esf explain compare-nothing`",
            ],
        ),
        (&["compare", "duratoin"], &["did you mean duration?"]),
        (
            &["compare", "duration", "--by", "regoin"],
            &["nothing to compare by"],
        ),
        (
            &[
                "compare",
                "duration",
                "--by",
                "year",
                "--where",
                "fnd = 'ESF'",
            ],
            &["fnd"],
        ),
        (
            &["compare", "duration", "--where", " "],
            &["the condition of --where is empty"],
        ),
        (
            &["compare", "duration", "--where", "fund = 'ESF') OR (true"],
            &["line 1, column 13: the condition of --where", "found )"],
        ),
        (
            &["compare", "beneficiary_gini", "--by", "beneficiary"],
            &["it is defined by region, country"],
        ),
    ] {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}: {out}{err}");
        for part in parts {
            assert!(err.contains(part), "{arguments:?}: {err}");
        }
    }
}

#[test]
fn metrics_and_regions_are_listed_and_shown() {
    let folder = demonstration();
    let (code, out, err) = run(folder.path(), &["metric", "list", "--format", "csv"]);
    assert!(code == 0 && out.lines().count() > 20, "{out}{err}");
    let (code, out, err) = run(folder.path(), &["metric", "show", "paid_share"]);
    assert_eq!(code, 0, "{err}");
    for part in [
        "formula",
        "sum of paid / sum of granted",
        "lower, upper   95 %, delta method",
        "coverage       share of the operations",
        "unallocated    share of the operations that no row could be given",
        "rests on",
        "-- Grain:",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, out, err) = run(folder.path(), &["region", "show", "DE4", "--format", "csv"]);
    assert!(code == 0 && out.contains("Brandenburg"), "{out}{err}");
    let (code, _, err) = run(folder.path(), &["region", "show", "XX9"]);
    assert!(code == 2 && err.contains("no region XX9"), "{err}");
}

#[test]
fn a_metric_of_ones_own_is_one_folder() {
    let folder = demonstration();
    let metric = folder.path().join("metrics/titles");
    std::fs::create_dir_all(&metric).unwrap();
    std::fs::write(
        metric.join("metric.toml"),
        "[title]\nen = \"Titles\"\nde = \"Titel\"\nsv = \"Titlar\"\n[reading]\nen = \"a\"\nde = \"b\"\nsv = \"c\"\n\
         [definition]\nunit = \"share\"\nvalue = \"ratio\"\ndirection = \"higher\"\nkind = \"output\"\ngrain = \"operation\"\n\
         population = \"all\"\nformula = \"with a title / all\"\nsource = \"made\"\n[comparability]\ncountries = true\n",
    )
    .unwrap();
    std::fs::write(
        metric.join("metric.sql"),
        "-- Grain: operation.\nSELECT operation_id, CAST(title IS NOT NULL AS INT) AS numerator, 1 AS denominator FROM counted_operation",
    )
    .unwrap();
    let (code, out, err) = run(
        folder.path(),
        &[
            "compare",
            "titles",
            "--by",
            "country",
            "--metrics",
            "metrics",
            "--format",
            "csv",
        ],
    );
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("DE,"), "{out}");
}
