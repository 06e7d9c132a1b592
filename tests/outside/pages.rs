//! The five pages give exactly the records of section 8 of the domain description.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libtest_mimic::Trial;

use crate::command::{Seen, esf};
use crate::tables::Tables;
use crate::world::{folder, text};
use crate::{shared, trial};

/// The pages, by the name under which each is ingested.
pub(crate) const PAGES: [&str; 5] = [
    "de_isob_so_wirts",
    "de_muelheim_integrationsjobs",
    "de_nrw_jobplus_recklinghausen",
    "de_gemeinwohlarbeit_nrw",
    "se_esf_projektbank_2020-00842",
];

pub(crate) fn trials() -> Vec<Trial> {
    type Check = fn(&Tables);
    let tests: [(&str, Check); 9] = [
        ("operations", operations),
        ("amounts", amounts),
        ("instrument_labels", instrument_labels),
        ("roles", roles),
        ("regions", regions),
        ("targets", targets),
        ("funds", funds),
        ("findings", findings),
        ("accounting", accounting),
    ];
    tests
        .into_iter()
        .map(|(name, test)| {
            trial(format!("pages::{name}"), move || {
                test(&Tables::open(warehouse()));
            })
        })
        .collect()
}

/// A shared page.
pub(crate) fn path(page: &str) -> PathBuf {
    shared::path("pages").join(format!("{page}.txt"))
}

/// A warehouse with the reference tables and the pages.
pub(crate) fn warehouse() -> &'static Path {
    static PAGES_LOADED: OnceLock<(PathBuf, Vec<Seen>)> = OnceLock::new();
    let (warehouse, seen) = PAGES_LOADED.get_or_init(|| {
        let warehouse = folder("pages").join("warehouse");
        let reference = shared::path("data/reference");
        let mut seen = vec![esf(&warehouse, ["ingest", "--mirror", text(&reference)])];
        for page in PAGES {
            let file = path(page);
            seen.push(esf(
                &warehouse,
                ["ingest", "--from", text(&file), "--as", page],
            ));
        }
        (warehouse, seen)
    });
    for one in seen {
        assert_eq!(one.code, Some(0), "{}", one.all());
    }
    warehouse
}

fn operations(tables: &Tables) {
    assert_eq!(
        tables.lines(
            "SELECT source_id, natural_id, title, country, start_date, start_precision, end_date, end_precision, \
             union_rate, intervention_code, intervention_list, contact_present FROM operation ORDER BY source_id"
        ),
        [
            "de_gemeinwohlarbeit_nrw|-|Modellprojekt GemeinwohlArbeit NRW|DE|-|-|-|-|-|-|-|false",
            "de_isob_so_wirts|DE-XB4-76051-20-RP/207|Beschäftigungsfragen lösen durch eine neue Kooperation von \
             Wirtschafts- und Sozialsystem|DE|2005-07-01|month|2008-03-31|month|-|-|-|false",
            "de_nrw_jobplus_recklinghausen|-|Zukunft für langzeitarbeitslose Menschen – job:plus|DE|2018-02-01|day|\
             2019-12-31|day|-|-|-|true",
            "se_esf_projektbank_2020-00842|2020/00842|EMPOWERMENT +|SE|2021-02-01|day|2022-12-31|day|0.500000|118|\
             ESF_2014_20|true",
        ]
    );
    // The page of the Mülheim archive names no project.
    assert_eq!(
        tables.number(
            "SELECT count(*) FROM operation WHERE source_id = 'de_muelheim_integrationsjobs'"
        ),
        0
    );
    assert_eq!(
        tables.lines(
            "SELECT source_id, instrument_id FROM operation WHERE instrument_id IS NOT NULL"
        ),
        ["de_gemeinwohlarbeit_nrw|AGH_MAE"]
    );
}

fn amounts(tables: &Tables) {
    assert_eq!(
        tables.lines(
            "SELECT source_id, amount_kind, financing_source, amount, currency, currency_certainty, precision_abs, derived \
             FROM operation_amount ORDER BY source_id, amount_kind"
        ),
        [
            "de_nrw_jobplus_recklinghausen|granted|land|4300000.00|EUR|stated|50000.00|false",
            "se_esf_projektbank_2020-00842|granted|mixed|22399883.00|SEK|inferred|-|false",
            "se_esf_projektbank_2020-00842|total_budget|unknown|22399883.00|SEK|inferred|-|false",
        ]
    );
}

fn instrument_labels(tables: &Tables) {
    assert_eq!(
        tables.lines(
            "SELECT instrument_id, label, nuts_code, valid_from, valid_to, precision FROM instrument_label \
             WHERE source_id NOT LIKE 'codes/%' ORDER BY label"
        ),
        [
            "AGH_MAE|1-Euro-Job|DEA16|-|2009-12-31|year",
            "AGH_MAE|Integrationsjob|DEA16|2010-01-01|-|year",
        ]
    );
}

fn roles(tables: &Tables) {
    let lines = tables.lines(
        "SELECT r.source_id, r.role, b.name FROM operation_organisation r \
         JOIN organisation b ON r.organisation_id = b.organisation_id ORDER BY 1, 2, 3",
    );
    let of = |page: &str| -> Vec<&str> {
        lines
            .iter()
            .filter_map(|line| line.strip_prefix(page)?.strip_prefix('|'))
            .collect()
    };
    let isob = of("de_isob_so_wirts");
    let count = |role: &str| isob.iter().filter(|line| line.starts_with(role)).count();
    assert_eq!(
        (isob.len(), count("partner|"), count("subcontractor|")),
        (4, 3, 1),
        "{isob:?}"
    );
    assert!(
        isob.contains(&"partner|Job-Center für Arbeitsmarktintegration GmbH Worms"),
        "{isob:?}"
    );
    assert_eq!(
        of("de_nrw_jobplus_recklinghausen")
            .into_iter()
            .filter(|line| !line.starts_with("funder|"))
            .collect::<Vec<_>>(),
        ["implementer|Jobcenter Kreis Recklinghausen"]
    );
    let coompanion = of("se_esf_projektbank_2020-00842");
    let beneficiaries: Vec<_> = coompanion
        .iter()
        .filter(|line| line.starts_with("beneficiary|"))
        .collect();
    assert_eq!(
        beneficiaries,
        [&"beneficiary|Coompanion Sverige ek. för."],
        "one body, though it is published twice over"
    );
    let partners = coompanion
        .iter()
        .filter(|line| line.starts_with("partner|"))
        .count();
    assert_eq!(partners, 9, "{coompanion:?}");
    assert_eq!(coompanion.len(), 10);
    let financing = of("de_gemeinwohlarbeit_nrw");
    assert!(
        financing.iter().all(|line| line.starts_with("funder|")),
        "no beneficiary is stated: {financing:?}"
    );
}

fn regions(tables: &Tables) {
    assert_eq!(
        tables.lines(
            "SELECT source_id, role, nuts_code, weight FROM operation_region ORDER BY source_id, role"
        ),
        [
            "de_gemeinwohlarbeit_nrw|implementation|DEA|1.00000000",
            "de_isob_so_wirts|benefit_area|DEB39|1.00000000",
            "de_nrw_jobplus_recklinghausen|implementation|DEA36|1.00000000",
            "se_esf_projektbank_2020-00842|implementation|SE|1.00000000",
            "se_esf_projektbank_2020-00842|seat|SE110|1.00000000",
        ]
    );
}

fn targets(tables: &Tables) {
    // Jobs are no participants, and no page states participants.
    assert_eq!(
        tables.lines("SELECT source_id, measure, value FROM operation_target"),
        ["de_nrw_jobplus_recklinghausen|planned_jobs|260"]
    );
}

fn funds(tables: &Tables) {
    assert_eq!(
        tables.lines("SELECT source_id, fund FROM operation_fund ORDER BY 1, 2"),
        [
            "de_gemeinwohlarbeit_nrw|ESF",
            "de_gemeinwohlarbeit_nrw|LAND",
            "de_isob_so_wirts|EQUAL",
            "de_nrw_jobplus_recklinghausen|LAND",
            "se_esf_projektbank_2020-00842|ESF",
        ]
    );
}

fn findings(tables: &Tables) {
    for (rule, n) in [
        ("name_conflict", 1),
        ("implied_eu_part", 1),
        ("unknown_place", 0),
    ] {
        let found = tables.number(&format!(
            "SELECT count(*) FROM finding WHERE rule = '{rule}'"
        ));
        assert_eq!(found, n, "findings {rule}");
    }
    let implied = tables.column("SELECT value FROM finding WHERE rule = 'implied_eu_part'");
    assert!(implied[0].contains("11199941.50"), "{implied:?}");
}

fn accounting(tables: &Tables) {
    let open = tables.lines(
        "SELECT file_name, rows_read, rows_loaded, rows_quarantined, rows_ignored FROM source_file \
         WHERE rows_read <> rows_loaded + rows_quarantined + rows_ignored",
    );
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(tables.number("SELECT count(*) FROM quarantine"), 0);
}
