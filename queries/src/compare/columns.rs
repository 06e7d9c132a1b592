//! The answer as a table: what its columns are called and mean, and what they hold. It is the same as data, as a file and as a table
//! in SQL. A suppressed row has a key, a name and nothing that it counts.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::error::ArrowError;

use crate::chart::{Comparison, Row, Status};

/// What a column holds of a row.
enum Cells {
    Texts(fn(&Comparison, &Row) -> Option<String>),
    Numbers(fn(&Comparison, &Row) -> Option<f64>),
    Counts(fn(&Comparison, &Row) -> Option<i64>),
}

/// A column of the table.
struct Column {
    name: &'static str,
    /// Its unit, of those that the schemas declare.
    unit: Option<&'static str>,
    meaning: &'static str,
    nullable: bool,
    cells: Cells,
}

/// What stands in the unit's column of the same row.
const OF_ROW: Option<&str> = Some("statistic_unit");

static COLUMNS: [Column; 14] = [
    Column {
        name: "key",
        unit: None,
        meaning: "Code of what is compared, such as a NUTS code",
        nullable: false,
        cells: Cells::Texts(|_, row| Some(row.key.clone())),
    },
    Column {
        name: "label",
        unit: None,
        meaning: "Its name in the language of the question",
        nullable: false,
        cells: Cells::Texts(|_, row| Some(row.label.clone())),
    },
    Column {
        name: "value",
        unit: OF_ROW,
        meaning: "The metric's value; null where there is none or it is suppressed, as status and reason say",
        nullable: true,
        cells: Cells::Numbers(|_, row| row.number()),
    },
    Column {
        name: "lower",
        unit: OF_ROW,
        meaning: "Lower bound of the value's interval, where the metric has one",
        nullable: true,
        cells: Cells::Numbers(|_, row| row.number().and(row.lower)),
    },
    Column {
        name: "upper",
        unit: OF_ROW,
        meaning: "Upper bound of the value's interval, where the metric has one",
        nullable: true,
        cells: Cells::Numbers(|_, row| row.number().and(row.upper)),
    },
    Column {
        name: "n",
        unit: None,
        meaning: "Cases that the value stands on: operations, or persons where the metric is a share of persons",
        nullable: true,
        cells: Cells::Counts(|_, row| row.cases()),
    },
    Column {
        name: "coverage",
        unit: Some("share"),
        meaning: "Share of the row's operations, money, counts or figures that the value could be computed from",
        nullable: true,
        cells: Cells::Numbers(|_, row| row.covered()),
    },
    Column {
        name: "unallocated_share",
        unit: Some("share"),
        meaning: "Share of all that is shared out over the rows (operations, money, counts of people or published figures, as `esf metric show` says) that no row could be given; it is that of the question, and the same in every row, 0 where every part has a row, and null where nothing is shared out",
        nullable: true,
        cells: Cells::Numbers(|about, _| about.unallocated_share.filter(|share| share.is_finite())),
    },
    Column {
        name: "rank_best",
        unit: Some("rank"),
        meaning: "Best rank that the interval allows, the highest value having rank 1",
        nullable: true,
        cells: Cells::Counts(|_, row| row.ranks().map(|ranks| i64::from(ranks.0))),
    },
    Column {
        name: "rank_worst",
        unit: Some("rank"),
        meaning: "Worst rank that the interval allows, the highest value having rank 1",
        nullable: true,
        cells: Cells::Counts(|_, row| row.ranks().map(|ranks| i64::from(ranks.1))),
    },
    Column {
        name: "status",
        unit: None,
        meaning: "ok, missing, or suppressed by disclosure control",
        nullable: false,
        cells: Cells::Texts(|_, row| {
            let status = match &row.status {
                Status::Shown => "ok",
                Status::Missing(_) => "missing",
                Status::Suppressed => "suppressed",
            };
            Some(status.to_owned())
        }),
    },
    Column {
        name: "reason",
        unit: None,
        meaning: "Why a missing value is missing, in the language of the question",
        nullable: true,
        cells: Cells::Texts(|_, row| match &row.status {
            Status::Missing(reason) => Some(reason.clone()),
            _ => None,
        }),
    },
    Column {
        name: "flags",
        unit: None,
        meaning: "Doubts about the value, as codes with commas between them",
        nullable: true,
        cells: Cells::Texts(|_, row| (!row.flags.is_empty()).then(|| row.flags.join(","))),
    },
    Column {
        name: "unit",
        unit: None,
        meaning: "Unit of value and bounds; a share lies between 0 and 1",
        nullable: false,
        cells: Cells::Texts(|about, _| Some(about.unit.clone())),
    },
];

impl Column {
    /// The Arrow field, described as those of the warehouse's tables are.
    fn field(&self, cells: &ArrayRef) -> Field {
        let described = [("description", Some(self.meaning)), ("unit", self.unit)];
        let described = described
            .into_iter()
            .filter_map(|(key, text)| Some((key.to_owned(), text?.to_owned())));
        Field::new(self.name, cells.data_type().clone(), self.nullable)
            .with_metadata(described.collect::<HashMap<_, _>>())
    }

    /// What it holds of all rows that are listed.
    fn cells(&self, about: &Comparison) -> ArrayRef {
        let rows = about.rows.iter();
        match self.cells {
            Cells::Texts(of) => Arc::new(rows.map(|row| of(about, row)).collect::<StringArray>()),
            Cells::Numbers(of) => {
                Arc::new(rows.map(|row| of(about, row)).collect::<Float64Array>())
            }
            Cells::Counts(of) => Arc::new(rows.map(|row| of(about, row)).collect::<Int64Array>()),
        }
    }
}

/// The rows of an answer that are listed.
pub(super) fn batch(about: &Comparison) -> Result<RecordBatch, ArrowError> {
    let cells: Vec<ArrayRef> = COLUMNS.iter().map(|column| column.cells(about)).collect();
    let fields = COLUMNS.iter().zip(&cells);
    let fields: Vec<Field> = fields.map(|(column, cells)| column.field(cells)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), cells)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::Float64Type;

    use super::*;

    #[test]
    fn every_column_says_what_it_means_and_its_unit_is_declared() {
        for column in &COLUMNS {
            assert!(!column.meaning.is_empty(), "{}", column.name);
            if let Some(unit) = column.unit {
                assert!(esf_schemas::unit(unit).is_some(), "{}: {unit}", column.name);
            }
        }
        let table = batch(&Comparison::default()).unwrap();
        assert_eq!((table.num_rows(), table.num_columns()), (0, COLUMNS.len()));
        let schema = table.schema();
        let share = schema.field_with_name("unallocated_share").unwrap();
        assert_eq!(share.metadata()["unit"], "share");
        assert!(share.metadata()["description"].contains("no row could be given"));
    }

    #[test]
    fn what_no_row_could_be_given_stands_in_every_row() {
        let mut about = Comparison {
            rows: vec![
                Row::shown("DE1", "A", 1.0),
                Row::missing("DE2", "B", ""),
                Row::suppressed("DE3", "C"),
            ],
            unallocated_share: Some(0.25),
            ..Comparison::default()
        };
        let shares = |about: &Comparison| -> Vec<Option<f64>> {
            let table = batch(about).unwrap();
            let shares = table.column_by_name("unallocated_share").unwrap();
            shares.as_primitive::<Float64Type>().iter().collect()
        };
        assert_eq!(shares(&about), [Some(0.25); 3]);
        about.unallocated_share = Some(f64::NAN);
        assert_eq!(shares(&about), [None; 3]);
    }

    #[test]
    fn a_suppressed_row_has_nothing_that_it_counts() {
        let about = Comparison {
            rows: vec![Row {
                value: Some(7.0),
                lower: Some(6.0),
                n: Some(2),
                coverage: Some(0.5),
                rank: Some((1, 2)),
                ..Row::suppressed("DE1", "A")
            }],
            ..Comparison::default()
        };
        let table = batch(&about).unwrap();
        for column in [
            "value",
            "lower",
            "upper",
            "n",
            "coverage",
            "rank_best",
            "rank_worst",
        ] {
            assert!(table.column_by_name(column).unwrap().is_null(0), "{column}");
        }
    }
}
