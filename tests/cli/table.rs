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
fn list_has_every_table_and_view() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["table", "list"]);
    assert_eq!(code, 0);
    // A view whose rows a release holds is a table there, and declared as one.
    let views = esf_queries::views().iter();
    let views = views.filter(|view| esf_schemas::table(&view.name).is_none());
    assert_eq!(
        out.lines().count(),
        esf_schemas::tables().len() + views.count() + 1
    );
    for part in [
        "\noperation,table,",
        "\noperation_place,table,",
        "\nfunding,view,amount of an operation,",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_view_is_shown_as_one_with_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(
        folder.path(),
        &["table", "show", "funding", "--format", "table"],
    );
    assert_eq!(code, 0, "{err}");
    for part in [
        "funding: Funding with its operation and beneficiary. ",
        "one row per amount of an operation; a view over the tables",
        "amount_kind",
        "beneficiary",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, _, err) = run(folder.path(), &["table", "show", "fundng"]);
    assert!(code == 2 && err.contains("did you mean funding?"), "{err}");
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
