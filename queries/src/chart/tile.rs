//! The tile map: one square a region, coloured by class, with its abbreviation and number; Germany and Sweden side by
//! side, each with the names behind the abbreviations. Rows without a tile (a country, the unallocated) are named below
//! the map, never dropped.

use crate::chart::{
    classes::Classes,
    comparison::{Comparison, Row, Seen},
    format::Format,
    ink::{Ink, NOTE, TEXT},
    layout::{Tile, layout, tiles, wanted},
    legend,
    notes::{self, MARGIN, flags, marks},
    palette::{Colour, OUTSIDE, PAPER},
    svg::{Anchor, Canvas, Frame, outline},
    text::{capital, describe, fill},
};

const SIDE: f64 = 74.0;
const STEP: f64 = SIDE + 4.0;
const BETWEEN: f64 = 44.0;
const NARROWEST: f64 = 3.0;
/// More lines of names than this go below all maps, in as many columns as fit.
const LONGEST: usize = 10;

/// Whether the tile map has places for most of the rows: one with a few of them would look like all there is.
pub fn has_tiles(comparison: &Comparison) -> bool {
    let keys = || comparison.rows.iter().map(|row| row.key.as_str());
    let maps = wanted(keys());
    let codes: Vec<&str> = tiles()
        .filter(|tile| maps.contains(&tile.layout))
        .map(|tile| tile.code)
        .collect();
    let placed = keys().filter(|key| codes.contains(key)).count();
    placed * 2 > comparison.rows.len()
}

/// Draws a comparison of regions as a tile map in SVG; one without any known region says so.
pub fn tile_map(comparison: &Comparison, frame: Frame) -> String {
    let format = Format::of(comparison);
    let names = wanted(comparison.rows.iter().map(|row| row.key.as_str()));
    let maps: Vec<Vec<Tile>> = names.iter().map(|name| layout(name)).collect();
    let panels: f64 = maps.iter().map(|tiles| columns(tiles) * STEP).sum();
    let width = (panels + BETWEEN * (maps.len() as f64 - 1.0) + 2.0 * MARGIN).max(560.0);
    let mut canvas = Canvas::new("tile", width);
    let mut y = notes::head(&mut canvas, comparison, frame);

    let placed = |key: &str| maps.iter().flatten().any(|tile| tile.code == key);
    let on_map: Vec<f64> = comparison
        .rows
        .iter()
        .filter(|r| placed(&r.key))
        .filter_map(Row::number)
        .collect();
    let classes = Classes::of(&on_map);
    let row_of = |tile: &Tile| comparison.rows.iter().find(|row| row.key == tile.code);
    if maps.is_empty() {
        y = no_places(&mut canvas, &format, y);
    } else {
        let outside = maps.iter().flatten().any(|tile| row_of(tile).is_none());
        y = heading(&mut canvas, &format, comparison, &classes, outside, y);
    }

    let flags = flags(comparison);
    let mut bottom = y;
    let mut below = Vec::new();
    let mut left = MARGIN;
    for (name, tiles) in names.iter().zip(&maps) {
        let country = if name.starts_with("DE") {
            format.words().germany
        } else {
            format.words().sweden
        };
        canvas.text(left, y + 14.0, Anchor::Start, TEXT.bold(), country);
        for tile in tiles {
            let corner = (
                left + f64::from(tile.column) * STEP,
                y + 26.0 + f64::from(tile.row) * STEP,
            );
            let row = row_of(tile);
            let mark = row.map(|row| marks(row, &flags)).unwrap_or_default();
            draw_tile(&mut canvas, &format, &classes, tile, row, corner, &mark);
        }
        let rows = tiles
            .iter()
            .map(|tile| f64::from(tile.row))
            .fold(0.0, f64::max)
            + 1.0;
        let room = columns(tiles) * STEP;
        let end = y + 26.0 + rows * STEP;
        let names = Names::of_tiles(tiles, comparison);
        if names.shape(room).1 > LONGEST {
            below.push(names);
            bottom = bottom.max(end);
        } else {
            bottom = bottom.max(names.draw(&mut canvas, (left, end + 18.0), room));
        }
        left += room + BETWEEN;
    }
    for names in below {
        let place = (MARGIN, bottom + 20.0);
        bottom = names.draw(&mut canvas, place, width - 2.0 * MARGIN);
    }
    if !maps.is_empty() {
        canvas.text(
            MARGIN,
            bottom + 14.0,
            Anchor::Start,
            NOTE,
            format.words().equal_tiles,
        );
        bottom += 16.0;
    }
    let rows = comparison.rows.iter().enumerate();
    let twice = |i: usize, row: &Row| {
        comparison.rows[..i]
            .iter()
            .any(|other| other.key == row.key)
    };
    let off: Vec<&Row> = rows
        .filter(|(i, row)| !placed(&row.key) || twice(*i, row))
        .map(|(_, row)| row)
        .collect();
    bottom = not_on_map(&mut canvas, &format, &off, bottom);
    let height = notes::foot(&mut canvas, comparison, &format, frame, bottom);
    canvas.finish(height, format.words().lang, &notes::label(comparison))
}

fn columns(tiles: &[Tile]) -> f64 {
    tiles
        .iter()
        .map(|tile| f64::from(tile.column))
        .fold(NARROWEST - 1.0, f64::max)
        + 1.0
}

/// Unit and legend of a map; gives where they end.
pub(crate) fn heading(
    canvas: &mut Canvas,
    format: &Format,
    comparison: &Comparison,
    classes: &Classes,
    outside: bool,
    top: f64,
) -> f64 {
    let room = canvas.width - 2.0 * MARGIN;
    let unit = TEXT
        .bold()
        .fit(&capital(&comparison.language.unit(&comparison.unit)), room);
    canvas.text(MARGIN, top + 14.0, Anchor::Start, TEXT.bold(), &unit);
    let y = legend::draw(canvas, top + 24.0, &legend::classes(classes, format));
    let absent = legend::absences(canvas, comparison, format, outside);
    legend::draw(canvas, y, &absent) + 6.0
}

/// Says that no row has a place on a map; gives where that ends.
pub(crate) fn no_places(canvas: &mut Canvas, format: &Format, top: f64) -> f64 {
    let words = format.words().no_places;
    canvas.text(MARGIN, top + 12.0, Anchor::Start, TEXT, words);
    top + 26.0
}

/// How a place is filled, and the colour its text stands on if it is a plain one.
pub(crate) fn fill_of(
    canvas: &Canvas,
    classes: &Classes,
    row: Option<&Row>,
) -> (String, Option<Colour>) {
    let plain = |colour: Colour| (format!("fill=\"{}\"", colour.hex()), Some(colour));
    match row.map(Row::seen) {
        None => plain(OUTSIDE),
        Some(Seen::Value(value, _)) => plain(classes.colour_of(value)),
        Some(Seen::Missing(_)) => (canvas.missing(), None),
        Some(Seen::Suppressed) => (canvas.suppressed(), None),
    }
}

fn draw_tile(
    canvas: &mut Canvas,
    format: &Format,
    classes: &Classes,
    tile: &Tile,
    row: Option<&Row>,
    (x, y): (f64, f64),
    mark: &str,
) {
    let words = format.words();
    let (fill, ground) = fill_of(canvas, classes, row);
    let (title, value) = match row {
        None => (format!("{}: {}", tile.code, words.outside), String::new()),
        Some(row) => {
            let value = match row.seen() {
                Seen::Value(value, _) => format.compact(value),
                Seen::Missing(_) => words.missing.to_owned(),
                Seen::Suppressed => words.suppressed_short.to_owned(),
            };
            (describe(row, format), value)
        }
    };
    canvas.open(&title);
    canvas.rect(x, y, SIDE, SIDE, &format!("rx=\"4\" {fill} {}", outline()));
    let middle = x + SIDE / 2.0;
    let (name, number) = (
        TEXT.sized(16.0).bold(),
        shrunk(TEXT.sized(13.0), &value, SIDE - 12.0),
    );
    if let Some(ground) = ground {
        canvas.text(
            middle,
            y + 34.0,
            Anchor::Middle,
            name.on(ground),
            tile.abbreviation,
        );
        canvas.text(middle, y + 54.0, Anchor::Middle, number.on(ground), &value);
    } else {
        canvas.plate(middle, y + 34.0, Anchor::Middle, name, tile.abbreviation);
        canvas.plate(middle, y + 55.0, Anchor::Middle, number, &value);
    }
    if !mark.is_empty() {
        let ink = NOTE.sized(15.0);
        match ground {
            Some(ground) => {
                canvas.text(x + SIDE - 5.0, y + 15.0, Anchor::End, ink.on(ground), mark);
            }
            None => canvas.plate(x + SIDE - 6.0, y + 15.0, Anchor::End, ink, mark),
        }
    }
    canvas.close();
}

/// The text size at which a text fits, down to the smallest that can be read.
fn shrunk(ink: Ink, text: &str, room: f64) -> Ink {
    let width = ink.width(text);
    if width <= room {
        ink
    } else {
        ink.sized((ink.size * room / width).max(9.5))
    }
}

/// The abbreviations of a map with the names behind them.
pub(crate) struct Names<'a> {
    entries: Vec<(&'a str, &'a str)>,
    indent: f64,
    widest: f64,
}

impl<'a> Names<'a> {
    const LINE: f64 = 17.0;

    fn of_tiles(tiles: &[Tile], comparison: &'a Comparison) -> Self {
        let names = tiles.iter().filter_map(|tile| {
            let row = comparison.rows.iter().find(|row| row.key == tile.code)?;
            Some((tile.abbreviation, row.label.as_str()))
        });
        Self::of(names.collect())
    }

    /// Of abbreviations with their names.
    pub(crate) fn of(mut names: Vec<(&'a str, &'a str)>) -> Self {
        names.sort_unstable();
        let widest = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max);
        let indent = widest(&mut names.iter().map(|(short, _)| NOTE.bold().width(short))) + 8.0;
        let widest = widest(&mut names.iter().map(|(_, name)| NOTE.width(name)));
        Self {
            widest: indent + widest + 14.0,
            indent,
            entries: names,
        }
    }

    /// How many columns and lines they take in so much room.
    fn shape(&self, room: f64) -> (usize, usize) {
        let columns = (room / self.widest).floor().clamp(1.0, 4.0) as usize;
        (columns, self.entries.len().div_ceil(columns))
    }

    /// Draws them; gives where they end.
    pub(crate) fn draw(&self, canvas: &mut Canvas, (left, top): (f64, f64), room: f64) -> f64 {
        let (columns, lines) = self.shape(room);
        let width = room / columns as f64;
        for (i, (short, name)) in self.entries.iter().enumerate() {
            let x = left + width * (i / lines) as f64;
            let y = top + Self::LINE * (i % lines) as f64;
            canvas.text(x, y, Anchor::Start, NOTE.bold(), short);
            let name = NOTE.fit(name, width - self.indent - 4.0);
            canvas.text(x + self.indent, y, Anchor::Start, NOTE, &name);
        }
        top + Self::LINE * lines as f64
    }
}

/// Names the rows that have no place on a map; gives where that ends.
pub(crate) fn not_on_map(canvas: &mut Canvas, format: &Format, rows: &[&Row], top: f64) -> f64 {
    const MOST: usize = 8;
    if rows.is_empty() {
        return top;
    }
    let words = format.words();
    let mut texts: Vec<String> = rows
        .iter()
        .take(MOST)
        .map(|row| describe(row, format))
        .collect();
    if rows.len() > MOST {
        texts.push(fill(words.and_more, &[&(rows.len() - MOST).to_string()]));
    }
    let text = format!("{} {}", words.not_on_map, texts.join(" · "));
    let lines = NOTE.wrap(&text, canvas.width - 2.0 * MARGIN, usize::MAX);
    canvas.lines(MARGIN, top + 14.0, NOTE, &lines) - 10.0
}

/// Text on a map of true shapes for a place of this colour.
pub(crate) fn place_ink(size: f64, ground: Option<Colour>) -> Ink {
    TEXT.sized(size).bold().on(ground.unwrap_or(PAPER))
}

#[cfg(test)]
#[path = "tile_tests.rs"]
mod tests;
