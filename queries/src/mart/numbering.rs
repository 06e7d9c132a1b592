//! Numbers of distinct rows, within the memory of the session.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Int64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryReservation;

/// Numbers of distinct rows, from 0 in the order in which they are met. What it holds stands in the books of the pool after
/// each batch, as hash tables of plans do.
pub(super) struct Numbering {
    converter: RowConverter,
    known: HashMap<Box<[u8]>, i64>,
    len: i64,
    /// Bytes of the rows in `known`.
    bytes: usize,
    memory: MemoryReservation,
}

impl Numbering {
    /// No rows yet, in the name of the consumer of `memory`.
    pub(super) fn of_types(types: Vec<DataType>, memory: &MemoryReservation) -> Result<Self> {
        Ok(Self {
            converter: RowConverter::new(types.into_iter().map(SortField::new).collect())?,
            known: HashMap::new(),
            len: 0,
            bytes: 0,
            memory: memory.new_empty(),
        })
    }

    pub(super) fn len(&self) -> i64 {
        self.len
    }

    /// The number of each row. Fails where the rows met so far are too much for the pool.
    pub(super) fn numbers(&mut self, columns: &[ArrayRef]) -> Result<ArrayRef> {
        let rows = self.converter.convert_columns(columns)?;
        let mut numbers = Vec::with_capacity(rows.num_rows());
        for row in &rows {
            let row: &[u8] = row.as_ref();
            let number = if let Some(number) = self.known.get(row) {
                *number
            } else {
                self.bytes += row.len();
                self.known.insert(row.into(), self.len);
                self.len += 1;
                self.len - 1
            };
            numbers.push(number);
        }
        self.memory.try_resize(self.size()).map_err(too_little)?;
        Ok(Arc::new(Int64Array::from(numbers)))
    }

    /// The columns of the distinct rows, in the order of their numbers. Fails where the pool has no room for them.
    pub(super) fn columns(&self) -> Result<Vec<ArrayRef>> {
        let mut rows: Vec<(&[u8], i64)> = self.known.iter().map(|(row, n)| (&**row, *n)).collect();
        rows.sort_unstable_by_key(|(_, number)| *number);
        let parser = self.converter.parser();
        let rows = rows.iter().map(|(row, _)| parser.parse(row));
        let columns = self.converter.convert_rows(rows)?;
        hold(&self.memory, &columns)?;
        Ok(columns)
    }

    /// Bytes that the numbered rows take.
    fn size(&self) -> usize {
        // A hash table has a byte beside each slot, and is full at seven slots of eight.
        const SLOT: usize = size_of::<(Box<[u8]>, i64)>() + 1;
        self.bytes + self.known.capacity().saturating_mul(8) / 7 * SLOT
    }
}

/// Puts columns that are held into the books. Fails where the pool has no room for them.
pub(super) fn hold(memory: &MemoryReservation, columns: &[ArrayRef]) -> Result<()> {
    for column in columns {
        let bytes = column.to_data().get_slice_memory_size()?;
        memory.try_grow(bytes).map_err(too_little)?;
    }
    Ok(())
}

/// The error of a pool, with what to do.
fn too_little(error: DataFusionError) -> DataFusionError {
    match error {
        DataFusionError::ResourcesExhausted(why) => DataFusionError::ResourcesExhausted(format!(
            "the combinations of codes that operations are grouped by need more memory than the run may use; \
             raise --memory: {why}"
        )),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, StringArray};
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryConsumer, MemoryPool};

    use super::*;

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    /// A pool of so many bytes, and a consumer of it.
    fn pool(bytes: usize) -> (Arc<dyn MemoryPool>, MemoryReservation) {
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bytes));
        let memory = MemoryConsumer::new("test").register(&pool);
        (pool, memory)
    }

    #[test]
    fn equal_rows_have_one_number_and_come_back() {
        let (_, memory) = pool(1 << 20);
        let types = vec![DataType::Utf8, DataType::Utf8];
        let mut rows = Numbering::of_types(types, &memory).unwrap();
        let first = [
            texts(&[Some("a"), None, Some("a"), Some("")]),
            texts(&[Some("b"), Some("b"), Some("b"), None]),
        ];
        let numbers = rows.numbers(&first).unwrap();
        assert_eq!(
            numbers.as_primitive::<Int64Type>().values()[..],
            [0, 1, 0, 2]
        );
        // What was met before keeps its number; an empty text is not nothing.
        let more = [texts(&[None, Some("")]), texts(&[Some("b"), Some("")])];
        let numbers = rows.numbers(&more).unwrap();
        assert_eq!(numbers.as_primitive::<Int64Type>().values()[..], [1, 3]);
        let columns = rows.columns().unwrap();
        assert_eq!(
            columns[0].as_ref(),
            texts(&[Some("a"), None, Some(""), Some("")]).as_ref()
        );
        assert_eq!(
            columns[1].as_ref(),
            texts(&[Some("b"), Some("b"), None, Some("")]).as_ref()
        );
    }

    #[test]
    fn what_is_numbered_is_in_the_books_and_given_back() {
        let (pool, memory) = pool(64 << 10);
        let codes: Vec<String> = (0..4000).map(|n| format!("code {n}")).collect();
        let column =
            |n: usize| -> [ArrayRef; 1] { [Arc::new(StringArray::from_iter_values(&codes[..n]))] };
        let mut rows = Numbering::of_types(vec![DataType::Utf8], &memory).unwrap();
        rows.numbers(&column(100)).unwrap();
        let held = pool.reserved();
        assert!(held > 100 * (8 + SLOTS), "{held}");
        // The same rows again take nothing.
        rows.numbers(&column(100)).unwrap();
        assert_eq!(pool.reserved(), held);
        rows.columns().unwrap();
        assert!(pool.reserved() > held);
        let error = rows.numbers(&column(4000)).unwrap_err();
        assert!(
            matches!(&error, DataFusionError::ResourcesExhausted(why) if why.contains("raise --memory")),
            "{error}"
        );
        drop(rows);
        assert_eq!(pool.reserved(), 0);
    }

    /// What a row takes in a hash table beside its bytes.
    const SLOTS: usize = size_of::<(Box<[u8]>, i64)>();
}
