//! Fingerprint of the program: a hash of the code and of the declarations that derivations are made with. It is part of
//! every step key, so that a step is redone when the code that made it changed, and only then.

#[path = "../engine/fingerprint.rs"]
mod fingerprint;

use fingerprint::fingerprint;

fn main() {
    fingerprint("ESF_FINGERPRINT", &["src/disclosure", "src/participation"]);
    fingerprint(
        "ESF_MART_FINGERPRINT",
        &[
            "src/mart",
            "src/compare/plan",
            "src/metric.rs",
            "src/dimension.rs",
            "src/view.rs",
            "metrics",
            "views",
        ],
    );
}
