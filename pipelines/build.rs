//! Fingerprint of the program: a hash of the code and of the declarations that every source is read with. It is part of
//! every step key, so that a step is redone when the code that made it changed, and only then.

#[path = "../engine/fingerprint.rs"]
mod fingerprint;

use fingerprint::fingerprint;

fn main() {
    fingerprint("ESF_FINGERPRINT", &["src"]);
}
