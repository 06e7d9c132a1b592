//! Boundaries of regions from a GeoJSON file, plain or gzipped, such as GISCO publishes them.

use std::io::Read;
use std::path::Path;

use esf_queries::chart::Shape;
use serde_json::Value;

use crate::exit::Failure;

/// What the licence of GISCO's boundaries asks to be shown.
pub(super) const ATTRIBUTION: &str = "© EuroGeographics for the administrative boundaries";

/// The most that a file may unpack to.
const MOST_BYTES: u64 = 512 << 20;

/// Reads the polygons of all features that have a NUTS code.
pub(super) fn read(path: &Path) -> Result<Vec<Shape>, Failure> {
    let wrong = |cause: String| {
        Failure::usage(format!("cannot read boundaries from {}: {cause}", path.display()))
            .next("give --shapes a GeoJSON file (or .geojson.gz) with the property NUTS_ID, as GISCO publishes them")
    };
    let bytes = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
    let mut text = String::new();
    let unpacked = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .take(MOST_BYTES)
            .read_to_string(&mut text)
    } else {
        bytes.as_slice().read_to_string(&mut text)
    };
    unpacked.map_err(|e| wrong(e.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let features = json["features"].as_array().map_or(&[][..], Vec::as_slice);
    let shapes: Vec<Shape> = features.iter().filter_map(shape).collect();
    if shapes.is_empty() {
        return Err(wrong("no feature has a NUTS code and a polygon".into()));
    }
    Ok(shapes)
}

fn shape(feature: &Value) -> Option<Shape> {
    let key = feature["properties"]["NUTS_ID"].as_str()?.to_owned();
    let geometry = &feature["geometry"];
    let coordinates = geometry["coordinates"].as_array()?;
    let rings: Vec<Vec<(f64, f64)>> = match geometry["type"].as_str()? {
        "Polygon" => coordinates.iter().filter_map(ring).collect(),
        "MultiPolygon" => coordinates
            .iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(ring)
            .collect(),
        _ => return None,
    };
    (!rings.is_empty()).then_some(Shape { key, rings })
}

fn ring(points: &Value) -> Option<Vec<(f64, f64)>> {
    let point = |p: &Value| Some((p.get(0)?.as_f64()?, p.get(1)?.as_f64()?));
    points.as_array()?.iter().map(point).collect()
}
