//! From a published name to the regions that it can mean, and the rules by which one of them is meant.
//!
//! A name is looked up in the Land that the row states, otherwise in the Land of the list and only then elsewhere.
//! Several regions under one name stay ambiguous, except that
//! - a published qualifier decides ("Homberg (Efze)", "Landkreis Leipzig", "Leipzig, Kreisfreie Stadt");
//! - a kreisfreie Stadt of exactly this name is meant before villages of the same name;
//! - a town after which its Kreis is called is meant before such villages ("Düren"), if it lies in that Kreis;
//! - a kommun is meant if a locality of its name lies in its län.
//!
//! A place of the list's Land is not taken if a kreisfreie Stadt elsewhere has exactly its name: lists name
//! organisations from outside as well ("Münster").

use super::code::NutsCode;
use super::gazetteer::{EntryKind, Fit, Gazetteer};
use super::normal::{Kind, Name, read_name};

/// Which kind of name a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Town, village, Gemeinde or post locality.
    Place,
    /// Kommun or Gemeinde.
    Municipality,
    /// Kreis or län.
    District,
    /// Programme region: NUTS 2, Land, "ESF Nationellt".
    Region,
}

/// Where to look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope {
    /// Region stated by the row itself; nothing outside is taken.
    pub(super) stated: Option<NutsCode>,
    /// Land of the list; looked at first.
    pub(super) list: Option<NutsCode>,
}

/// Outcome of a lookup by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One region is meant.
    One(NutsCode, &'static str),
    /// Several can be meant.
    Many(Vec<NutsCode>),
    /// The name is not known.
    None,
}

impl Verdict {
    pub(super) fn codes(&self) -> Vec<NutsCode> {
        match self {
            Self::One(code, _) => vec![*code],
            Self::Many(codes) => codes.clone(),
            Self::None => Vec::new(),
        }
    }
}

/// An entry that the name can mean.
#[derive(Clone, Copy)]
struct Candidate {
    code: NutsCode,
    kind: EntryKind,
    fit: Fit,
}

impl Gazetteer {
    /// Looks a name up as `field` says.
    pub(super) fn find_name(
        &self,
        country: &'static str,
        field: Field,
        text: &str,
        scope: Scope,
    ) -> Verdict {
        let name = read_name(country, text);
        if name.base.is_empty() {
            return Verdict::None;
        }
        let mut verdict = self.decide(country, field, &name, scope);
        if verdict == Verdict::None && country == "DE" {
            verdict = self.find_by_beginning(field, &name, scope);
        }
        if verdict == Verdict::None && matches!(field, Field::Municipality | Field::District) {
            verdict = self.find_misspelt(country, &name, scope);
        }
        verdict
    }

    /// In the closed lists of Kreise, län and kommuner, the only name that differs by one letter ("Stenungssund"). Long
    /// names only, and marked, because it is inferred.
    fn find_misspelt(&self, country: &'static str, name: &Name, scope: Scope) -> Verdict {
        let closed = |kind| {
            matches!(
                kind,
                EntryKind::City | EntryKind::Plain | EntryKind::District | EntryKind::Municipality
            )
        };
        let length = name.base.chars().count();
        if length < 8 {
            return Verdict::None;
        }
        let names = self.names.get(country).into_iter().flatten();
        let near = names.filter(|(key, _)| {
            key.len().abs_diff(name.base.len()) <= 2 && strsim::osa_distance(key, &name.base) == 1
        });
        let entries = near
            .flat_map(|(_, entries)| entries)
            .filter(|e| closed(e.kind));
        let mut codes: Vec<NutsCode> = entries
            .map(|e| e.code)
            .filter(|c| scope.stated.is_none_or(|s| c.within(s)))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        match codes.as_slice() {
            [] => Verdict::None,
            [one] => Verdict::One(*one, "spelling"),
            _ => Verdict::Many(codes),
        }
    }

    fn decide(&self, country: &'static str, field: Field, name: &Name, scope: Scope) -> Verdict {
        let mut all: Vec<Candidate> = self
            .fitting(country, name)
            .map(|(e, fit)| Candidate {
                code: e.code,
                kind: e.kind,
                fit,
            })
            .collect();
        if let Some(stated) = scope.stated {
            all.retain(|c| c.code.within(stated) || stated.within(c.code) && c.code.level() > 0);
        }
        if all.iter().any(|c| c.fit == Fit::Qualified) {
            all.retain(|c| c.fit == Fit::Qualified);
        }
        // "Dresden, Leipzig" is two places, not a Dresden near Leipzig; "Solna, Stockholm" are in one region all the same.
        if all.iter().all(|c| c.fit != Fit::Qualified) {
            let others: Vec<NutsCode> = name
                .segments
                .iter()
                .flat_map(|s| self.known_under(country, s))
                .collect();
            if !all.is_empty() && others.iter().any(|o| !all.iter().any(|c| c.code == *o)) {
                return Verdict::Many([distinct(&by_field(field, name, &all)), others].concat());
            }
        }
        let wanted = by_field(field, name, &all);
        let Some(list) = scope.list.filter(|_| scope.stated.is_none()) else {
            return choose(field, name, &wanted, "");
        };
        let (mut inside, outside): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .partition(|c| c.code.within(list) || list.within(c.code));
        // At home a whole name is meant as it stands; of places elsewhere lists know and write less.
        if inside.iter().any(|c| c.kind != EntryKind::Half) {
            inside.retain(|c| c.kind != EntryKind::Half);
        }
        if inside.is_empty() {
            return choose(field, name, &outside, "_outside");
        }
        let rival = outside
            .iter()
            .find(|c| c.kind == EntryKind::City && c.fit == Fit::Plain);
        if let (Field::Place, Some(rival)) = (field, rival)
            && !inside.iter().any(|c| c.kind == EntryKind::City)
        {
            let mut codes = distinct(&inside);
            codes.push(rival.code);
            return Verdict::Many(codes);
        }
        choose(field, name, &inside, "")
    }

    /// "Hanau-Steinheim", "Dresden Neustadt", "Halle Saale": what is not known as a whole is tried by its beginning.
    fn find_by_beginning(&self, field: Field, name: &Name, scope: Scope) -> Verdict {
        if field == Field::Region {
            return Verdict::None;
        }
        let part = |n: usize| Name {
            base: name.tokens[..n].concat(),
            tokens: name.tokens[..n].to_vec(),
            head: 0,
            ..name.clone()
        };
        if name.head > 0 {
            // A district of a town; only in the stated or the list's Land, or of a kreisfreie Stadt.
            let town = part(name.head);
            let all = self
                .fitting("DE", &town)
                .filter(|(_, fit)| *fit != Fit::Qualified || !town.quals.is_empty());
            let near = scope.stated.or(scope.list);
            let close: Vec<NutsCode> = all
                .filter(|(e, fit)| {
                    e.code.level() == 3
                        && (near.is_some_and(|n| e.code.within(n))
                            || scope.stated.is_none()
                                && e.kind == EntryKind::City
                                && *fit == Fit::Plain)
                })
                .map(|(e, _)| e.code)
                .collect();
            if !close.is_empty() {
                return match self.decide("DE", field, &town, scope) {
                    Verdict::One(code, _) if close.contains(&code) => {
                        Verdict::One(code, "place_district")
                    }
                    Verdict::One(code, _) => Verdict::Many(vec![code]),
                    other => other,
                };
            }
        }
        for n in (1..name.tokens.len()).rev() {
            let mut town = part(n);
            let rest = &name.tokens[n..];
            town.quals.extend(rest.iter().cloned());
            let hits: Vec<(EntryKind, Fit)> = self
                .fitting("DE", &town)
                .map(|(e, fit)| (e.kind, fit))
                .collect();
            if hits.iter().any(|(_, fit)| *fit == Fit::Qualified) {
                return self.decide("DE", field, &town, scope);
            }
            // Behind a kreisfreie Stadt its district may stand, but not another town.
            if hits.iter().any(|(kind, _)| *kind == EntryKind::City)
                && name.quals.is_empty()
                && self.known_under("DE", &rest.concat()).is_empty()
            {
                return match self.decide("DE", field, &town, scope) {
                    Verdict::One(code, _) => Verdict::One(code, "place_district"),
                    other => other,
                };
            }
        }
        Verdict::None
    }
}

/// The candidates that the column and the stated kind allow, the most fitting group of them.
fn by_field(field: Field, name: &Name, all: &[Candidate]) -> Vec<Candidate> {
    use EntryKind::{
        Alias, City, Country, District, Half, Land, Municipality, Place, Plain, Province,
    };
    let towns: &[EntryKind] = &[City, Plain, Municipality, Place, Half];
    let kreise: &[EntryKind] = &[City, Plain, District];
    let groups: &[&[EntryKind]] = match (name.kind, field) {
        (Kind::Land, _) => &[&[Land], towns],
        (Kind::Province, _) => &[&[Province]],
        (Kind::District, _) => &[&[District, Plain], &[Alias]],
        (Kind::City, _) => &[&[City], &[Plain]],
        (Kind::Town, Field::Place | Field::District) => &[towns],
        (Kind::Town, Field::Municipality | Field::Region)
        | (Kind::Unstated, Field::Municipality) => &[&[Municipality], towns],
        (Kind::Unstated, Field::Place) => &[&[Alias], towns, &[District], &[Land], &[Province]],
        (Kind::Unstated, Field::District) => &[
            &[Alias],
            kreise,
            &[Land],
            &[Municipality, Place, Half],
            &[Province],
        ],
        (Kind::Unstated, Field::Region) => &[
            &[Alias],
            &[Province],
            &[Land],
            &[Country],
            &[District, Plain, City],
            &[Municipality, Place, Half],
        ],
    };
    // "Brandenburg" is the Land before it is the beginning of "Brandenburg an der Havel".
    let land_first = field == Field::Place && name.kind == Kind::Unstated;
    if land_first
        && all.iter().any(|c| c.kind == Land && c.fit == Fit::Plain)
        && !all
            .iter()
            .any(|c| towns.contains(&c.kind) && c.fit != Fit::Loose)
    {
        return all.iter().filter(|c| c.kind == Land).copied().collect();
    }
    groups
        .iter()
        .map(|group| {
            all.iter()
                .filter(|c| group.contains(&c.kind))
                .copied()
                .collect::<Vec<_>>()
        })
        .find(|group| !group.is_empty())
        .unwrap_or_default()
}

/// One of the candidates, if a rule says which.
fn choose(field: Field, name: &Name, candidates: &[Candidate], outside: &str) -> Verdict {
    let codes = distinct(candidates);
    let outside = !outside.is_empty();
    let label = |inside: &'static str, out: &'static str| if outside { out } else { inside };
    let method = match field {
        Field::Place => label("place", "place_outside"),
        Field::Municipality => label("municipality", "municipality_outside"),
        Field::District => label("district", "district_outside"),
        Field::Region => "region",
    };
    match codes.as_slice() {
        [] => return Verdict::None,
        [one] if one.level() < 3 && field != Field::Region => {
            return Verdict::One(*one, "region_name");
        }
        [one] => return Verdict::One(*one, method),
        _ => {}
    }
    let of = |kind: EntryKind| {
        distinct(
            &candidates
                .iter()
                .filter(|c| c.kind == kind && c.fit != Fit::Loose)
                .copied()
                .collect::<Vec<_>>(),
        )
    };
    let (cities, plain, towns) = (
        of(EntryKind::City),
        of(EntryKind::Plain),
        of(EntryKind::Municipality),
    );
    let places = distinct(
        &candidates
            .iter()
            .filter(|c| c.kind == EntryKind::Place)
            .copied()
            .collect::<Vec<_>>(),
    );
    match field {
        // "Leipzig" beside "Leipzig, Kreisfreie Stadt" is the Landkreis: its official name is just that.
        Field::District if name.kind == Kind::Unstated => {
            if let [one] = plain.as_slice() {
                return Verdict::One(*one, method);
            }
        }
        Field::Place | Field::Municipality => {
            if let [one] = cities.as_slice() {
                return Verdict::One(*one, label("place_city", "place_city_outside"));
            }
            // Not elsewhere: there is a Lichtenfels in the Kreis of that name, and a town of that name in another Land.
            if let [one] = plain.as_slice()
                && places.contains(one)
                && !outside
            {
                return Verdict::One(*one, "place_kreis_town");
            }
            if let [one] = towns.as_slice()
                && (places.contains(one) || field == Field::Municipality)
            {
                return Verdict::One(*one, method);
            }
        }
        _ => {}
    }
    Verdict::Many(codes)
}

fn distinct(candidates: &[Candidate]) -> Vec<NutsCode> {
    let mut codes: Vec<NutsCode> = candidates.iter().map(|c| c.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
