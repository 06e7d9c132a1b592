//! Random rows of every list, derived again from the published bytes.

use libtest_mimic::Trial;

use crate::command::esf;
use crate::tables::Tables;
use crate::{shared, trial, world};

/// Chooses the rows; the same ones as long as the ids stay.
const SEED: &str = "c3a1";

pub(crate) fn trials() -> Vec<Trial> {
    // Of two formats of one list, the better one gives the operations.
    let lists = shared::LISTS
        .iter()
        .filter(|file| shared::source_of(file).toml.rendition_rank == 1);
    lists
        .map(|file| trial(format!("trace::{file}"), move || random_rows(file)))
        .collect()
}

fn random_rows(file: &str) {
    let warehouse = world::warehouse();
    let list_id = shared::source_of(file).list_id().to_owned();
    let ids = Tables::open(warehouse).column(&format!(
        "SELECT DISTINCT operation_id, md5(concat(operation_id, '{SEED}')) AS lot \
         FROM operation JOIN operation_amount USING (operation_id) \
         WHERE list_id = '{list_id}' ORDER BY lot LIMIT 3"
    ));
    assert_eq!(ids.len(), 3);
    for (number, line) in ids.iter().enumerate() {
        let id = line.split('|').next().unwrap();
        esf(warehouse, ["trace", id]).expect(0);
        if number == 0 {
            esf(warehouse, ["trace", id, "--table", "operation_amount"]).expect(0);
        }
    }
}
