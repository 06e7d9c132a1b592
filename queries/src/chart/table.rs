//! The table of the page: every number that the pictures show, and those they do not: interval, cases, coverage, rank
//! interval, flags. A column is there if any row has something in it. Numbers carry all their digits for programs.

use std::fmt::Write as _;

use crate::chart::{
    comparison::{Comparison, Row, Seen},
    format::Format,
    svg::escape,
    text::{absence, fill},
};

/// Columns of the table beside the name and the value, shown if any row has something in them.
struct Column {
    title: &'static str,
    class: &'static str,
    cells: Vec<String>,
}

/// What the table is called: it has all rows, or the first of them.
pub(crate) fn title(comparison: &Comparison) -> String {
    let words = comparison.language.words();
    let (listed, all) = (comparison.rows.len(), comparison.counted().count());
    if listed == all {
        words.table.to_owned()
    } else {
        fill(
            words.first_numbers,
            &[&listed.to_string(), &all.to_string()],
        )
    }
}

/// The table of the numbers that are listed.
pub(crate) fn table(comparison: &Comparison, format: &Format) -> String {
    let words = format.words();
    let rows = &comparison.rows;
    let column = |title, class, cell: &dyn Fn(&Row) -> Option<String>| Column {
        title,
        class,
        cells: rows
            .iter()
            .map(|row| cell(row).unwrap_or_default())
            .collect(),
    };
    let code = column(words.code, "code", &|row| {
        (row.key != row.label).then(|| row.key.clone())
    });
    let columns: Vec<Column> = [
        column(words.interval, "num", &|row| match row.seen() {
            Seen::Value(_, Some(bounds)) => Some(format.interval(bounds)),
            _ => None,
        }),
        column(words.cases, "num", &|row| {
            row.cases().map(|n| format.count(n))
        }),
        column(words.coverage, "num", &|row| {
            row.covered().map(|c| format.share(c))
        }),
        column(words.rank, "num", &|row| {
            row.ranks().map(|(low, high)| format!("{low}–{high}"))
        }),
        column(words.flags, "note", &|row| {
            let flags: Vec<String> = row
                .flags
                .iter()
                .map(|flag| comparison.language.flag(flag))
                .collect();
            (!flags.is_empty()).then(|| flags.join("; "))
        }),
    ]
    .into_iter()
    .filter(|column| column.cells.iter().any(|cell| !cell.is_empty()))
    .collect();
    let coded = code.cells.iter().any(|cell| !cell.is_empty());

    let head = |title: &str, class: &str| {
        format!("<th scope=\"col\" class=\"{class}\">{}</th>", escape(title))
    };
    let mut html = format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n",
        title(comparison)
    );
    let _ = write!(
        html,
        "<caption>{}</caption>\n<thead><tr>",
        escape(&caption(comparison))
    );
    html.push_str(&head(words.name, "name"));
    if coded {
        html.push_str(&head(code.title, code.class));
    }
    html.push_str(&head(words.value, "num"));
    for column in &columns {
        html.push_str(&head(column.title, column.class));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for (i, row) in rows.iter().enumerate() {
        let _ = write!(
            html,
            "<tr><th scope=\"row\" class=\"name\">{}</th>",
            escape(&row.label)
        );
        if coded {
            let _ = write!(html, "<td class=\"code\">{}</td>", escape(&code.cells[i]));
        }
        html.push_str(&value_cell(row, format));
        for column in &columns {
            let _ = write!(
                html,
                "<td class=\"{}\">{}</td>",
                column.class,
                escape(&column.cells[i])
            );
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n");
    if let Some(whole) = comparison.whole() {
        let before = if coded { "<td></td>" } else { "" };
        let _ = write!(
            html,
            "<tfoot><tr><th scope=\"row\" class=\"name\">{}</th>{before}<td>{}</td>",
            words.overall,
            exact(whole, format)
        );
        html.push_str(&"<td></td>".repeat(columns.len()));
        html.push_str("</tr></tfoot>\n");
    }
    html + "</table>\n</div>\n"
}

fn caption(comparison: &Comparison) -> String {
    let unit = comparison.language.unit(&comparison.unit);
    if unit.is_empty() {
        comparison.title.clone()
    } else {
        format!("{} ({unit})", comparison.title)
    }
}

/// A number as people read it, with all its digits for programs.
fn exact(value: f64, format: &Format) -> String {
    format!(
        "<data value=\"{value:?}\">{}</data>",
        escape(&format.value(value))
    )
}

fn value_cell(row: &Row, format: &Format) -> String {
    match row.seen() {
        Seen::Value(value, _) => format!("<td class=\"num\">{}</td>", exact(value, format)),
        _ => format!(
            "<td class=\"absent\">{}</td>",
            escape(&absence(row, format.words()))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::testing::of;

    #[test]
    fn columns_without_content_are_left_out() {
        let plain = of(vec![Row::shown("A", "A", 1.5)]);
        let html = table(&plain, &Format::of(&plain));
        assert_eq!(html.matches("<th scope=\"col\"").count(), 2);
        let coded = of(vec![
            Row::shown("DE1", "A", 1.5),
            Row {
                n: Some(3),
                ..Row::shown("B", "B", 2.5)
            },
        ]);
        let html = table(&coded, &Format::of(&coded));
        assert_eq!(html.matches("<th scope=\"col\"").count(), 4);
    }

    #[test]
    fn every_row_has_as_many_cells_as_the_head() {
        let mut comparison = of(vec![
            Row {
                n: Some(3),
                coverage: Some(0.5),
                flags: vec!["small_n".into()],
                ..Row::shown("DE1", "A", 1.5)
            },
            Row::suppressed("DE2", "B"),
        ]);
        comparison.overall = Some(2.0);
        let html = table(&comparison, &Format::of(&comparison));
        let cells = |line: &str| line.matches("<td").count() + line.matches("<th ").count();
        let counts: Vec<usize> = html.lines().map(cells).filter(|&count| count > 0).collect();
        assert_eq!(counts, [6; 4]);
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        let comparison = of(vec![Row::shown("A", "A", 1_234.567_891)]);
        let html = table(&comparison, &Format::of(&comparison));
        assert!(html.contains("<data value=\"1234.567891\">1,235</data>"));
    }
}
