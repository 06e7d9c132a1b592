//! Operations that stand in another region than in the vintage before.
//!
//! Regions are those that the operations of both files get now, so that a newer table of places moves none. A region that became
//! more exact, or less, is the same place, and the whole of what a source declares is none: all operations of a list that says
//! nothing of places have it.

use std::collections::HashMap;

use arrow::array::StringArray;

use super::operation::compared;
use super::{Places, shared};
use crate::merge::part::Part;
use crate::merge::vintage::Vintage;

/// Notes with the files that came last how many of their operations are elsewhere; `regions` are those of the operations of each
/// file of a list whose vintages are replaced, in the order of its rows.
pub(in crate::merge) fn compare_places(
    parts: &mut [Part],
    order: &[Vintage],
    regions: &HashMap<usize, StringArray>,
) {
    for (best, before) in compared(parts, order) {
        let Some(&last) = before.last() else {
            continue;
        };
        let (Some(now), Some(then)) = (regions.get(&best), regions.get(&last)) else {
            continue;
        };
        let places = places((&parts[best], now), (&parts[last], then));
        if let Some(change) = &mut parts[best].change {
            change.places = Some(places);
        }
    }
}

/// Compares the regions of operations that are in both files.
fn places((part, now): (&Part, &StringArray), (before, then): (&Part, &StringArray)) -> Places {
    let shared = shared(part, &[before]);
    let known: HashMap<&str, &str> = regions(before, then).collect();
    let mut places = Places { both: 0, moved: 0 };
    for (id, region) in regions(part, now).filter(|(id, _)| !shared.contains(id)) {
        if let Some(then) = known.get(id) {
            places.both += 1;
            places.moved += u64::from(!is_same_place(then, region));
        }
    }
    places
}

/// The operations of a file that have a region below the country, and not that of the whole list.
fn regions<'p>(part: &'p Part, codes: &'p StringArray) -> impl Iterator<Item = (&'p str, &'p str)> {
    let both = part.ids.ids.iter().zip(codes.iter());
    let whole = part.file.source.toml.nuts_code.as_deref();
    both.filter_map(move |(id, code)| {
        let code = code.filter(|code| code.len() > 2 && Some(*code) != whole)?;
        Some((id?, code))
    })
}

/// Whether one of two codes of regions is the other, or a part of it.
fn is_same_place(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::is_same_place;

    #[test]
    fn a_part_of_a_region_is_the_same_place_and_its_neighbour_is_not() {
        assert!(is_same_place("DE300", "DE300"));
        assert!(is_same_place("DE3", "DE300"));
        assert!(is_same_place("DE300", "DE3"));
        assert!(!is_same_place("DE300", "DE501"));
        assert!(!is_same_place("DE301", "DE300"));
    }
}
