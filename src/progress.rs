//! Progress on standard error, and only where somebody watches.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that names the step being done.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar; hidden if standard error is no terminal or the user wants quiet.
    pub(crate) fn new(quiet: bool) -> Self {
        let visible = !quiet && std::io::stderr().is_terminal();
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is fixed text; were it wrong, indicatif's own style would show.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} {wide_msg}")
        {
            bar.set_style(style.progress_chars("━╸─"));
        }
        if visible {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // Also where the user interrupts: the next line must not begin beside half a bar.
        self.0.finish_and_clear();
    }
}

impl esf_pipelines::run::Progress for Bar {
    fn step(&self, what: &str, done: usize, total: usize) {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        self.0.set_message(what.to_owned());
    }
}
