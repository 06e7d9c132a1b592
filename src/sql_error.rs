//! Why a statement could not be run: with its place, and told apart from faults of the machine.

use datafusion::error::DataFusionError;
use esf_engine::session::{QueryError, SessionError};

use crate::exit::{Exit, Failure};

/// The failure of a statement that could not be planned, with the line it is on and a mark under the place.
pub(crate) fn refused(error: &QueryError, sql: &str) -> Failure {
    Failure::new(Exit::Usage, error.show(sql))
}

/// The failure of a statement that broke off while it ran.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(crate) fn failure(error: DataFusionError) -> Failure {
    let root = error.find_root();
    let exit = match root {
        DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_)
        | DataFusionError::Internal(_) => Exit::Internal,
        _ => Exit::Usage,
    };
    let failure = Failure::new(exit, plain(&root.strip_backtrace()));
    match root {
        DataFusionError::ResourcesExhausted(_) => {
            failure.next("the statement needs more memory than it may use; narrow it, or raise --memory")
        }
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) | DataFusionError::ParquetError(_) => {
            failure.next("`esf verify` says which files of the release are damaged or gone")
        }
        DataFusionError::Internal(_) => failure.next("please report this with the statement"),
        _ => failure,
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::of(Exit::Internal, &error)
    }
}

/// The message without the names of DataFusion's own layers in front.
fn plain(message: &str) -> String {
    let layers = ["External error: ", "Execution error: ", "Arrow error: ", "Error during planning: ", "Resources exhausted: "];
    let mut rest = message;
    while let Some(inner) = layers.iter().find_map(|layer| rest.strip_prefix(layer)) {
        rest = inner;
    }
    let mut characters = rest.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => message.to_owned(),
    }
}
