//! The declared tables are whole, and a declaration that is none says why.

use arrow::datatypes::DataType;

use super::*;

fn parse(text: &str) -> Result<Table, SchemaError> {
    Table::parse(
        "thing",
        "tables/thing/table.toml",
        text,
        &Dictionary::load()?,
    )
}

fn with(columns: &str, rest: &str) -> String {
    format!(
        "layer = \"core\"\nvisibility = \"public\"\ngrain = \"thing\"\ndescription = \"Things.\"\n\
         provenance = \"row\"\ncolumns = [{columns}]\n{rest}"
    )
}

const KEYS: &str = "key = [\"title\"]\nsort = [\"source_id\", \"title\"]\n";

#[test]
fn every_declared_table_is_valid_and_can_be_found() {
    let loaded = load().expect("the declarations are valid");
    assert_eq!(loaded.len(), tables().len());
    for table in tables() {
        assert!(super::table(&table.name).is_some());
        let schema = table.arrow_schema();
        for field in schema.fields() {
            assert!(
                !field.metadata()["description"].is_empty(),
                "{}.{}",
                table.name,
                field.name()
            );
        }
    }
}

#[test]
fn the_tables_of_the_design_are_there() {
    let expected = "programme operation operation_history operation_fund operation_amount operation_region \
                    organisation organisation_name operation_organisation operation_target participation \
                    operation_match instrument instrument_label region region_change region_statistic \
                    exchange_rate price_level programme_absorption region_conversion code code_crosswalk source_file ignored_rows control_total quarantine finding run";
    for name in expected.split_whitespace() {
        assert!(table(name).is_some(), "table {name}");
    }
}

#[test]
fn every_row_can_be_traced_and_sources_lie_together() {
    // Tables of the mart are made of many rows.
    let of_rows = |table: &&Table| !matches!(table.layer, Layer::Mart | Layer::Run);
    for table in tables().iter().filter(of_rows) {
        for column in ["source_id", "source_file", "source_location"] {
            assert!(table.column(column).is_some(), "{}.{column}", table.name);
        }
        // An organisation is made of the rows of many sources and looked up by its id.
        let first = if table.name == "organisation" {
            "organisation_id"
        } else {
            "source_id"
        };
        assert_eq!(table.sort[0], first, "{}", table.name);
    }
}

#[test]
fn money_rates_and_weights_are_exact() {
    let field = |table: &str, column: &str| {
        super::table(table)
            .and_then(|t| t.column(column))
            .map(|c| c.column_type.arrow())
    };
    assert_eq!(
        field("operation_amount", "amount"),
        Some(DataType::Decimal128(18, 2))
    );
    assert_eq!(
        field("operation", "union_rate"),
        Some(DataType::Decimal128(9, 6))
    );
    assert_eq!(
        field("operation_region", "weight"),
        Some(DataType::Decimal128(9, 8))
    );
    assert_eq!(field("operation", "start_date"), Some(DataType::Date32));
}

#[test]
fn people_are_not_public() {
    assert_eq!(
        table("participation").map(|t| t.visibility),
        Some(Visibility::Restricted)
    );
    assert_eq!(
        table("disclosure_log").map(|t| t.visibility),
        Some(Visibility::Restricted)
    );
    for of_people in [
        "restricted_source_file",
        "restricted_ignored_rows",
        "restricted_finding",
    ] {
        assert_eq!(
            table(of_people).map(|t| t.visibility),
            Some(Visibility::Restricted),
            "{of_people}"
        );
    }
    // The number of rows of a file of people is a count of people: the public table must be able to leave it out.
    let files = table("source_file").expect("there");
    for told in [
        "bytes",
        "rows_read",
        "rows_loaded",
        "rows_quarantined",
        "rows_ignored",
    ] {
        assert!(files.column(told).expect(told).nullable, "{told}");
    }
    let cell = table("participation_cell").expect("there");
    assert_eq!(cell.visibility, Visibility::Public);
    assert!(cell.column("n_known").is_none());
    assert_eq!(
        table("quarantine").map(|t| t.visibility),
        Some(Visibility::Operator)
    );
}

#[test]
fn faults_say_where_and_what_is_expected() {
    let cases = [
        (
            with("\"nonesuch\"", KEYS),
            "column `nonesuch` is not in columns.toml",
        ),
        (
            with("\"title\", \"title?\"", KEYS),
            "column `title` stands there twice",
        ),
        (
            with("\"title\"", "key = [\"x\"]\nsort = [\"title\"]\n"),
            "`key` names `x`, which is no column",
        ),
        (
            with("\"title\"", "key = [\"title\"]\nsort = [\"source_id\"]\n"),
            "`sort` must contain the key column `title`",
        ),
        (with("\"title\"", "key = []\nsort = []\n"), "`key` is empty"),
        (
            with(
                "\"title\", { name = \"size\", type = \"int\", meaning = \"m\" }",
                KEYS,
            ),
            "`size` is numeric and needs a `unit`",
        ),
        (
            with(
                "\"title\", { name = \"size\", type = \"int\", unit = \"ells\", meaning = \"m\" }",
                KEYS,
            ),
            "has the unit `ells`, which is not in units.toml",
        ),
        (
            with(
                "\"title\", { name = \"price\", type = \"money\", unit = \"share\", meaning = \"m\" }",
                KEYS,
            ),
            "`price` is money",
        ),
        (
            with(
                "\"title\", { name = \"Größe\", type = \"text\", meaning = \"m\" }",
                KEYS,
            ),
            "`Größe` is no name",
        ),
        (
            with(
                "\"title\"",
                "key = [\"title\"]\nsort = [\"title\"]\ncolour = 1\n",
            ),
            "unknown field `colour`",
        ),
    ];
    for (text, expected) in cases {
        let message = parse(&text).expect_err("refused").to_string();
        assert!(
            message.starts_with("tables/thing/table.toml: "),
            "{message}"
        );
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_question_mark_makes_a_column_nullable() {
    let table = parse(&with("\"title\", \"summary?\"", KEYS)).expect("valid");
    assert!(!table.column("title").expect("there").nullable);
    assert!(table.column("summary").expect("there").nullable);
}
