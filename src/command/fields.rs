//! `esf source fields`: what a published column can mean, for those who write a `mapping.toml`.

use esf_schemas::Vocabulary;

use crate::context::Context;
use crate::exit::{Exit, Outcome};
use crate::print::Rows;

/// Lists the fields.
pub(super) fn run(context: &Context) -> Outcome {
    let all = || Vocabulary::standard().fields();
    let rows = Rows::default()
        .text("field", all().map(|field| Some(field.name.as_str())))
        .text("kind", all().map(|field| Some(field.kind.as_str())))
        .text("meaning", all().map(|field| Some(field.meaning.as_str())));
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}
