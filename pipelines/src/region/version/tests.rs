//! Versions follow from the declared changes, and regions are found in them.

use super::*;

fn code(text: &str) -> NutsCode {
    NutsCode::parse(text).unwrap()
}

/// A few regions of 2024 that went through every kind of change.
fn versions() -> Versions {
    let regions = [
        "DE", "DE4", "DE40", "DE401", "DE8", "DE80", "DE80J", "DE80N", "DE80K", "DE9", "DE91",
        "DE91C", "DEB", "DEB1", "DEB1C", "DED", "DED4", "DED43", "DED45", "DED5", "DED52", "DEG",
        "DEG0", "DEG0R", "DEG0S", "DEA", "DEA1", "DEA16", "SE", "SE1", "SE11", "SE110",
    ];
    let regions = regions
        .iter()
        .map(|c| (code(c), format!("Name of {c}")))
        .collect();
    Versions::derive("2024", &regions)
}

fn converted(code_: &str, from: &str, to: &str) -> Conversion {
    versions().convert(code(code_), from, to).unwrap()
}

#[test]
fn every_declared_change_can_be_read() {
    let declared = code_list("nuts_change").unwrap().entries.len();
    assert_eq!(changes().len(), declared);
}

#[test]
fn versions_follow_from_the_changes() {
    let versions = versions();
    assert_eq!(
        versions.names().collect::<Vec<_>>(),
        ["2006", "2010", "2013", "2016", "2021", "2024"]
    );
    for (version, has, not) in [
        ("2021", "DEG0N", "DEG0R"),
        ("2013", "DE915", "DE91C"),
        ("2010", "DE808", "DE80J"),
        ("2006", "DE421", "DE401"),
    ] {
        assert!(versions.has(version, code(has)), "{version} {has}");
        assert!(!versions.has(version, code(not)), "{version} {not}");
    }
    assert!(versions.has("2006", code("DE42")) && !versions.has("2006", code("DE40")));
    assert_eq!(
        versions.sets["2010"][&code("DE808")].name.as_deref(),
        Some("Demmin")
    );
}

#[test]
fn what_is_exact_is_converted() {
    assert_eq!(
        converted("DEA16", "2006", "2024"),
        Conversion::Same(code("DEA16"))
    );
    assert_eq!(
        converted("SE110", "2024", "2010"),
        Conversion::Same(code("SE110"))
    );
    assert_eq!(
        converted("DE421", "2006", "2024"),
        Conversion::Same(code("DE401"))
    );
    assert_eq!(
        converted("DE401", "2024", "2006"),
        Conversion::Same(code("DE421"))
    );
    assert_eq!(
        converted("DE915", "2013", "2024"),
        Conversion::PartOf(code("DE91C"))
    );
    assert_eq!(
        converted("DEG0N", "2010", "2024"),
        Conversion::PartOf(code("DEG0R"))
    );
}

#[test]
fn what_is_not_exact_has_a_reason() {
    for (from_code, from, to, reason) in [
        (
            "DE91C",
            "2024",
            "2013",
            "was put together of DE915 Göttingen, DE919 Osterode am Harz",
        ),
        ("DE808", "2010", "2013", "former Demmin split between both"),
        ("DEB16", "2013", "2016", "borders changed"),
        ("DEG04", "2021", "2024", "borders changed"),
    ] {
        let Conversion::Divided(why) = converted(from_code, from, to) else {
            panic!("{from_code}");
        };
        assert!(why.contains(reason), "{why}");
    }
    assert_eq!(versions().convert(code("DEZZZ"), "2024", "2021"), None);
    assert_eq!(versions().convert(code("DEA16"), "2024", "1999"), None);
}

#[test]
fn coarser_regions_follow_their_parts() {
    // Borders that moved within a region do not touch it.
    assert_eq!(
        converted("DE80", "2010", "2024"),
        Conversion::Same(code("DE80"))
    );
    assert_eq!(
        converted("DEG0", "2021", "2024"),
        Conversion::Same(code("DEG0"))
    );
    assert_eq!(
        converted("DE42", "2006", "2010"),
        Conversion::Same(code("DE40"))
    );
    // Döbeln went from the region of Leipzig to that of Chemnitz.
    assert!(matches!(
        converted("DED3", "2006", "2010"),
        Conversion::Divided(_)
    ));
    assert_eq!(
        converted("DED1", "2006", "2010"),
        Conversion::PartOf(code("DED4"))
    );
    assert_eq!(
        converted("DED", "2006", "2024"),
        Conversion::Same(code("DED"))
    );
}

#[test]
fn a_district_is_found_by_its_name_among_the_regions_it_became() {
    let versions = versions();
    let named = |name: &str| versions.namesake(code("DEG0R"), "2024", "2021", name);
    assert_eq!(named("Eisenach, kreisfreie Stadt"), Some(code("DEG0N")));
    assert_eq!(named("Wartburgkreis"), Some(code("DEG0P")));
    assert_eq!(named("Suhl"), None);
    let suhl = versions.namesake(code("DEG0S"), "2024", "2021", "Suhl, kreisfreie Stadt");
    assert_eq!(suhl, Some(code("DEG04")));
}
