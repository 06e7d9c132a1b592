//! `esf table`: the declarations, readable without any warehouse.

use super::run;

#[test]
fn show_prints_columns_units_and_definitions() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(
        folder.path(),
        &["table", "show", "operation_amount", "--format", "table"],
    );
    assert_eq!(code, 0);
    insta::assert_snapshot!(out);
}

#[test]
fn show_operation_is_the_declaration_of_every_column() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["table", "show", "operation"]);
    assert_eq!(code, 0);
    let names = out
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect::<Vec<_>>();
    let declared = esf_schemas::table("operation")
        .unwrap()
        .columns
        .iter()
        .map(|column| column.name.as_str());
    assert_eq!(names, declared.collect::<Vec<_>>());
}

#[test]
fn list_has_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["table", "list"]);
    assert_eq!(code, 0);
    assert_eq!(out.lines().count(), esf_schemas::tables().len() + 1);
}

#[test]
fn an_unknown_table_is_usage_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = run(folder.path(), &["table", "show", "opration"]);
    assert_eq!(
        (code, err.as_str()),
        (
            2,
            "error: there is no table \"opration\"\n  did you mean operation?\n"
        )
    );
}
