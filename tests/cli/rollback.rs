//! What a night makes of files that a rollback left behind.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, declaration, declare_undated, file, loaded, night_ends, publish, report, rewrite, rows,
    status, stays,
};
use super::run;

const TOLD: &str = "the rollback that made release 3 (the list was cut off) left it behind; it is not used until another file \
                    comes";

/// Goes back to the first release.
fn back(folder: &Path) -> String {
    let reason = ["--reason", "the list was cut off"];
    let all = ["rollback", "1", "--warehouse", "w"];
    let (code, out, err) = run(folder, &[&all[..], &reason[..]].concat());
    assert_eq!(code, 0, "{out}{err}");
    out + &err
}

#[test]
fn what_a_publisher_still_has_is_taken_up_again_when_somebody_says_so() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    publish(folder, "a", "2020-01-01", 40, 1000);
    let from = folder.join("a.csv");
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        format!("{declared}[fetch]\nurl = \"file://{}\"\n", from.display())
    });
    for (release, operations) in [(1, 40), (2, 41)] {
        publish(folder, "a", "2020-01-01", operations, 1000);
        fs::rename(file(folder, "a", "2020-01-01"), &from).unwrap();
        let printed = night_ends(folder, &["--fetch"], 0);
        let published = format!("published release {release} ");
        assert!(printed.contains(&published), "{printed}");
    }
    let printed = back(folder);
    let told = "leaves aside what later ones had brought in, of de_xx_a, until another file comes";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    for more in [&["--fetch"][..], &["--fetch", "--full"][..]] {
        let printed = stays(folder, &[more, &["--report", "out"][..]].concat(), 3);
        assert!(printed.contains(TOLD), "{printed}");
        assert!(
            printed.contains("[esf explain file-left-behind]"),
            "{printed}"
        );
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    }
    let states = report(folder)["sources"].to_string();
    assert!(states.contains("\"rolled_back\""), "{states}");
    assert!(status(folder).contains(",rolled back,"));

    let accept = ["--fetch", "--accept", "de_xx_a=it is whole after all"];
    let printed = night_ends(folder, &accept, 0);
    assert!(printed.contains("published release 4 "), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
    let printed = stays(folder, &["--fetch"], 4);
    assert!(!printed.contains("left it behind"), "{printed}");
}

#[test]
fn what_lies_in_a_folder_is_not_used_also_once_a_newer_file_has_come() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 41, 1100);
    night_ends(folder, &[], 0);
    back(folder);
    let printed = stays(folder, &[], 3);
    assert!(printed.contains(TOLD), "{printed}");
    assert!(!printed.contains("no current file"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,40"]);

    let behind = fs::read(file(folder, "a", "2020-02-01")).unwrap();
    publish(folder, "a", "2020-03-01", 42, 1200);
    fs::write(file(folder, "a", "2020-02-01"), behind).unwrap();
    let printed = night_ends(folder, &[], 0);
    assert!(printed.contains("published release 4 "), "{printed}");
    assert!(!printed.contains("left it behind"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,42", "de_xx_b,40"]);
    let history = "SELECT count(*) FROM operation_history WHERE source_id = 'de_xx_a'";
    assert_eq!(rows(folder, history), ["40"], "of the first file alone");
    let printed = stays(folder, &[], 4);
    assert!(!printed.contains("left it behind"), "{printed}");

    // Who goes back once more leaves the newer one behind as well.
    back(folder);
    let printed = night_ends(folder, &[], 0);
    assert!(
        printed.contains("nothing has changed since release 5 "),
        "{printed}"
    );
    for told in [
        "a_2020-02-01.csv: the rollback that made release 3 ",
        "a_2020-03-01.csv: the rollback that made release 5 ",
    ] {
        assert!(printed.contains(told), "{printed}");
    }
}
