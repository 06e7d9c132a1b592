//! What can go wrong, and with which operations.

use std::{fmt, time::Duration};

/// An operation of a store, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reading an object or a part of it.
    Get,
    /// Asking for the size of an object.
    Head,
    /// Listing a folder.
    List,
    /// Writing an object, whatever was there.
    Put,
    /// Writing an object on a condition, such as that there is none.
    Create,
    /// Beginning an upload in parts.
    Upload,
    /// Removing an object.
    Delete,
    /// Copying an object.
    Copy,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and the answer is an error. Strikes every operation.
    Fail,
    /// It is done, and the answer is an error. Strikes what changes the store.
    Lose,
    /// It is done after this time. Strikes every operation.
    Delay(Duration),
    /// Half of it is done. A write leaves half of the object behind and fails, as a store without atomic writes does. Of
    /// a part of an object half comes and then an error, as storage clients tell it; a whole object just ends, as it does
    /// where nobody counts. Strikes reads and unconditional writes.
    Truncate,
    /// It is done, and the answer is that the object exists, as for a client that repeats a request whose answer was
    /// lost. Strikes conditional writes.
    Repeat,
}

/// An operation that was struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// The operation.
    pub operation: Operation,
    /// The object, or the folder that was listed.
    pub path: String,
}

impl Fault {
    /// Whether the fault can strike an operation; only those are counted for it.
    pub fn can_strike(self, operation: Operation) -> bool {
        use Operation::{Copy, Create, Delete, Get, Put};
        match self {
            Self::Fail | Self::Delay(_) => true,
            Self::Lose => matches!(operation, Put | Create | Delete | Copy),
            Self::Truncate => matches!(operation, Get | Put),
            Self::Repeat => operation == Create,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::List => "LIST",
            Self::Put | Self::Create => "PUT",
            Self::Upload => "POST",
            Self::Delete => "DELETE",
            Self::Copy => "COPY",
        })
    }
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.path)
    }
}
