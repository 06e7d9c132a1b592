//! The five real pages must give exactly the gold records of the domain guide, section 8. They are read in place from
//! `../shared/pages` (or `ESF_SHARED`), never copied. The personal data that must be absent is taken from the pages by
//! their own contact labels when the test runs.

use std::path::PathBuf;

use super::super::{PageKind, PageOperation, PageReading};
use super::{amounts, dates, names, operation, read, read_with_vocabulary, regions, rules_of};

fn shared_page(name: &str) -> Option<Vec<u8>> {
    let roots = [
        std::env::var_os("ESF_SHARED").map(PathBuf::from),
        Some(PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared"
        ))),
        Some(PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared"
        ))),
    ];
    let found = roots
        .into_iter()
        .flatten()
        .find_map(|root| std::fs::read(root.join("pages").join(name)).ok());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not there; set ESF_SHARED to the folder that holds pages/");
    }
    found
}

/// What a page's own text has behind an expression, so that no name of it stands in this test.
fn on_page(page: &[u8], pattern: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(page);
    let regex = regex::Regex::new(pattern).unwrap();
    let found: Vec<_> = regex
        .captures_iter(&text)
        .map(|found| found[1].trim().to_owned())
        .collect();
    assert!(!found.is_empty(), "{pattern} finds nothing on the page");
    found
}

/// The day on which a page says that it was published.
fn published(reading: &PageReading) -> Option<String> {
    let published = reading.published.as_ref();
    published.map(|(date, _)| date.date.to_string())
}

/// Everything that leaves the module, as one text.
fn output(reading: &PageReading) -> String {
    format!("{reading:#?}")
}

fn assert_absent(page: &[u8], reading: &PageReading, extra: &[&str]) {
    let text = String::from_utf8_lossy(page);
    let find = |pattern: &str| -> Vec<String> {
        let regex = regex::Regex::new(pattern).unwrap();
        regex
            .captures_iter(&text)
            .map(|found| found[1].to_owned())
            .collect()
    };
    let mut personal: Vec<String> = find(r"([\w.]+@[\w.-]+)");
    personal.extend(find(r"Tel\.: ?([\d/]+)"));
    personal.extend(find(r"Foto: ?(\p{Lu}\p{L}+ \p{Lu}\p{L}+)"));
    personal.extend(find(r"Ansprechpartner:\s+(\p{Lu}\p{L}+ \p{Lu}\p{L}+)"));
    personal.extend(find(r"Kontaktperson:\s+(\p{Lu}\p{L}+ \p{Lu}\p{L}+)"));
    personal.extend(find(r"Gespeichert von (\S+) am"));
    personal.extend(find(r"Leiter der \p{L}+ (\p{Lu}\p{L}+ \p{Lu}\p{L}+)"));
    personal.extend(find(r"dezernent (\p{Lu}\p{L}+ \p{Lu}\p{L}+)"));
    personal.extend(find(
        r"(?:v\.l\.|, |und )(\p{Lu}\p{L}+ \p{Lu}\p{L}+) \([^)]*(?:Geschäftsführer)",
    ));
    for pattern in extra {
        assert!(
            !find(pattern).is_empty(),
            "{pattern} finds nothing on the page"
        );
    }
    let output = output(reading);
    for text in &personal {
        assert!(
            !output.contains(text.as_str()),
            "personal data left, {} characters long",
            text.len()
        );
        // A surname alone is a leak too.
        let surname = text.split([' ', '@']).nth(1).unwrap_or(text);
        assert!(
            surname.len() < 5 || surname.contains('-') || !output.contains(surname),
            "a surname left, {} characters long",
            surname.len()
        );
    }
}

#[test]
fn s0_equal_partnership() {
    let Some(page) = shared_page("de_isob_so_wirts.txt") else {
        return;
    };
    let reading = read(&page);
    let found = operation(&reading);
    assert_eq!(
        found.natural_id.as_ref(),
        on_page(&page, "Projektkennziffer: (.+)").first()
    );
    assert_eq!(found.title.as_ref(), on_page(&page, r"^(.+) \(").first());
    assert_eq!(
        found.acronym.as_ref(),
        on_page(&page, r"^.+ \((\S+)\)").first()
    );
    assert_eq!(
        dates(found),
        ("2005-07-01 month".into(), "2008-03-31 month".into())
    );
    assert_eq!(
        (found.fund.as_deref(), found.period.as_deref()),
        (Some("EQUAL"), Some("2000-2006"))
    );
    assert_eq!(
        found.support_scheme.as_ref(),
        on_page(&page, "Förderrichtlinie:(.+)").first()
    );
    assert_eq!(
        names(found, "partner"),
        on_page(&page, "• Deutschland: (.+)")
    );
    assert_eq!(
        names(found, "subcontractor"),
        on_page(&page, "Rolle von (.+)")
    );
    assert_eq!(found.organisations.len(), 4);
    assert_eq!(regions(found), [("benefit_area", Some("DEB39"))]);
    assert!(
        found.amounts.is_empty() && found.targets.is_empty(),
        "{found:#?}"
    );
    assert_eq!(
        rules_of(&reading)
            .into_iter()
            .filter(|rule| *rule == "name_conflict")
            .count(),
        0
    );
    assert_absent(&page, &reading, &[]);
}

#[test]
fn s1_renamed_instrument_and_no_operation() {
    let Some(page) = shared_page("de_muelheim_integrationsjobs.txt") else {
        return;
    };
    let reading = read(&page);
    assert_eq!(reading.kind, PageKind::InstrumentLabel);
    assert_eq!(reading.operations().count(), 0);
    let labels: Vec<_> = reading
        .instrument_labels()
        .map(|label| {
            let date = |date: Option<super::super::PageDate>| {
                date.map(|date| format!("{} {}", date.date, date.precision.as_str()))
            };
            (
                label.instrument_id.as_str(),
                label.label.as_str(),
                label.nuts_code.as_deref(),
                date(label.valid_from),
                date(label.valid_to),
            )
        })
        .collect();
    assert_eq!(
        labels,
        [
            (
                "AGH_MAE",
                "1-Euro-Job",
                Some("DEA16"),
                None,
                Some("2009-12-31 year".to_owned())
            ),
            (
                "AGH_MAE",
                "Integrationsjob",
                Some("DEA16"),
                Some("2010-01-01 year".to_owned()),
                None
            ),
        ]
    );
    assert_eq!(published(&reading).as_deref(), Some("2009-11-19"));
    assert_absent(
        &page,
        &reading,
        &[
            r"Foto: ?(\p{Lu}\p{L}+ \p{Lu}\p{L}+)",
            r"Leiter der \p{L}+ (\p{Lu}\p{L}+ \p{Lu}\p{L}+)",
        ],
    );
}

#[test]
fn s2_land_model_project() {
    let Some(page) = shared_page("de_nrw_jobplus_recklinghausen.txt") else {
        return;
    };
    let reading = read(&page);
    let found = operation(&reading);
    assert_eq!(found.title.as_ref(), on_page(&page, ": \"(.+)\"\n").first());
    assert_eq!(
        (found.fund.as_deref(), found.programme_id.as_deref()),
        (Some("LAND"), Some("NRW_MODELL_LZA"))
    );
    assert_eq!(found.funds.len(), 1);
    assert_eq!(
        dates(found),
        ("2018-02-01 day".into(), "2019-12-31 day".into())
    );
    assert_eq!(amounts(found), ["granted land 4300000.00 EUR stated"]);
    assert_eq!(found.amounts[0].precision_abs_cents, Some(5_000_000));
    assert_eq!(found.targets.len(), 1);
    let target = &found.targets[0];
    assert_eq!(
        (
            target.measure.as_str(),
            target.value,
            target.target_group.as_deref()
        ),
        ("planned_jobs", 260, Some("long-term unemployed"))
    );
    assert_eq!(
        names(found, "implementer"),
        on_page(&page, "im (Jobcenter Kreis [^,]+),")
    );
    assert_eq!(found.organisations.len(), 1);
    assert_eq!(regions(found), [("implementation", Some("DEA36"))]);
    assert!(found.contact_present);
    assert_eq!(published(&reading).as_deref(), Some("2018-02-20"));
    let summary = found.summary.as_deref().unwrap();
    assert!(
        summary.starts_with("Im Rahmen des Projekts") && summary.ends_with("angestrebt."),
        "{summary}"
    );
    assert_absent(
        &page,
        &reading,
        &[
            r"Gespeichert von (\S+) am",
            r"([\w.]+@[\w.-]+)",
            r"Tel\.: ?([\d/]+)",
        ],
    );
}

#[test]
fn s3_model_project_without_a_name_field() {
    let Some(page) = shared_page("de_gemeinwohlarbeit_nrw.txt") else {
        return;
    };
    let reading = read(&page);
    let found = operation(&reading);
    let coined = on_page(&page, r"(?m)^(Gemein\p{L}+) ist");
    let title = format!("Modellprojekt {} NRW", coined[0]);
    assert_eq!(found.title.as_deref(), Some(title.as_str()));
    assert_eq!(found.fund.as_deref(), Some("ESF"));
    let funds: Vec<_> = found
        .funds
        .iter()
        .map(|fund| (fund.fund.as_str(), fund.certainty.name()))
        .collect();
    assert_eq!(funds, [("ESF", "stated"), ("LAND", "stated")]);
    assert_eq!(
        names(found, "funder"),
        ["Land Nordrhein-Westfalen", "MAGS NRW"]
    );
    assert_eq!(found.organisations.len(), 2);
    assert_eq!(regions(found), [("implementation", Some("DEA"))]);
    assert_eq!(found.instrument_id.as_deref(), Some("AGH_MAE"));
    assert!(
        found.amounts.is_empty()
            && found.targets.is_empty()
            && found.start.is_none()
            && found.end.is_none()
    );
    let summary = found.summary.as_deref().unwrap();
    for chrome in [
        "Seite drucken",
        "Sitemap",
        "Startseite",
        "Gefördert durch",
        "top",
    ] {
        assert!(!summary.contains(chrome), "{chrome}: {summary}");
    }
}

#[test]
fn s4_project_bank() {
    let Some(page) = shared_page("se_esf_projektbank_2020-00842.txt") else {
        return;
    };
    let reading = read(&page);
    let found = operation(&reading);
    assert_eq!(
        found.natural_id.as_ref(),
        on_page(&page, "Diarienummer:\n(.+)").first()
    );
    assert_eq!(found.title.as_ref(), on_page(&page, "Namn:\n(.+)").first());
    let beneficiary = format!("{}. för.", on_page(&page, "Projektägare:\n[^,]+, (.+)")[0]);
    assert_eq!(names(found, "beneficiary"), [beneficiary]);
    assert_eq!(
        names(found, "partner").len(),
        9,
        "{:?}",
        names(found, "partner")
    );
    let last = on_page(&page, r"egenanställningsföretaget (\p{Lu}\p{L}+)");
    assert_eq!(names(found, "partner").last(), Some(&last[0].as_str()));
    assert_eq!(found.organisations.len(), 10);
    assert_eq!(
        dates(found),
        ("2021-02-01 day".into(), "2022-12-31 day".into())
    );
    assert_eq!(
        amounts(found),
        [
            "total_budget unknown 22399883.00 SEK inferred",
            "granted mixed 22399883.00 SEK inferred"
        ]
    );
    assert_eq!(found.union_rate_millionths, Some(500_000));
    assert_eq!(
        regions(found),
        [("implementation", Some("SE")), ("seat", Some("SE110"))]
    );
    assert_eq!(
        (found.fund.as_deref(), found.period.as_deref()),
        (Some("ESF"), Some("2014-2020"))
    );
    assert_eq!(found.programme_id.as_deref(), Some("2014SE05M9OP001"));
    assert_eq!(
        (
            found.priority_axis.as_deref(),
            found.objective_code.as_deref(),
            found.intervention_code.as_deref()
        ),
        (Some("1"), Some("1.2"), Some("118"))
    );
    assert!(found.contact_present && found.targets.is_empty());
    let rules = rules_of(&reading);
    assert_eq!(
        rules
            .iter()
            .filter(|rule| **rule == "name_conflict")
            .count(),
        1,
        "{rules:?}"
    );
    let implied = reading
        .findings
        .iter()
        .find(|finding| finding.rule == "implied_eu_part")
        .unwrap();
    assert_eq!(implied.value.as_deref(), Some("11199941.50 SEK"));
    assert!(rules.contains(&"rate_conflict"), "{rules:?}");
    assert_absent(
        &page,
        &reading,
        &[
            r"Kontaktperson:\s+(\p{Lu}\p{L}+ \p{Lu}\p{L}+)",
            r"([\w.]+@[\w.-]+)",
        ],
    );
}

/// The operations but for their summaries, for which the vocabulary knows more headings.
fn without_summary(reading: &PageReading) -> Vec<PageOperation> {
    reading
        .operations()
        .map(|operation| PageOperation {
            summary: None,
            ..operation.clone()
        })
        .collect()
}

#[test]
fn the_five_pages_together() {
    let names = [
        "de_isob_so_wirts.txt",
        "de_muelheim_integrationsjobs.txt",
        "de_nrw_jobplus_recklinghausen.txt",
        "de_gemeinwohlarbeit_nrw.txt",
        "se_esf_projektbank_2020-00842.txt",
    ];
    let Some(pages) = names
        .into_iter()
        .map(shared_page)
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let readings: Vec<_> = pages.iter().map(|page| read(page)).collect();
    let operations: Vec<_> = readings.iter().flat_map(PageReading::operations).collect();
    assert_eq!(operations.len(), 4);
    assert_eq!(
        readings
            .iter()
            .flat_map(PageReading::instrument_labels)
            .count(),
        2
    );
    assert_eq!(
        operations
            .iter()
            .map(|operation| operation.amounts.len())
            .sum::<usize>(),
        3
    );
    let esf = operations
        .iter()
        .filter(|operation| matches!(operation.fund.as_deref(), Some("ESF" | "ESF+" | "EQUAL")));
    assert_eq!(esf.count(), 3);
    assert!(
        operations
            .iter()
            .flat_map(|operation| &operation.targets)
            .all(|target| target.measure == "planned_jobs")
    );
    // The shared vocabulary, which knows far more labels, sees the same in them.
    for (page, reading) in pages.iter().zip(&readings) {
        let with_vocabulary = read_with_vocabulary(page);
        assert_eq!(without_summary(&with_vocabulary), without_summary(reading));
        assert_eq!(with_vocabulary.findings, reading.findings);
    }
}
