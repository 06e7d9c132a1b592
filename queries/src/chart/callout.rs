//! Labels of shapes that are too small to hold one: beside them, tied to them by a line. A place on the blank of the map is
//! better than one on another shape, a near one better than a far one; labels never lie upon each other. Where so many are
//! small that the lines would be a thicket, there are none.

use crate::chart::{
    ink::{Ink, TEXT},
    palette::INK,
    projection::{Point, contains, inside},
    svg::{Anchor, Canvas, at},
};

/// More small shapes than this have no labels.
const MOST: usize = 30;
const SIZE: f64 = 11.0;
/// Distances from the shape that are tried, near ones first.
const DISTANCES: [f64; 8] = [20.0, 28.0, 38.0, 50.0, 64.0, 80.0, 98.0, 120.0];
const DIRECTIONS: u32 = 24;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    /// The one of this size around a point.
    pub(crate) fn around((x, y): Point, (width, height): Point) -> Self {
        Self {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        }
    }

    /// The smallest one that holds all points; nothing if there are none.
    fn of(points: impl Iterator<Item = Point>) -> Option<Self> {
        let areas = points.map(|point| Self::around(point, (0.0, 0.0)));
        areas.reduce(|all, point| Self {
            left: all.left.min(point.left),
            top: all.top.min(point.top),
            right: all.right.max(point.right),
            bottom: all.bottom.max(point.bottom),
        })
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn lies_in(&self, other: &Self) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }

    /// Corners and middles.
    fn points(&self) -> [Point; 7] {
        let middle = (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        );
        [
            (self.left, self.top),
            (self.right, self.top),
            (self.left, self.bottom),
            (self.right, self.bottom),
            (middle.0, self.top),
            (middle.0, self.bottom),
            middle,
        ]
    }

    /// The point of it that is nearest to another.
    fn nearest(&self, (x, y): Point) -> Point {
        (
            x.clamp(self.left, self.right),
            y.clamp(self.top, self.bottom),
        )
    }
}

/// A shape as it lies in the picture.
pub(crate) struct Land {
    area: Area,
    rings: Vec<Vec<Point>>,
}

impl Land {
    /// Of rings; nothing if they have no point.
    pub(crate) fn of(rings: Vec<Vec<Point>>) -> Option<Self> {
        let area = Area::of(rings.iter().flatten().copied())?;
        Some(Self { area, rings })
    }

    fn lies_under(&self, label: &Area) -> bool {
        self.area.meets(label) && label.points().iter().any(|p| contains(&self.rings, *p))
    }
}

/// A shape without room, and what is to be written beside it.
pub(crate) struct Small {
    /// Where the line ends: in the shape.
    pub(crate) point: Point,
    /// The label.
    pub(crate) text: String,
}

impl Small {
    /// Of rings; nothing if they have no point.
    pub(crate) fn of(rings: &[Vec<Point>], text: String) -> Option<Self> {
        let area = Area::of(rings.iter().flatten().copied())?;
        let middle = (
            f64::midpoint(area.left, area.right),
            f64::midpoint(area.top, area.bottom),
        );
        let point = inside(rings).map_or(middle, |(point, _)| point);
        Some(Self { point, text })
    }
}

fn ink() -> Ink {
    TEXT.sized(SIZE).bold()
}

/// Draws labels beside small shapes, within `room` and upon none of `taken`.
pub(crate) fn draw(
    canvas: &mut Canvas,
    small: &[Small],
    lands: &[Land],
    mut taken: Vec<Area>,
    room: &Area,
) {
    if small.len() > MOST {
        return;
    }
    // No label hides what another one is about.
    taken.extend(
        small
            .iter()
            .map(|shape| Area::around(shape.point, (6.0, 6.0))),
    );
    for shape in small {
        let size = (ink().width(&shape.text) + 8.0, SIZE * 1.36);
        if let Some(label) = place(shape.point, size, lands, &taken, room) {
            write(canvas, shape, &label);
            taken.push(label);
        }
    }
}

/// The best place for a label, if there is any.
fn place(point: Point, size: Point, lands: &[Land], taken: &[Area], room: &Area) -> Option<Area> {
    let around = |distance: f64| {
        (0..DIRECTIONS).map(move |step| {
            let angle = std::f64::consts::TAU * f64::from(step) / f64::from(DIRECTIONS);
            // Labels are wider than high: they have to be farther off to the sides.
            let x = point.0 + angle.cos() * (distance + size.0 / 2.0);
            Area::around((x, point.1 + angle.sin() * distance), size)
        })
    };
    let free: Vec<Area> = DISTANCES
        .into_iter()
        .flat_map(around)
        .filter(|label| label.lies_in(room) && !taken.iter().any(|other| other.meets(label)))
        .collect();
    let on_blank = |label: &&Area| !lands.iter().any(|land| land.lies_under(label));
    free.iter().find(on_blank).or(free.first()).copied()
}

/// The line and the label.
fn write(canvas: &mut Canvas, shape: &Small, label: &Area) {
    let colour = INK.hex();
    let look = format!("class=\"whisker\" stroke=\"{colour}\" stroke-width=\"0.8\"");
    canvas.line(shape.point, label.nearest(shape.point), &look);
    canvas.push(&format!(
        "<circle cx=\"{}\" cy=\"{}\" r=\"1.8\" class=\"ink\" fill=\"{colour}\"/>",
        at(shape.point.0),
        at(shape.point.1)
    ));
    let x = f64::midpoint(label.left, label.right);
    canvas.plate(x, label.top + SIZE, Anchor::Middle, ink(), &shape.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn land(left: f64, right: f64) -> Land {
        let ring = vec![(left, 0.0), (right, 0.0), (right, 300.0), (left, 300.0)];
        Land::of(vec![ring]).unwrap()
    }

    const ROOM: Area = Area {
        left: 0.0,
        top: 0.0,
        right: 400.0,
        bottom: 300.0,
    };

    #[test]
    fn the_nearest_blank_is_taken() {
        let size = (40.0, 15.0);
        let label = place((100.0, 150.0), size, &[land(0.0, 120.0)], &[], &ROOM).unwrap();
        assert!(label.left >= 120.0 && label.right < 170.0, "{label:?}");
        // Where all is land, the nearest place there.
        let label = place((100.0, 150.0), size, &[land(0.0, 400.0)], &[], &ROOM).unwrap();
        assert!(
            !label.meets(&Area::around((100.0, 150.0), (1.0, 1.0))),
            "{label:?}"
        );
        assert!(label.left < 145.0, "{label:?}");
    }

    #[test]
    fn labels_lie_in_the_room_and_not_upon_each_other() {
        let small: Vec<Small> = (0..12)
            .map(|n| Small {
                point: (380.0, 140.0 + f64::from(n)),
                text: "AB 12.3m".to_owned(),
            })
            .collect();
        let mut canvas = Canvas::new("t", 400.0);
        draw(&mut canvas, &small, &[], Vec::new(), &ROOM);
        let drawn = canvas.markup();
        let number = |line: &str, name: &str| -> f64 {
            let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        let areas: Vec<Area> = drawn
            .lines()
            .filter(|line| line.starts_with("<rect"))
            .map(|line| {
                let (left, top) = (number(line, "x"), number(line, "y"));
                Area {
                    left,
                    top,
                    right: left + number(line, "width"),
                    bottom: top + number(line, "height"),
                }
            })
            .collect();
        assert!(areas.len() > 8, "{drawn}");
        for (i, area) in areas.iter().enumerate() {
            // Coordinates are written to a tenth.
            let (x, y) = (
                f64::midpoint(area.left, area.right),
                f64::midpoint(area.top, area.bottom),
            );
            let size = (area.right - area.left - 0.4, area.bottom - area.top - 0.4);
            let area = Area::around((x, y), size);
            assert!(area.lies_in(&ROOM), "{area:?}");
            assert!(
                !areas[..i].iter().any(|other| other.meets(&area)),
                "{drawn}"
            );
        }
    }

    #[test]
    fn a_thicket_is_not_drawn() {
        let small = |n: usize| -> Vec<Small> {
            let one = |_| Small {
                point: (200.0, 150.0),
                text: "A".to_owned(),
            };
            (0..n).map(one).collect()
        };
        let drawn = |n: usize| {
            let mut canvas = Canvas::new("t", 400.0);
            draw(&mut canvas, &small(n), &[], Vec::new(), &ROOM);
            canvas.markup().matches("<circle").count()
        };
        assert_eq!((drawn(0), drawn(1), drawn(MOST + 1)), (0, 1, 0));
    }
}
