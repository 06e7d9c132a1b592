//! `esf.toml`, variables and flags, in the order in which they win.

use super::made::warehouse;
use super::{esf, run, seen};

#[test]
fn an_unknown_key_is_usage_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("esf.toml"), "# here\nwarehose = 'x'\n").unwrap();
    let (code, _, err) = run(folder.path(), &["releases"]);
    assert_eq!(code, 2);
    assert_eq!(
        err,
        "error: esf.toml line 2: unknown key \"warehose\"\n  did you mean \"warehouse\"?\n"
    );
}

#[test]
fn flags_win_over_variables_and_these_over_the_file() {
    let (folder, path) = warehouse();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(
        elsewhere.path().join("esf.toml"),
        "warehouse = './nowhere'\n",
    )
    .unwrap();
    let ask = ["sql", "SELECT count(*) AS n FROM operation"];
    let (code, _, err) = run(elsewhere.path(), &ask);
    assert_eq!(code, 2);
    assert!(
        err.contains("nothing is published in ./nowhere yet"),
        "{err}"
    );
    let (code, out, _) = seen(
        &esf(elsewhere.path())
            .args(ask)
            .env("ESF_WAREHOUSE", &path)
            .output()
            .unwrap(),
    );
    assert_eq!((code, out.as_str()), (0, "n\n2\n"));
    let mut both = esf(elsewhere.path());
    let both = both
        .args(ask)
        .arg("--warehouse")
        .arg(&path)
        .env("ESF_WAREHOUSE", "./nowhere");
    assert_eq!(seen(&both.output().unwrap()).0, 0);
    drop(folder);
}

#[test]
fn restricted_tables_lie_in_the_store_that_stands_beside_the_warehouse() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("mirror")).unwrap();
    let head = "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,labour_status,\
                disability,foreign_background,status_on_leaving,status_6_months\n";
    let row = |n: u32| {
        format!(
            ",2014DE05SFOP004,pseudonym-{n},DE2,2016-03-01,,f,30,isced_3_4,unemployed,no,no,,\n"
        )
    };
    let rows: String = (0..13).map(row).collect();
    std::fs::write(path("mirror/participant_made.csv"), format!("{head}{rows}")).unwrap();
    std::fs::write(
        path("esf.toml"),
        "warehouse = 'w'\nrestricted = 'apart'\nmirrors = ['mirror']\n",
    )
    .unwrap();
    let doctor = |arguments: &[&str]| {
        let all = [&["doctor", "--format", "csv"][..], arguments].concat();
        run(folder.path(), &all).1
    };
    let out = doctor(&[]);
    let warned = "restricted store,warning,there is no apart yet";
    assert!(out.contains(warned) && !path("apart").exists(), "{out}");

    let (code, out, err) = run(folder.path(), &["nightly"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(path("apart/restricted/participant").is_dir(), "{out}{err}");
    assert!(!path("w/restricted").exists());
    assert_eq!(run(folder.path(), &["verify"]).0, 0);
    // However the folder is written.
    for arguments in [&[][..], &["--warehouse", "./w/"]] {
        let out = doctor(arguments);
        for line in ["restricted store,ok,", "restricted files,ok,"] {
            assert!(out.contains(line), "{line}: {out}");
        }
    }
    let out = doctor(&["--warehouse", "other"]);
    for line in [
        "esf.toml,warning,apart is the restricted store of w and not used for other",
        "restricted store,ok,",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }

    for (toml, part) in [
        (
            "restricted = 'apart'\n",
            "a restricted store and no warehouse",
        ),
        (
            "warehouse = 'w'\nrestricted = './w'\n",
            "the warehouse itself as its restricted store",
        ),
    ] {
        std::fs::write(path("esf.toml"), toml).unwrap();
        let (code, _, err) = run(folder.path(), &["releases"]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(part), "{err}");
    }
}

#[test]
fn without_any_configuration_the_warehouse_beside_is_read() {
    let (folder, _) = warehouse();
    let (code, out, _) = run(
        folder.path(),
        &["sql", "SELECT count(*) AS n FROM operation"],
    );
    assert_eq!((code, out.as_str()), (0, "n\n2\n"));
}
