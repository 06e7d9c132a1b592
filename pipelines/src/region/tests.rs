//! The rules of the resolver on the bundled samples and on made-up tables.

use std::sync::Arc;

use arrow::array::{Array, StringArray};

use super::{
    BuildError, Columns, Decides, Field, Gazetteer, GazetteerBuilder, Query, Resolved,
    resolve_column, resolve_columns,
};

macro_rules! sample {
    ($path:literal) => {
        include_bytes!(concat!("../../sources/", $path)).as_slice()
    };
}

fn bundled() -> Gazetteer {
    Gazetteer::bundled(&[
        (
            "postcode_nuts",
            "DE",
            sample!("eu_gisco_tercet_de/sample/tercet_DE_zip_nuts3.csv"),
        ),
        (
            "postcode_nuts",
            "SE",
            sample!("eu_gisco_tercet_se/sample/tercet_SE_zip_nuts3.csv"),
        ),
        (
            "nuts",
            "",
            sample!("eu_gisco_nuts_2024/sample/nuts2024_de_se.csv"),
        ),
        (
            "place_postcode",
            "DE",
            sample!("xx_geonames_postcodes_de/sample/zipcodes.de.csv"),
        ),
        (
            "place_postcode",
            "SE",
            sample!("xx_geonames_postcodes_se/sample/zipcodes.se.csv"),
        ),
        (
            "municipality",
            "SE",
            sample!("se_scb_kommun_lan/sample/municipality_county.csv"),
        ),
        (
            "postal_municipality",
            "SE",
            sample!("xx_postal_municipality_se/sample/postal_to_municipality.csv"),
        ),
    ])
    .unwrap()
}

/// A made-up Land DEA with a kreisfreie Stadt Hagen, a Kreis Unna, and namesakes.
fn made_up() -> Gazetteer {
    let nuts = "NUTS_ID,NUTS_NAME\nDE,Deutschland\nDEA,Nordrhein-Westfalen\nDEA5,Arnsberg\nDEA53,\"Hagen, Kreisfreie Stadt\"\n\
                DEA5C,Unna\nDEA5B,Soest\nDE9,Niedersachsen\nDE94,Weser-Ems\nDE94D,\"Oldenburg, Landkreis\"\n\
                DE943,\"Oldenburg (Oldenburg), Kreisfreie Stadt\"\nDED52,Leipzig\nDED51,\"Leipzig, Kreisfreie Stadt\"\nDED,Sachsen\nDED5,Leipzig\n";
    let zips = "alpha_2,zip,nuts_3\nDE,11111,DEA53\nDE,22222,DEA5C\nDE,33333,DEA5B\nDE,44444,DE94D\nDE,55555,DE943\n\
                DE,02222,DEA5C\nDE,66666,DED51\nDE,77777,DED52\n";
    let places = "country_code,zipcode,place,state,community,community_code\n\
                  DE,11111,Hagen,,\"Hagen, Stadt\",05914\nDE,44444,Hagen,,Oldenburg,03458\nDE,22222,Unna,,Kreis Unna,05978\n\
                  DE,33333,Unna,,Kreis Soest,05974\nDE,22222,Neudorf,,Kreis Unna,05978\nDE,33333,Neudorf,,Kreis Soest,05974\n\
                  DE,33333,Neudorf (Heide),,Kreis Soest,05974\nDE,33333,Altdorf,,Kreis Soest,05974\nDE,22222,Altdorf an der Lippe,,Kreis Unna,05978\n\
                  DE,33333,Grenzdorf,,Kreis Soest,05974\nDE,22222,Grenzdorf Nord,,Kreis Soest,05974\nDE,99999,Muster Versand,,Kreis Unna,05978\n\
                  DE,44444,Musterstadt-Süd,,Oldenburg,03458\nDE,55555,Oldenburg,,\"Oldenburg, Stadt\",03403\nDE,66666,Leipzig,,\"Leipzig, Stadt\",14713\nDE,77777,Borna,,Leipzig,14729\n";
    Gazetteer::bundled(&[
        ("nuts", "", nuts.as_bytes()),
        ("postcode_nuts", "DE", zips.as_bytes()),
        ("place_postcode", "DE", places.as_bytes()),
    ])
    .unwrap()
}

/// Code, or the candidates in brackets, or what else.
fn said(resolved: Resolved) -> String {
    match resolved {
        Resolved::Found { nuts_code, .. } => nuts_code,
        Resolved::Ambiguous { candidates, .. } => format!("[{}]", candidates.join(" ")),
        Resolved::Foreign { country } => format!("foreign {country}"),
        Resolved::Unknown => "unknown".into(),
        Resolved::Absent => "absent".into(),
    }
}

fn place(gazetteer: &Gazetteer, within: Option<&str>, text: &str) -> String {
    said(gazetteer.resolve(&Query {
        country: "DE",
        within,
        place: Some(text),
        ..Query::default()
    }))
}

#[test]
fn postcodes_in_all_their_forms() {
    let gazetteer = bundled();
    let at = |country, text| {
        said(gazetteer.resolve(&Query {
            country,
            postcode: Some(text),
            ..Query::default()
        }))
    };
    for (text, code) in [
        ("67547", "DEB39"),
        ("D-67547 Worms", "DEB39"),
        ("67547 Worms", "DEB39"),
        ("4103", "DED51"),
        ("1067.0", "DED21"),
        ("04600 Altenburg, Thür", "DEG0M"),
        ("45468", "DEA16"),
        ("o.A.", "absent"),
        ("", "absent"),
        ("99999", "unknown"),
        ("CH-8001 Zürich", "foreign CH"),
        ("A-1010 Wien", "foreign AT"),
        ("NL 7559 KJ Hengelo", "foreign NL"),
    ] {
        assert_eq!(at("DE", text), code, "{text}");
    }
    for text in ["100 04", "10004", "SE-100 04", "116 37 Stockholm"] {
        assert_eq!(at("SE", text), "SE110", "{text}");
    }
}

#[test]
fn country_cells_decide_for_the_row() {
    let gazetteer = bundled();
    let at = |text, postcode| {
        said(gazetteer.resolve(&Query {
            country: "DE",
            country_text: Some(text),
            postcode: Some(postcode),
            ..Query::default()
        }))
    };
    assert_eq!(at("DE300", "10115"), "DE300");
    assert_eq!(at("DE300", "o.A."), "DE300");
    assert_eq!(at("Deutschland", "67547"), "DEB39");
    assert_eq!(at("Österreich, Kärnten", "9020"), "foreign AT");
    assert_eq!(at("CH", "8001 Zürich"), "foreign CH");
    // The Land of the row contradicts the postcode.
    assert_eq!(at("Deutschland, Bayern", "67547"), "[DEB39]");
    assert_eq!(at("Sverige", "100 04"), "SE110");
}

#[test]
fn spellings_of_places_lead_to_one_region() {
    let gazetteer = bundled();
    for (text, code) in [
        ("Dresden, Stadt", "DED21"),
        ("Dresden, Kreisfreie Stadt", "DED21"),
        ("Frankfurt a.M.", "DE712"),
        ("Frankfurt (Main)", "DE712"),
        ("Frankfurt (Oder), Stadt", "DE403"),
        ("Mülheim a.d. Ruhr", "DEA16"),
        ("Muelheim an der Ruhr", "DEA16"),
        ("Mu\u{308}lheim an der Ruhr", "DEA16"),
        ("WORMS", "DEB39"),
        ("Homberg (Efze)", "DE735"),
        ("Homberg/Efze", "DE735"),
        ("Homberg", "[DE725 DE735]"),
        ("Berlin-Mitte", "DE300"),
        ("Kreis Recklinghausen", "DEA36"),
        ("Nordrhein-Westfalen", "DEA"),
        ("Land Brandenburg", "DE4"),
        ("Freistaat Sachsen", "DED"),
        ("Wien", "foreign AT"),
        ("Nirgendwo", "unknown"),
        ("diverse", "absent"),
        ("Dresden, Leipzig", "[DED21 DED51]"),
    ] {
        assert_eq!(place(&gazetteer, None, text), code, "{text}");
    }
    assert_eq!(place(&gazetteer, Some("DE7"), "Frankfurt"), "DE712");
    assert_eq!(place(&gazetteer, None, "Frankfurt"), "[DE403 DE712]");
}

#[test]
fn namesakes_stay_ambiguous_unless_a_rule_decides() {
    let gazetteer = made_up();
    // A kreisfreie Stadt is meant before villages, also beside the list's Land.
    assert_eq!(place(&gazetteer, Some("DEA"), "Hagen"), "DEA53");
    assert_eq!(place(&gazetteer, Some("DE9"), "Hagen"), "[DE94D DEA53]");
    // The town after which its Kreis is called, at home.
    assert_eq!(place(&gazetteer, Some("DEA"), "Unna"), "DEA5C");
    assert_eq!(place(&gazetteer, Some("DE9"), "Unna"), "[DEA5B DEA5C]");
    // Villages of one name; the qualifier decides.
    assert_eq!(place(&gazetteer, Some("DEA"), "Neudorf"), "[DEA5B DEA5C]");
    assert_eq!(place(&gazetteer, Some("DEA"), "Neudorf (Heide)"), "DEA5B");
    assert_eq!(place(&gazetteer, Some("DEA"), "Altdorf"), "[DEA5B DEA5C]");
    assert_eq!(
        place(&gazetteer, Some("DEA"), "Altdorf a.d. Lippe"),
        "DEA5C"
    );
    // Firms with a postcode of their own are no places.
    assert_eq!(place(&gazetteer, Some("DEA"), "Muster Versand"), "unknown");
    // The first half of a double name, where nothing else has it.
    assert_eq!(place(&gazetteer, Some("DE9"), "Musterstadt"), "DE94D");
}

#[test]
fn kreis_names_are_read_with_their_kind() {
    let gazetteer = made_up();
    let at = |district, place| {
        said(gazetteer.resolve(&Query {
            country: "DE",
            district: Some(district),
            place,
            ..Query::default()
        }))
    };
    assert_eq!(at("Leipzig", None), "DED52");
    assert_eq!(
        at("Leipzig, Kreisfreie Stadt", Some("Leipzig, Stadt")),
        "DED51"
    );
    assert_eq!(at("Landkreis Leipzig", Some("Borna, Stadt")), "DED52");
    assert_eq!(at("Lkr. Oldenburg", None), "DE94D");
    assert_eq!(at("Oldenburg", None), "[DE943 DE94D]");
    assert_eq!(at("Oldenburg", Some("Hagen")), "[DE943 DE94D]");
    assert_eq!(at("Sachsen", None), "DED");
    assert_eq!(at("Sachsen", Some("Borna")), "DED52");
    // The district contradicts a kreisfreie Stadt.
    assert_eq!(at("Landkreis Leipzig", Some("Hagen")), "[DEA53 DED52]");
}

#[test]
fn contradictions_give_no_code_unless_declared() {
    let gazetteer = made_up();
    let at = |decides| {
        gazetteer.resolve(&Query {
            country: "DE",
            postcode: Some("22222"),
            place: Some("Hagen"),
            decides,
            ..Query::default()
        })
    };
    assert!(matches!(
        at(Decides::Neither),
        Resolved::Ambiguous {
            why: "contradiction",
            ..
        }
    ));
    assert_eq!(
        at(Decides::Place),
        Resolved::Found {
            nuts_code: "DEA53".into(),
            method: "place_over_postcode"
        }
    );
    assert_eq!(said(at(Decides::Postcode)), "DEA5C");
    // A postcode over two Kreise: the place chooses.
    let at = |place| {
        said(gazetteer.resolve(&Query {
            country: "DE",
            postcode: Some("22222"),
            place,
            ..Query::default()
        }))
    };
    assert_eq!(at(Some("Grenzdorf Nord")), "DEA5B");
    // Where it does not choose, the official region stands, with a doubt.
    for place in ["Neudorf", "Nirgendwo"] {
        let query = Query {
            country: "DE",
            postcode: Some("22222"),
            place: Some(place),
            ..Query::default()
        };
        assert_eq!(
            gazetteer.resolve(&query),
            Resolved::Found {
                nuts_code: "DEA5C".into(),
                method: "postcode_spanning"
            }
        );
    }
}

#[test]
fn municipality_codes_of_all_lengths() {
    let gazetteer = bundled();
    let at = |country, code| {
        said(gazetteer.resolve(&Query {
            country,
            municipality_code: Some(code),
            ..Query::default()
        }))
    };
    for (code, nuts) in [
        ("07319000", "DEB39"),
        ("7319000", "DEB39"),
        ("05117", "DEA16"),
        ("5117", "DEA16"),
        ("055620000000", "DEA36"),
        ("05000000", "DEA"),
        ("05", "DEA"),
        ("99999999", "unknown"),
        ("abc", "unknown"),
        ("", "absent"),
    ] {
        assert_eq!(at("DE", code), nuts, "{code}");
    }
    assert_eq!(at("SE", "0180"), "SE110");
    assert_eq!(at("SE", "180"), "SE110");
    assert_eq!(at("SE", "25"), "SE332");
}

#[test]
fn swedish_names_also_glued_and_in_lists() {
    let gazetteer = bundled();
    let list = |field, text: &str| {
        let out = gazetteer.resolve_list("SE", None, field, text);
        assert_eq!(
            out.items.iter().map(|i| i.weight).sum::<i64>(),
            super::ONE,
            "{text}"
        );
        out.items
            .iter()
            .map(|i| i.nuts_code.clone().unwrap_or_else(|| "-".into()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (text, codes) in [
        ("UpplandsVäsby", "SE110"),
        ("ÖstraGöinge", "SE224"),
        ("LillaEdet", "SE232"),
        ("Stockholms kommun", "SE110"),
        ("Umeå, Luleå, Boden", "SE331 SE332"),
        ("Luleå, Nirgendwo", "SE332 -"),
        ("Lilla Edt", "SE232"),
    ] {
        assert_eq!(list(Field::Municipality, text), codes, "{text}");
    }
    for (text, codes) in [
        ("Stockholms län", "SE110"),
        ("Stockholm", "SE110"),
        ("Jönköping", "SE211"),
        ("Örebro län", "SE124"),
        ("Region Skåne", "SE224"),
        ("Dalarna, Gävleborg, Värmland", "SE312 SE313 SE311"),
        ("Kalmar och Kronobergs län", "SE213 SE212"),
    ] {
        assert_eq!(list(Field::District, text), codes, "{text}");
    }
    for (text, codes) in [
        ("Övre Norrland", "SE33"),
        ("ESF Nationellt", "SE"),
        ("Skåne-Blekinge", "SE22"),
        ("Skåne/Blekinge", "SE22"),
        ("Småland och Öarna", "SE21"),
        ("Östra Mellansverige", "SE12"),
        ("Stockholm", "SE11"),
    ] {
        assert_eq!(list(Field::Region, text), codes, "{text}");
    }
    // A list in a place column is not its first name.
    let two = gazetteer.resolve(&Query {
        country: "SE",
        place: Some("Umeå, Luleå"),
        ..Query::default()
    });
    assert_eq!(said(two), "[SE331 SE332]");
}

#[test]
fn running_text_names_anything() {
    let gazetteer = bundled();
    let code = |country, text| gazetteer.code_of(country, text).map(|(code, _)| code);
    assert_eq!(code("DE", "Worms").as_deref(), Some("DEB39"));
    assert_eq!(code("DE", "Kreis Recklinghausen").as_deref(), Some("DEA36"));
    assert_eq!(code("DE", "Nordrhein-Westfalen").as_deref(), Some("DEA"));
    assert_eq!(code("SE", "Sverige").as_deref(), Some("SE"));
    assert_eq!(code("SE", "116 37 Stockholm").as_deref(), Some("SE110"));
    assert_eq!(code("DE", "Homberg"), None);
}

#[test]
fn columns_keep_rows_and_say_why() {
    let gazetteer = bundled();
    let cells = StringArray::from(vec![
        Some("67547 Worms"),
        None,
        Some("Homberg"),
        Some("67547 Worms"),
        Some("Zürich"),
        Some("Nirgendwo"),
    ]);
    let out = resolve_column(&gazetteer, "DE", None, &cells);
    let codes: Vec<Option<&str>> = out.codes.iter().collect();
    assert_eq!(
        codes,
        [Some("DEB39"), None, None, Some("DEB39"), None, None]
    );
    let methods: Vec<Option<&str>> = out.methods.iter().collect();
    assert_eq!(
        methods,
        [
            Some("postcode"),
            None,
            None,
            Some("postcode"),
            Some("foreign"),
            None
        ]
    );
    let problems: Vec<(usize, &str)> = out.problems.iter().map(|p| (p.row, p.rule)).collect();
    assert_eq!(problems, [(2, "region_ambiguous"), (5, "region_unknown")]);
    assert_eq!(out.distinct.len(), 5);
    // Of rows that say the same nothing is said twice.
    let cells = StringArray::from(vec!["Nirgendwo", "Anderswo", "Nirgendwo"]);
    let out = resolve_column(&gazetteer, "DE", None, &cells);
    let [first, other, again] = out.problems.as_slice() else {
        panic!("{:?}", out.problems);
    };
    assert_eq!((&*first.value, &*other.value), ("Nirgendwo", "Anderswo"));
    assert!(Arc::ptr_eq(&first.value, &again.value));
    assert!(Arc::ptr_eq(&first.message, &other.message));
    let none = resolve_columns(
        &gazetteer,
        "DE",
        None,
        Decides::Neither,
        &Columns::default(),
    );
    assert_eq!(none.codes.len(), 0);
}

#[test]
fn the_hash_follows_the_bytes_and_the_edition_the_codes() {
    let one = bundled();
    assert_eq!(one.content_hash(), bundled().content_hash());
    assert_eq!(one.content_hash().len(), 64);
    assert_ne!(one.content_hash(), made_up().content_hash());
    assert_eq!(one.nuts_version(), "2024");
    assert_eq!(made_up().nuts_version(), "unknown");
    assert_eq!(one.name_of("SE110"), Some("Stockholms län"));
    let mut builder = GazetteerBuilder::new();
    assert!(matches!(
        builder.add("streets", "DE", b"a\n"),
        Err(BuildError::UnknownRole { .. })
    ));
}

#[test]
fn hostile_text_is_only_unknown() {
    let gazetteer = bundled();
    let long = "(".repeat(100_000);
    for text in [
        "(((",
        ")",
        "-",
        "--",
        "/",
        ",",
        "Kreis",
        "Landkreis,",
        "a-",
        "ß",
        "\u{301}",
        "St.",
        "ß-ß",
        &long,
        "D-",
        "1",
        "12345678",
    ] {
        let query = Query {
            country: "DE",
            place: Some(text),
            postcode: Some(text),
            district: Some(text),
            municipality: Some(text),
            municipality_code: Some(text),
            nuts_code: Some(text),
            region: Some(text),
            country_text: Some(text),
            ..Query::default()
        };
        assert!(
            !matches!(gazetteer.resolve(&query), Resolved::Found { .. }),
            "{text:.20}"
        );
        let _ = gazetteer.resolve(&Query {
            country: "SE",
            ..query
        });
    }
}
