//! The command under watch: how long it took, and the most memory that it and its children had at one time.
//!
//! Memory is resident memory from `/proc`, looked at every few milliseconds; the sum of what each process had at most
//! would count readers that ran one after the other as one.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::program;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A run that holds more is ended, so that a test does not take the machine with it.
const TOO_MUCH: u64 = 3 << 30;

/// How a run ended.
pub(super) struct Ended {
    /// `None` if a signal ended it, also one of ours.
    pub(super) code: Option<i32>,
    /// Both outputs, with the reason where we ended it.
    pub(super) said: String,
    pub(super) took: Duration,
    /// Bytes of the process and its children.
    pub(super) memory: u64,
}

/// Runs the command on a warehouse, in the folder around it.
pub(super) fn run(warehouse: &Path, arguments: &[&str], longest: Duration) -> Ended {
    let folder = warehouse.parent().expect("a warehouse stands in a folder");
    // Files and not pipes: a full pipe would stop the process that is watched.
    let said = folder.join("said");
    let output = File::create(&said).unwrap();
    let begun = Instant::now();
    let mut child = Command::new(program())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(folder)
        .args(arguments)
        .arg("--warehouse")
        .arg(warehouse)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .expect("the command starts");
    let (mut memory, mut stopped) = (0, None);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        memory = memory.max(tree_memory(child.id()));
        if stopped.is_none() {
            stopped = stop(&mut child, begun.elapsed() > longest, memory > TOO_MUCH);
        }
        std::thread::sleep(LOOK);
    };
    let took = begun.elapsed();
    let said = String::from_utf8_lossy(&std::fs::read(&said).unwrap()).into_owned();
    Ended {
        code: status.code(),
        said: said + stopped.unwrap_or_default(),
        took,
        memory,
    }
}

fn stop(child: &mut Child, too_long: bool, too_much: bool) -> Option<&'static str> {
    let why = match (too_long, too_much) {
        (_, true) => "\nended by the test for its memory\n",
        (true, _) => "\nended by the test for its time\n",
        _ => return None,
    };
    child.kill().ok();
    Some(why)
}

/// Resident bytes of a process and all that it started.
fn tree_memory(root: u32) -> u64 {
    let mut parents = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some(parent) = field(process, "PPid:") {
            parents.insert(process, parent as u32);
        }
    }
    let belongs = |process: u32| {
        let mut at = process;
        // A parent that ended between two looks breaks the line; no line is longer than there are processes.
        for _ in 0..parents.len() {
            if at == root {
                return true;
            }
            match parents.get(&at) {
                Some(parent) => at = *parent,
                None => return false,
            }
        }
        false
    };
    let own = parents.keys().copied().filter(|process| belongs(*process));
    own.filter_map(|process| field(process, "VmRSS:"))
        .sum::<u64>()
        << 10
}

/// A number of `/proc/<pid>/status`; sizes are in KiB.
fn field(process: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
