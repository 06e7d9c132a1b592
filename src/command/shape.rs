//! Boundaries of regions from GeoJSON files, plain or gzipped, such as GISCO publishes them: a file each level of NUTS.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::Read;
use std::path::{Path, PathBuf};

use esf_queries::chart::{Comparison, Shape, fitting};
use serde_json::Value;

use crate::exit::Failure;
use crate::report::words::explained;

/// What the licence of GISCO's boundaries asks to be shown.
pub(super) const ATTRIBUTION: &str = "© EuroGeographics for the administrative boundaries";

/// Files of a folder that are boundaries.
const ENDINGS: [&str; 2] = [".geojson", ".geojson.gz"];

/// The most that a file may unpack to.
const MOST_BYTES: u64 = 512 << 20;

/// Reads the polygons of all regions of all files; of a folder those files that are named as boundaries.
///
/// A region that several files have keeps the boundary of the first of them, and that is told.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Shape>, Failure> {
    let files = files(paths)?;
    let mut shapes = Vec::new();
    let mut first_in: BTreeMap<String, usize> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let mut twice: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for shape in read_file(file)? {
            match first_in.entry(shape.key.clone()) {
                Entry::Occupied(first) => twice.entry(*first.get()).or_default().push(shape.key),
                Entry::Vacant(free) => {
                    free.insert(number);
                    shapes.push(shape);
                }
            }
        }
        for (first, keys) in &twice {
            if let Some(line) = in_two(keys, &files[*first], file) {
                tracing::warn!("{}", explained(line, None));
            }
        }
    }
    Ok(shapes)
}

/// Tells of rows that no boundary is for. Fails where that is all of them: a map of them would show nothing.
pub(super) fn check(comparison: &Comparison, shapes: &[Shape]) -> Result<(), Failure> {
    let fitting = fitting(comparison, shapes);
    let levels = fitting.lacking.iter().map(|(level, countries)| {
        let countries: Vec<&str> = countries.iter().map(String::as_str).collect();
        format!("NUTS {level} of {}", countries.join(", "))
    });
    let lacking = levels.collect::<Vec<_>>().join(" and ");
    if fitting.drawn == 0 && !comparison.rows.is_empty() {
        let held = fitting.held.iter();
        let held: Vec<String> = held
            .map(|(level, n)| format!("{n} of NUTS {level}"))
            .collect();
        let needed = if lacking.is_empty() {
            "those of another version of NUTS"
        } else {
            lacking.as_str()
        };
        return Err(Failure::usage(format!(
            "the boundaries do not fit the rows: the files hold {}, and the rows need {needed}",
            held.join(" and ")
        ))
        .next(
            "give --shapes a file for each level that is needed, such as NUTS_RG_…_LEVL_1.geojson of GISCO for NUTS 1, or \
             ask for another --level",
        )
        .explained());
    }
    if !lacking.is_empty() {
        let line =
            format!("there are no boundaries of {lacking}: these rows are named below the map");
        tracing::warn!("{}", explained(line, None));
    }
    if let Some(first) = fitting.renamed.first() {
        let line = format!(
            "{} rows without a boundary, such as {first}: the boundaries are of another version of NUTS",
            fitting.renamed.len()
        );
        tracing::warn!("{}", explained(line, None));
    }
    Ok(())
}

fn wrong(path: &Path, cause: &dyn Display) -> Failure {
    Failure::usage(format!("cannot read boundaries from {}: {cause}", path.display())).next(
        "give --shapes a GeoJSON file (or .geojson.gz) with the property NUTS_ID, as GISCO publishes them, or a folder of \
         such files",
    )
}

/// The files that paths name, each once.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let found = in_folder(path).map_err(|e| wrong(path, &e))?;
            if found.is_empty() {
                let endings = ENDINGS.join(" or ");
                let cause = format!("no file of the folder ends in {endings}");
                return Err(wrong(path, &cause));
            }
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    // A file that is not there is told where it is read.
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    Ok(files)
}

/// The boundary files of a folder by name, without those of its subfolders.
fn in_folder(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().to_lowercase();
        if path.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What is told of regions that two files have.
fn in_two(keys: &[String], first: &Path, second: &Path) -> Option<String> {
    let (key, more) = keys.split_first()?;
    let more = match more.len() {
        0 => String::new(),
        n => format!(", like {n} more,"),
    };
    Some(format!(
        "{key}{more} is in two boundary files: that of {} is drawn, and not that of {}",
        first.display(),
        second.display()
    ))
}

/// The polygons of all features of a file that have a NUTS code. Features of one code are parts of one region.
fn read_file(path: &Path) -> Result<Vec<Shape>, Failure> {
    let text = unpacked(path).map_err(|e| wrong(path, &e))?;
    let json: Value = serde_json::from_str(&text).map_err(|e| wrong(path, &e))?;
    let features = json["features"].as_array().map_or(&[][..], Vec::as_slice);
    let mut regions: BTreeMap<String, Vec<Vec<(f64, f64)>>> = BTreeMap::new();
    for shape in features.iter().filter_map(shape) {
        regions.entry(shape.key).or_default().extend(shape.rings);
    }
    if regions.is_empty() {
        return Err(wrong(path, &"no feature has a NUTS code and a polygon"));
    }
    let mut points = regions.values().flatten().flatten();
    if points.any(|(longitude, latitude)| longitude.abs() > 360.0 || latitude.abs() > 90.0) {
        let cause =
            "its coordinates are no degrees; GISCO's files in degrees have 4326 in their names";
        return Err(wrong(path, &cause));
    }
    let shape = |(key, rings)| Shape { key, rings };
    Ok(regions.into_iter().map(shape).collect())
}

fn unpacked(path: &Path) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .take(MOST_BYTES)
            .read_to_string(&mut text)?;
    } else {
        bytes.as_slice().read_to_string(&mut text)?;
    }
    Ok(text)
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

#[cfg(test)]
mod tests {
    use esf_queries::chart::Row;
    use serde_json::json;

    use super::*;

    /// Writes a file of square regions that begin at these longitudes and latitudes.
    fn write(path: &Path, regions: &[(&str, f64, f64)]) {
        let feature = |(key, x, y): &(&str, f64, f64)| {
            let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)];
            let ring: Vec<[f64; 2]> = ring.iter().map(|(dx, dy)| [x + dx, y + dy]).collect();
            json!({
                "type": "Feature",
                "properties": {"NUTS_ID": key},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            })
        };
        let features: Vec<Value> = regions.iter().map(feature).collect();
        let file = json!({"type": "FeatureCollection", "features": features});
        std::fs::write(path, file.to_string()).unwrap();
    }

    fn keys(shapes: &[Shape]) -> Vec<&str> {
        shapes.iter().map(|shape| shape.key.as_str()).collect()
    }

    #[test]
    fn files_and_folders_are_joined_and_a_file_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (
            folder.path().join("b.geojson"),
            folder.path().join("a.GEOJSON"),
        );
        write(&one, &[("DE1", 8.0, 48.0), ("DE2", 11.0, 48.0)]);
        write(&two, &[("SE11", 17.0, 59.0)]);
        std::fs::write(folder.path().join("notes.txt"), "no boundaries").unwrap();
        let read = |paths: &[PathBuf]| read(paths).unwrap();
        let all = read(&[folder.path().to_path_buf()]);
        assert_eq!(keys(&all), ["SE11", "DE1", "DE2"]);
        assert_eq!(keys(&read(&[one.clone(), two])), ["DE1", "DE2", "SE11"]);
        let named = read(&[one, folder.path().to_path_buf()]);
        assert_eq!(keys(&named), ["DE1", "DE2", "SE11"]);
    }

    #[test]
    fn of_a_region_in_two_files_the_first_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (
            folder.path().join("1.geojson"),
            folder.path().join("2.geojson"),
        );
        write(&one, &[("DE1", 8.0, 48.0)]);
        write(&two, &[("DE1", 9.0, 49.0), ("DE2", 11.0, 48.0)]);
        let shapes = read(&[one, two]).unwrap();
        assert_eq!(keys(&shapes), ["DE1", "DE2"]);
        assert_eq!(shapes[0].rings[0][0], (8.0, 48.0));
        let told = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            in_two(&keys, Path::new("a"), Path::new("b"))
        };
        assert_eq!(
            told(&["DE1", "DE2", "DE3"]).unwrap(),
            "DE1, like 2 more, is in two boundary files: that of a is drawn, and not that of b"
        );
        assert!(told(&["DE1"]).unwrap().starts_with("DE1 is in two"));
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn parts_of_a_region_in_one_file_are_one_shape() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parts.geojson");
        write(&path, &[("DE1", 8.0, 48.0), ("DE1", 10.0, 48.0)]);
        let shapes = read(&[path]).unwrap();
        assert_eq!((keys(&shapes), shapes[0].rings.len()), (vec!["DE1"], 2));
    }

    #[test]
    fn boundaries_of_no_row_are_refused_with_what_they_are_and_what_is_needed() {
        let shape = |key: &str| Shape {
            key: key.to_owned(),
            rings: Vec::new(),
        };
        let of = |keys: &[&str]| Comparison {
            rows: keys.iter().map(|key| Row::shown(key, key, 1.0)).collect(),
            ..Comparison::default()
        };
        let districts = [shape("DE111"), shape("DE112")];
        let failure = check(&of(&["DE1", "SE11"]), &districts).unwrap_err();
        assert_eq!(
            failure.message(),
            "the boundaries do not fit the rows: the files hold 2 of NUTS 3, and the rows need NUTS 1 of DE and NUTS 2 of SE"
        );
        let failure = check(&of(&["DE11A"]), &districts).unwrap_err();
        let message = failure.message();
        assert!(
            message.ends_with("need those of another version of NUTS"),
            "{message}"
        );
        assert!(check(&of(&["DE111", "SE11"]), &districts).is_ok());
        assert!(check(&of(&[]), &districts).is_ok());
    }

    #[test]
    fn what_is_no_boundary_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("empty")).unwrap();
        std::fs::write(path("text.geojson"), "no JSON").unwrap();
        std::fs::write(path("none.geojson"), "{\"features\": []}").unwrap();
        write(
            &path("metres.geojson"),
            &[("DE1", 4_000_000.0, 3_000_000.0)],
        );
        for (name, part) in [
            ("empty", "no file of the folder ends in .geojson"),
            ("absent.geojson", "cannot read boundaries from"),
            ("text.geojson", "cannot read boundaries from"),
            ("none.geojson", "no feature has a NUTS code and a polygon"),
            ("metres.geojson", "no degrees"),
        ] {
            let failure = read(&[path(name)]).unwrap_err();
            let message = failure.message();
            assert!(
                message.contains(part) && message.contains(name),
                "{message}"
            );
        }
    }
}
