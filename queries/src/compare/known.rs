//! What is known of a question beside its rows: where operations are, what lists publish, which years of a statistic count.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::counted::Counted;
use super::doubt::{self, Mixed};
use super::list::Lists;
use super::place::{self, Places};
use super::plan::Statements;
use super::stock::Years;
use super::{CompareError, Question, texts};
use crate::chart::{Row, Status};
use crate::dimension::Dimension;
use crate::metric::{Metric, Rows};

/// What is known beside the rows.
pub(super) struct Known {
    /// Where operations are, where rows are about operations and regions.
    pub(super) places: Option<Places>,
    /// What the lists of the question publish.
    pub(super) lists: Lists,
    /// The regions that lists are about which have a number for the question, or in which people are counted.
    pub(super) about: BTreeSet<String>,
    /// The years that count, where a statistic is the denominator.
    pub(super) years: Option<Years>,
    /// The years of which rows count people.
    pub(super) counted: Counted,
    /// Rows of several periods and funds.
    pub(super) mixed: Mixed,
}

impl Known {
    /// What the statements of a question give, and where the operations of the release are.
    pub(super) async fn read(
        ctx: &SessionContext,
        metric: &Metric,
        question: &Question,
        statements: &Statements,
    ) -> Result<Self, CompareError> {
        let years = match &statements.years {
            Some(years) => Some(Years::read(ctx, years, question.country.as_deref()).await?),
            None => None,
        };
        let of_regions = question.by == Dimension::Region || years.is_some();
        let lists = match &statements.lists {
            Some(lists) => Lists::read(ctx, lists).await?,
            None => Lists::default(),
        };
        let (mut places, mut about) = (None, BTreeSet::new());
        if metric.definition.rows == Rows::Operation && of_regions {
            let found = Places::read(ctx).await?;
            about = found.about(&lists.with_number());
            places = Some(found);
        }
        if let Some(counted) = &statements.counted {
            about.extend(texts(ctx, counted).await?.into_iter().flatten().flatten());
        }
        let counted = match &statements.counted_years {
            Some(counted) => Counted::read(ctx, counted).await?,
            None => Counted::default(),
        };
        Ok(Self {
            places,
            lists,
            about,
            years,
            counted,
            mixed: doubt::mixed(ctx, &statements.parts).await?,
        })
    }

    /// The regions there are, and those that nothing in the numerators is sure to cover, where the whole would be divided by
    /// the people of all.
    pub(super) fn uncovered(
        &self,
        metric: &Metric,
        question: &Question,
        rows: &[Row],
        labels: &BTreeMap<String, String>,
    ) -> Option<Uncovered> {
        let years = self.years.as_ref()?;
        let covered: Vec<(&str, bool)> = match (metric.definition.rows, question.by) {
            (Rows::Operation, Dimension::Region | Dimension::Country)
            | (Rows::Cell, Dimension::Country) => years
                .countries()
                .flat_map(|country| place::compared_regions(country, labels.keys()))
                .map(|region| {
                    let mut about = self.about.iter();
                    (
                        region,
                        about.any(|about| region.starts_with(about.as_str())),
                    )
                })
                .collect(),
            (Rows::Cell, Dimension::Region) => rows
                .iter()
                .map(|row| {
                    let is_counted = row.n.is_some_and(|n| n > 0);
                    (
                        row.key.as_str(),
                        is_counted || row.status == Status::Suppressed,
                    )
                })
                .collect(),
            _ => return None,
        };
        let without = covered.iter().filter(|(_, is_covered)| !is_covered);
        let found = Uncovered {
            regions: covered.len(),
            without: without.clone().count(),
            countries: without
                .filter_map(|(region, _)| region.get(..2).map(str::to_owned))
                .collect(),
        };
        (found.without > 0).then_some(found)
    }
}

/// Regions that nothing in the numerators is sure to cover.
pub(super) struct Uncovered {
    /// How many regions there are.
    pub(super) regions: usize,
    /// How many of them are not covered.
    pub(super) without: usize,
    /// The countries of these.
    pub(super) countries: BTreeSet<String>,
}
