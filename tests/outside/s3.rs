//! S3, as moto speaks it.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::cloud::{Cloud, Vendor, published};
use crate::{python, trial};

static VENDOR: Vendor = Vendor {
    scheme: "s3",
    bucket: "/warehouse",
    query: "",
    header: "Accept: */*",
    settings,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("s3::published_and_read_back", || published(start)).with_ignored_flag(absent())]
}

/// Whether the server is not installed.
pub(crate) fn absent() -> bool {
    python::program("moto_server").is_none()
}

/// A server with an empty bucket.
pub(crate) fn start(folder: &Path) -> Cloud {
    let mut command = Command::new(python::program("moto_server").expect("it is installed"));
    let cloud = Cloud::start(
        &VENDOR,
        command.args(["-H", "127.0.0.1", "-p", "0"]),
        folder,
    );
    cloud.request(VENDOR.bucket, b"");
    cloud
}

/// Endpoints have two names.
fn settings(address: &str) -> Vec<(&'static str, String)> {
    let endpoint = format!("http://{address}");
    vec![
        ("AWS_ENDPOINT", endpoint.clone()),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_REGION", "eu-north-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "made".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "up".to_owned()),
    ]
}
