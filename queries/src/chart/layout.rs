//! Where the tiles of the tile map lie, read from `tiles.csv`: the 16 German Länder (NUTS 1) and Sweden as 8 NUTS 2
//! regions or 21 län (NUTS 3), each place one square, neighbours kept together as far as squares allow. The codes are
//! the same in every NUTS version from 2010 on. Abbreviations: those of the Länder, the county letters of Sweden.

/// The table, as it is kept for people to edit.
const TILES: &str = include_str!("tiles.csv");

/// One place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    /// Which map it belongs to: country and NUTS level
    pub(crate) layout: &'static str,
    /// NUTS code
    pub(crate) code: &'static str,
    /// What is written on it
    pub(crate) abbreviation: &'static str,
    /// Column from the west
    pub(crate) column: u8,
    /// Row from the north
    pub(crate) row: u8,
}

/// All tiles.
pub(crate) fn tiles() -> impl Iterator<Item = Tile> {
    TILES.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        let mut next = || fields.next();
        Some(Tile {
            layout: next()?,
            code: next()?,
            abbreviation: next()?,
            column: next()?.parse().ok()?,
            row: next()?.parse().ok()?,
        })
    })
}

/// The tiles of one map.
pub(crate) fn layout(name: &str) -> Vec<Tile> {
    tiles().filter(|tile| tile.layout == name).collect()
}

/// The abbreviation of a code that has a tile.
pub(crate) fn abbreviation(code: &str) -> Option<&'static str> {
    tiles()
        .find(|tile| tile.code == code)
        .map(|tile| tile.abbreviation)
}

/// The maps that keys ask for: Germany if a Land is among them; Sweden by NUTS 3 or NUTS 2, whichever has more keys.
pub(crate) fn wanted<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let (mut de, mut se2, mut se3) = (0, 0, 0);
    for key in keys {
        match tiles()
            .find(|tile| tile.code == key)
            .map(|tile| tile.layout)
        {
            Some("DE1") => de += 1,
            Some("SE2") => se2 += 1,
            Some("SE3") => se3 += 1,
            _ => {}
        }
    }
    let mut names = Vec::new();
    if de > 0 {
        names.push("DE1");
    }
    if se2 + se3 > 0 {
        names.push(if se3 > se2 { "SE3" } else { "SE2" });
    }
    names
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_region_has_one_place_of_its_own() {
        assert_eq!(tiles().count(), TILES.lines().count() - 1);
        for (name, count) in [("DE1", 16), ("SE2", 8), ("SE3", 21)] {
            let tiles = layout(name);
            assert_eq!(tiles.len(), count);
            let places: HashSet<_> = tiles.iter().map(|t| (t.column, t.row)).collect();
            let codes: HashSet<_> = tiles.iter().map(|t| t.code).collect();
            let letters: HashSet<_> = tiles.iter().map(|t| t.abbreviation).collect();
            assert_eq!(
                (places.len(), codes.len(), letters.len()),
                (count, count, count)
            );
            assert!(
                tiles
                    .iter()
                    .all(|t| t.code.len() == 2 + name[2..].parse::<usize>().unwrap())
            );
        }
    }

    #[test]
    fn no_place_lies_alone() {
        for name in ["DE1", "SE2", "SE3"] {
            let tiles = layout(name);
            for tile in &tiles {
                let near = tiles.iter().any(|other| {
                    other != tile
                        && other.column.abs_diff(tile.column) <= 1
                        && other.row.abs_diff(tile.row) <= 1
                });
                assert!(near, "{}", tile.code);
            }
        }
    }

    #[test]
    fn the_keys_choose_the_maps() {
        let wanted = |keys: &[&str]| wanted(keys.iter().copied());
        assert_eq!(wanted(&["DE1", "SE11"]), ["DE1", "SE2"]);
        assert_eq!(wanted(&["SE110", "SE121", "SE11"]), ["SE3"]);
        assert_eq!(wanted(&["DE", "SE", "DE21", "programme"]), [""; 0]);
        assert_eq!(abbreviation("SE224"), Some("M"));
    }
}
