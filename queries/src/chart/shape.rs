//! The map of true shapes, with the colours, hatches and legend of the tile map. Shapes come from the caller, who knows
//! where the boundary files are and what their licence wants said (`attribution`). Shapes without a row are shown as not
//! part of the comparison; rows without a shape are named below the map. What a small shape has no room for stands beside it,
//! and the names behind the codes stand below.

use std::fmt::Write as _;

use crate::chart::{
    callout::{self, Area, Land, Small},
    classes::Classes,
    comparison::{Comparison, Row, Seen},
    drawn::fitting,
    format::Format,
    ink::{Ink, NOTE, TEXT},
    layout::abbreviation,
    notes::{self, MARGIN, flags, marks},
    palette::Colour,
    projection::{Fit, Point, inside, project, thin},
    svg::{Anchor, Canvas, Frame, at, outline},
    text::{describe, fill},
    tile::{Names, fill_of, heading, no_places, not_on_map, place_ink},
};

const WIDTH: f64 = 760.0;
const HIGHEST: f64 = 1040.0;
const LABEL: f64 = 11.0;
const PRESSED: f64 = 0.45;
/// More names than this are left to the table.
const MOST_NAMES: usize = 60;

/// The boundary of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Key of the row it belongs to
    pub key: String,
    /// Its rings as (longitude, latitude) in degrees; by the even-odd rule, so that holes need no direction
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// Draws a comparison on true shapes in SVG; without any shape it says so. `attribution` is printed below the map.
pub fn shape_map(
    comparison: &Comparison,
    shapes: &[Shape],
    attribution: &str,
    frame: Frame,
) -> String {
    let format = Format::of(comparison);
    let mut canvas = Canvas::new("shape", WIDTH);
    let row_of = |key: &str| comparison.rows.iter().find(|row| row.key == key);
    let flat: Vec<(&str, Vec<Vec<Point>>)> = shapes
        .iter()
        .map(|shape| (shape.key.as_str(), plane(shape)))
        .collect();
    let points = flat
        .iter()
        .flat_map(|(_, rings)| rings.iter().flatten().copied());
    let fit = Fit::of(points, (WIDTH - 2.0 * MARGIN, HIGHEST));
    let shaped = |key: &str| {
        flat.iter()
            .any(|(other, rings)| *other == key && !rings.is_empty())
    };
    let on_map: Vec<f64> = comparison
        .rows
        .iter()
        .filter(|r| shaped(&r.key))
        .filter_map(Row::number)
        .collect();
    let classes = Classes::of(&on_map);

    let mut y = notes::head(&mut canvas, comparison, frame);
    if let Some(fit) = fit {
        let outside = flat
            .iter()
            .any(|(key, rings)| !rings.is_empty() && row_of(key).is_none());
        y = heading(&mut canvas, &format, comparison, &classes, outside, y) + 4.0;
        let left = (WIDTH - fit.size.0) / 2.0;
        let look = Look {
            format: &format,
            classes: &classes,
            flags: flags(comparison),
        };
        let mut labels = Labels::default();
        for (key, rings) in &flat {
            let place = |p: &Point| {
                let (px, py) = fit.place(*p);
                (px + left, py + y)
            };
            let placed = rings.iter().map(|ring| ring.iter().map(place).collect());
            let placed = thinned(placed.collect());
            look.draw(&mut canvas, key, row_of(key), placed, &mut labels);
        }
        let room = Area {
            left: MARGIN,
            top: y,
            right: WIDTH - MARGIN,
            bottom: y + fit.size.1,
        };
        labels.draw(&mut canvas, &room);
        let shown = comparison.rows.iter().filter(|row| shaped(&row.key));
        y = names(&mut canvas, shown, y + fit.size.1 + 8.0);
    } else {
        y = no_places(&mut canvas, &format, y);
    }
    let off: Vec<&Row> = comparison
        .rows
        .iter()
        .filter(|row| !shaped(&row.key))
        .collect();
    y = not_on_map(&mut canvas, &format, &off, y);
    let renamed = fitting(comparison, shapes).renamed.len();
    if renamed > 0 {
        let text = fill(format.words().other_nuts, &[&renamed.to_string()]);
        let lines = NOTE.wrap(&text, WIDTH - 2.0 * MARGIN, usize::MAX);
        y = canvas.lines(MARGIN, y + 14.0, NOTE, &lines) - 10.0;
    }
    if !attribution.is_empty() {
        let lines = NOTE.wrap(attribution, WIDTH - 2.0 * MARGIN, usize::MAX);
        y = canvas.lines(MARGIN, y + 14.0, NOTE, &lines) - 10.0;
    }
    let height = notes::foot(&mut canvas, comparison, &format, frame, y);
    canvas.finish(height, format.words().lang, &notes::label(comparison))
}

/// The names behind the codes on the map; gives where they end.
fn names<'a>(canvas: &mut Canvas, rows: impl Iterator<Item = &'a Row>, top: f64) -> f64 {
    let short = |row: &'a Row| {
        (
            abbreviation(&row.key).unwrap_or(&row.key),
            row.label.as_str(),
        )
    };
    let named: Vec<(&str, &str)> = rows
        .map(short)
        .filter(|(short, name)| short != name)
        .collect();
    if named.is_empty() || named.len() > MOST_NAMES {
        return top;
    }
    let names = Names::of(named);
    names.draw(canvas, (MARGIN, top + 14.0), WIDTH - 2.0 * MARGIN)
}

fn plane(shape: &Shape) -> Vec<Vec<Point>> {
    let rings = shape
        .rings
        .iter()
        .map(|ring| ring.iter().filter_map(|p| project(*p)).collect());
    rings.filter(|ring: &Vec<Point>| ring.len() > 2).collect()
}

/// Rings without points too close to be seen; a shape that would be lost altogether stays as it is.
fn thinned(rings: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let thinned: Vec<Vec<Point>> = rings
        .iter()
        .map(|ring| thin(ring))
        .filter(|ring| ring.len() > 2)
        .collect();
    if thinned.is_empty() { rings } else { thinned }
}

/// What is written on the map, above all shapes, so that no border crosses it.
#[derive(Default)]
struct Labels {
    /// Labels in their shapes, and where they lie
    inside: Vec<(String, Area)>,
    small: Vec<Small>,
    lands: Vec<Land>,
}

impl Labels {
    fn draw(&self, canvas: &mut Canvas, room: &Area) {
        for (label, _) in &self.inside {
            canvas.push(label);
        }
        let taken = self.inside.iter().map(|(_, area)| *area).collect();
        callout::draw(canvas, &self.small, &self.lands, taken, room);
    }
}

/// What decides how shapes look.
struct Look<'a> {
    format: &'a Format,
    classes: &'a Classes,
    flags: Vec<&'a str>,
}

impl Look<'_> {
    /// Draws one shape, and keeps its label: in it, or beside it where there is no room.
    fn draw(
        &self,
        canvas: &mut Canvas,
        key: &str,
        row: Option<&Row>,
        rings: Vec<Vec<Point>>,
        labels: &mut Labels,
    ) {
        let format = self.format;
        if rings.is_empty() {
            return;
        }
        let mut path = String::new();
        for ring in &rings {
            for (i, (x, y)) in ring.iter().enumerate() {
                path.push(if i == 0 { 'M' } else { 'L' });
                let _ = write!(path, "{} {}", at(*x), at(*y));
            }
            path.push('Z');
        }
        let title = row.map_or_else(
            || format!("{key}: {}", format.words().outside),
            |row| describe(row, format),
        );
        let (fill, ground) = fill_of(canvas, self.classes, row);
        canvas.open(&title);
        canvas.push(&format!(
            "<path d=\"{path}\" fill-rule=\"evenodd\" {fill} {}/>",
            outline()
        ));
        canvas.close();

        if let Some(row) = row {
            match self.label(row, &rings, ground) {
                Some(label) => labels.inside.push(label),
                None => labels.small.extend(Small::of(&rings, self.beside(row))),
            }
        }
        labels.lands.extend(Land::of(rings));
    }

    /// Abbreviation or code of a row, with the marks of its flags.
    fn short(&self, row: &Row) -> String {
        let short = abbreviation(&row.key).unwrap_or(&row.key);
        let marks = marks(row, &self.flags);
        format!("{short} {marks}").trim_end().to_owned()
    }

    fn value(&self, row: &Row) -> String {
        match row.seen() {
            Seen::Value(value, _) => self.format.compact(value),
            _ => String::new(),
        }
    }

    /// What stands beside a shape.
    fn beside(&self, row: &Row) -> String {
        let text = format!("{} {}", self.short(row), self.value(row));
        text.trim_end().to_owned()
    }

    /// The label of a shape and where it lies, if there is room for one.
    fn label(
        &self,
        row: &Row,
        rings: &[Vec<Point>],
        ground: Option<Colour>,
    ) -> Option<(String, Area)> {
        let size = |pick: fn(&Point) -> f64| {
            let values = || rings.iter().flatten().map(pick);
            values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
        };
        if size(|p| p.0).min(size(|p| p.1)) < LABEL * 1.5 {
            return None;
        }
        let short = &self.short(row);
        // Labels are wider than high: the place is sought in a picture pressed together from the sides.
        let pressed: Vec<Vec<Point>> = rings
            .iter()
            .map(|ring| ring.iter().map(|(x, y)| (x * PRESSED, *y)).collect())
            .collect();
        let ((x, y), clear) = inside(&pressed)?;
        let spot = (x / PRESSED, y);
        let fits = |width: f64, height: f64| (width * PRESSED).hypot(height) / 2.0 <= clear;
        let ink = place_ink(LABEL, ground);
        if !fits(ink.width(short), LABEL * 0.8) {
            return None;
        }
        let mut label = Canvas::new("shape", WIDTH);
        let value = self.value(row);
        let second = place_ink(LABEL - 0.5, ground);
        let widest = second.width(&value).max(ink.width(short));
        let roomy = !value.is_empty() && fits(widest, LABEL * 1.9);
        let y = spot.1 + if roomy { -1.0 } else { LABEL * 0.36 };
        if ground.is_some() {
            label.text(spot.0, y, Anchor::Middle, ink, short);
        } else {
            label.plate(spot.0, y, Anchor::Middle, TEXT.sized(LABEL).bold(), short);
        }
        if roomy {
            label.text(
                spot.0,
                y + LABEL + 1.5,
                Anchor::Middle,
                Ink {
                    bold: false,
                    ..second
                },
                &value,
            );
        }
        let written = (
            if roomy { widest } else { ink.width(short) },
            LABEL * if roomy { 2.6 } else { 1.3 },
        );
        Some((label.markup(), Area::around(spot, written)))
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
