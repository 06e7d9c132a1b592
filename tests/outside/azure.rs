//! Azure Blob Storage, as Azurite speaks it.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use crate::cloud::{Cloud, Vendor, published};
use crate::trial;

static VENDOR: Vendor = Vendor {
    scheme: "az",
    bucket: "/devstoreaccount1/warehouse",
    query: MAY_WRITE,
    header: "x-ms-blob-type: BlockBlob",
    settings,
};

/// The key that every emulator has, as Azure's documentation names it.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A signature by [`KEY`] over the rest: who has it may create and write until then.
const MAY_WRITE: &str = "?sv=2021-12-02&ss=b&srt=sco&sp=cw&se=2999-12-31T00%3A00%3A00Z&sig=bYtZLi%2BNVB5Lc3c325qjyV%2FrhqE4XrS0lpebs0VyT98%3D";

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("azure::published_and_read_back", || published(start)).with_ignored_flag(absent())]
}

/// Whether the server is not installed.
pub(crate) fn absent() -> bool {
    program().is_none()
}

/// Azurite's server, which `.ci/run` installs into `target/node`; elsewhere `ESF_NODE` names a folder of programs that
/// has it.
fn program() -> Option<PathBuf> {
    let folder = std::env::var_os("ESF_NODE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/node/node_modules/.bin"),
        PathBuf::from,
    );
    let program = folder.join("azurite-blob");
    program.is_file().then_some(program)
}

/// A server with an empty container.
pub(crate) fn start(folder: &Path) -> Cloud {
    let mut command = Command::new(program().expect("it is installed"));
    command.args(["--blobHost", "127.0.0.1", "--blobPort", "0"]);
    command.args(["--inMemoryPersistence", "--disableTelemetry", "--silent"]);
    let cloud = Cloud::start(&VENDOR, &mut command, folder);
    let Vendor { bucket, query, .. } = &VENDOR;
    cloud.request(&format!("{bucket}{query}&restype=container"), b"");
    cloud
}

/// The last is for other clients, which do not take http in the endpoint for leave.
fn settings(address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1".to_owned()),
        ("AZURE_STORAGE_ACCOUNT_KEY", KEY.to_owned()),
        (
            "AZURE_STORAGE_ENDPOINT",
            format!("http://{address}/devstoreaccount1"),
        ),
        ("AZURE_ALLOW_HTTP", "true".to_owned()),
    ]
}
