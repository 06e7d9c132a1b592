//! The same inputs give the same bytes, however many workers there are.

use libtest_mimic::Trial;

use crate::command::esf;
use crate::tables::Tables;
use crate::world::{folder, text};
use crate::{shared, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("threads::1_2_and_8_give_the_same_bytes", same_bytes)]
}

fn same_bytes() {
    let data = shared::path("data");
    let mut releases = Vec::new();
    for (threads, memory) in [("1", None), ("2", None), ("8", Some("200MiB"))] {
        let warehouse = folder("threads").join(threads);
        let mut arguments = vec!["ingest", "--mirror", text(&data), "--threads", threads];
        arguments.extend(memory.into_iter().flat_map(|size| ["--memory", size]));
        esf(&warehouse, arguments).expect(0);
        let release = Tables::open(&warehouse).release;
        let files: Vec<String> = release
            .files()
            .map(|(_, _, file)| file.sha256.clone())
            .collect();
        releases.push((threads, release.content_hash.clone(), files));
        std::fs::remove_dir_all(&warehouse).unwrap();
    }
    for (threads, content_hash, files) in &releases[1..] {
        assert_eq!(files, &releases[0].2, "table files with {threads} threads");
        assert_eq!(
            content_hash, &releases[0].1,
            "content hash with {threads} threads"
        );
    }
}
