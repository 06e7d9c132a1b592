//! The columns of a table as Delta writes them: Spark's names of types, in JSON.

use arrow::datatypes::{DataType, TimeUnit};
use serde_json::{Map, Value, json};

use super::{DeltaError, Result};
use crate::release::TableState;

/// The `schemaString` of a table, with what columns mean as `comment`.
pub(super) fn schema_string(name: &str, table: &TableState) -> Result<String> {
    let schema = table.arrow_schema()?;
    let mut fields = Vec::new();
    for (field, column) in schema.fields().iter().zip(&table.schema) {
        let spelled = spark_type(field.data_type()).ok_or_else(|| DeltaError::Type {
            table: name.to_owned(),
            column: column.name.clone(),
            data_type: column.data_type.clone(),
        })?;
        let described = [("comment", &column.description), ("esf.unit", &column.unit)];
        let metadata: Map<String, Value> = described
            .into_iter()
            .filter_map(|(key, text)| Some((key.to_owned(), text.clone()?.into())))
            .collect();
        fields.push(json!({
            "name": column.name,
            "type": spelled,
            "nullable": column.nullable,
            "metadata": metadata,
        }));
    }
    Ok(json!({"type": "struct", "fields": fields}).to_string())
}

/// The type of that name in tables of reader version 1; times without a zone are not among them.
fn spark_type(data_type: &DataType) -> Option<String> {
    let name = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Boolean => "boolean",
        DataType::Int8 => "byte",
        DataType::Int16 => "short",
        DataType::Int32 => "integer",
        DataType::Int64 => "long",
        DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => "timestamp",
        DataType::Decimal128(precision, scale) if *scale >= 0 => {
            return Some(format!("decimal({precision},{scale})"));
        }
        _ => return None,
    };
    Some(name.to_owned())
}
