//! `esf verify`: that every byte, row and reference of a release is still there.

use esf_engine::session::Access;
use esf_engine::verify::{Fault, VerifyError, VerifyOptions, VerifyReport, verify};

use super::sql;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped};

/// Verifies the release asked for.
pub(super) async fn run(context: &Context) -> Outcome {
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    let options = VerifyOptions {
        access: Access::Operator,
        session: sql::options(context),
        ..VerifyOptions::default()
    };
    let report = verify(&warehouse, &release, &options).await?;
    let printer = context.report_printer();
    let done = format!(
        "release {} of {}: {}\n",
        release.number,
        warehouse.location(),
        summary(&report)
    );
    if report.faults.is_empty() {
        if printer.for_people() && !context.quiet() {
            printer.prose(&done)?;
        } else {
            printer.batch(&faults(&report)?)?;
        }
        return Ok(Exit::Done);
    }
    printer.framed("", &faults(&report)?, &format!("\n{done}"))?;
    let n = report.faults.len();
    let noun = if n == 1 { "fault" } else { "faults" };
    let told = format!("release {} has {n} {noun}", release.number);
    let mut all = report.faults.iter();
    if all.all(|fault| fault.check == Fault::DENIED) {
        return Err(Failure::new(Exit::Check, told).next(
            "nothing is known of files that may not be read by this user; type `esf verify` as the user of the run",
        ));
    }
    Err(Failure::new(Exit::Check, told)
        .next("restore the files from a backup, or publish again with `esf nightly --full`"))
}

fn faults(report: &VerifyReport) -> Result<arrow::record_batch::RecordBatch, Failure> {
    let all = || report.faults.iter();
    let rows = Rows::default()
        .text("check", all().map(|fault| Some(fault.check)))
        .text("subject", all().map(|fault| Some(fault.subject.as_str())))
        .text("fault", all().map(|fault| Some(fault.message.as_str())));
    Ok(rows.batch()?)
}

fn summary(report: &VerifyReport) -> String {
    let VerifyReport {
        files,
        rows,
        bytes,
        raw,
        redacted,
        ..
    } = report;
    let [files, rows, bytes, raw] = [files, rows, bytes, raw].map(|n| grouped(&n.to_string()));
    let verdict = if report.faults.is_empty() {
        "; all sound"
    } else {
        ""
    };
    let away = match redacted {
        0 => String::new(),
        n => format!(" ({n} of them taken away by redactions)"),
    };
    format!(
        "{files} files with {rows} rows and {bytes} bytes, {raw} published files and declarations{away}{verdict}"
    )
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Release(error) => error.into(),
            VerifyError::Session(error) => error.into(),
        }
    }
}
