//! A file's mapping as a DataFusion plan: one projection from published cells to typed fields.
//!
//! The plan is a scan of the staged rows and the functions of [`super::function`] with constant conventions, nothing
//! else, so it can be shown, written down and run again by `esf trace`.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, RecordBatch, UInt8Array};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{Expr, ScalarUDF, lit, when};
use datafusion::prelude::{SessionConfig, SessionContext, col, concat_ws};

use super::convention::FileConventions;
use super::decimals::three_decimals;
use super::frame::{Column, Frame, Sheet};
use super::function::{LIST, functions};
use super::header::Meaning;
use crate::source::Source;
use crate::value::{NumberConvention, RateConvention};

/// Fields that name people to talk to; they are counted and never read.
pub(crate) const CONTACTS: [&str; 3] = ["contact_name", "contact_phone", "contact_email"];
/// Fields that no table keeps.
const UNKEPT: [&str; 6] = [
    "url",
    "source_url",
    "last_update",
    "status",
    "row_number",
    "intervention_label",
];
/// Fields in which people may be named, so that contacts are cut out of them.
const PROSE: [&str; 4] = ["title", "title_translated", "summary", "summary_translated"];

/// One output column of the mapping.
#[derive(Debug, Clone)]
pub struct Step {
    /// Name in the mapped rows.
    pub name: String,
    /// Columns of the sheet it is read from.
    pub columns: Vec<usize>,
    /// The expression.
    pub expression: Expr,
}

/// Columns of a frame that mean one field, in published order.
pub(crate) fn columns_of(frame: &Frame, field: &str) -> Vec<usize> {
    frame
        .columns
        .iter()
        .filter(|c| matches!(&c.meaning, Meaning::Field { column, .. } if column.field == field))
        .map(|c| c.index)
        .collect()
}

struct Builder<'a> {
    frame: &'a Frame,
    sheet: &'a Sheet,
    source: &'a Source,
    nulls: Expr,
    amount_nulls: Expr,
    dates: Option<Expr>,
    rates: Expr,
    steps: Vec<Step>,
}

/// All steps that map a file.
pub(crate) fn steps(
    source: &Source,
    sheet: &Sheet,
    frame: &Frame,
    conventions: &FileConventions,
) -> Vec<Step> {
    let list = |words: &[String]| lit(words.join(&LIST.to_string()));
    let dates = conventions.dates.map(|d| {
        list(
            &d.patterns()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        )
    });
    let rates = match conventions.rates {
        RateConvention::Percent => "percent",
        RateConvention::Fraction => "fraction",
        RateConvention::Open => "open",
    };
    let mut builder = Builder {
        frame,
        sheet,
        source,
        nulls: list(&conventions.null_words),
        amount_nulls: list(&conventions.amount_null_words),
        dates,
        rates: lit(rates),
        steps: vec![],
    };
    let vocabulary = esf_schemas::Vocabulary::standard();
    for field in vocabulary.fields() {
        builder.field(&field.name, field.kind.as_str());
    }
    for column in &frame.columns {
        builder.amount(column, conventions.numbers);
    }
    builder.contacts();
    builder.steps
}

impl Builder<'_> {
    fn push(&mut self, name: &str, columns: Vec<usize>, expression: Expr) {
        self.steps.push(Step {
            name: name.into(),
            columns,
            expression,
        });
    }

    fn cell(column: usize) -> Expr {
        col(format!("c{column}"))
    }

    /// The kinds of a column's cells, or null where the format has none.
    fn kind(&self, column: usize) -> Expr {
        match self.sheet.kinds(column) {
            Some(_) => col(format!("k{column}")),
            None => col("no_kind"),
        }
    }

    fn field(&mut self, field: &str, kind: &str) {
        let columns = columns_of(self.frame, field);
        if columns.is_empty()
            || CONTACTS.contains(&field)
            || UNKEPT.contains(&field)
            || kind == "amount"
        {
            return;
        }
        let first = columns[0];
        match (field, kind) {
            ("duration", _) => self.period(first),
            (_, "date") => self.date(field, first),
            (_, "rate") => {
                let call = call(
                    "published_rate",
                    vec![
                        Self::cell(first),
                        self.kind(first),
                        self.rates.clone(),
                        self.nulls.clone(),
                    ],
                );
                self.push(field, vec![first], call);
            }
            ("intervention", _) => self.intervention(first),
            ("country" | "beneficiary_country", _) => {
                self.push(
                    &format!("{field}_text"),
                    vec![first],
                    self.text("published_text", first),
                );
                self.push(
                    field,
                    vec![first],
                    call("country_code", vec![Self::cell(first)]),
                );
            }
            ("planned_participants" | "planned_jobs", _) => {
                self.push(
                    field,
                    vec![first],
                    call(
                        "published_count",
                        vec![Self::cell(first), self.nulls.clone()],
                    ),
                );
            }
            ("amount_kind", _) => {
                let mut choices = vec![self.text("amount_kind_code", first)];
                if let Some(lookup) = self.source.mapping.lookups.get(field) {
                    let looked_up = vec![Self::cell(first), lookup_table(lookup)];
                    choices.insert(0, call("looked_up", looked_up));
                }
                self.push(field, vec![first], first_known(choices));
            }
            ("fund", _) if !self.source.mapping.lookups.contains_key(field) => {
                let fund = self.text("fund_code", first);
                self.push(field, vec![first], fund);
            }
            _ => self.words(field, columns),
        }
    }

    fn text(&self, function: &str, column: usize) -> Expr {
        call(function, vec![Self::cell(column), self.nulls.clone()])
    }

    /// Text; several columns of one field are joined in published order.
    fn words(&mut self, field: &str, columns: Vec<usize>) {
        let function = match field {
            "beneficiary_name" => "published_name",
            _ if PROSE.contains(&field) => "published_prose",
            _ => "published_text",
        };
        let mut parts: Vec<Expr> = columns.iter().map(|c| self.text(function, *c)).collect();
        let joined = if parts.len() == 1 {
            parts.remove(0)
        } else {
            concat_ws(lit(" – "), parts)
        };
        let expression = match self.source.mapping.lookups.get(field) {
            Some(lookup) => call("looked_up", vec![joined, lookup_table(lookup)]),
            None => joined,
        };
        self.push(field, columns, expression);
    }

    fn date(&mut self, field: &str, column: usize) {
        let Some(dates) = self.dates.clone() else {
            return;
        };
        let edge = if field == "end_date" { "last" } else { "first" };
        let midnights = super::midnight::are_midnights(self.sheet, self.frame.data_start(), column);
        let cell = if midnights {
            call("day_of_utc_midnight", vec![Self::cell(column)])
        } else {
            Self::cell(column)
        };
        let arguments = vec![cell, self.kind(column), dates, self.nulls.clone()];
        let mut with_edge = arguments.clone();
        with_edge.push(lit(edge));
        self.push(field, vec![column], call("published_date", with_edge));
        let precision = if field == "amount_date" {
            "amount_date_precision"
        } else {
            &field.replace("_date", "_precision")
        };
        self.push(precision, vec![column], call("date_precision", arguments));
    }

    fn period(&mut self, column: usize) {
        let Some(dates) = self.dates.clone() else {
            return;
        };
        for (name, edge) in [("start", "first"), ("end", "last")] {
            // A day with a column of its own is read from there.
            if !columns_of(self.frame, &format!("{name}_date")).is_empty() {
                continue;
            }
            let arguments = vec![
                Self::cell(column),
                dates.clone(),
                self.nulls.clone(),
                lit(edge),
            ];
            self.push(
                &format!("{name}_date"),
                vec![column],
                call("period_date", arguments.clone()),
            );
            self.push(
                &format!("{name}_precision"),
                vec![column],
                call("period_precision", arguments),
            );
        }
    }

    /// A code, else what the source's lookup or the code list of the period says about the label.
    fn intervention(&mut self, column: usize) {
        let mut choices = vec![call(
            "published_code",
            vec![Self::cell(column), self.nulls.clone()],
        )];
        if let Some(lookup) = self.source.mapping.lookups.get("intervention") {
            choices.push(call(
                "looked_up",
                vec![Self::cell(column), lookup_table(lookup)],
            ));
        }
        let period = self.source.toml.period.as_deref();
        let fund = self.source.toml.fund.as_deref();
        let list = period.and_then(|p| crate::merge::operation::intervention_list(p, fund));
        if let Some(list) = list {
            choices.push(call(
                "intervention_by_label",
                vec![Self::cell(column), lit(list)],
            ));
        }
        self.push("intervention", vec![column], first_known(choices));
    }

    fn amount(&mut self, of: &Column, numbers: NumberConvention) {
        let Meaning::Field {
            column: mapping, ..
        } = &of.meaning
        else {
            return;
        };
        let column = of.index;
        let vocabulary = esf_schemas::Vocabulary::standard();
        if vocabulary
            .field(&mapping.field)
            .is_none_or(|f| f.kind != esf_schemas::FieldKind::Amount)
        {
            return;
        }
        let arguments = vec![
            Self::cell(column),
            self.kind(column),
            lit(numbers.to_string()),
            self.amount_nulls.clone(),
            lit(self.frame.unit_label(of).into_owned()),
            lit(three_decimals(self.sheet, self.frame, of, numbers).as_str()),
        ];
        self.push(
            &amount_name(column),
            vec![column],
            call("published_amount", arguments),
        );
    }

    /// Whether a row names people to talk to: in columns of their own, or in running text.
    fn contacts(&mut self) {
        let mut columns = Vec::new();
        let mut any: Option<Expr> = None;
        for field in CONTACTS {
            for column in columns_of(self.frame, field) {
                columns.push(column);
                let filled = self.text("is_filled", column);
                any = Some(any.map_or_else(|| filled.clone(), |a| a.or(filled.clone())));
            }
        }
        for field in ["beneficiary_name", "summary"] {
            for column in columns_of(self.frame, field) {
                columns.push(column);
                let named = call("names_contact", vec![Self::cell(column)]);
                any = Some(any.map_or_else(|| named.clone(), |a| a.or(named.clone())));
            }
        }
        self.push(
            "contact_present",
            columns,
            any.unwrap_or_else(|| lit(false)),
        );
    }
}

/// The first of several expressions that is not null. Written out, because the optimiser that turns `coalesce` into this
/// is not run.
fn first_known(choices: Vec<Expr>) -> Expr {
    let mut choices = choices.into_iter().rev();
    let Some(last) = choices.next() else {
        return lit(datafusion::common::ScalarValue::Null);
    };
    choices.fold(last, |rest, choice| {
        let chosen = when(choice.clone().is_not_null(), choice).otherwise(rest.clone());
        // `otherwise` fails only on branches of different types, and all of these are text.
        chosen.unwrap_or(rest)
    })
}

/// Name of an amount column in the mapped rows.
pub(crate) fn amount_name(column: usize) -> String {
    format!("amount_{column}")
}

fn lookup_table(lookup: &std::collections::BTreeMap<String, String>) -> Expr {
    let pairs: Vec<(&String, &String)> = lookup.iter().collect();
    lit(serde_json::to_string(&pairs).unwrap_or_default())
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    static FUNCTIONS: LazyLock<Vec<ScalarUDF>> = LazyLock::new(functions);
    match FUNCTIONS.iter().find(|f| f.name() == name) {
        Some(function) => function.call(arguments),
        // Every name above is one of `functions`; a test calls them all.
        None => lit(datafusion::common::ScalarValue::Null),
    }
}

/// The session of all mapping plans: stock scan and projection need no optimiser, and it costs more than they do.
pub(super) static CONTEXT: LazyLock<SessionContext> = LazyLock::new(|| {
    let config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(1 << 20);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .with_optimizer_rules(vec![])
        .with_physical_optimizer_rules(vec![])
        .with_scalar_functions(functions().into_iter().map(Arc::new).collect())
        .build();
    SessionContext::new_with_state(state)
});

/// Runs the steps over the data rows of a sheet; the result also has `row`, `line` and `byte`.
pub(crate) fn run(
    sheet: &Sheet,
    data_start: usize,
    steps: &[Step],
) -> Result<RecordBatch, DataFusionError> {
    let rows = sheet.rows.num_rows().saturating_sub(data_start);
    let staged = staged(sheet, data_start, rows, steps)?;
    let mut expressions = vec![col("row"), col("line"), col("byte")];
    expressions.extend(steps.iter().map(|s| s.expression.clone().alias(&s.name)));
    let plan = CONTEXT.read_batch(staged)?.select(expressions)?;
    let schema = Arc::new(plan.schema().as_arrow().clone());
    let batches = futures::executor::block_on(plan.collect())?;
    Ok(concat_batches(&schema, &batches)?)
}

/// The places and the columns that the steps read, and one that stands for the kinds of cells that have none: a sheet
/// may be thousands of columns wider than its table.
fn staged(
    sheet: &Sheet,
    data_start: usize,
    rows: usize,
    steps: &[Step],
) -> Result<RecordBatch, DataFusionError> {
    let used: BTreeSet<usize> = steps
        .iter()
        .flat_map(|s| s.columns.iter().copied())
        .collect();
    let schema = sheet.rows.schema();
    let wanted = |name: &str| {
        let column = name.get(1..).and_then(|n| n.parse().ok());
        matches!(name, "row" | "line" | "byte") || column.is_some_and(|c| used.contains(&c))
    };
    let mut fields: Vec<_> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in schema.fields().iter().zip(sheet.rows.columns()) {
        if wanted(field.name()) {
            fields.push(Arc::clone(field));
            columns.push(column.slice(data_start, rows));
        }
    }
    fields.push(Arc::new(Field::new("no_kind", DataType::UInt8, true)));
    columns.push(Arc::new(UInt8Array::new_null(rows)));
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

/// The expression as text, for traces.
pub(crate) fn describe(step: &Step) -> String {
    step.expression
        .human_display()
        .to_string()
        .replace(LIST, "|")
}
