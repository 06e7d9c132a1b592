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
fn without_any_configuration_the_warehouse_beside_is_read() {
    let (folder, _) = warehouse();
    let (code, out, _) = run(
        folder.path(),
        &["sql", "SELECT count(*) AS n FROM operation"],
    );
    assert_eq!((code, out.as_str()), (0, "n\n2\n"));
}
