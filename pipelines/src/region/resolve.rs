//! From everything that a row says about its place to one region: which evidence is asked in which order, and what
//! happens where two pieces of evidence disagree. Nothing is guessed: without a rule that decides, the answer is
//! [`Resolved::Ambiguous`] and the row gets no code.
//!
//! Order: NUTS code, municipality code, postcode (with the place to choose among the Kreise over which it reaches),
//! district, municipality, place, NUTS code in the country column, region of the programme.

use super::code::NutsCode;
use super::gazetteer::{EntryKind, Fit, Gazetteer, Postcode};
use super::normal::read_name;
use super::place::{Field, Scope, Verdict};
use super::postcode::zip_number;
use super::query::{Decides, Query, Resolved, Row, some};

impl Gazetteer {
    /// Resolves one row.
    pub fn resolve(&self, query: &Query<'_>) -> Resolved {
        let row = Row::read(query);
        match row {
            Row {
                foreign: Some(country),
                ..
            } => Resolved::Foreign { country },
            Row { country: None, .. } => Resolved::Unknown,
            Row {
                country: Some(country),
                ..
            } => self.resolve_in(country, &row, query),
        }
    }

    /// The code of one published name or postcode, whatever it is: place, Kreis, län, programme region. For running text,
    /// where no column says which.
    pub fn code_of(&self, country: &str, text: &str) -> Option<(String, &'static str)> {
        let query = Query {
            country,
            place: Some(text),
            ..Query::default()
        };
        let asked = [
            query,
            Query {
                place: None,
                district: Some(text),
                ..query
            },
            Query {
                place: None,
                region: Some(text),
                ..query
            },
        ];
        for query in &asked {
            match self.resolve(query) {
                Resolved::Found { nuts_code, method } => return Some((nuts_code, method)),
                Resolved::Unknown => {}
                _ => return None,
            }
        }
        None
    }

    fn resolve_in(&self, country: &'static str, row: &Row<'_>, query: &Query<'_>) -> Resolved {
        let mut answer = Resolved::Absent;
        let steps: [&dyn Fn() -> Resolved; 8] = [
            &|| self.by_nuts_code(query.nuts_code),
            &|| self.by_municipality_code(country, query.municipality_code),
            &|| self.by_postcode(country, row, query.decides),
            &|| self.by_district(country, row),
            &|| self.by_name(country, Field::Municipality, row.municipality, row.scope),
            &|| self.by_place(country, row),
            &|| self.by_stated_region(row),
            &|| self.by_name(country, Field::Region, row.region, row.scope),
        ];
        for step in steps {
            match (step(), &answer) {
                (found @ Resolved::Found { .. }, Resolved::Ambiguous { candidates, .. }) => {
                    // A coarser name says nothing against several finer candidates, nor for one of them.
                    return match &found {
                        Resolved::Found { nuts_code, .. } if candidates.contains(nuts_code) => {
                            found
                        }
                        _ => answer,
                    };
                }
                (found @ (Resolved::Found { .. } | Resolved::Foreign { .. }), _) => return found,
                (
                    step @ Resolved::Ambiguous {
                        why: "contradiction",
                        ..
                    },
                    _,
                ) => return step,
                (step @ Resolved::Ambiguous { .. }, Resolved::Absent | Resolved::Unknown) => {
                    answer = step;
                }
                (Resolved::Unknown, Resolved::Absent) => answer = Resolved::Unknown,
                _ => {}
            }
        }
        answer
    }

    fn by_nuts_code(&self, text: Option<&str>) -> Resolved {
        let Some(text) = some(text) else {
            return Resolved::Absent;
        };
        // "DEA16 Mülheim" and "DEA16 - Mülheim" as well.
        let code = text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .and_then(NutsCode::parse);
        match code {
            Some(code) if self.regions.contains_key(&code) => found(code, "nuts_code"),
            _ => Resolved::Unknown,
        }
    }

    fn by_municipality_code(&self, country: &'static str, text: Option<&str>) -> Resolved {
        let Some(text) = some(text) else {
            return Resolved::Absent;
        };
        let text = text.trim().trim_end_matches(".0");
        let mut digits: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '-'))
            .collect();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Resolved::Unknown;
        }
        // A leading zero lost to a spreadsheet: 5111000, 5111, 180.
        if country == "DE" && matches!(digits.len(), 4 | 7 | 11)
            || country == "SE" && digits.len() == 3
        {
            digits.insert(0, '0');
        }
        let keys: &[usize] = match (country, digits.len()) {
            ("SE", 4) => &[4],
            ("SE" | "DE", 2) => &[2],
            ("DE", 3) => &[3],
            ("DE", 5 | 8 | 12) => &[5],
            _ => return Resolved::Unknown,
        };
        // "05000000" is the Land, "05300000" the Regierungsbezirk.
        let key = match digits.as_bytes() {
            [.., b'0', b'0', b'0']
                if digits.len() >= 8 && digits[2..].bytes().all(|b| b == b'0') =>
            {
                &digits[..2]
            }
            _ if digits.len() >= 5
                && digits[3..].bytes().all(|b| b == b'0')
                && !self.communities.contains_key(&digits[..5]) =>
            {
                &digits[..3]
            }
            _ => &digits[..keys[0]],
        };
        let method = if key.len() >= 4 {
            "municipality_code"
        } else {
            "region_code"
        };
        self.communities
            .get(key)
            .map_or(Resolved::Unknown, |code| found(*code, method))
    }

    /// The postcode's regions, narrowed by place and district; see the module's rules for contradictions.
    fn by_postcode(&self, country: &'static str, row: &Row<'_>, decides: Decides) -> Resolved {
        let Some(published) = row.postcode.as_deref() else {
            return Resolved::Absent;
        };
        let Some(number) = zip_number(country, published) else {
            return Resolved::Unknown;
        };
        let Some(known) = self.postcodes.get(&(country, number)) else {
            return Resolved::Unknown;
        };
        let regions = regions_of(known);
        let Some(&first) = regions.first() else {
            return Resolved::Unknown;
        };
        // Four digits are a German code only if the place agrees; otherwise they may be Austrian or Swiss.
        let repaired = published.len() == 4;
        let place = row.place.as_deref();
        let here = Scope {
            stated: Some(first.at_level(1)),
            list: None,
        };
        let placed = place.map_or(Verdict::None, |text| {
            self.find_name(country, Field::Place, text, here)
        });
        let placed_codes = placed.codes();
        let both: Vec<NutsCode> = regions
            .iter()
            .copied()
            .filter(|c| placed_codes.contains(c))
            .collect();
        if repaired && place.is_some() && both.is_empty() && row.in_one_cell {
            return Resolved::Unknown;
        }
        let stated_elsewhere = row
            .scope
            .stated
            .is_some_and(|land| !regions.iter().any(|c| c.within(land) || land.within(*c)));
        let contradicted = match (&placed, place) {
            _ if stated_elsewhere => true,
            (Verdict::None, Some(text)) => self.is_city_elsewhere(country, text, first),
            (_, Some(text)) => both.is_empty() && self.names_exactly(country, text, &placed_codes),
            (_, None) => false,
        };
        if contradicted {
            return self.contradiction(country, row, &regions, decides);
        }
        if let [one] = both.as_slice() {
            return self.checked(
                country,
                row,
                *one,
                if regions.len() == 1 {
                    "postcode"
                } else {
                    "postcode_place"
                },
            );
        }
        if regions.len() == 1 {
            return self.checked(country, row, first, "postcode");
        }
        if let Some(text) = row.district
            && let Verdict::One(code, _) = self.find_name(country, Field::District, text, row.scope)
            && regions.contains(&code)
        {
            return found(code, "postcode_district");
        }
        match known.official {
            // The official table and the places agree that it is at least one of them.
            Some(official) if known.by_places.contains(&official) => {
                self.checked(country, row, official, "postcode_spanning")
            }
            _ => ambiguous(&regions, "postcode"),
        }
    }

    /// A postcode's region, unless the row's own district says another.
    fn checked(
        &self,
        country: &'static str,
        row: &Row<'_>,
        code: NutsCode,
        method: &'static str,
    ) -> Resolved {
        if let Some(text) = row.district {
            let verdict = self.find_name(country, Field::District, text, row.scope);
            let codes = verdict.codes();
            if !codes.is_empty() && !codes.iter().any(|d| code.within(*d)) {
                return ambiguous(&[&[code], codes.as_slice()].concat(), "contradiction");
            }
        }
        found(code, method)
    }

    fn contradiction(
        &self,
        country: &'static str,
        row: &Row<'_>,
        regions: &[NutsCode],
        decides: Decides,
    ) -> Resolved {
        let verdict = row.place.as_deref().map_or(Verdict::None, |text| {
            self.find_name(country, Field::Place, text, row.scope)
        });
        match (decides, &verdict) {
            (Decides::Place, Verdict::One(code, _)) => found(*code, "place_over_postcode"),
            (Decides::Postcode, _) => found(regions[0], "postcode_over_place"),
            _ => ambiguous(
                &[regions, verdict.codes().as_slice()].concat(),
                "contradiction",
            ),
        }
    }

    /// Whether a place not known in the postcode's Land is a kreisfreie Stadt of another.
    fn is_city_elsewhere(&self, country: &'static str, text: &str, here: NutsCode) -> bool {
        let name = read_name(country, text);
        let mut hits = self.fitting(country, &name);
        hits.any(|(e, fit)| {
            e.kind == EntryKind::City && fit != Fit::Loose && !e.code.within(here.at_level(1))
        })
    }

    /// Whether a place name is known in these regions just as it is written, so that it can speak against a postcode.
    fn names_exactly(&self, country: &'static str, text: &str, codes: &[NutsCode]) -> bool {
        let name = read_name(country, text);
        let mut hits = self.fitting(country, &name);
        hits.any(|(e, fit)| fit != Fit::Loose && codes.contains(&e.code))
    }

    fn by_district(&self, country: &'static str, row: &Row<'_>) -> Resolved {
        let Some(text) = row.district else {
            return Resolved::Absent;
        };
        let verdict = self.find_name(country, Field::District, text, row.scope);
        let placed = row
            .place
            .as_deref()
            .or(row.municipality)
            .map_or(Verdict::None, |place| {
                self.find_name(country, Field::Place, place, row.scope)
            });
        match (verdict, placed) {
            (Verdict::One(code, _), Verdict::One(place, "place_city"))
                if code.level() == 3 && code != place =>
            {
                ambiguous(&[code, place], "contradiction")
            }
            // A coarse district ("Sachsen") leaves the place to say more.
            (Verdict::One(code, _), Verdict::One(place, method))
                if code.level() < 3 && place.within(code) =>
            {
                found(place, method)
            }
            (Verdict::One(code, method), _) => found(code, method),
            (Verdict::Many(codes), placed) => {
                let both: Vec<NutsCode> = codes
                    .iter()
                    .copied()
                    .filter(|c| placed.codes().contains(c))
                    .collect();
                match both.as_slice() {
                    [one] => found(*one, "district_place"),
                    _ => ambiguous(&codes, "district"),
                }
            }
            (Verdict::None, _) => Resolved::Unknown,
        }
    }

    /// A place alone. Without a country column a large place abroad is meant, or at least may be.
    fn by_place(&self, country: &'static str, row: &Row<'_>) -> Resolved {
        let abroad = row
            .place
            .as_deref()
            .filter(|_| !row.country_stated)
            .and_then(|text| {
                let name = read_name(country, text);
                self.foreign
                    .get(&(country, name.base))
                    .filter(|_| name.quals.is_empty())
                    .copied()
            });
        match (
            abroad,
            self.by_name(country, Field::Place, row.place.as_deref(), row.scope),
        ) {
            (Some(country), Resolved::Unknown) => Resolved::Foreign { country },
            (Some(_), Resolved::Found { nuts_code, .. }) => Resolved::Ambiguous {
                candidates: vec![nuts_code],
                why: "place",
            },
            (_, answer) => answer,
        }
    }

    pub(super) fn by_name(
        &self,
        country: &'static str,
        field: Field,
        text: Option<&str>,
        scope: Scope,
    ) -> Resolved {
        let Some(text) = text else {
            return Resolved::Absent;
        };
        match self.find_name(country, field, text, scope) {
            Verdict::One(code, method) => found(code, method),
            Verdict::Many(codes) => ambiguous(
                &codes,
                if field == Field::Place {
                    "place"
                } else {
                    "name"
                },
            ),
            Verdict::None => Resolved::Unknown,
        }
    }

    /// A NUTS code in the country column, if nothing else says more. A Land alone is not taken: it is what the list is
    /// about, not where the operation is.
    fn by_stated_region(&self, row: &Row<'_>) -> Resolved {
        match row.scope.stated {
            Some(code) if code.level() >= 2 && self.regions.contains_key(&code) => {
                found(code, "nuts_code")
            }
            _ => Resolved::Absent,
        }
    }
}

/// The official region first, then the others over which the postcode reaches.
fn regions_of(known: &Postcode) -> Vec<NutsCode> {
    let mut regions: Vec<NutsCode> = known.official.into_iter().collect();
    regions.extend(
        known
            .by_places
            .iter()
            .copied()
            .filter(|c| Some(*c) != known.official),
    );
    regions
}

fn found(code: NutsCode, method: &'static str) -> Resolved {
    Resolved::Found {
        nuts_code: code.to_string(),
        method,
    }
}

fn ambiguous(codes: &[NutsCode], why: &'static str) -> Resolved {
    let mut candidates: Vec<String> = codes.iter().map(ToString::to_string).collect();
    candidates.sort_unstable();
    candidates.dedup();
    Resolved::Ambiguous { candidates, why }
}
