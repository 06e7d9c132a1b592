//! The log of decisions: what is read from the previous release, what is decided anew, and what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::error::DataFusionError;

use super::block::{self, BlockId, Funding};
use super::cell::{self, Counted, Counts};
use crate::disclosure::{
    self, Cause, CellKey, DisclosureError, EarlierStatus, Finding, History, Policy, Status,
    WayBack, control, held,
};

/// A count that cannot be protected.
pub(super) const EXPOSED: &str = "exposed";
const ALREADY_PUBLISHED: &str = "already_published";
const SMALL_REVISION: &str = "small_revision";

const OK: &str = "ok";
const SUPPRESSED: &str = "suppressed";
const PROTECTS: &str = "protects";
const SUPPRESSED_BEFORE: &str = "suppressed_before";

/// What was decided about a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decided {
    n: i64,
    /// Why it is suppressed; none where it is shown.
    reason: Option<String>,
    finding: Option<String>,
}

impl Decided {
    fn earlier(&self) -> EarlierStatus {
        match self.reason.as_deref() {
            None => EarlierStatus::Published,
            Some(PROTECTS | SUPPRESSED_BEFORE) => EarlierStatus::SuppressedSecondary,
            Some(_) => EarlierStatus::SuppressedPrimary,
        }
    }

    pub(super) fn status(&self) -> &'static str {
        if self.reason.is_none() {
            OK
        } else {
            SUPPRESSED
        }
    }
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    decision: i64,
    key: Counted,
    within: Option<String>,
    decided: Decided,
    rules: String,
}

impl Entry {
    /// What was decided about.
    fn known(&self) -> Known<'_> {
        (&self.key, self.within.as_ref(), self.decided.n)
    }
}

/// The log as the previous release left it. The columns are found by name.
pub(super) fn read(batches: &[RecordBatch]) -> Result<Vec<Entry>, DataFusionError> {
    let mut log = Vec::new();
    for batch in batches {
        let batch = with_count_of(batch)?;
        let names = [
            "indicator_list",
            "indicator_code",
            "count_of",
            "operation_id",
            "programme_id",
            "nuts_code",
            "sex",
            "age_group",
            "education",
            "labour_status",
            "unit_of_count",
            "estimation",
            "period_start",
            "period_end",
            "decision",
            "n",
            "within_programme_id",
            "reason",
            "finding",
            "rules",
        ];
        let places = names
            .iter()
            .map(|name| batch.schema().index_of(name))
            .collect::<Result<Vec<_>, _>>()?;
        let batch = batch.project(&places)?;
        let (decisions, n) = (cell::integers(&batch, 14)?, cell::integers(&batch, 15)?);
        let [within, reasons, findings, rules] =
            [16, 17, 18, 19].map(|column| cell::text(&batch, column));
        let (within, reasons, findings, rules) = (within?, reasons?, findings?, rules?);
        for (row, key) in cell::keys(&batch, 0)?.into_iter().enumerate() {
            log.push(Entry {
                decision: decisions[row].unwrap_or_default(),
                key,
                within: within[row].clone(),
                decided: Decided {
                    n: n[row].unwrap_or_default(),
                    reason: reasons[row].clone(),
                    finding: findings[row].clone(),
                },
                rules: rules[row].clone().unwrap_or_default(),
            });
        }
    }
    Ok(log)
}

/// A log of before counts of the known were decided about, with the column that says so.
fn with_count_of(batch: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
    const NAME: &str = "count_of";
    if batch.schema().column_with_name(NAME).is_some() {
        return Ok(batch.clone());
    }
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(NAME, DataType::Utf8, false)));
    let mut columns = batch.columns().to_vec();
    let before = StringArray::from(vec![cell::TRUE_OF; batch.num_rows()]);
    columns.push(Arc::new(before));
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

/// Decides about every cell with one known count, and gives the log with what was added to it.
pub(super) fn decide(
    counts: Counts,
    mut log: Vec<Entry>,
    programmes: &BTreeMap<String, String>,
) -> Result<(BTreeMap<Counted, Decided>, Vec<Entry>), DisclosureError> {
    // Two files that contradict each other give no count.
    let known = |(key, counts): (Counted, Vec<i64>)| {
        let n = *counts.first()?;
        counts.iter().all(|other| *other == n).then_some((key, n))
    };
    let current: BTreeMap<Counted, i64> = counts.into_iter().filter_map(known).collect();
    let before: BTreeMap<&String, &String> = log
        .iter()
        .filter_map(|entry| Some((entry.key.operation_id.as_ref()?, entry.within.as_ref()?)))
        .collect();
    let within: BTreeMap<&Counted, Option<&String>> = current
        .keys()
        .map(|key| {
            let of = key.operation_id.as_ref().and_then(|operation_id| {
                let stated = key.programme_id.as_ref();
                let found = stated.or_else(|| programmes.get(operation_id));
                found.or_else(|| before.get(operation_id).copied())
            });
            (key, of)
        })
        .collect();
    let all = within
        .iter()
        .map(|(key, within)| (*key, *within))
        .chain(log.iter().map(|entry| (&entry.key, entry.within.as_ref())));
    let funding = Funding::of(all);
    let mut blocks: BTreeMap<BlockId, Block<'_>> = BTreeMap::new();
    for (key, n) in &current {
        let block = blocks.entry(funding.block(key)).or_default();
        block.cells.push((key, within[key], *n));
    }
    for entry in &log {
        if let Some(block) = blocks.get_mut(&funding.block(&entry.key)) {
            block.before.entry(entry.decision).or_default().push(entry);
        }
    }
    let next = log.iter().map(|entry| entry.decision).max().unwrap_or(0) + 1;
    let (policy, rules) = (Policy::project(block::REGION, block::INDICATOR)?, rules());
    let (mut shown, mut news) = (BTreeMap::new(), Vec::new());
    for block in blocks.values() {
        let Some(decided) = block.decide(&policy, &rules)? else {
            let kept = block.before.values().next_back().into_iter().flatten();
            shown.extend(kept.map(|one| (one.key.clone(), one.decided.clone())));
            continue;
        };
        for (key, within, decided) in decided {
            shown.insert(key.clone(), decided.clone());
            news.push(Entry {
                decision: next,
                key: key.clone(),
                within: within.cloned(),
                decided,
                rules: rules.clone(),
            });
        }
    }
    log.extend(news);
    Ok((shown, log))
}

/// What is protected beside small counts; another text makes the next run decide about all counts anew.
const METHOD: &str =
    "; groups of which all or none have an attribute; persons together with participations";

/// The minimum frequencies, the edition of what is added up, and the method.
fn rules() -> String {
    let list = |name| esf_schemas::code_list(name);
    let mut text = String::new();
    for entry in list("disclosure_rule").map_or(&[][..], |list| &list.entries) {
        if let (Some(minimum), Some(scope)) = (entry.get("minimum"), entry.get("scope")) {
            let _ = write!(text, "{minimum} {scope}; ");
        }
    }
    let edition = list("indicator_part").map_or("", |list| &list.edition);
    text + "parts of indicators " + edition + METHOD
}

/// A cell with its programme and what was decided about it.
type Outcome<'a> = (&'a Counted, Option<&'a String>, Decided);

/// A cell with its programme and its count.
type Known<'a> = (&'a Counted, Option<&'a String>, i64);

/// Cells that hang together, with what was decided about them before.
#[derive(Default)]
struct Block<'a> {
    cells: Vec<Known<'a>>,
    before: BTreeMap<i64, Vec<&'a Entry>>,
}

impl<'a> Block<'a> {
    /// Whether the last decision was about these counts by the same rules.
    fn is_decided(&self, cells: &[Known<'_>], rules: &str) -> bool {
        let Some(last) = self.before.values().next_back() else {
            return false;
        };
        let now: BTreeSet<_> = cells.iter().copied().collect();
        let then: BTreeSet<_> = last.iter().map(|one| one.known()).collect();
        now == then && last.iter().all(|one| one.rules == rules)
    }

    fn history(&self) -> Result<History, DisclosureError> {
        let mut history = History::new();
        for (decision, entries) in &self.before {
            let cells: Vec<_> = entries.iter().map(|one| one.known()).collect();
            let statuses = entries
                .iter()
                .map(|one| (block::cell_key(&one.key), one.decided.earlier()))
                .collect();
            history.add(*decision as u64, block::table(&cells)?, statuses)?;
        }
        Ok(history)
    }

    /// The counts that are shown now: those of the last decision about each operation or programme. Blocks can have grown
    /// together since.
    fn last_shown(&self) -> Vec<Known<'a>> {
        let funding = |key: &'a Counted| (key.operation_id.as_ref(), key.programme_id.as_ref());
        let mut newest: BTreeMap<_, i64> = BTreeMap::new();
        for (decision, entries) in &self.before {
            newest.extend(entries.iter().map(|one| (funding(&one.key), *decision)));
        }
        let counted: BTreeSet<_> = self.cells.iter().map(|(key, ..)| funding(key)).collect();
        let last = self.before.keys().next_back();
        let mut shown = Vec::new();
        for (decision, entries) in &self.before {
            for one in entries {
                let of = funding(&one.key);
                let is_current = last == Some(decision) || counted.contains(&of);
                if is_current && newest.get(&of) == Some(decision) {
                    shown.push(one.known());
                }
            }
        }
        shown
    }

    /// The counts that may be shown and what is decided about them: in the place of those that changed too little, the
    /// last ones that were shown. None if that is what the last decision says. Counts that are held leave no trace in the
    /// log: the next ones are compared with what is shown.
    fn decide(
        &self,
        policy: &Policy,
        rules: &str,
    ) -> Result<Option<Vec<Outcome<'a>>>, DisclosureError> {
        if self.is_decided(&self.cells, rules) {
            return Ok(None);
        }
        let (history, last) = (self.history()?, self.last_shown());
        let mut kept: BTreeSet<CellKey> = BTreeSet::new();
        loop {
            let is_kept = |cell: &Known<'_>| kept.contains(&block::cell_key(cell.0));
            let new = self.cells.iter().filter(|cell| !is_kept(cell));
            let old = last.iter().filter(|cell| is_kept(cell));
            let cells: Vec<Known<'a>> = new.chain(old).copied().collect();
            if self.is_decided(&cells, rules) {
                return Ok(None);
            }
            let table = block::table(&cells)?;
            let outcome = control(&table, policy, &history)?;
            let same_people = &block::SAME_PEOPLE;
            let more = held(&table, &outcome, policy, &history, same_people)?;
            if more.is_subset(&kept) {
                let way_back = WayBack {
                    table: &table,
                    policy,
                    history: &history,
                    same_people,
                    kept: &kept,
                };
                let outcome = way_back.returned(outcome)?;
                return Ok(Some(with_reasons(&cells, &outcome)));
            }
            kept.extend(more);
        }
    }
}

/// What was decided about cells, in the words of the log.
fn with_reasons<'a>(cells: &[Known<'a>], outcome: &disclosure::Outcome) -> Vec<Outcome<'a>> {
    let mut findings: BTreeMap<&CellKey, &str> = BTreeMap::new();
    let mut is_exposed = false;
    for finding in &outcome.findings {
        let (key, word) = match finding {
            Finding::Exposed { key, .. } => (key, EXPOSED),
            Finding::AlreadyPublished { key, .. } => (key, ALREADY_PUBLISHED),
            Finding::SmallRevision { key, .. } => (key, SMALL_REVISION),
        };
        is_exposed |= word == EXPOSED;
        // The words stand in the order of their weight.
        let known = findings.entry(key).or_insert(word);
        if word == EXPOSED || (word == ALREADY_PUBLISHED && *known == SMALL_REVISION) {
            *known = word;
        }
    }
    let mut decided = Vec::new();
    for (key, within, n) in cells {
        let at = block::cell_key(key);
        let finding = findings.get(&at).map(|word| (*word).to_owned());
        let reason = outcome.statuses.get(&at).copied().and_then(reason);
        decided.push((
            *key,
            *within,
            Decided {
                n: *n,
                reason,
                finding,
            },
        ));
    }
    // What is exposed can be a count that only an earlier release has.
    let marked = |one: &(_, _, Decided)| one.2.finding.as_deref() == Some(EXPOSED);
    if is_exposed && !decided.iter().any(marked) {
        decided[0].2.finding = Some(EXPOSED.to_owned());
    }
    decided
}

fn reason(status: Status) -> Option<String> {
    match status {
        Status::Published | Status::NotApplicable => None,
        Status::SuppressedPrimary(rule) => Some(match rule.to_string().as_str() {
            "p%" => "p_percent".to_owned(),
            name => name.replace(' ', "_"),
        }),
        Status::SuppressedSecondary(Cause::Protects) => Some(PROTECTS.to_owned()),
        Status::SuppressedSecondary(Cause::SuppressedBefore) => Some(SUPPRESSED_BEFORE.to_owned()),
    }
}

/// The columns of the log, by name.
pub(super) fn columns(log: &[Entry]) -> Vec<(&'static str, ArrayRef)> {
    let keys: Vec<&Counted> = log.iter().map(|entry| &entry.key).collect();
    let text = |get: fn(&Entry) -> Option<&str>| -> ArrayRef {
        Arc::new(log.iter().map(get).collect::<StringArray>())
    };
    let number = |get: fn(&Entry) -> i64| cell::numbers(log.iter().map(|one| Some(get(one))));
    let mut columns = cell::columns(&keys);
    columns.extend([
        ("decision", number(|one| one.decision)),
        ("n", number(|one| one.decided.n)),
        ("within_programme_id", text(|one| one.within.as_deref())),
        ("status", text(|one| Some(one.decided.status()))),
        ("reason", text(|one| one.decided.reason.as_deref())),
        ("finding", text(|one| one.decided.finding.as_deref())),
        ("rules", text(|one| Some(one.rules.as_str()))),
    ]);
    columns
}

/// The count and the status as everybody may see them.
pub(super) fn public_columns<'a>(
    shown: impl Iterator<Item = &'a Decided> + Clone,
) -> [(&'static str, ArrayRef); 2] {
    let n = |one: &Decided| one.reason.is_none().then_some(one.n);
    let status: StringArray = shown.clone().map(|one| Some(one.status())).collect();
    [
        ("n", cell::numbers(shown.map(n))),
        ("status", Arc::new(status)),
    ]
}
