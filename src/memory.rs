//! The allocator, and how long it keeps what was freed.
//!
//! Freed memory that goes back to the system is faulted in again page by page: a sixth of the time of a statement over
//! millions of rows. A run works for minutes beside others and gives back after a second (`.cargo/config.toml`); a process
//! that only answers is over soon.

/// Columns of a few megabytes come and go on several threads by the thousand. The system's allocator keeps what each thread
/// has freed for that thread, which took three times the memory of the data.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long freed memory waits for whoever needs some next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// For as long as the process lives: for one that answers and ends.
    Always,
    /// For ten seconds: for one that waits for a person in between.
    TenSeconds,
}

#[cfg(not(target_env = "msvc"))]
impl Patience {
    /// As jemalloc counts: milliseconds, or for ever.
    fn decay(self) -> isize {
        match self {
            Self::Always => -1,
            Self::TenSeconds => 10_000,
        }
    }
}

/// Keeps freed memory for so long, from now on. Where the allocator takes no such advice, nothing happens: it is about time,
/// not about answers.
#[cfg(not(target_env = "msvc"))]
pub(crate) fn keep_freed(patience: Patience) {
    use tikv_jemalloc_ctl::{Access as _, AsName as _};

    let decay = patience.decay();
    // Arenas that are there already, then those to come: that of large pieces is made with the first of them, and would give
    // back at once what a run has no use for.
    let arenas: u32 = "arenas.narenas\0".name().read().unwrap_or(0);
    for arena in 0..arenas {
        let name = format!("arena.{arena}.dirty_decay_ms\0");
        let _ = name.as_str().name().write(decay);
    }
    let _ = "arenas.dirty_decay_ms\0".name().write(decay);
}

/// Keeps freed memory for so long: the allocator of this system takes no such advice.
#[cfg(target_env = "msvc")]
pub(crate) fn keep_freed(_: Patience) {}

#[cfg(all(test, not(target_env = "msvc")))]
mod tests {
    use tikv_jemalloc_ctl::{Access as _, AsName as _};

    use super::*;

    #[test]
    fn freed_memory_is_kept_as_long_as_asked() {
        let decay = |name: &str| -> isize { name.name().read().unwrap() };
        for patience in [Patience::TenSeconds, Patience::Always] {
            keep_freed(patience);
            assert_eq!(decay("arena.0.dirty_decay_ms\0"), patience.decay());
            assert_eq!(decay("arenas.dirty_decay_ms\0"), patience.decay());
        }
    }
}
