//! That the catalogue is whole: every message of the program is explained, and what is explained can be met.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use esf_engine::release::ReleaseError;
use esf_pipelines::run::RunError;

use super::scan::{root, sources};
use super::*;
use crate::exit::{Exit, Failure};

/// Files whose errors reach an operator, each with the exit codes that they end with.
const FACING: [(&str, &[u8]); 29] = [
    ("engine/src/delta/error.rs", &[0]),
    ("engine/src/derivation/mod.rs", &[1]),
    ("engine/src/diff/error.rs", &[1]),
    ("engine/src/redact/error.rs", &[1, 75]),
    ("engine/src/release/error.rs", &[1, 2, 3]),
    ("engine/src/session/build.rs", &[1]),
    ("engine/src/session/error.rs", &[2]),
    ("engine/src/store/error.rs", &[1, 2]),
    ("engine/src/verify/mod.rs", &[1]),
    ("engine/src/write/error.rs", &[1]),
    ("pipelines/src/fetch/error.rs", &[5]),
    ("pipelines/src/map/error.rs", &[4]),
    ("pipelines/src/merge/rows.rs", &[1]),
    ("pipelines/src/page/error.rs", &[4]),
    ("pipelines/src/read/error.rs", &[4]),
    ("pipelines/src/region/build.rs", &[1]),
    ("pipelines/src/run/error.rs", &[1, 2, 3, 75]),
    ("pipelines/src/snapshot.rs", &[2, 5]),
    ("pipelines/src/source/mod.rs", &[2]),
    ("pipelines/src/statistic/error.rs", &[4]),
    ("pipelines/src/status/tables.rs", &[1]),
    ("pipelines/src/trace.rs", &[1, 2, 3]),
    ("pipelines/src/value/error.rs", &[0, 4]),
    ("queries/src/compare/mod.rs", &[2]),
    ("queries/src/disclosure/error.rs", &[1]),
    ("queries/src/metric.rs", &[2]),
    // What goes wrong while telling changes nothing of how a run ends.
    ("src/report/hook.rs", &[0]),
    ("src/report/mod.rs", &[0]),
    ("src/report/webhook.rs", &[0]),
];

/// Errors of the command itself; their codes are checked where they are made.
const OWN: &str = "src/print/mod.rs";

/// Files whose errors no operator meets, and why.
const UNSEEN: [(&str, &str); 2] = [
    (
        "engine/src/statistics/no_value.rs",
        "a statistic without an answer is null in SQL, and nobody reads the reason",
    ),
    (
        "schemas/src/error.rs",
        "the declarations are compiled in, and the crate's tests read them",
    ),
];

/// Messages without words of their own, and by what they are explained.
const WORDLESS: [(&str, &str, &str); 14] = [
    (
        "engine/src/release/error.rs",
        "… holds …; …",
        "the words come from `instead`, and these are explained",
    ),
    (
        "engine/src/session/error.rs",
        "……",
        "the words are the parser's; the place in front is explained",
    ),
    (
        "engine/src/store/error.rs",
        "cannot … …: ……",
        "the words come from `advice`, and these are explained",
    ),
    (
        "engine/src/store/error.rs",
        "cannot read a table of the warehouse: ……",
        "the words come from `advice`, and these are explained",
    ),
    (
        "pipelines/src/fetch/error.rs",
        "source …: ……: …",
        "the cause is explained",
    ),
    (
        "pipelines/src/fetch/error.rs",
        "…: …",
        "the words are those of the reader, and these are explained",
    ),
    (
        "pipelines/src/map/error.rs",
        "…",
        "it holds the words of another message",
    ),
    (
        "pipelines/src/page/error.rs",
        "…: …",
        "the words are those of the reader of TOML; the report says that the source is held",
    ),
    (
        "pipelines/src/read/error.rs",
        "…",
        "it holds what the reader said in a process of its own",
    ),
    (
        "pipelines/src/region/build.rs",
        "table …: …",
        "the words are those of the reader, and these are explained",
    ),
    (
        "pipelines/src/run/error.rs",
        "reference …: …: …",
        "the cause is explained",
    ),
    (
        "queries/src/compare/mod.rs",
        "…",
        "the words are those of a refusal, in several languages; it names its code",
    ),
    (
        "src/command/source.rs",
        "… on …: …",
        "it holds the words of another message",
    ),
    (
        "src/config.rs",
        "… line …: …",
        "the words are those of the reader of TOML, with the line",
    ),
];

fn is_wordless(path: &str, text: &str) -> bool {
    WORDLESS
        .iter()
        .any(|(of, words, _)| *of == path && *words == text)
}

#[test]
fn declarations_are_whole() {
    let catalogue = Catalogue::read().unwrap();
    let known: BTreeSet<u8> = catalogue
        .exits
        .iter()
        .flat_map(|entry| entry.exit.clone())
        .collect();
    assert_eq!(
        known.iter().copied().collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 75, 130, 143]
    );
    let mut codes = BTreeSet::new();
    for entry in &catalogue.messages {
        let Entry { code, exit, .. } = entry;
        let speaks = code.contains('-') && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(speaks, "{code}: a code is lower-case words with hyphens");
        assert!(codes.insert(code), "{code} is declared twice");
        let ends = !exit.is_empty() && exit.iter().all(|exit| known.contains(exit));
        assert!(ends, "{code}: exit {exit:?}");
    }
    for entry in catalogue.messages.iter().chain(&catalogue.exits) {
        for text in [&entry.title, &entry.means, &entry.remedy] {
            // A bar or a line break would end a cell of the README's table.
            let fits = !text.trim().is_empty() && !text.contains(['|', '\n']);
            assert!(fits, "{}: {text:?}", entry.code);
        }
    }
}

#[test]
fn what_a_message_says_stands_in_the_program_and_means_one_code() {
    let program: String = sources().iter().map(scan::Source::joined).collect();
    let mut said: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in messages() {
        let code = entry.code.as_str();
        for text in &entry.says {
            assert!(text.len() >= 8, "{code}: {text:?} could be anything");
            assert!(program.contains(text), "{code}: nobody says {text:?}");
            let other = said.insert(text, code);
            assert_eq!(other, None, "{code}: {text:?} means two codes");
            assert_eq!(code_of(text), Some(code), "{text:?}");
        }
        // Without words, the program itself must name the code.
        let named = !entry.says.is_empty() || program.contains(&format!("\"{code}\""));
        assert!(named, "{code} can never be met");
    }
}

#[test]
fn every_error_is_explained_with_its_exit_code() {
    let mut faults = Vec::new();
    let mut listed: BTreeSet<&str> = FACING.iter().map(|(path, _)| *path).collect();
    listed.extend(UNSEEN.iter().map(|(path, _)| *path));
    listed.insert(OWN);
    for source in sources() {
        let path = source.path.as_str();
        if !source.text.contains("thiserror::Error") {
            continue;
        }
        if !listed.remove(path) {
            faults.push(format!("{path}: list it under FACING or UNSEEN"));
        }
        if UNSEEN.iter().any(|(unseen, _)| *unseen == path) {
            continue;
        }
        let ends = FACING.iter().find(|(facing, _)| *facing == path);
        for text in source.errors() {
            if is_wordless(path, &text) {
                continue;
            }
            let Some(code) = code_of(&text) else {
                faults.push(format!("{path}: {text:?} is not explained"));
                continue;
            };
            let exit = &entry(code).unwrap().exit;
            if ends.is_some_and(|(_, ends)| !exit.iter().any(|exit| ends.contains(exit))) {
                faults.push(format!("{path}: {text:?} does not end as {code} does"));
            }
        }
    }
    faults.extend(listed.iter().map(|path| format!("{path}: no errors there")));
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_refusal_is_explained() {
    for code in esf_queries::Refusal::CODES {
        let entry = entry(code).unwrap_or_else(|_| panic!("{code} is not explained"));
        assert_eq!(entry.exit, [Exit::Usage.code()], "{code}");
    }
}

#[test]
fn every_failure_of_the_command_is_explained() {
    let mut faults = Vec::new();
    let command = sources()
        .into_iter()
        .filter(|source| source.path.starts_with("src/"));
    for source in command {
        for texts in source.failures() {
            // By its words, or by a code that it names.
            let is_code = |text: &str| entry(text).is_ok();
            let explained = texts
                .iter()
                .any(|text| code_of(text).is_some() || is_code(text));
            if !explained && !is_wordless(&source.path, &texts[0]) {
                faults.push(format!("{}: {texts:?}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "not explained: {faults:#?}");
}

#[test]
fn errors_end_as_their_explanation_says() {
    let location = || "./warehouse".to_owned();
    let of_runs = [
        RunError::Overtaken {
            run_id: "20261126T010000000-7".into(),
            number: 7,
        },
        RunError::Worker("gone".to_owned()),
        RunError::NameTaken {
            name: "list".to_owned(),
        },
        RunError::Synthetic {
            location: location(),
        },
        RunError::Demonstration {
            location: location(),
            demonstration: true,
        },
        RunError::Reference {
            source_id: "nuts".to_owned(),
            file: "nuts.csv".to_owned(),
            cause: "NUTS_ID is no NUTS code".to_owned(),
        },
    ];
    let mut ends: Vec<(String, u8)> = of_runs
        .iter()
        .map(|error| (error.to_string(), error.exit_code()))
        .collect();
    let of_releases = [
        ReleaseError::Empty {
            location: location(),
        },
        ReleaseError::AsOf {
            text: "yesterday".to_owned(),
        },
        ReleaseError::Demonstration {
            demonstration: false,
            location: location(),
        },
        ReleaseError::Unreadable {
            path: "releases/00000001.json".to_owned(),
            reason: "it is cut off".to_owned(),
        },
    ];
    for error in of_releases {
        let text = error.to_string();
        ends.push((text, Failure::from(error).exit().code()));
    }
    for (text, exit) in ends {
        let explained = entry(code_of(&text).unwrap()).unwrap();
        assert!(explained.exit.contains(&exit), "{text}: {explained:?}");
    }
}

#[test]
fn the_message_with_more_of_its_words_wins() {
    let text = "source x: cannot read mapping.toml: gone; a source is a folder with source.toml, mapping.toml and sample/";
    assert_eq!(code_of(text), Some("source-unreadable"));
    assert_eq!(code_of("published release 1 in 2.83 s, 439163eba457"), None);
}

#[test]
fn an_unknown_code_has_a_nearest_one() {
    assert_eq!(entry("sorce-held").unwrap_err(), Some("source-held"));
    assert_eq!(entry("zzz").unwrap_err(), None);
    assert_eq!(entry("75").unwrap().exit, [Exit::Code(75).code()]);
}

const BEGIN: &str = "<!-- messages: begin -->\n";
const END: &str = "<!-- messages: end -->\n";

/// The table of all messages as the README has it.
fn table() -> String {
    let mut text = String::new();
    let mut area = "";
    for entry in messages() {
        if entry.area != area {
            area = &entry.area;
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n**About {area}**\n\n| code | exit | what it means | what to do |\n|---|---|---|---|\n"
            );
        }
        let (code, ends) = (&entry.code, entry.ends());
        let _ = writeln!(
            text,
            "| `{code}` | {ends} | {} | {} |",
            entry.means, entry.remedy
        );
    }
    text.push('\n');
    text
}

/// With `ESF_COMPLETE=1` the table is written anew, for review.
#[test]
fn the_readme_has_every_message() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme
        .split_once(BEGIN)
        .expect("the README marks its table");
    let (found, after) = rest.split_once(END).expect("the README marks its end");
    let expected = table();
    if std::env::var_os("ESF_COMPLETE").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
    } else {
        let advice =
            "the README's messages are old: ESF_COMPLETE=1 cargo test the_readme_has_every_message";
        assert!(found == expected, "{advice}");
    }
}
