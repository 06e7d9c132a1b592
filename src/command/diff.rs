//! `esf diff`: what two releases hold differently.
use crate::args::Diff;
use crate::context::Context;
use crate::exit::{Exit, Outcome};
pub(super) async fn run(_: &Context, _: &Diff) -> Outcome { Ok(Exit::Done) }
