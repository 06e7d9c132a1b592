//! What was inferred of a file and not declared: how its values are written, and what labels mean that are no known spelling.
//! Each is told as a finding.

use super::convention::FileConventions;
use super::frame::Frame;
use super::header::{How, Meaning};
use crate::check::{Doubt, Severity};

pub(super) fn inferred_findings(conventions: &FileConventions, frame: &Frame) -> Vec<Doubt> {
    let mut findings: Vec<Doubt> = conventions
        .inferred
        .iter()
        .map(|(what, outcome)| {
            let severity = if outcome == "ambiguous" { Severity::Warning } else { Severity::Info };
            let message = if outcome == "ambiguous" {
                format!("the {what} of this file can be read in two ways, so they are left empty; declare them in mapping.toml")
            } else {
                format!("{what} are written as {outcome:?}: inferred from all values of the file together")
            };
            Doubt::of_file("inferred_convention", severity, message)
        })
        .collect();
    for column in &frame.columns {
        match &column.meaning {
            Meaning::Field {
                column: mapping,
                how: How::Near,
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "near_label",
                    Severity::Info,
                    format!(
                        "taken as {}, by a label that is nearly the same",
                        mapping.field
                    ),
                )
            }),
            Meaning::Field {
                column: mapping,
                how: How::Nested,
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "nested_label",
                    Severity::Info,
                    format!(
                        "taken as {}, by a part of its label; say under [columns] in mapping.toml if it is another field",
                        mapping.field
                    ),
                )
            }),
            Meaning::Field {
                column: mapping,
                conflict: Some(other),
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "label_conflict",
                    Severity::Info,
                    format!(
                        "taken as {}; another language of the label says {other}",
                        mapping.field
                    ),
                )
            }),
            Meaning::Unknown(nearest) if !column.label.is_empty() => {
                let hint = nearest
                    .as_ref()
                    .map(|n| format!("; the nearest known label is {n:?}"))
                    .unwrap_or_default();
                findings.push(Doubt {
                    location: column.place(),
                    column: Some(column.label.shown().into_owned()),
                    ..Doubt::of_file(
                        "unknown_column",
                        Severity::Warning,
                        format!("not understood and not kept{hint}"),
                    )
                });
            }
            _ => {}
        }
    }
    findings
}
