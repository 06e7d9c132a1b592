//! What the data of the warehouse means.
//!
//! This crate owns the declarations: the tables with their columns and units ([`tables`]), the names under which
//! publications give each field ([`Vocabulary`]) and the code lists ([`code_list`]). It does no input or output beyond
//! the files embedded in it, knows no DataFusion, no source and no metric. The declarations stand beside the Rust:
//! `columns.toml`, `units.toml`, `tables/<table>/table.toml`, `fields/*.toml` and `codes/<list>/`.
//!
//! ```
//! let table = esf_schemas::table("operation_amount").expect("the table is declared");
//! let schema = table.arrow_schema();
//! assert_eq!(schema.field_with_name("amount").unwrap().metadata()["unit"], "currency");
//! ```

mod code;
mod column;
mod error;
mod table;
mod unit;
mod vocabulary;

pub use code::{CodeList, Entry, Series, code_list, code_lists};
pub use column::{Column, ColumnType};
pub use error::SchemaError;
pub use table::{Layer, Table, Visibility, table, tables};
pub use unit::{Unit, unit, units};
pub use vocabulary::{Field, FieldKind, FieldLabel, Found, How, Near, Vocabulary, normalise_label};

use rust_embed::RustEmbed;

/// The declarations of this crate. Debug builds read them from disk, release builds carry them.
#[derive(RustEmbed)]
#[folder = "."]
#[include = "*.toml"]
#[include = "tables/*/table.toml"]
#[include = "fields/*.toml"]
#[include = "codes/*/*"]
#[exclude = "Cargo.toml"]
pub(crate) struct Declarations;

/// The text of one embedded declaration.
pub(crate) fn declaration(path: &str) -> Result<String, SchemaError> {
    let file = Declarations::get(path).ok_or_else(|| SchemaError::Missing {
        path: path.to_owned(),
    })?;
    String::from_utf8(file.data.into_owned()).map_err(|_| SchemaError::NotText {
        path: path.to_owned(),
    })
}
