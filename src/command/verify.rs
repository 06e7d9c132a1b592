//! `esf verify`.
use crate::context::Context;
use crate::exit::{Exit, Outcome};
pub(super) async fn run(_: &Context) -> Outcome { Ok(Exit::Done) }
