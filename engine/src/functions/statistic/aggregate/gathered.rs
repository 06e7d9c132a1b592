//! The rows of groups, gathered until a group is complete.
//!
//! A statistic that gives the same bits in any order needs all values at once, so the state of a group is its rows: one
//! flat column an argument beside the group of each row. The state between partial and final aggregation is a list a
//! column. Memory grows with the rows and is counted, so that the engine can spill.

use std::{iter, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Float64Array, LargeListArray, LargeStringArray,
    },
    buffer::{OffsetBuffer, ScalarBuffer},
    datatypes::{DataType, Field, FieldRef, Float64Type},
};
use datafusion::{
    common::Result,
    logical_expr::{EmitTo, GroupsAccumulator},
};

use super::{Definition, Group, keys::Keys};
use crate::functions::statistic::{
    convert::{nulls, numbers, texts},
    describe::Kind,
};

/// The type of the list that a column is handed on as; none for constants.
pub(super) fn list_type(kind: Kind) -> Option<DataType> {
    item(kind).map(DataType::LargeList)
}

fn item(kind: Kind) -> Option<FieldRef> {
    let data_type = match kind {
        Kind::Number => DataType::Float64,
        // The keys of all groups together may be longer than 2 GiB.
        Kind::Key => DataType::LargeUtf8,
        Kind::Numbers | Kind::Constant | Kind::Day | Kind::Word => return None,
    };
    Some(Arc::new(Field::new_list_field(data_type, true)))
}

/// The complete rows of all groups.
#[derive(Debug)]
pub(super) struct Gathered {
    definition: &'static Definition,
    /// None if one is null.
    constants: Option<Vec<f64>>,
    /// The group of each row.
    groups: Vec<usize>,
    /// The columns, each of one value a row.
    numbers: Vec<Vec<f64>>,
    keys: Option<(Vec<usize>, Keys)>,
    /// How many groups there are.
    total: usize,
}

impl Gathered {
    pub(super) fn new(definition: &'static Definition, constants: Option<Vec<f64>>) -> Self {
        let of = |kind| {
            let arguments = definition.description.arguments.iter();
            arguments.filter(|argument| argument.kind == kind).count()
        };
        Self {
            definition,
            constants,
            groups: Vec::new(),
            numbers: vec![Vec::new(); of(Kind::Number)],
            keys: (of(Kind::Key) > 0).then(Default::default),
            total: 0,
        }
    }

    /// Adds the rows that have no null and that the filter lets through.
    pub(super) fn add(
        &mut self,
        values: &[ArrayRef],
        group_of: impl Fn(usize) -> usize,
        filter: Option<&BooleanArray>,
    ) -> Result<()> {
        let (mut columns, mut keys) = (Vec::new(), None);
        for (argument, array) in self.definition.description.arguments.iter().zip(values) {
            match argument.kind {
                Kind::Number => columns.push(numbers(array)?),
                Kind::Key => keys = Some(texts(array)?),
                _ => {}
            }
        }
        let arrays = columns.iter().map(|column| column as &dyn Array);
        let keyed = keys.iter().map(|keys| keys as &dyn Array);
        let nulls = nulls(arrays.chain(keyed));
        let rows = columns.first().map_or(0, Array::len);
        let taken = |row: &usize| {
            nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row))
                && filter.is_none_or(|filter| filter.is_valid(*row) && filter.value(*row))
        };
        let taken: Vec<usize> = (0..rows).filter(taken).collect();
        self.groups.extend(taken.iter().map(|row| group_of(*row)));
        for (column, array) in self.numbers.iter_mut().zip(&columns) {
            column.extend(taken.iter().map(|row| array.value(*row)));
        }
        if let (Some((column, known)), Some(array)) = (&mut self.keys, &keys) {
            column.extend(taken.iter().map(|row| known.number(array.value(*row))));
        }
        Ok(())
    }

    /// Adds the rows of lists, for each group one of each column.
    pub(super) fn merge(&mut self, lists: &[ArrayRef], group_of: impl Fn(usize) -> usize) {
        let lists: Vec<&LargeListArray> = lists.iter().map(AsArray::as_list).collect();
        let Some(first) = lists.first() else { return };
        for (row, length) in first.offsets().lengths().enumerate() {
            self.groups.extend(iter::repeat_n(group_of(row), length));
        }
        for (column, list) in self.numbers.iter_mut().zip(&lists) {
            column.extend_from_slice(items(list).as_primitive::<Float64Type>().values());
        }
        // Keys are the last argument.
        if let (Some((column, known)), Some(list)) = (&mut self.keys, lists.last()) {
            let texts = items(list);
            let texts = texts.as_string::<i64>().iter().flatten();
            column.extend(texts.map(|text| known.number(text)));
        }
    }

    /// Takes the first groups out, their rows sorted by group; the groups behind them move up.
    fn take(&mut self, emit_to: EmitTo) -> Taken {
        let count = match emit_to {
            EmitTo::All => self.total,
            EmitTo::First(count) => count,
        };
        let mut lengths = vec![0; count];
        for group in self.groups.iter().filter(|group| **group < count) {
            lengths[*group] += 1;
        }
        let mut next: Vec<usize> = iter::once(0)
            .chain(lengths.iter().scan(0, |end, length| {
                *end += length;
                Some(*end)
            }))
            .collect();
        let ends = next.clone();
        let places: Vec<Option<usize>> = self
            .groups
            .iter()
            .map(|group| {
                let place = next.get_mut(*group).filter(|_| *group < count)?;
                *place += 1;
                Some(*place - 1)
            })
            .collect();
        let rows = ends[count];
        split(&mut self.groups, &places, rows);
        self.groups.iter_mut().for_each(|group| *group -= count);
        self.total -= count;
        Taken {
            ends,
            numbers: (self.numbers.iter_mut())
                .map(|column| split(column, &places, rows))
                .collect(),
            keys: (self.keys.as_mut()).map(|(column, _)| split(column, &places, rows)),
        }
    }

    /// The answer for some rows; none for no rows.
    fn answer(&self, numbers: &[&[f64]], keys: &[usize]) -> Option<f64> {
        let constants = self.constants.as_deref()?;
        if numbers.first().is_none_or(|column| column.is_empty()) {
            return None;
        }
        let group = Group {
            numbers,
            keys,
            constants,
        };
        (self.definition.answer)(&group).ok()
    }

    /// Columns as lists that end at these rows.
    fn lists(
        &self,
        ends: &[usize],
        numbers: Vec<Vec<f64>>,
        keys: Option<&[usize]>,
    ) -> Vec<ArrayRef> {
        let list = |kind, items: ArrayRef| -> Option<ArrayRef> {
            let ends: ScalarBuffer<i64> = ends.iter().map(|end| *end as i64).collect();
            // The ends begin with 0 and ascend.
            Some(Arc::new(LargeListArray::new(
                item(kind)?,
                OffsetBuffer::new(ends),
                items,
                None,
            )))
        };
        let texts = keys.zip(self.keys.as_ref()).map(|(keys, (_, known))| {
            LargeStringArray::from_iter_values(keys.iter().map(|key| known.text(*key)))
        });
        numbers
            .into_iter()
            .filter_map(|column| list(Kind::Number, Arc::new(Float64Array::from(column))))
            .chain(texts.and_then(|texts| list(Kind::Key, Arc::new(texts))))
            .collect()
    }

    /// The answer for all rows as one group, which stay where they are.
    pub(super) fn whole(&self) -> Option<f64> {
        let numbers: Vec<&[f64]> = self.numbers.iter().map(Vec::as_slice).collect();
        let keys = self.keys.as_ref().map_or(&[][..], |(keys, _)| keys);
        self.answer(&numbers, keys)
    }

    /// All rows as the state of one group; they stay where they are.
    pub(super) fn whole_state(&self) -> Vec<ArrayRef> {
        let keys = self.keys.as_ref().map(|(keys, _)| keys.as_slice());
        self.lists(&[0, self.groups.len()], self.numbers.clone(), keys)
    }

    /// Gives the memory of keys back when no row is left that has one.
    fn forget_keys(&mut self) {
        if let Some((_, known)) = self.keys.as_mut().filter(|(column, _)| column.is_empty()) {
            *known = Keys::default();
        }
    }

    fn bytes(&self) -> usize {
        let columns = self.numbers.iter().map(Vec::capacity).sum::<usize>() * size_of::<f64>();
        let keys = self.keys.as_ref().map_or(0, |(column, known)| {
            column.capacity() * size_of::<usize>() + known.size()
        });
        self.groups.capacity() * size_of::<usize>() + columns + keys
    }
}

/// Groups taken out: the rows of group `g` are `ends[g]..ends[g + 1]`.
struct Taken {
    ends: Vec<usize>,
    numbers: Vec<Vec<f64>>,
    keys: Option<Vec<usize>>,
}

/// Takes the values that have a place out of a column and puts them there.
fn split<T: Copy + Default>(column: &mut Vec<T>, places: &[Option<usize>], rows: usize) -> Vec<T> {
    let mut taken = vec![T::default(); rows];
    let mut kept = Vec::with_capacity(column.len() - rows);
    for (value, place) in column.iter().zip(places) {
        match place {
            Some(place) => taken[*place] = *value,
            None => kept.push(*value),
        }
    }
    *column = kept;
    taken
}

/// What all lists hold together.
fn items(list: &LargeListArray) -> ArrayRef {
    let offsets = list.value_offsets();
    let (start, end) = (offsets[0] as usize, offsets[list.len()] as usize);
    list.values().slice(start, end - start)
}

impl GroupsAccumulator for Gathered {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.total = total_num_groups;
        self.add(values, |row| group_indices[row], opt_filter)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.total = total_num_groups;
        self.merge(values, |row| group_indices[row]);
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let taken = self.take(emit_to);
        let answers: Float64Array = taken
            .ends
            .windows(2)
            .map(|ends| {
                let rows = ends[0]..ends[1];
                let numbers: Vec<&[f64]> = taken
                    .numbers
                    .iter()
                    .map(|column| &column[rows.clone()])
                    .collect();
                let keys = taken.keys.as_ref().map_or(&[][..], |keys| &keys[rows]);
                self.answer(&numbers, keys)
            })
            .collect();
        self.forget_keys();
        Ok(Arc::new(answers))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let taken = self.take(emit_to);
        let lists = self.lists(&taken.ends, taken.numbers, taken.keys.as_deref());
        self.forget_keys();
        Ok(lists)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let mut rows = Self::new(self.definition, None);
        rows.total = values.first().map_or(0, Array::len);
        rows.add(values, |row| row, opt_filter)?;
        rows.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.bytes()
    }
}
