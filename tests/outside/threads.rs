//! The same inputs give the same bytes, however many workers there are.

use std::path::Path;

use libtest_mimic::Trial;

use crate::command::esf;
use crate::tables::Tables;
use crate::{shared, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("threads::1_2_and_8_give_the_same_bytes", same_bytes)]
}

fn same_bytes() {
    let data = shared::path("data");
    let published = |warehouse: &Path| {
        let release = Tables::open(warehouse).release;
        let files: Vec<String> = release
            .files()
            .map(|(_, _, file)| file.sha256.clone())
            .collect();
        (release.content_hash, files)
    };
    let (content_hash, files) = published(world::warehouse());
    // Little memory makes what is sorted go by the disk.
    for (threads, memory) in [("1", "1GiB"), ("8", "16MiB")] {
        let warehouse = world::folder("threads").join(threads);
        let mut arguments = vec!["ingest", "--mirror", world::text(&data)];
        arguments.extend(["--threads", threads, "--memory", memory]);
        esf(&warehouse, arguments).expect(0);
        let (other_hash, other_files) = published(&warehouse);
        assert_eq!(other_files, files, "table files with {threads} threads");
        assert_eq!(other_hash, content_hash, "content hash with {threads}");
        std::fs::remove_dir_all(&warehouse).unwrap();
    }
}
