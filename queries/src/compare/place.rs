//! Where the operations of lists are, and which regions a list is about.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::{CompareError, texts};
use crate::dimension::Level;

/// Operations of a release by list and region, whatever is asked.
#[derive(Debug, Default)]
pub(super) struct Places {
    lists: BTreeMap<String, BTreeMap<String, i64>>,
    regions: BTreeSet<String>,
}

impl Places {
    /// Those of a release.
    pub(super) async fn read(ctx: &SessionContext) -> Result<Self, CompareError> {
        let mut places = Self::default();
        for row in texts(ctx, "SELECT list, nuts_code, n FROM list_place").await? {
            if let [list, Some(region), Some(n)] = row.as_slice() {
                places.add(list.as_deref(), region, n.parse().unwrap_or_default());
            }
        }
        Ok(places)
    }

    fn add(&mut self, list: Option<&str>, region: &str, n: i64) {
        self.regions.insert(region.to_owned());
        if let Some(list) = list {
            let of_list = self.lists.entry(list.to_owned()).or_default();
            *of_list.entry(region.to_owned()).or_default() += n;
        }
    }

    /// Whether any operation is in a region.
    pub(super) fn has_any(&self, region: &str) -> bool {
        let mut behind = self.regions.range(region.to_owned()..);
        behind.next().is_some_and(|code| code.starts_with(region))
    }

    /// The regions of comparison that these lists are about; of a list that is about none of them, its country.
    pub(super) fn about(&self, lists: &BTreeSet<String>) -> BTreeSet<String> {
        let of_lists = lists.iter().filter_map(|list| self.lists.get(list));
        of_lists.filter_map(about).collect()
    }
}

/// The region of comparison that has at least half of a list's operations, or the country that has most.
fn about(regions: &BTreeMap<String, i64>) -> Option<String> {
    let whole: i64 = regions.values().sum();
    let mut compared: BTreeMap<&str, i64> = BTreeMap::new();
    for (code, n) in regions {
        if let Some(region) = compared_region(code).or_else(|| code.get(..2)) {
            *compared.entry(region).or_default() += n;
        }
    }
    // Of equals the first.
    let (region, n) = compared.into_iter().rev().max_by_key(|(_, n)| *n)?;
    let about = if 2 * n >= whole {
        region
    } else {
        region.get(..2)?
    };
    Some(about.to_owned())
}

fn compared_region(code: &str) -> Option<&str> {
    let level = Level::Comparable.in_country(code.get(..2)?)?;
    code.get(..2 + level)
}

/// Whether a list is about a region: about it, what lies around it, or a part of it.
pub(super) fn is_listed(about: &BTreeSet<String>, region: &str) -> bool {
    let mut about = about.iter();
    about.any(|about| region.starts_with(about.as_str()) || about.starts_with(region))
}

/// The regions of comparison of a country, of the codes of all regions.
pub(super) fn compared_regions<'a>(
    country: &'a str,
    codes: impl Iterator<Item = &'a String>,
) -> impl Iterator<Item = &'a str> {
    let length = Level::Comparable.in_country(country).map(|level| level + 2);
    codes.map(String::as_str).filter(move |code| {
        // Regions beyond the territory ("Extra-Regio") are none.
        Some(code.len()) == length && code.starts_with(country) && !code[2..].starts_with('Z')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let mut places = Places::default();
        for (list, region, n) in [
            (Some("berlin"), "DE300", 5),
            (Some("berlin"), "DE", 4),
            (Some("berlin"), "DE21H", 1),
            (Some("many"), "DE300", 4),
            (Some("many"), "DE21H", 5),
            (Some("many"), "DE", 2),
            (Some("stockholm"), "SE110", 3),
            (None, "SE232", 1),
        ] {
            places.add(list, region, n);
        }
        places
    }

    fn about(lists: &[&str]) -> BTreeSet<String> {
        places().about(&lists.iter().map(|list| (*list).to_owned()).collect())
    }

    #[test]
    fn a_list_is_about_the_region_that_has_half_of_it_or_the_country() {
        for (list, region) in [("berlin", "DE3"), ("many", "DE"), ("stockholm", "SE11")] {
            assert_eq!(about(&[list]), BTreeSet::from([region.to_owned()]));
        }
        assert!(about(&["unknown"]).is_empty());
    }

    #[test]
    fn a_list_of_a_region_is_one_of_its_parts_and_of_what_is_around_it() {
        let found = about(&["berlin", "stockholm"]);
        for region in ["DE3", "DE30", "DE300", "SE1", "SE11", "SE110"] {
            assert!(is_listed(&found, region), "{region}");
        }
        for region in ["DE2", "DE21H", "SE12", "SE2"] {
            assert!(!is_listed(&found, region), "{region}");
        }
    }

    #[test]
    fn a_region_has_the_operations_of_its_parts() {
        let places = places();
        for region in ["DE", "DE2", "DE21H", "SE23"] {
            assert!(places.has_any(region), "{region}");
        }
        for region in ["DE212", "DE5", "SE1101", "FR"] {
            assert!(!places.has_any(region), "{region}");
        }
    }

    #[test]
    fn regions_of_comparison_are_those_of_the_level_of_their_country() {
        let codes = ["DE", "DE2", "DE21H", "DEZ", "SE1", "SE11", "SE110"].map(str::to_owned);
        let of = |country| compared_regions(country, codes.iter()).collect::<Vec<_>>();
        assert_eq!(of("DE"), ["DE2"]);
        assert_eq!(of("SE"), ["SE11"]);
        assert!(of("FR").is_empty());
    }
}
