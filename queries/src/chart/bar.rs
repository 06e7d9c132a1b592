//! The bar chart: one line a row in the order given, label left, bar with the whiskers of its interval, value and number
//! of cases right. Bars start at zero, to both sides of it if there are negative values. What has no number is a hatched
//! band over the whole width, so that no length can be read from it. The overall value is a line across the bars where
//! these are measured by it; a sum of the rows has a line of its own below them and no bar, since it would dwarf them.

use crate::chart::{
    axis::Axis,
    comparison::{Comparison, Row, Seen},
    format::Format,
    ink::{Ink, NOTE, TEXT},
    legend::{self, Entry, Sample},
    notes::{self, MARGIN, flags, marks},
    palette::{BAR, INK, OVERALL},
    svg::{Anchor, Canvas, Frame, at, grid, outline},
    text::{absence, capital, describe},
};

const WIDTH: f64 = 880.0;
const BAR_HEIGHT: f64 = 15.0;
const GAP: f64 = 14.0;
const LABEL: Ink = TEXT;

/// Where everything lies.
struct Plan {
    axis: Axis,
    left: f64,
    right: f64,
    value_end: f64,
    /// Right end of the numbers of cases, if any row has one
    cases_end: Option<f64>,
}

impl Plan {
    fn of(comparison: &Comparison, format: &Format, flags: &[&str]) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| LABEL.width(&text)).fold(0.0, f64::max)
        };
        let labels = widest(&mut comparison.rows.iter().map(|row| label(row, flags)))
            .max(LABEL.bold().width(&title(comparison)));
        let words = format.words();
        let values = widest(
            &mut comparison
                .rows
                .iter()
                .filter_map(Row::number)
                .chain(comparison.whole())
                .map(|v| format.value(v)),
        );
        let cases = widest(
            &mut comparison
                .rows
                .iter()
                .filter_map(Row::cases)
                .map(|n| format.count(n)),
        );
        let cases_end = (cases > 0.0).then_some(WIDTH - MARGIN);
        let value_end = WIDTH
            - MARGIN
            - if cases > 0.0 {
                cases.max(LABEL.width(words.cases)) + GAP + 4.0
            } else {
                0.0
            };
        let left = MARGIN + labels.clamp(60.0, 250.0) + GAP;
        let right = value_end - values.max(LABEL.bold().width(words.value)).min(200.0) - GAP;
        Self {
            axis: Axis::of(comparison),
            left,
            right,
            value_end,
            cases_end,
        }
    }

    fn x(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * self.axis.place(value)
    }

    /// Where the bar of a value begins, and its length: what is not zero can be seen.
    fn bar(&self, value: f64) -> (f64, f64) {
        const LEAST: f64 = 1.0;
        let (from, to) = (self.x(value.min(0.0)), self.x(value.max(0.0)));
        let length = if value == 0.0 {
            0.0
        } else {
            (to - from).max(LEAST)
        };
        (if value < 0.0 { to - length } else { from }, length)
    }
}

/// The head of the labels.
fn title(comparison: &Comparison) -> String {
    capital(&comparison.language.dimension(&comparison.by))
}

fn label(row: &Row, flags: &[&str]) -> String {
    let marks = marks(row, flags);
    if marks.is_empty() {
        row.label.clone()
    } else {
        format!("{} {marks}", row.label)
    }
}

/// The label in at most two lines. Where it is cut, the marks of its flags stay: they are doubts about the number.
fn label_lines(row: &Row, flags: &[&str], room: f64) -> Vec<String> {
    const MOST: usize = 2;
    let whole = LABEL.wrap(&label(row, flags), room, usize::MAX);
    if whole.len() <= MOST {
        return whole;
    }
    let mut lines = LABEL.wrap(&row.label, room, MOST);
    let marks = marks(row, flags);
    if !marks.is_empty()
        && let Some(last) = lines.last_mut()
    {
        let marks = format!(" {marks}");
        *last = LABEL.fit(last, room - LABEL.width(&marks)) + &marks;
    }
    lines
}

/// Draws a comparison as a bar chart in SVG.
pub fn bar_chart(comparison: &Comparison, frame: Frame) -> String {
    let format = Format::of(comparison);
    let flags = flags(comparison);
    let plan = Plan::of(comparison, &format, &flags);
    let mut canvas = Canvas::new("bar", WIDTH);
    let mut y = notes::head(&mut canvas, comparison, frame);
    if comparison.rows.is_empty() {
        canvas.text(
            MARGIN,
            y + 14.0,
            Anchor::Start,
            TEXT,
            format.words().no_rows,
        );
        y += 26.0;
    } else {
        let entries = entries(&canvas, comparison, &format);
        y = legend::draw(&mut canvas, y + 4.0, &entries);
        y = columns(&mut canvas, comparison, &format, &plan, y);
        y = rows(&mut canvas, comparison, &format, &plan, &flags, y);
        y = total(&mut canvas, comparison, &format, &plan, y);
    }
    let height = notes::foot(&mut canvas, comparison, &format, frame, y);
    canvas.finish(height, format.words().lang, &notes::label(comparison))
}

fn entries(canvas: &Canvas, comparison: &Comparison, format: &Format) -> Vec<Entry> {
    let words = format.words();
    let mut entries = Vec::new();
    let seen = || comparison.rows.iter().map(Row::seen);
    if seen().any(|seen| matches!(seen, Seen::Value(_, Some(_)))) {
        let text = if comparison.interval.is_empty() {
            words.interval.to_owned()
        } else {
            format!("{} ({})", words.interval, comparison.interval)
        };
        entries.push(Entry {
            sample: Sample::Line(whisker(), true),
            text,
        });
    }
    if let Some(whole) = comparison.measure() {
        let text = format!("{}: {}", words.overall, format.with_unit(whole));
        entries.push(Entry {
            sample: Sample::Line(overall(), false),
            text,
        });
    }
    entries.extend(legend::absences(canvas, comparison, format, false));
    entries
}

/// Heads of the columns.
fn columns(
    canvas: &mut Canvas,
    comparison: &Comparison,
    format: &Format,
    plan: &Plan,
    top: f64,
) -> f64 {
    let words = format.words();
    let bold = LABEL.bold();
    let y = top + 14.0;
    canvas.text(
        MARGIN,
        y,
        Anchor::Start,
        bold,
        &bold.fit(&title(comparison), plan.left - MARGIN - GAP),
    );
    let unit = capital(&comparison.language.unit(&comparison.unit));
    canvas.text(
        plan.left,
        y,
        Anchor::Start,
        bold,
        &bold.fit(&unit, plan.right - plan.left),
    );
    canvas.text(plan.value_end, y, Anchor::End, bold, words.value);
    if let Some(end) = plan.cases_end {
        canvas.text(end, y, Anchor::End, bold, words.cases);
    }
    y + 10.0
}

fn rows(
    canvas: &mut Canvas,
    comparison: &Comparison,
    format: &Format,
    plan: &Plan,
    flags: &[&str],
    top: f64,
) -> f64 {
    let room = plan.left - MARGIN - GAP;
    let labels: Vec<Vec<String>> = comparison
        .rows
        .iter()
        .map(|row| label_lines(row, flags, room))
        .collect();
    let heights = labels
        .iter()
        .map(|lines| if lines.len() > 1 { 38.0 } else { 25.0 });
    let bottom = top + heights.clone().sum::<f64>() + 4.0;
    if !comparison.numbers().is_empty() || comparison.measure().is_some() {
        scale(canvas, format, plan, (top, bottom));
    }
    let mut y = top + 2.0;
    for ((row, lines), height) in comparison.rows.iter().zip(&labels).zip(heights.clone()) {
        draw_row(canvas, format, plan, row, lines, (y, height));
        y += height;
    }
    let zero = plan.x(0.0);
    canvas.line(
        (zero, top),
        (zero, bottom),
        &format!(
            "class=\"whisker\" stroke=\"{}\" stroke-width=\"1\"",
            INK.hex()
        ),
    );
    if let Some(whole) = comparison.measure() {
        let x = plan.x(whole);
        canvas.line((x, top - 2.0), (x, bottom), &overall());
    }
    // Above the line of the overall value, so that it crosses no text.
    let mut y = top + 2.0;
    for (row, height) in comparison.rows.iter().zip(heights) {
        let why = absence(row, format.words());
        if !why.is_empty() {
            let why = NOTE.fit(&why, plan.right - plan.left - 24.0);
            let ink = Ink {
                size: NOTE.size,
                ..TEXT
            };
            let place = (plan.left + 12.0, y + height / 2.0 + 4.0);
            canvas.plate(place.0, place.1, Anchor::Start, ink, &why);
        }
        y += height;
    }
    bottom + 26.0
}

/// Lines across the bars at round numbers, and these numbers below.
fn scale(canvas: &mut Canvas, format: &Format, plan: &Plan, (top, bottom): (f64, f64)) {
    let ticks = plan.axis.ticks();
    let largest = ticks.iter().fold(0.0_f64, |most, t| most.max(t.abs()));
    let mut written_to = f64::MIN;
    for tick in ticks {
        let x = plan.x(tick);
        canvas.line((x, top), (x, bottom), &grid());
        let text = format.round(tick, largest);
        let half = NOTE.width(&text) / 2.0;
        // Where the bars have little room, a number would run into the one before.
        if x - half >= written_to {
            canvas.text(x, bottom + 15.0, Anchor::Middle, NOTE, &text);
            written_to = x + half + 4.0;
        }
    }
}

/// The overall value where no bar can be measured by it; gives where it ends.
fn total(
    canvas: &mut Canvas,
    comparison: &Comparison,
    format: &Format,
    plan: &Plan,
    top: f64,
) -> f64 {
    let (Some(whole), None) = (comparison.whole(), comparison.measure()) else {
        return top;
    };
    let bold = LABEL.bold();
    let end = WIDTH - MARGIN;
    canvas.line((MARGIN, top), (end, top), &outline());
    let y = top + 18.0;
    let words = format.words();
    canvas.text(MARGIN, y, Anchor::Start, bold, &capital(words.overall));
    canvas.text(
        plan.value_end,
        y,
        Anchor::End,
        bold,
        &bold.fit(&format.value(whole), plan.value_end - plan.left),
    );
    y + 12.0
}

fn draw_row(
    canvas: &mut Canvas,
    format: &Format,
    plan: &Plan,
    row: &Row,
    label: &[String],
    (top, height): (f64, f64),
) {
    let middle = top + height / 2.0;
    canvas.open(&describe(row, format));
    let first = if label.len() > 1 {
        middle - 4.0
    } else {
        middle + 4.5
    };
    for (i, line) in label.iter().enumerate() {
        canvas.text(MARGIN, first + 16.0 * i as f64, Anchor::Start, LABEL, line);
    }
    let bar_top = middle - BAR_HEIGHT / 2.0;
    match row.seen() {
        Seen::Value(value, interval) => {
            let (from, length) = plan.bar(value);
            canvas.rect(
                from,
                bar_top,
                length,
                BAR_HEIGHT,
                &format!("class=\"bar\" fill=\"{}\"", BAR.hex()),
            );
            if let Some(bounds) = interval {
                whiskers(canvas, plan, bounds, middle);
            }
            canvas.text(
                plan.value_end,
                middle + 4.5,
                Anchor::End,
                LABEL,
                &LABEL.fit(&format.value(value), 200.0),
            );
        }
        seen => {
            let fill = if seen == Seen::Suppressed {
                canvas.suppressed()
            } else {
                canvas.missing()
            };
            canvas.rect(
                plan.left,
                bar_top,
                plan.right - plan.left,
                BAR_HEIGHT,
                &fill,
            );
            canvas.text(
                plan.value_end,
                middle + 4.5,
                Anchor::End,
                LABEL,
                format.words().none,
            );
        }
    }
    if let (Some(end), Some(n)) = (plan.cases_end, row.cases()) {
        canvas.text(
            end,
            middle + 4.5,
            Anchor::End,
            NOTE.sized(13.0),
            &format.count(n),
        );
    }
    canvas.close();
}

/// Draws an interval; an end outside the axis is an arrow.
fn whiskers(canvas: &mut Canvas, plan: &Plan, (low, high): (f64, f64), y: f64) {
    let look = whisker();
    let (from, to) = (plan.x(low), plan.x(high));
    canvas.line((from, y), (to, y), &look);
    for (x, bound, side) in [(from, low, 1.0), (to, high, -1.0)] {
        if plan.axis.holds(bound) {
            canvas.line((x, y - 4.0), (x, y + 4.0), &look);
        } else {
            let (back, up, down) = (at(x + 6.0 * side), at(y - 4.0), at(y + 4.0));
            canvas.push(&format!(
                "<path d=\"M{back} {up}L{} {}L{back} {down}\" fill=\"none\" {look}/>",
                at(x),
                at(y)
            ));
        }
    }
}

fn whisker() -> String {
    format!(
        "class=\"whisker\" stroke=\"{}\" stroke-width=\"1.4\"",
        INK.hex()
    )
}

fn overall() -> String {
    format!(
        "class=\"overall\" stroke=\"{}\" stroke-width=\"1.8\" stroke-dasharray=\"5 3\"",
        OVERALL.hex()
    )
}

#[cfg(test)]
#[path = "bar_tests.rs"]
mod tests;
