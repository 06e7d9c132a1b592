//! The views that questions stand on: one folder each under `views/`, a `view.toml` that says what a row is and a
//! `view.sql`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use datafusion::error::Result;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::DFParser;
use datafusion::sql::resolve::resolve_table_references;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "views/"]
struct Folders;

/// A view over the core tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Name in SQL.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What one row is.
    pub grain: String,
    /// What it is for, and what it leaves out.
    pub description: String,
    /// Its query.
    pub sql: String,
    /// Whether a release holds its rows as a table, which is then read instead.
    pub stored: bool,
    /// Whether it takes so long that where several questions are asked at once, it is asked for its rows once.
    pub costly: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewToml {
    title: String,
    grain: String,
    description: String,
    #[serde(default)]
    stored: bool,
    #[serde(default)]
    costly: bool,
}

/// All views, by name.
pub fn views() -> &'static [View] {
    static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
        let text = |path: &str| {
            let file = Folders::get(path)?;
            String::from_utf8(file.data.into_owned()).ok()
        };
        let mut views: Vec<View> = Folders::iter()
            .filter_map(|path| {
                let name = path.strip_suffix("/view.toml")?;
                let declared: ViewToml = toml::from_str(&text(&path)?).ok()?;
                Some(View {
                    name: name.to_string(),
                    title: declared.title,
                    grain: declared.grain,
                    description: declared.description,
                    sql: text(&format!("{name}/view.sql"))?,
                    stored: declared.stored,
                    costly: declared.costly,
                })
            })
            .collect();
        views.sort_by(|a, b| a.name.cmp(&b.name));
        views
    });
    &VIEWS
}

/// Whether a text names something as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

/// Adds the views that a statement names, and those they stand on, to a session; planning views that nobody asks for
/// would cost every short question some milliseconds. Fails if a core table that a view needs is not registered.
pub async fn register_named(ctx: &SessionContext, statement: &str) -> Result<()> {
    let mut ordered: Vec<&View> = Vec::new();
    let mut seen = BTreeSet::new();
    for view in views() {
        // A stored view, and what it stands on, is there already.
        if ctx.table_exist(view.name.as_str())? {
            seen.insert(view.name.as_str());
        }
    }
    gather(&statement.to_lowercase(), &mut seen, &mut ordered);
    for view in ordered {
        let plan = ctx.sql(&view.sql).await?.into_view();
        ctx.register_table(view.name.as_str(), plan)?;
    }
    Ok(())
}

/// The costly views that a statement stands on, each behind those it stands on itself.
pub(crate) fn costly_of(statement: &str) -> impl Iterator<Item = &'static View> {
    let mut named = Vec::new();
    gather(&statement.to_lowercase(), &mut BTreeSet::new(), &mut named);
    named.into_iter().filter(|view| view.costly)
}

/// The views that statements stand on, each behind those it stands on itself. One that a release stores is a table of it.
pub(crate) fn beneath(statements: &str) -> Vec<&'static View> {
    let stored = views().iter().filter(|view| view.stored);
    let mut seen: BTreeSet<&str> = stored.map(|view| view.name.as_str()).collect();
    let mut named = Vec::new();
    gather(&statements.to_lowercase(), &mut seen, &mut named);
    named
}

/// The tables that a statement reads, those below views among them; a stored view counts as a table.
pub(crate) fn tables_of(statement: &str) -> Result<BTreeSet<String>> {
    let mut tables = BTreeSet::new();
    for statement in DFParser::parse_sql(statement)? {
        for table in resolve_table_references(&statement, true)?.0 {
            match views().iter().find(|view| view.name == table.table()) {
                Some(view) if !view.stored => tables.extend(tables_of(&view.sql)?),
                _ => {
                    tables.insert(table.table().to_owned());
                }
            }
        }
    }
    Ok(tables)
}

/// A statement without what is said about it behind `--`; two hyphens in quotes begin no comment.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut quote = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        if matches!(c, '\'' | '"') {
            quote = match quote {
                None => Some(c),
                // A doubled quote closes and opens again.
                Some(open) if open == c => None,
                within => within,
            };
        }
        code.push(c);
        rest = &rest[c.len_utf8()..];
    }
    code
}

/// Views that a text names, each behind those it stands on.
fn gather<'v>(text: &str, seen: &mut BTreeSet<&'v str>, ordered: &mut Vec<&'v View>) {
    let text = &without_comments(text);
    for view in views() {
        if names(text, &view.name) && seen.insert(&view.name) {
            gather(&view.sql, seen, ordered);
            ordered.push(view);
        }
    }
}

#[cfg(test)]
mod amount_year_tests;

#[cfg(test)]
mod tests {
    use datafusion::arrow::util::pretty::pretty_format_batches;

    use super::*;
    use crate::testing::session;

    #[test]
    fn every_view_says_what_a_row_is() {
        assert!(views().len() > 4);
        assert!(
            views()
                .iter()
                .all(|v| !v.grain.is_empty() && v.sql.starts_with("-- Grain: "))
        );
    }

    #[test]
    fn names_are_whole_words() {
        assert!(names("select 1 from funding", "funding"));
        assert!(!names("select funding_paid from x", "funding"));
    }

    #[test]
    fn comments_name_nothing_and_texts_begin_none() {
        let text = "SELECT '--', x -- of the funding\nFROM funding_paid -- end";
        assert_eq!(
            without_comments(text),
            "SELECT '--', x \nFROM funding_paid "
        );
        assert!(names(
            &without_comments("SELECT 'it''s --' FROM funding"),
            "funding"
        ));
    }

    #[test]
    fn views_beneath_a_statement_come_in_order_and_stored_ones_not_at_all() {
        let named = |text: &str| -> Vec<&'static str> {
            beneath(text)
                .iter()
                .map(|view| view.name.as_str())
                .collect()
        };
        // Dimensions stand on places, which a release stores.
        assert_eq!(
            named("SELECT * FROM OPERATION_DIMENSION"),
            ["operation_dimension"]
        );
        let years = named("SELECT * FROM amount_year -- and funding");
        let at = |name: &str| years.iter().position(|found| *found == name);
        assert!(at("price_index") < at("amount_year"), "{years:?}");
        assert!(at("price_index").is_some() && at("funding").is_none());
    }

    async fn shown(question: &str) -> Result<String> {
        let ctx = session().await?;
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        Ok(pretty_format_batches(&rows)?.to_string())
    }

    #[tokio::test]
    async fn an_operation_in_two_lists_counts_once_and_aggregates_do_not() -> Result<()> {
        let shown = shown("SELECT operation_id FROM counted_operation").await?;
        assert!(shown.contains("| a ") && !shown.contains("| a2 ") && !shown.contains("| many "));
        Ok(())
    }

    #[tokio::test]
    async fn kronor_are_converted_at_the_averages_of_their_years() -> Result<()> {
        // 366 days of 2020 at 10.0, 365 of 2021 at 12.5.
        let expected = 731_000.0 * (366.0 / 731.0 / 10.0 + 365.0 / 731.0 / 12.5);
        let shown = shown(
            "SELECT amount_eur, fx_method FROM amount_eur WHERE operation_id = 's' AND currency = 'SEK'",
        )
        .await?;
        assert!(
            shown.contains(&format!("{expected:.2}")),
            "{shown} {expected}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn stocks_of_regions_that_became_one_are_added_up_if_all_are_there() -> Result<()> {
        let shown = shown("SELECT nuts_code, persons FROM region_stock ORDER BY 1").await?;
        assert!(shown.contains("| DE502     | 25.0 "), "{shown}");
        assert!(!shown.contains("DE500"), "{shown}");
        Ok(())
    }

    /// The rows of a question over the made-up release with stocks of registered unemployed persons of further years.
    async fn with_stocks(stocks: &[(&str, i32, i32)], question: &str) -> Result<String> {
        let ctx = session().await?;
        for (region, year, persons) in stocks {
            let sql = format!(
                "INSERT INTO region_statistic VALUES ('made', 'registered_unemployed', '{region}', '2021', '{region}', 'x',
                    DATE '{year}-01-01', DATE '{year}-12-31', 'total', 'total', 'total', CAST({persons} AS DECIMAL(18, 4)),
                    'ok', 'persons', NULL, 'f', 'l')"
            );
            ctx.sql(&sql).await?.collect().await?;
        }
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        Ok(pretty_format_batches(&rows)?.to_string())
    }

    #[tokio::test]
    async fn a_year_counts_where_half_of_the_regions_have_a_stock() -> Result<()> {
        // Of DE, DE300 and DE502, which have one of 2016, two have one of 2017, and one of 2018.
        let stocks = [("DE", 2017, 3000), ("DE300", 2017, 300), ("DE300", 2018, 9)];
        let question = "SELECT year, years FROM stock_year WHERE country = 'DE' ORDER BY 1";
        let shown = with_stocks(&stocks, question).await?;
        assert!(shown.contains("| 2016 | 2     |"), "{shown}");
        assert!(shown.contains("| 2017 | 2     |"), "{shown}");
        assert!(!shown.contains("2018"), "{shown}");
        // The stocks of both years; DE502 has one of a single year.
        let question = "SELECT nuts_code, persons, person_years FROM region_stock ORDER BY 1";
        let shown = with_stocks(&stocks, question).await?;
        assert!(shown.contains("| DE        | 2000.0  | 4000.0 "), "{shown}");
        assert!(shown.contains("| DE300     | 250.0   | 500.0 "), "{shown}");
        assert!(!shown.contains("DE502"), "{shown}");
        Ok(())
    }

    /// The rows of a question over the made-up release after these statements.
    async fn after(statements: &[&str], question: &str) -> Result<String> {
        let ctx = session().await?;
        for sql in statements {
            ctx.sql(sql).await?.collect().await?;
        }
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        Ok(pretty_format_batches(&rows)?.to_string())
    }

    #[tokio::test]
    async fn a_region_that_is_not_divided_is_its_only_part() -> Result<()> {
        let shown = shown("SELECT * FROM only_subregion ORDER BY 1, 2").await?;
        for row in [
            "| DE3       | 3     | DE300 ",
            "| DE30      | 3     | DE300 ",
            "| DE6       | 3     | DE600 ",
            "| DE60      | 3     | DE600 ",
            "| SE11      | 3     | SE110 ",
        ] {
            assert!(shown.contains(row), "{shown}");
        }
        // Of Bayern and SE12 one district is known, which is not all of them; Bremen has two. Header and five rows.
        assert_eq!(shown.lines().count(), 9, "{shown}");
        Ok(())
    }

    #[tokio::test]
    async fn places_are_led_to_the_finest_region_and_kept_in_the_country_that_pays() -> Result<()> {
        // In a Land as a whole that is one district, and in one that is not; abroad; in four parts that are two regions.
        let statements = [
            "INSERT INTO operation (operation_id, is_aggregate, country, list_id) VALUES
                ('land', false, 'DE', 'l1'), ('part', false, 'DE', 'l1'), ('abroad', false, 'DE', 'l1'),
                ('four', false, 'DE', 'l1')",
            "INSERT INTO operation_region VALUES
                ('land', 'implementation', 'DE3', '2024', 1, 'whole list'),
                ('part', 'implementation', 'DE2', '2024', 1, 'whole list'),
                ('abroad', 'implementation', 'SE110', '2024', 1, 'postcode'),
                ('four', 'implementation', 'DE3', '2024', 0.25, 'equal'),
                ('four', 'implementation', 'DE300', '2024', 0.25, 'equal'),
                ('four', 'implementation', 'AT', '2024', 0.25, 'equal'),
                ('four', 'implementation', 'DE', '2024', 0.25, 'equal')",
        ];
        let shown = after(
            &statements,
            "SELECT operation_id, nuts_code, weight, is_first FROM operation_place
            WHERE operation_id IN ('land', 'part', 'abroad', 'four')",
        )
        .await?;
        for row in [
            "| land         | DE300     | 1.00000000 | true ",
            "| part         | DE2       | 1.00000000 | true ",
            "| abroad       | DE        | 1.00000000 | true ",
            "| four         | DE        | 0.50000000 | true ",
            "| four         | DE300     | 0.50000000 | false ",
        ] {
            assert!(shown.contains(row), "{row}: {shown}");
        }
        assert_eq!(shown.lines().count(), 9, "{shown}");
        Ok(())
    }

    #[tokio::test]
    async fn a_region_has_the_stock_of_the_nearest_one_that_it_is_as_a_whole() -> Result<()> {
        let hamburg = "INSERT INTO region VALUES ('DE60', '2024', 2, 'Hamburg', 'DE')";
        let same =
            "INSERT INTO region_conversion VALUES ('DE6', '2021', 'DE6', '2024', 'same', NULL),
            ('DE60', '2021', 'DE60', '2024', 'same', NULL)";
        let stock = |region: &str, persons: i32| {
            format!(
                "INSERT INTO region_statistic VALUES ('made', 'registered_unemployed', '{region}', '2021', '{region}', 'x',
                    DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST({persons} AS DECIMAL(18, 4)),
                    'ok', 'persons', NULL, 'f', 'l')"
            )
        };
        let (of_land, of_nuts_2) = (stock("DE6", 90), stock("DE60", 80));
        let question =
            "SELECT nuts_code, persons FROM region_stock_year WHERE nuts_code LIKE 'DE6%'";
        let shown = after(&[hamburg, same, &of_land], question).await?;
        for row in [
            "| DE6       | 90.0 ",
            "| DE60      | 90.0 ",
            "| DE600     | 90.0 ",
        ] {
            assert!(shown.contains(row), "{shown}");
        }
        assert_eq!(shown.lines().count(), 7, "{shown}");
        let shown = after(&[hamburg, same, &of_land, &of_nuts_2], question).await?;
        for row in [
            "| DE6       | 90.0 ",
            "| DE60      | 80.0 ",
            "| DE600     | 80.0 ",
        ] {
            assert!(shown.contains(row), "{shown}");
        }
        assert_eq!(shown.lines().count(), 7, "{shown}");
        Ok(())
    }

    #[tokio::test]
    async fn days_of_an_operation_are_those_in_the_years_that_count() -> Result<()> {
        let ctx = session().await?;
        // d: the last day of 2016 and two of 2017. e: all in 2017. f ends before it begins. g: 41 years and more.
        let sql = "INSERT INTO operation (operation_id, is_aggregate, country, list_id, start_date, end_date) VALUES
            ('d', false, 'DE', 'l1', DATE '2016-12-31', DATE '2017-01-02'),
            ('e', false, 'DE', 'l1', DATE '2017-01-01', DATE '2017-12-31'),
            ('f', false, 'DE', 'l1', DATE '2016-02-01', DATE '2016-01-31'),
            ('g', false, 'DE', 'l1', DATE '1975-01-01', DATE '2016-12-31')";
        ctx.sql(sql).await?.collect().await?;
        let question =
            "SELECT operation_id, stock_days, operation_days FROM operation_stock_day ORDER BY 1";
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        let shown = pretty_format_batches(&rows)?.to_string();
        for row in [
            "| a            | 366        | 366 ",
            "| b            | 31         | 31 ",
            "| d            | 1          | 3 ",
        ] {
            assert!(shown.contains(row), "{shown}");
        }
        // Nothing of c, which has no dates, of s, whose country has no stocks, nor of the others: header and three rows.
        assert_eq!(shown.lines().count(), 7, "{shown}");
        Ok(())
    }

    #[tokio::test]
    async fn parts_of_an_amount_add_up_to_it_to_the_cent() -> Result<()> {
        // An odd cent is given to the first of two equal parts.
        let ctx = session().await?;
        let sql =
            "INSERT INTO operation_amount VALUES ('a', 'paid', 'eu', 0.33, 'EUR', false, NULL)";
        ctx.sql(sql).await?.collect().await?;
        let question = "SELECT nuts_code, amount, amount_eur FROM amount_region WHERE amount_kind = 'paid' ORDER BY 1";
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        let shown = pretty_format_batches(&rows)?.to_string();
        assert!(shown.contains("| DE21H     | 0.17   | 0.17 "), "{shown}");
        assert!(shown.contains("| DE300     | 0.16   | 0.16 "), "{shown}");
        Ok(())
    }

    #[tokio::test]
    async fn an_instrument_has_the_basis_and_the_name_of_its_day() -> Result<()> {
        let ctx = session().await?;
        for sql in [
            "CREATE TABLE instrument AS SELECT * FROM (VALUES
                ('AGH', 'Arbeitsgelegenheit', '§16(3)', DATE '2005-01-01', DATE '2008-12-31', '6'),
                ('AGH', 'Arbeitsgelegenheit', '§16d', DATE '2009-01-01', NULL, '6'))
                AS made (instrument_id, name, legal_basis, valid_from, valid_to, lmp_category)",
            "CREATE TABLE instrument_label AS SELECT * FROM (VALUES
                ('AGH', '1-Euro-Job', 'DE3', CAST(NULL AS DATE), DATE '2009-12-31'),
                ('AGH', 'Integrationsjob', 'DE30', DATE '2010-01-01', NULL))
                AS made (instrument_id, label, nuts_code, valid_from, valid_to)",
            "INSERT INTO operation VALUES ('i1', false, 'I', 'DE', 'DE300', '2007-2013', 'ESF', NULL, NULL, NULL, 'AGH', 'l1',
                NULL, DATE '2008-05-01', DATE '2008-12-31')",
            "INSERT INTO operation VALUES ('i2', false, 'I', 'DE', 'DE300', '2007-2013', 'ESF', NULL, NULL, NULL, 'AGH', 'l1',
                NULL, DATE '2011-05-01', DATE '2011-12-31')",
            "INSERT INTO operation VALUES ('i3', false, 'I', 'DE', 'DE300', '2007-2013', 'ESF', NULL, NULL, NULL, 'AGH', 'l1',
                NULL, NULL, NULL)",
        ] {
            ctx.sql(sql).await?.collect().await?;
        }
        let question = "SELECT operation_id, legal_basis, lmp_category, local_name FROM operation_instrument ORDER BY 1";
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        let shown = pretty_format_batches(&rows)?.to_string();
        assert!(
            shown.contains("| i1           | §16(3)      | 6            | 1-Euro-Job "),
            "{shown}"
        );
        assert!(
            shown.contains("| i2           | §16d        | 6            | Integrationsjob "),
            "{shown}"
        );
        assert!(
            shown.contains("| i3           |             | 6            |  "),
            "{shown}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn what_cannot_be_converted_says_why() -> Result<()> {
        let shown = shown(
            "SELECT operation_id, amount_eur, fx_method FROM amount_eur WHERE amount_eur IS NULL ORDER BY 1",
        )
        .await?;
        assert!(shown.contains("no dates"), "{shown}");
        Ok(())
    }
}
