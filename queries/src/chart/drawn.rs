//! Which of the boundaries at hand a map shows. Files of all Europe and of several levels of NUTS may lie together: one
//! map has the countries that are compared, and no place twice, since a Land lies over its districts.

use std::collections::HashSet;

use crate::chart::{comparison::Comparison, shape::Shape};

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
