//! Pages as rows of the core tables: the same tables and rules as for lists, one file a page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};
use esf_schemas::Vocabulary;

use super::identity::{IDENTITY, NATURAL};
use super::rows::{RowsError, Tables, push, table_rows};
use super::{FileReport, ListOutput, References};
use crate::check::{Account, ControlTotal, Doubt, Severity};
use crate::map::{FileInput, MapError, days};
use crate::organisation::{
    NationalId, id_text, national_id, normal_form, organisation_id, organisation_id_of_number,
    short_id,
};
use crate::page::{
    PageAmount, PageContext, PageInstrumentLabel, PageOperation, PageReading, PageRegion,
    PageRules, Place, PlaceResolver, read_page,
};
use crate::personal::NATURAL_PERSON_LABEL;
use crate::region::{Gazetteer, Query, Resolved, equal_weights};

/// Derives the core tables of a list of pages; of several pages about one operation the newest counts.
pub(super) fn derive_pages(
    files: &[FileInput],
    references: &References,
) -> Result<ListOutput, Vec<super::Failure>> {
    let mut read = Vec::new();
    let mut failures = Vec::new();
    for file in files {
        match read_file(file, references) {
            Ok(reading) => read.push((file, reading)),
            Err(error) => failures.push(super::Failure::new(file, error)),
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    // The newest first, so that what it says of an operation is not said again.
    read.sort_by_key(|(file, reading)| {
        std::cmp::Reverse((published(file, reading), file.first_seen))
    });
    let mut seen = BTreeSet::new();
    let mut output = ListOutput::default();
    for (file, reading) in read {
        emit(file, &reading, references, &mut seen, &mut output)
            .map_err(|e| vec![super::Failure::new(file, MapError::Rows(e))])?;
    }
    Ok(output)
}

fn published(file: &FileInput, reading: &PageReading) -> Option<jiff::civil::Date> {
    file.published
        .or_else(|| reading.published.as_ref().map(|(date, _)| date.date))
}

fn read_file(file: &FileInput, references: &References) -> Result<PageReading, MapError> {
    let text = |name: &str| file.source.texts.get(name).map_or("", String::as_str);
    let rules = PageRules::parse(text("mapping.toml"), text("patterns.toml"))
        .map_err(|e| MapError::Page(Box::new(e)))?;
    let vocabulary: &Vocabulary = references.reading.vocabulary;
    let label = |label: &str| vocabulary.find_known(label).map(|found| found.field);
    let context = PageContext {
        rules: &rules,
        label: &label,
        places: &PlacesOf(&references.gazetteer),
        country: file.source.toml.country.as_deref(),
        nuts_code: file.source.toml.nuts_code.as_deref(),
    };
    read_page(&file.bytes, &context).map_err(|e| MapError::Page(Box::new(e)))
}

/// The gazetteer as pages ask it: one code or none.
struct PlacesOf<'a>(&'a Gazetteer);

impl PlaceResolver for PlacesOf<'_> {
    fn place(&self, name: &str, country: &str) -> Option<String> {
        let asked = [
            Query {
                country,
                place: Some(name),
                ..Query::default()
            },
            Query {
                country,
                region: Some(name),
                ..Query::default()
            },
            Query {
                country,
                district: Some(name),
                ..Query::default()
            },
        ];
        asked.iter().find_map(|query| found(self.0.resolve(query)))
    }

    fn postcode(&self, code: &str, country: &str) -> Option<String> {
        found(self.0.resolve(&Query {
            country,
            postcode: Some(code),
            ..Query::default()
        }))
    }
}

fn found(resolved: Resolved) -> Option<String> {
    match resolved {
        Resolved::Found { nuts_code, .. } => Some(nuts_code),
        _ => None,
    }
}

/// Rows of one page about one thing: the columns that say where they come from, then the rest.
struct Rows<'a> {
    file: &'a FileInput,
    locations: Vec<String>,
    numbers: Vec<i64>,
    columns: BTreeMap<&'static str, Vec<Value>>,
}

/// One value of a page's row.
#[derive(Clone)]
enum Value {
    Text(Option<String>),
    Money(Option<i128>),
    Rate(Option<i128>),
    Weight(i64),
    Day(Option<i32>),
    Int(i64),
    Bool(bool),
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(Some(value.into()))
}

impl<'a> Rows<'a> {
    fn new(file: &'a FileInput) -> Self {
        Self {
            file,
            locations: Vec::new(),
            numbers: Vec::new(),
            columns: BTreeMap::new(),
        }
    }

    fn add(&mut self, place: &Place, values: impl IntoIterator<Item = (&'static str, Value)>) {
        self.locations.push(location(place));
        self.numbers.push(i64::from(place.line));
        for (name, value) in values {
            self.columns.entry(name).or_default().push(value);
        }
    }

    fn push(self, table: &str, tables: &mut Tables) -> Result<(), RowsError> {
        let n = self.locations.len();
        if n == 0 {
            return Ok(());
        }
        let failed = |cause| RowsError::Arrow {
            table: table.into(),
            cause,
        };
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            (
                "source_id",
                super::rows::same(Some(&self.file.source.source_id), n),
            ),
            ("source_file", super::rows::same(Some(&self.file.sha256), n)),
            (
                "source_location",
                Arc::new(StringArray::from_iter_values(&self.locations)),
            ),
            ("source_row", Arc::new(Int64Array::from(self.numbers))),
        ];
        for (name, values) in &self.columns {
            columns.push((name, array(values).map_err(failed)?));
        }
        push(tables, table, table_rows(table, n, columns)?);
        Ok(())
    }
}

fn array(values: &[Value]) -> Result<ArrayRef, arrow::error::ArrowError> {
    let decimal = |pick: fn(&Value) -> Option<i128>, precision, scale| {
        let array: Decimal128Array = values.iter().map(pick).collect();
        array
            .with_precision_and_scale(precision, scale)
            .map(|a| Arc::new(a) as ArrayRef)
    };
    Ok(match values.first() {
        Some(Value::Money(_)) => {
            decimal(|v| if let Value::Money(m) = v { *m } else { None }, 18, 2)?
        }
        Some(Value::Rate(_)) => decimal(|v| if let Value::Rate(r) = v { *r } else { None }, 9, 6)?,
        Some(Value::Weight(_)) => decimal(
            |v| {
                if let Value::Weight(w) = v {
                    Some(i128::from(*w))
                } else {
                    None
                }
            },
            9,
            8,
        )?,
        Some(Value::Day(_)) => Arc::new(
            values
                .iter()
                .map(|v| if let Value::Day(d) = v { *d } else { None })
                .collect::<Date32Array>(),
        ),
        Some(Value::Int(_)) => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Int(i) = v {
                        Some(*i)
                    } else {
                        None
                    }
                })
                .collect::<Int64Array>(),
        ),
        Some(Value::Bool(_)) => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Bool(b) = v {
                        Some(*b)
                    } else {
                        None
                    }
                })
                .collect::<BooleanArray>(),
        ),
        _ => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Text(t) = v {
                        t.clone()
                    } else {
                        None
                    }
                })
                .collect::<StringArray>(),
        ),
    })
}

fn location(place: &Place) -> String {
    match &place.label {
        Some(label) => format!("line {} byte {} label {label:?}", place.line, place.byte),
        None => format!("line {} byte {}", place.line, place.byte),
    }
}

fn emit(
    file: &FileInput,
    reading: &PageReading,
    references: &References,
    seen: &mut BTreeSet<String>,
    output: &mut ListOutput,
) -> Result<(), RowsError> {
    let mut account = Account::default();
    let mut totals = Vec::new();
    let mut with_region = (0, 0);
    for operation in reading.operations() {
        account.read += 1;
        let (id, basis) = operation_id(file, operation);
        if !seen.insert(id.clone()) {
            account.ignore("older_vintage", 1);
            continue;
        }
        account.loaded += 1;
        let page = Page {
            file,
            reading,
            id: &id,
            gazetteer: &references.gazetteer,
        };
        let main = page.regions(operation, &mut output.tables)?;
        with_region.0 += u64::from(main.len() > 2);
        with_region.1 += 1;
        page.operation(operation, basis, &main, &mut output.tables)?;
        page.amounts(&operation.amounts, &mut output.tables)?;
        page.organisations(operation, &mut output.tables)?;
        page.targets_and_funds(operation, &mut output.tables)?;
        totals.extend(operation.amounts.iter().map(|amount| ControlTotal {
            amount_kind: amount.kind.clone(),
            currency: amount.currency.clone(),
            location: location(&amount.place),
            n: 1,
            total: amount.cents,
        }));
    }
    for label in reading.instrument_labels() {
        account.read += 1;
        let key = format!(
            "{}|{}|{:?}|{:?}",
            label.instrument_id, label.label, label.nuts_code, label.valid_from
        );
        if !seen.insert(key) {
            account.ignore("older_vintage", 1);
            continue;
        }
        account.loaded += 1;
        instrument_label(file, label, &mut output.tables)?;
    }
    if account.read == 0 {
        account.read = 1;
        account.ignore("no_project", 1);
    }
    let findings = findings(reading);
    super::push_file(
        file,
        &account,
        &super::FileDoubts {
            findings: &findings,
            quarantine: &[],
            totals: &totals,
        },
        published(file, reading),
        &mut output.tables,
    )?;
    output.reports.push(FileReport {
        source_id: file.source.source_id.clone(),
        list_id: file.source.list_id().to_string(),
        file_name: file.file_name.clone(),
        sha256: file.sha256.clone(),
        account,
        totals,
        with_region: (with_region.1 > 0).then_some(with_region),
        findings: findings.len() as u64,
        expected_quarantine: file.source.toml.expected_quarantine,
        published: published(file, reading),
    });
    Ok(())
}

fn operation_id(file: &FileInput, operation: &PageOperation) -> (String, &'static str) {
    let list = file.source.list_id().as_bytes();
    if let Some(natural) = &operation.natural_id {
        return (
            id_text(&short_id(&[
                b"operation",
                list,
                b"natural",
                natural.as_bytes(),
            ]))
            .to_string(),
            NATURAL,
        );
    }
    // The name and the first day stay what they are when a page is corrected; amounts may not.
    let title: String = operation
        .title
        .iter()
        .flat_map(|t| t.chars())
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let start = operation
        .start
        .as_ref()
        .map(|d| d.date.to_string())
        .unwrap_or_default();
    let id = short_id(&[
        b"operation",
        list,
        b"identity",
        title.as_bytes(),
        start.as_bytes(),
    ]);
    (id_text(&id).to_string(), IDENTITY)
}

/// A page about one operation.
struct Page<'a> {
    file: &'a FileInput,
    reading: &'a PageReading,
    id: &'a str,
    gazetteer: &'a Gazetteer,
}

impl Page<'_> {
    fn rows(&self) -> Rows<'_> {
        Rows::new(self.file)
    }

    fn operation(
        &self,
        o: &PageOperation,
        basis: &str,
        main: &str,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let toml = &self.file.source.toml;
        let day = published(self.file, self.reading).map(days);
        let or = |value: &Option<String>, declared: &Option<String>| {
            Value::Text(value.clone().or_else(|| declared.clone()))
        };
        let date = |d: &Option<crate::page::PageDate>| Value::Day(d.as_ref().map(|d| days(d.date)));
        let precision = |d: &Option<crate::page::PageDate>| {
            Value::Text(d.as_ref().map(|d| d.precision.name().to_string()))
        };
        let list = o
            .period
            .as_deref()
            .and_then(|p| super::operation::intervention_list(p, o.fund.as_deref()))
            .filter(|_| o.intervention_code.is_some());
        let mut rows = self.rows();
        rows.add(
            &self.place(o),
            [
                ("operation_id", text(self.id)),
                ("id_basis", text(basis)),
                ("list_id", text(self.file.source.list_id())),
                ("natural_id", Value::Text(o.natural_id.clone())),
                ("title", Value::Text(o.title.clone())),
                ("summary", Value::Text(o.summary.clone())),
                ("language", or(&o.language, &toml.language)),
                ("fund", or(&o.fund, &toml.fund)),
                ("period", or(&o.period, &toml.period)),
                ("programme_id", or(&o.programme_id, &toml.programme_id)),
                ("country", or(&o.country, &toml.country)),
                (
                    "nuts_code",
                    Value::Text(Some(main.to_string()).filter(|m| !m.is_empty())),
                ),
                ("start_date", date(&o.start)),
                ("start_precision", precision(&o.start)),
                ("end_date", date(&o.end)),
                ("end_precision", precision(&o.end)),
                (
                    "union_rate",
                    Value::Rate(o.union_rate_millionths.map(i128::from)),
                ),
                (
                    "intervention_code",
                    Value::Text(o.intervention_code.clone()),
                ),
                ("intervention_list", Value::Text(list)),
                ("priority_axis", Value::Text(o.priority_axis.clone())),
                ("objective_code", Value::Text(o.objective_code.clone())),
                ("support_scheme", Value::Text(o.support_scheme.clone())),
                ("instrument_id", Value::Text(o.instrument_id.clone())),
                ("is_aggregate", Value::Bool(false)),
                ("contact_present", Value::Bool(o.contact_present)),
                ("first_published", Value::Day(day)),
                ("last_published", Value::Day(day)),
            ],
        );
        rows.push("operation", tables)
    }

    /// Where the page begins to speak of the operation: its first value.
    fn place(&self, operation: &PageOperation) -> Place {
        let of = self
            .reading
            .records
            .iter()
            .find(|r| r.operation.as_ref() == Some(operation));
        of.and_then(|r| r.values.iter().map(|v| v.place.clone()).min())
            .unwrap_or_default()
    }

    fn amounts(&self, amounts: &[PageAmount], tables: &mut Tables) -> Result<(), RowsError> {
        let mut sorted: Vec<&PageAmount> = amounts.iter().collect();
        sorted.sort_by(|a, b| {
            (a.place.line, &a.kind, &a.financing_source).cmp(&(
                b.place.line,
                &b.kind,
                &b.financing_source,
            ))
        });
        let mut rows = self.rows();
        for amount in sorted {
            let certainty = amount
                .currency
                .as_ref()
                .map(|_| amount.currency_certainty.name().to_string());
            rows.add(
                &amount.place,
                [
                    ("operation_id", text(self.id)),
                    ("amount_kind", text(&amount.kind)),
                    ("financing_source", text(&amount.financing_source)),
                    ("amount", Value::Money(Some(amount.cents))),
                    ("currency", Value::Text(amount.currency.clone())),
                    ("currency_certainty", Value::Text(certainty)),
                    ("precision_abs", Value::Money(amount.precision_abs_cents)),
                    ("derived", Value::Bool(false)),
                ],
            );
        }
        rows.push("operation_amount", tables)
    }

    /// Regions by role, with equal weights. Returns the main place of implementation, or nothing where the page names
    /// none: a page speaks of one operation, and what it does not say is not filled up with its country.
    fn regions(&self, operation: &PageOperation, tables: &mut Tables) -> Result<String, RowsError> {
        let country = operation
            .country
            .as_deref()
            .or(self.file.source.toml.country.as_deref())
            .unwrap_or("");
        let version = self.gazetteer.nuts_version();
        let mut by_role: BTreeMap<&str, Vec<&PageRegion>> = BTreeMap::new();
        for region in &operation.regions {
            by_role.entry(&region.role).or_default().push(region);
        }
        let mut main = String::new();
        let mut shares: Vec<(Place, Vec<(&'static str, Value)>)> = Vec::new();
        for (role, regions) in &by_role {
            let weights = equal_weights(regions.len());
            for (region, weight) in regions.iter().zip(weights) {
                let code = region.nuts_code.as_deref().unwrap_or(country);
                if *role == "implementation" && main.is_empty() {
                    main = code.to_string();
                }
                shares.push((
                    region.place.clone(),
                    self.share(
                        role,
                        code,
                        version,
                        Some(&region.text),
                        weight,
                        &region.method,
                    ),
                ));
            }
        }
        shares.sort_by_key(|a| a.0.line);
        let mut rows = self.rows();
        for (place, values) in shares {
            rows.add(&place, values);
        }
        rows.push("operation_region", tables)?;
        Ok(main)
    }

    fn share(
        &self,
        role: &str,
        code: &str,
        version: &str,
        place: Option<&str>,
        weight: i64,
        method: &str,
    ) -> Vec<(&'static str, Value)> {
        vec![
            ("operation_id", text(self.id)),
            ("role", text(role)),
            ("nuts_code", text(code)),
            ("nuts_version", text(version)),
            ("place", Value::Text(place.map(String::from))),
            ("weight", Value::Weight(weight)),
            ("method", text(method)),
        ]
    }

    fn organisations(
        &self,
        operation: &PageOperation,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let country = operation
            .country
            .as_deref()
            .or(self.file.source.toml.country.as_deref())
            .unwrap_or("");
        let list_id = self.file.source.list_id();
        let mut roles = self.rows();
        let mut names = self.rows();
        let mut known = BTreeSet::new();
        let mut spelt = BTreeSet::new();
        let mut sorted: Vec<_> = operation.organisations.iter().collect();
        sorted.sort_by_key(|o| o.place.line);
        for body in sorted {
            let number = body
                .registered_id
                .as_deref()
                .and_then(national_id)
                .and_then(|n| match n {
                    NationalId::Body(number) => Some(number),
                    NationalId::NaturalPerson => None,
                });
            let id = match (&body.name, &number) {
                (Some(_), Some(number)) if !body.natural_person => {
                    organisation_id_of_number(country, number)
                }
                (Some(name), None) if !body.natural_person => {
                    organisation_id(country, &normal_form(name))
                }
                _ => short_id(&[b"person", self.id.as_bytes(), body.role.as_bytes()]),
            };
            let id = id_text(&id).to_string();
            if known.insert((id.clone(), body.role.clone())) {
                roles.add(
                    &body.place,
                    [
                        ("operation_id", text(self.id)),
                        ("organisation_id", text(&id)),
                        ("role", text(&body.role)),
                        ("certainty", text(body.certainty.name())),
                    ],
                );
            }
            let label = NATURAL_PERSON_LABEL.to_string();
            let shown: Vec<&String> = if body.natural_person {
                vec![&label]
            } else {
                // The chosen name first, then the spellings on the page.
                body.name.iter().chain(&body.published).collect()
            };
            for (place, spelling) in shown.into_iter().enumerate() {
                if spelt.insert((id.clone(), spelling.clone())) {
                    names.add(
                        &body.place,
                        [
                            ("organisation_id", text(&id)),
                            ("list_id", text(list_id)),
                            ("name", text(spelling)),
                            ("n", Value::Int(i64::from(place == 0))),
                            ("kind", Value::Text(body.kind.clone())),
                            ("natural_person", Value::Bool(body.natural_person)),
                            ("country", text(country)),
                        ],
                    );
                }
            }
        }
        roles.push("operation_organisation", tables)?;
        names.push("organisation_name", tables)
    }

    fn targets_and_funds(
        &self,
        operation: &PageOperation,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let mut targets = self.rows();
        for target in &operation.targets {
            targets.add(
                &target.place,
                [
                    ("operation_id", text(self.id)),
                    ("measure", text(&target.measure)),
                    ("value", Value::Int(target.value)),
                    (
                        "target_group",
                        Value::Text(
                            target
                                .target_group
                                .clone()
                                .or_else(|| target.target_group_text.clone()),
                        ),
                    ),
                    ("certainty", text(target.certainty.name())),
                ],
            );
        }
        targets.push("operation_target", tables)?;
        let mut funds = self.rows();
        let mut known = BTreeSet::new();
        for fund in operation
            .funds
            .iter()
            .filter(|f| known.insert(f.fund.clone()))
        {
            funds.add(
                &fund.place,
                [
                    ("operation_id", text(self.id)),
                    ("fund", text(&fund.fund)),
                    ("certainty", text(fund.certainty.name())),
                ],
            );
        }
        funds.push("operation_fund", tables)
    }
}

fn instrument_label(
    file: &FileInput,
    label: &PageInstrumentLabel,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let precision = label
        .valid_from
        .as_ref()
        .or(label.valid_to.as_ref())
        .map(|d| d.precision.name().to_string());
    let day = |d: &Option<crate::page::PageDate>| Value::Day(d.as_ref().map(|d| days(d.date)));
    let mut rows = Rows::new(file);
    rows.add(
        &label.place,
        [
            ("instrument_id", text(&label.instrument_id)),
            ("label", text(&label.label)),
            ("nuts_code", Value::Text(label.nuts_code.clone())),
            ("valid_from", day(&label.valid_from)),
            ("valid_to", day(&label.valid_to)),
            ("precision", Value::Text(precision)),
        ],
    );
    rows.push("instrument_label", tables)
}

fn findings(reading: &PageReading) -> Vec<Doubt> {
    let doubt = |rule: &str,
                 severity: &str,
                 field: Option<String>,
                 value: Option<String>,
                 message: &str,
                 place: &Place| Doubt {
        row: Some(i64::from(place.line)),
        location: location(place),
        column: field,
        value,
        ..Doubt::named(
            rule,
            if severity == "warning" {
                Severity::Warning
            } else {
                Severity::Info
            },
            message,
        )
    };
    reading
        .findings
        .iter()
        .map(|f| {
            doubt(
                &f.rule,
                &f.severity,
                f.field.clone(),
                f.value.clone(),
                &f.message,
                &f.place,
            )
        })
        .collect()
}
