//! Which of the boundaries at hand a map shows, and what of them does not fit the rows. Files of all Europe and of several
//! levels of NUTS may lie together: one map has the countries that are compared, and no place twice, since a Land lies over
//! its districts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::chart::{comparison::Comparison, shape::Shape};

/// What of the boundaries at hand and the rows fits together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fitting {
    /// How many rows have a boundary.
    pub drawn: usize,
    /// Regions without a boundary, though there are others of their country and level that are no rows: the boundaries are
    /// of another version of NUTS.
    pub renamed: Vec<String>,
    /// Levels of which there is no boundary at all, with the countries of the rows that need them.
    pub lacking: BTreeMap<usize, BTreeSet<String>>,
    /// How many boundaries there are of each level.
    pub held: BTreeMap<usize, usize>,
}

/// Compares the codes of rows and boundaries.
pub fn fitting(comparison: &Comparison, shapes: &[Shape]) -> Fitting {
    let mut fitting = Fitting::default();
    let keys: HashSet<&str> = comparison.rows.iter().map(|row| row.key.as_str()).collect();
    let mut of_kind: HashSet<(&str, usize)> = HashSet::new();
    let mut without_row: HashSet<(&str, usize)> = HashSet::new();
    for key in shapes.iter().map(|shape| shape.key.as_str()) {
        let Some(kind) = kind(key) else { continue };
        *fitting.held.entry(kind.1).or_default() += 1;
        of_kind.insert(kind);
        if !keys.contains(key) {
            without_row.insert(kind);
        }
    }
    let shaped: HashSet<&str> = shapes.iter().map(|shape| shape.key.as_str()).collect();
    for key in comparison.rows.iter().map(|row| row.key.as_str()) {
        let Some(kind) = kind(key) else { continue };
        if shaped.contains(key) {
            fitting.drawn += 1;
        } else if without_row.contains(&kind) {
            fitting.renamed.push(key.to_owned());
        } else if !of_kind.contains(&kind) {
            let countries = fitting.lacking.entry(kind.1).or_default();
            countries.insert(kind.0.to_owned());
        }
    }
    fitting
}

/// Country and level of a NUTS code. Those of no territory ("Extra-Regio") have no boundary and count as none.
fn kind(key: &str) -> Option<(&str, usize)> {
    let (country, rest) = key.split_at_checked(2)?;
    (!rest.starts_with('Z') && rest.len() <= 3).then_some((country, rest.len()))
}

/// The shapes of the rows, and of the rest of their countries the coarsest that lie over or under none of these. Coarser
/// shapes come first, so that a part is drawn upon the whole. NUTS codes say what lies where: they begin with the code of
/// the region that they are a part of.
pub fn shapes_of(comparison: &Comparison, mut shapes: Vec<Shape>) -> Vec<Shape> {
    let keys: HashSet<&str> = comparison.rows.iter().map(|row| row.key.as_str()).collect();
    let countries: HashSet<&str> = keys.iter().filter_map(|key| key.get(..2)).collect();
    shapes.retain(|shape| {
        let country = shape.key.get(..2);
        country.is_some_and(|country| countries.contains(country))
    });
    coarse_first(&mut shapes);
    let (mut drawn, rest): (Vec<Shape>, Vec<Shape>) = shapes
        .into_iter()
        .partition(|shape| keys.contains(shape.key.as_str()));
    for shape in rest {
        if !drawn.iter().any(|other| overlap(&other.key, &shape.key)) {
            drawn.push(shape);
        }
    }
    coarse_first(&mut drawn);
    drawn
}

fn coarse_first(shapes: &mut [Shape]) {
    shapes.sort_by(|a, b| (a.key.len(), &a.key).cmp(&(b.key.len(), &b.key)));
}

fn overlap(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{comparison::Row, testing::of};

    fn drawn(rows: &[&str], shapes: &[&str]) -> Vec<String> {
        let rows = rows.iter().map(|key| Row::shown(key, key, 1.0)).collect();
        let shape = |key: &&str| Shape {
            key: (*key).to_owned(),
            rings: Vec::new(),
        };
        let drawn = shapes_of(&of(rows), shapes.iter().map(shape).collect());
        drawn.into_iter().map(|shape| shape.key).collect()
    }

    fn fit(rows: &[&str], shapes: &[&str]) -> Fitting {
        let rows = rows.iter().map(|key| Row::shown(key, key, 1.0)).collect();
        let shape = |key: &&str| Shape {
            key: (*key).to_owned(),
            rings: Vec::new(),
        };
        let shapes: Vec<Shape> = shapes.iter().map(shape).collect();
        fitting(&of(rows), &shapes)
    }

    #[test]
    fn levels_without_a_boundary_are_named_with_their_countries() {
        let fit = fit(&["DE1", "DE2", "SE11", "DEZ"], &["DE111", "DE112", "FR1"]);
        assert_eq!((fit.drawn, fit.renamed.len()), (0, 0));
        assert_eq!(fit.held, BTreeMap::from([(1, 1), (3, 2)]));
        let of = |country: &str| BTreeSet::from([country.to_owned()]);
        assert_eq!(fit.lacking, BTreeMap::from([(1, of("DE")), (2, of("SE"))]));
    }

    #[test]
    fn codes_of_another_version_are_told_from_a_file_of_few_regions() {
        let all = fit(&["DE1", "DE2"], &["DE1", "DE2", "FR1"]);
        assert_eq!((all.drawn, all.renamed.len()), (2, 0));
        // DEG0N was divided and renamed; DEG0P is in the newer version alone.
        let other = fit(&["DEG01", "DEG0P"], &["DEG01", "DEG0N"]);
        assert_eq!((other.drawn, other.renamed), (1, vec!["DEG0P".to_owned()]));
        let few = fit(&["DE1", "DE2"], &["DE1"]);
        assert_eq!((few.drawn, few.renamed.len(), few.lacking.len()), (1, 0, 0));
    }

    #[test]
    fn levels_of_two_countries_lie_side_by_side_and_not_upon_each_other() {
        let all = [
            "SE11", "SE12", "SE1", "DE11", "DE1", "DE2", "DE21", "DE111", "FR1", "SE110",
        ];
        assert_eq!(
            drawn(&["DE1", "DE2", "SE11", "SE12"], &all),
            ["DE1", "DE2", "SE11", "SE12"]
        );
    }

    #[test]
    fn the_rest_of_a_compared_country_is_its_coarsest_shapes() {
        // SE12 has no row, and SE1 would lie over SE11.
        assert_eq!(
            drawn(&["SE11"], &["SE1", "SE11", "SE12", "SE123", "SE2", "SE21"]),
            ["SE2", "SE11", "SE12"]
        );
        // No shape is of the level that is compared.
        assert_eq!(
            drawn(&["DE1", "SE11"], &["DE1", "SE1", "SE2"]),
            ["DE1", "SE1", "SE2"]
        );
    }

    #[test]
    fn a_part_is_drawn_upon_the_whole_where_both_have_rows() {
        assert_eq!(drawn(&["SE11", "SE"], &["SE11", "SE"]), ["SE", "SE11"]);
        assert!(drawn(&["ESF"], &["DE1"]).is_empty());
    }
}
