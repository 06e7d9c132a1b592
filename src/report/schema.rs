//! Reports are what `run_report.schema.json` says they are. Checks the part of JSON Schema that this file uses, and
//! refuses a schema that uses more.

use esf_pipelines::run::{Outcome, RunReport, SourceReport, SourceState};
use serde_json::Value;

use super::testing::{HOSTILE, check, night, report, source};

/// Where a value is not what the schema says, as paths with reasons.
fn faults(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{path}: {what}"));
        }
    };
    let mut inside: Vec<(&Value, &Value, String)> = Vec::new();
    for (keyword, said) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "title" | "description" | "format" => {}
            "const" => demand(value == said, format!("{value} is not {said}")),
            "enum" => {
                let is_one = said.as_array().unwrap().contains(value);
                demand(is_one, format!("{value} is none of {said}"));
            }
            "type" => {
                let several = said.as_array().cloned();
                let types = several.unwrap_or_else(|| vec![said.clone()]);
                let is_one = types.iter().any(|name| is_a(name.as_str().unwrap(), value));
                demand(is_one, format!("{value} is no {said}"));
            }
            "required" => {
                for name in said.as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    demand(value.get(name).is_some(), format!("no {name}"));
                }
            }
            "additionalProperties" => {
                assert_eq!(said, &Value::Bool(false));
                for name in value.as_object().unwrap().keys() {
                    let is_described = schema["properties"].get(name).is_some();
                    demand(is_described, format!("{name} is not described"));
                }
            }
            "properties" => {
                for (name, schema) in said.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        inside.push((schema, value, format!("{path}/{name}")));
                    }
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                inside.extend(items.map(|(i, value)| (said, value, format!("{path}/{i}"))));
            }
            other => panic!("the schema uses {other}, which is not checked here"),
        }
    }
    for (schema, value, path) in inside {
        faults.extend(self::faults(schema, value, &path));
    }
    faults
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("{other} is no type"),
    }
}

fn found(value: &Value) -> Vec<String> {
    let schema = serde_json::from_str(include_str!("run_report.schema.json")).unwrap();
    faults(&schema, value, "")
}

fn assert_valid(report: &RunReport) {
    for json in [report.to_json(), report.record()] {
        assert_eq!(found(&json), Vec::<String>::new());
    }
}

#[test]
fn every_ending_is_described() {
    let failed = Outcome::Failed {
        exit_code: 75,
        message: HOSTILE.to_owned(),
    };
    for outcome in [
        report().outcome,
        Outcome::Unchanged { number: 41 },
        Outcome::DryRun,
        Outcome::Nothing,
        Outcome::NoneUsable,
        Outcome::CheckFailed,
        failed,
    ] {
        assert_valid(&RunReport {
            outcome,
            ..report()
        });
    }
}

#[test]
fn every_state_is_described_and_a_record_leaves_out_what_is_as_it_was() {
    let states = [
        SourceState::Loaded,
        SourceState::Empty,
        SourceState::Older,
        SourceState::Later,
        SourceState::Repeated,
        SourceState::Unchanged,
        SourceState::RolledBack,
        SourceState::Stale,
        SourceState::Held,
        SourceState::LeftOut,
    ];
    let mut report = report();
    report.sources = states.map(|state| source("a", state)).to_vec();
    report.night = Some(night(&["2026-11-25"]));
    report.warnings.push(HOSTILE.to_owned());
    report.absent.push(HOSTILE.to_owned());
    report.not_asked.push(HOSTILE.to_owned());
    report.unclaimed.push(HOSTILE.to_owned());
    report.unreadable.push(HOSTILE.to_owned());
    report.asked_for.push(HOSTILE.to_owned());
    report.sources.push(SourceReport {
        message: Some(HOSTILE.to_owned()),
        accepted: Some(HOSTILE.to_owned()),
        with_region: None,
        rendition_of: Some(HOSTILE.to_owned()),
        totals: Vec::new(),
        ..source(HOSTILE, SourceState::Held)
    });
    report.checks.push(check(HOSTILE, false));
    assert_valid(&report);
    let listed = |json: &Value| json["sources"].as_array().map(Vec::len);
    assert_eq!(listed(&report.to_json()), Some(11));
    assert_eq!(listed(&report.record()), Some(10));
}

#[test]
fn what_is_not_described_is_found() {
    let mut json = report().to_json();
    json["sources"][0]["rows_read"] = "many".into();
    json["new"] = 1.into();
    let expected = [
        ": new is not described",
        "/sources/0/rows_read: \"many\" is no \"integer\"",
    ];
    assert_eq!(found(&json), expected);
}
