//! The country of a list that says none: the one in which its places are.

use arrow::array::{AsArray, StringArray};

use crate::map::Mapped;
use crate::region::{Gazetteer, Query, Resolved};

/// Cells asked of each column.
const ASKED: usize = 200;
/// Countries whose places the reference tables know.
const COUNTRIES: [&str; 2] = ["DE", "SE"];

/// A cell of a column as a question about a country.
type Ask = for<'a> fn(&'a str, &'a str) -> Query<'a>;

/// The country in which at least half of the published places are, and no other country has half as many of them.
pub(super) fn infer(mapped: &Mapped, gazetteer: &Gazetteer) -> Option<&'static str> {
    let column = |name: &str| -> Option<&StringArray> {
        mapped.rows.column_by_name(name)?.as_string_opt::<i32>()
    };
    let columns: [(&str, Ask); 6] = [
        ("place", |country, text| Query {
            country,
            place: Some(text),
            ..Query::default()
        }),
        ("beneficiary_place", |country, text| Query {
            country,
            place: Some(text),
            ..Query::default()
        }),
        ("municipality", |country, text| Query {
            country,
            municipality: Some(text),
            ..Query::default()
        }),
        ("district", |country, text| Query {
            country,
            district: Some(text),
            ..Query::default()
        }),
        ("region", |country, text| Query {
            country,
            region: Some(text),
            ..Query::default()
        }),
        ("nuts_code", |country, text| Query {
            country,
            nuts_code: Some(text),
            ..Query::default()
        }),
    ];
    let mut asked = 0;
    let mut found = [0_usize; COUNTRIES.len()];
    for (name, query) in columns {
        let Some(cells) = column(name) else {
            continue;
        };
        for text in cells.iter().flatten().take(ASKED) {
            asked += 1;
            for (country, found) in COUNTRIES.iter().zip(&mut found) {
                let resolved = gazetteer.resolve(&query(country, text));
                let within = matches!(&resolved, Resolved::Found { nuts_code, .. } if nuts_code.starts_with(country));
                *found += usize::from(within);
            }
        }
    }
    let (best, most) = found.iter().enumerate().max_by_key(|(_, n)| **n)?;
    let second = found
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != best)
        .map(|(_, n)| *n)
        .max();
    let clear = asked > 0 && most * 2 >= asked && second.unwrap_or(0) * 2 <= *most;
    clear.then_some(COUNTRIES[best])
}
