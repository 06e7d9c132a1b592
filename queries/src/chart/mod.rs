//! A comparison as a picture: bars, a tile map, a map of true shapes, a page, a table for the terminal.
//!
//! Takes finished numbers and draws them; computes no metric and reads no file. Every text that comes in is escaped,
//! every output depends on its input alone (no clock, no random ids), and a suppressed row never shows a number,
//! whatever its fields hold. Pictures carry no style sheet: colours are attributes, so that any viewer shows them, and
//! classes, so that a page can recolour them in the dark.
//!
//! ```
//! use esf_queries::chart::{Comparison, Frame, Row, bar_chart};
//! let comparison = Comparison {
//!     title: "Funding per unemployed person".to_owned(),
//!     unit: "EUR per person".to_owned(),
//!     rows: vec![Row::shown("DE2", "Bayern", 81.5), Row::suppressed("DEC", "Saarland")],
//!     ..Comparison::default()
//! };
//! assert!(bar_chart(&comparison, Frame::Standalone).starts_with("<svg"));
//! ```

mod axis;
mod bar;
mod callout;
mod classes;
mod comparison;
mod drawn;
mod format;
mod ink;
mod layout;
mod legend;
mod notes;
mod page;
mod palette;
mod projection;
mod shape;
mod svg;
mod table;
mod terminal;
mod text;
mod tile;
mod words;

pub use bar::bar_chart;
pub use comparison::{Comparison, Condition, Language, Row, Shared, Status};
pub use drawn::{Fitting, fitting, shapes_of};
pub(crate) use format::Format;
pub use page::page;
pub use shape::{Shape, shape_map};
pub use svg::{Frame, escape};
pub use terminal::terminal_bars;
pub use tile::{has_tiles, tile_map};

#[cfg(test)]
mod testing;
