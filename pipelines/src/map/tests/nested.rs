//! Lists whose elements have objects in them.

use arrow::util::display::array_value_to_string;

use super::*;
use crate::map::{Labels, Meaning};

const LIST: &str = r#"[
 {"begünstigter": {"name": "Verein 1 e.V.", "ort": "Neustadt", "ansprechpartner": {"name": "Gudrun Beispiel"}},
  "projekt": {"titel": "Vorhaben 1", "laufzeit": {"von": "01.02.2016", "bis": "31.12.2016"}, "id": null},
  "gesamtkosten": {"betrag": "1.234,50", "währung": "SEK"}, "orte": ["Musterstadt", "Musterdorf"], "partner": null},
 {"begünstigter": {"name": "Verein 2 e.V.", "ort": "Altstadt", "ansprechpartner": null},
  "projekt": {"titel": "Vorhaben 2", "laufzeit": {"von": "15.03.2016", "bis": "31.01.2017"}, "id": null},
  "gesamtkosten": {"betrag": "2.000,00", "währung": "SEK"}, "orte": ["Musterstadt"],
  "partner": [{"name": "Verein 3 e.V."}, {"name": "Verein 4 e.V."}]}
]"#;

fn shown(mapped: &Mapped, field: &str) -> Vec<String> {
    let column = mapped.rows.column_by_name(field).expect(field);
    let row = |row| array_value_to_string(column, row).expect("a value");
    (0..mapped.rows.num_rows()).map(row).collect()
}

#[test]
fn labels_of_nested_objects_mean_what_their_ends_say() {
    let mapped = expect(LIST, 2, &[("total_cost", 323_450)]);
    for (field, values) in [
        ("title", ["Vorhaben 1", "Vorhaben 2"]),
        ("beneficiary_name", ["Verein 1 e.V.", "Verein 2 e.V."]),
        ("beneficiary_place", ["Neustadt", "Altstadt"]),
        ("place", ["Musterstadt; Musterdorf", "Musterstadt"]),
        ("start_date", ["2016-02-01", "2016-03-15"]),
        ("end_date", ["2016-12-31", "2017-01-31"]),
        ("contact_present", ["true", "false"]),
    ] {
        assert_eq!(shown(&mapped, field), values, "{field}");
    }
    assert_eq!(mapped.amounts[0].currency.of(1), Some("SEK"));
    let told: Vec<_> = mapped
        .findings
        .iter()
        .filter(|f| f.rule == "objects_not_read")
        .map(|f| f.column.as_deref())
        .collect();
    assert_eq!(told, [Some("partner")]);
}

#[test]
fn a_nested_value_is_explained_by_all_keys_that_lead_to_it() {
    let file = FileInput {
        source: Arc::clone(&ANY),
        file_name: "made.json".into(),
        sha256: String::new(),
        content: Bytes::from(LIST).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    };
    let steps =
        crate::map::explain_row(&file, Vocabulary::standard(), &Limits::default(), 2).unwrap();
    let step = steps.iter().find(|s| s.field == "total_cost").expect("one");
    assert_eq!(step.label, "gesamtkosten / betrag");
    assert_eq!(step.published.as_deref(), Some("2.000,00"));
    assert_eq!(step.result.as_deref(), Some("2000.00"));
    assert!(step.place.starts_with("item 2 byte "), "{}", step.place);
}

#[test]
fn what_stands_in_another_thing_is_not_the_operations() {
    let labels = Labels::new(&ANY, Vocabulary::standard());
    let field = |path: &[&str]| {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        match crate::map::nested::meaning(&labels, &path) {
            Meaning::Field { column, .. } => Some(column.field),
            _ => None,
        }
    };
    for (path, expected) in [
        (&["projekt", "titel"][..], Some("title")),
        (&["daten", "projekt", "laufzeit", "von"], Some("start_date")),
        (&["träger", "name"], Some("beneficiary_name")),
        (&["träger", "plz"], Some("beneficiary_postcode")),
        (&["träger", "laufzeit"], None),
        (&["kontakt", "name"], Some("contact_name")),
        (&["vorhaben", "betrag"], Some("amount")),
        (&["unbekanntes", "wort"], None),
    ] {
        assert_eq!(field(path).as_deref(), expected, "{path:?}");
    }
}
