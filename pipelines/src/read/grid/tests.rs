//! Limits asked while a table grows, and what it says twice.

use super::super::sink::{Collected, SheetInfo};
use super::*;

fn row_of(grid: &mut Grid<'_>, number: u32, texts: &[&str], repeat: u32) -> Result<(), ReadError> {
    grid.begin_row(number, number, 0);
    for (column, text) in texts.iter().enumerate() {
        grid.push(column, CellKind::Text, text)?;
    }
    grid.end_row(repeat)
}

#[test]
fn repeated_rows_count_as_often_as_they_stand() {
    let limits = Limits {
        max_text_bytes: 1_000,
        max_repeated_rows: 99,
        max_cells: 150,
        ..Limits::default()
    };
    let result = |text: &str, repeat| {
        let mut grid = Grid::new(Some("Liste"), &limits);
        row_of(&mut grid, 7, &[text], repeat)
    };
    assert_eq!(result("xxxxxxxxxx", 100), Ok(()));
    let error = result("xxxxxxxxxxx", 100).expect_err("1,100 bytes");
    assert!(matches!(error, ReadError::TooMuchText { .. }), "{error}");
    let error = result("x", 101).expect_err("100 repetitions").to_string();
    assert!(
        error.starts_with("sheet 'Liste', row 7: more than 99 rows"),
        "{error}"
    );
    let error = result("x", 151).expect_err("151 cells");
    assert!(matches!(error, ReadError::TooManyCells { .. }), "{error}");
    let error = result("", u32::MAX).expect_err("more cells than a file has");
    assert!(matches!(error, ReadError::TooManyCells { .. }), "{error}");
}

#[test]
fn the_limits_are_those_of_the_file_and_not_of_a_table() {
    let limits = Limits {
        max_cells: 10,
        max_text_bytes: 10,
        ..Limits::default()
    };
    let mut spent = Spent::default();
    for _ in 0..2 {
        let mut grid = Grid::after(spent, Some("Liste"), &limits);
        row_of(&mut grid, 1, &["a", "b"], 1).expect("two cells");
        row_of(&mut grid, 2, &["c"], 1).expect("four cells, one of them not there");
        spent = grid.spent();
    }
    let mut grid = Grid::after(spent, Some("Liste"), &limits);
    assert_eq!(row_of(&mut grid, 1, &["a", "b"], 1), Ok(()));
    let error = row_of(&mut grid, 2, &["c"], 1).expect_err("twelve cells");
    assert!(matches!(error, ReadError::TooManyCells { .. }), "{error}");
    let mut grid = Grid::after(spent, Some("Liste"), &limits);
    let error = row_of(&mut grid, 1, &["four!"], 1).expect_err("eleven bytes");
    assert!(matches!(error, ReadError::TooMuchText { .. }), "{error}");
}

#[test]
fn cells_of_one_place_are_bounded_too() {
    let limits = Limits {
        max_cells: 3,
        ..Limits::default()
    };
    let mut grid = Grid::new(Some("Liste"), &limits);
    grid.begin_row(1, 1, 0);
    let pushed = (0..4).try_for_each(|_| grid.push(0, CellKind::Text, "x"));
    assert!(matches!(pushed, Err(ReadError::TooManyCells { .. })));
}

#[test]
fn a_column_beyond_every_number_has_a_place() {
    let limits = Limits::default();
    let mut grid = Grid::new(Some("Liste"), &limits);
    grid.begin_row(60, 60, 0);
    for column in [u32::MAX as usize - 1, u32::MAX as usize, usize::MAX] {
        let error = grid
            .push(column, CellKind::Text, "x")
            .expect_err("too far")
            .to_string();
        assert!(error.contains("cell MWLQKWU60"), "{error}");
        assert!(!error.contains("delimiter"), "{error}");
    }
}

#[test]
fn what_stands_twice_is_told_with_its_first_place() {
    let limits = Limits::default();
    let mut grid = Grid::new(Some("Liste"), &limits);
    for number in [3, 1, 3, 3] {
        row_of(&mut grid, number, &["a", "b"], 1).expect("a row");
    }
    let twice = grid.settle();
    let (rows, cells) = (twice.rows.expect("rows"), twice.cells.expect("cells"));
    assert_eq!(
        (rows.0.to_string().as_str(), rows.1),
        ("sheet 'Liste', row 3", 2)
    );
    assert_eq!(
        (cells.0.to_string().as_str(), cells.1),
        ("sheet 'Liste', cell A3", 4)
    );
    assert_eq!(grid.settle(), Twice::default());
    let mut tables = Collected::default();
    let emitted = grid.emit(SheetInfo::default(), &Strings::default(), &mut tables);
    assert!(matches!(
        emitted,
        Ok(std::ops::ControlFlow::Continue((2, 4)))
    ));
}
