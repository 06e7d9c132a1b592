//! From longitude and latitude to the plane: Lambert's azimuthal equal-area projection of the sphere around 52° N 10° E,
//! the centre that European statistics use (ETRS89-LAEA), so that areas can be compared between north and south. And
//! from the plane to the picture: scaled to fit, points thinned out that would fall on the same pixel.

const CENTRE: (f64, f64) = (10.0, 52.0);

/// A point in the plane or the picture.
pub(crate) type Point = (f64, f64);

/// Projects a point; nothing for what is no place on earth or lies opposite the centre.
pub(crate) fn project((longitude, latitude): Point) -> Option<Point> {
    if !(longitude.is_finite()
        && latitude.is_finite()
        && latitude.abs() <= 90.0
        && longitude.abs() <= 360.0)
    {
        return None;
    }
    let (lambda, phi) = ((longitude - CENTRE.0).to_radians(), latitude.to_radians());
    let (sin0, cos0) = CENTRE.1.to_radians().sin_cos();
    let (sin, cos) = phi.sin_cos();
    let toward = 1.0 + sin0 * sin + cos0 * cos * lambda.cos();
    if toward < 1e-6 {
        return None;
    }
    let k = (2.0 / toward).sqrt();
    // North is up, and pictures count downwards.
    Some((
        k * cos * lambda.sin(),
        -k * (cos0 * sin - sin0 * cos * lambda.cos()),
    ))
}

/// How the plane is laid into a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    scale: f64,
    origin: Point,
    /// Size of the picture
    pub(crate) size: Point,
}

impl Fit {
    /// Fits all points into a box; nothing if there are none.
    pub(crate) fn of(points: impl Iterator<Item = Point>, room: Point) -> Option<Self> {
        let mut bounds: Option<(Point, Point)> = None;
        for (x, y) in points {
            let ((left, top), (right, bottom)) = bounds.unwrap_or(((x, y), (x, y)));
            bounds = Some(((left.min(x), top.min(y)), (right.max(x), bottom.max(y))));
        }
        let ((left, top), (right, bottom)) = bounds?;
        let (width, height) = ((right - left).max(1e-9), (bottom - top).max(1e-9));
        let scale = (room.0 / width).min(room.1 / height);
        Some(Self {
            scale,
            origin: (left, top),
            size: (width * scale, height * scale),
        })
    }

    /// A point in the picture.
    pub(crate) fn place(&self, (x, y): Point) -> Point {
        (
            (x - self.origin.0) * self.scale,
            (y - self.origin.1) * self.scale,
        )
    }
}

/// A ring without the points that lie within a third of a pixel of the one before.
pub(crate) fn thin(ring: &[Point]) -> Vec<Point> {
    const LEAST: f64 = 0.35;
    let mut thinned: Vec<Point> = Vec::new();
    for &(x, y) in ring {
        let near = thinned
            .last()
            .is_some_and(|(px, py)| (px - x).abs() < LEAST && (py - y).abs() < LEAST);
        if !near {
            thinned.push((x, y));
        }
    }
    thinned
}

/// A point well inside a shape, and its distance from the border: where a label goes. The best of a grid of points.
pub(crate) fn inside(rings: &[Vec<Point>]) -> Option<(Point, f64)> {
    const STEPS: u32 = 24;
    let points = || rings.iter().flatten();
    let fold =
        |pick: fn(&Point) -> f64, better: fn(f64, f64) -> f64| points().map(pick).reduce(better);
    let (left, right) = (fold(|p| p.0, f64::min)?, fold(|p| p.0, f64::max)?);
    let (top, bottom) = (fold(|p| p.1, f64::min)?, fold(|p| p.1, f64::max)?);
    let mut best: Option<(Point, f64)> = None;
    for i in 1..STEPS {
        for j in 1..STEPS {
            let part =
                |k: u32, from: f64, to: f64| from + (to - from) * f64::from(k) / f64::from(STEPS);
            let point = (part(i, left, right), part(j, top, bottom));
            if contains(rings, point) {
                let clear = distance(rings, point);
                if best.is_none_or(|(_, most)| clear > most) {
                    best = Some((point, clear));
                }
            }
        }
    }
    best
}

fn edges(rings: &[Vec<Point>]) -> impl Iterator<Item = (Point, Point)> {
    rings.iter().flat_map(|ring| {
        let next = ring.iter().cycle().skip(1);
        ring.iter().copied().zip(next.copied())
    })
}

/// By the even-odd rule, as the shapes are filled.
pub(crate) fn contains(rings: &[Vec<Point>], (x, y): Point) -> bool {
    let crossings = edges(rings).filter(|((ax, ay), (bx, by))| {
        (*ay > y) != (*by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossings.count() % 2 == 1
}

fn distance(rings: &[Vec<Point>], (x, y): Point) -> f64 {
    edges(rings).fold(f64::INFINITY, |least, ((ax, ay), (bx, by))| {
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let part = if length > 0.0 {
            (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0)
        } else {
            0.0
        };
        least.min((x - ax - part * dx).hypot(y - ay - part * dy))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_is_the_origin_and_areas_are_kept() {
        let centre = project(CENTRE).unwrap();
        assert!(centre.0.abs() < 1e-12 && centre.1.abs() < 1e-12);
        // A small square of one hundredth of a degree by latitude covers cos(latitude) of that at the equator.
        let area = |lon: f64, lat: f64| {
            let near = |dx, dy| project((lon + dx, lat + dy)).unwrap();
            let (a, b, c) = (near(0.0, 0.0), near(0.01, 0.0), near(0.0, 0.01));
            ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).abs() / lat.to_radians().cos()
        };
        assert!((area(8.0, 49.0) / area(20.0, 67.0) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_place_is_left_out() {
        for point in [
            (f64::NAN, 0.0),
            (0.0, 91.0),
            (f64::INFINITY, 0.0),
            (-170.0, -52.0),
        ] {
            assert_eq!(project(point), None);
        }
        assert_eq!(Fit::of([].into_iter(), (10.0, 10.0)), None);
        assert!(
            Fit::of([(1.0, 1.0)].into_iter(), (10.0, 10.0))
                .unwrap()
                .size
                .0
                .is_finite()
        );
    }

    #[test]
    fn a_label_avoids_holes() {
        let square = |a: f64, b: f64| vec![(a, a), (b, a), (b, b), (a, b)];
        let rings = [square(0.0, 10.0), square(4.0, 6.0)];
        let (point, clear) = inside(&rings).unwrap();
        assert!(contains(&rings, point) && !contains(&rings, (5.0, 5.0)) && clear > 1.9);
        assert_eq!(inside(&[]), None);
    }

    #[test]
    fn points_on_the_same_pixel_are_one() {
        assert_eq!(
            thin(&[(0.0, 0.0), (0.1, 0.2), (3.0, 0.0)]),
            [(0.0, 0.0), (3.0, 0.0)]
        );
    }
}
