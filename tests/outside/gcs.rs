//! Google Cloud Storage, as `gcs.py` speaks it.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::cloud::{Cloud, Vendor, published};
use crate::{python, trial};

static VENDOR: Vendor = Vendor {
    scheme: "gs",
    bucket: "/warehouse",
    query: "",
    header: "Accept: */*",
    settings,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("gcs::published_and_read_back", || published(start)).with_ignored_flag(absent())]
}

/// Whether there is no Python.
pub(crate) fn absent() -> bool {
    python::program("python3").is_none()
}

/// A server with an empty bucket.
pub(crate) fn start(folder: &Path) -> Cloud {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/gcs.py");
    let mut command = Command::new(python::program("python3").expect("it is installed"));
    Cloud::start(&VENDOR, command.arg(script).arg("warehouse"), folder)
}

/// A service account of a server that asks nobody who they are.
fn settings(address: &str) -> Vec<(&'static str, String)> {
    let account = serde_json::json!({
        "gcs_base_url": format!("http://{address}"),
        "disable_oauth": true,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    });
    vec![("GOOGLE_SERVICE_ACCOUNT_KEY", account.to_string())]
}
