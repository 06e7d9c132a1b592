//! The normal form of names of places and regions, so that "Frankfurt a.M.", "FRANKFURT AM MAIN" and "Frankfurt (Main)"
//! meet. A name has a glued key of letters and digits, the qualifiers that tell namesakes apart ("main", "oder"), and
//! the kind that the text states ("Stadt", "Landkreis", "län"). Whether a name exists is for the gazetteer to say.
//!
//! German umlauts are folded to ae, oe, ue and ß to ss, other accents dropped; Swedish å, ä and ö are letters of their
//! own and stay ("Habo" and "Håbo" are two municipalities).

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What a text says that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Nothing stated.
    Unstated,
    /// "X, Stadt", "Gemeinde X", "X kommun".
    Town,
    /// "X, Kreisfreie Stadt", "Stadtkreis X".
    City,
    /// "Landkreis X", "X, Kreis", "X län".
    District,
    /// "Regierungsbezirk X".
    Province,
    /// "Land X", "Freistaat X".
    Land,
}

/// A name in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Letters and digits of the name proper, glued.
    pub(super) base: String,
    /// Tokens that tell namesakes apart, in order, without articles.
    pub(super) quals: Vec<String>,
    /// Segments behind a comma or slash that are no kind; in lists they may be names of their own.
    pub(super) segments: Vec<String>,
    /// What the text says that it is.
    pub(super) kind: Kind,
    /// Tokens of the name proper, for the search by its beginning.
    pub(super) tokens: Vec<String>,
    /// Number of leading tokens before the first hyphen inside a word, 0 if there is none.
    pub(super) head: usize,
}

/// Words between a name and what tells it apart; only behind the first word.
const BETWEEN: &[&str] = &[
    "am", "an", "a", "im", "in", "i", "bei", "b", "vor", "v", "ob", "o", "auf", "unter", "u",
];
/// Articles, dropped from qualifiers.
const ARTICLES: &[&str] = &["der", "die", "das", "dem", "den", "d", "des"];
/// Words in front that say what is named.
const FRONT: &[(&str, Kind)] = &[
    ("landkreis", Kind::District),
    ("kreis", Kind::District),
    ("lkr", Kind::District),
    ("lk", Kind::District),
    ("landkr", Kind::District),
    ("kreisverwaltung", Kind::District),
    ("region", Kind::District),
    ("regionalverband", Kind::District),
    ("staedteregion", Kind::District),
    ("stadtkreis", Kind::City),
    ("kreisfreie", Kind::City),
    ("regierungsbezirk", Kind::Province),
    ("stadt", Kind::Town),
    ("gemeinde", Kind::Town),
    ("samtgemeinde", Kind::Town),
    ("hansestadt", Kind::Town),
    ("landeshauptstadt", Kind::Town),
    ("lutherstadt", Kind::Town),
    ("universitaetsstadt", Kind::Town),
    ("land", Kind::Land),
    ("freistaat", Kind::Land),
];

/// Folds a text to words of plain letters, blanks between them: country names and fixed phrases.
pub(super) fn fold_plain(text: &str) -> String {
    fold("DE", text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Small letters, composed, without soft hyphens and invisible signs; umlauts and accents by the country's rule.
pub(super) fn fold(iso2: &str, text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len() + 4);
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.chars()
            .for_each(|sign| fold_sign(iso2, sign, &mut out));
    } else {
        text.nfc().for_each(|sign| fold_sign(iso2, sign, &mut out));
    }
    out
}

fn fold_sign(iso2: &str, sign: char, out: &mut String) {
    for sign in sign.to_lowercase() {
        match sign {
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            '\u{a0}' | '\u{202f}' | '\u{2007}' => out.push(' '),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            'å' | 'ä' | 'ö' if iso2 == "SE" => out.push(sign),
            'ä' | 'æ' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' if iso2 != "SE" => out.push_str("ue"),
            'å' => out.push_str("aa"),
            'ß' => out.push_str("ss"),
            _ if sign.is_ascii() => out.push(sign),
            _ => out.extend(sign.nfd().filter(|c| !is_combining_mark(*c))),
        }
    }
}

/// Reads a name by the rules of the country.
pub(super) fn read_name(iso2: &str, text: &str) -> Name {
    let folded = fold(iso2, text);
    if iso2 == "SE" {
        read_swedish(&folded)
    } else {
        read_german(&folded)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
}

fn read_german(folded: &str) -> Name {
    let mut name = Name {
        base: String::new(),
        quals: Vec::new(),
        segments: Vec::new(),
        kind: Kind::Unstated,
        tokens: Vec::new(),
        head: 0,
    };
    // "Worms OT Pfeddersheim": the district of a town is not looked up.
    let folded = [" ot ", " ortsteil ", " stadtteil ", " ot: "]
        .iter()
        .filter_map(|word| folded.find(word).filter(|at| *at > 0))
        .min()
        .map_or(folded, |at| &folded[..at]);
    let mut outside = String::with_capacity(folded.len());
    for (i, part) in folded.split('(').enumerate() {
        if i == 0 {
            outside.push_str(part);
        } else if let Some((inner, rest)) = part.split_once(')') {
            read_segment(&mut name, inner, false);
            outside.push(' ');
            outside.push_str(rest);
        } else {
            read_segment(&mut name, part, false);
        }
    }
    let mut segments = outside.split(',');
    let first = segments.next().unwrap_or_default();
    for segment in segments {
        read_segment(&mut name, segment, true);
    }
    let mut parts = first.split('/');
    let main = parts.next().unwrap_or_default();
    for segment in parts {
        read_segment(&mut name, segment, true);
    }
    read_main(&mut name, main);
    name
}

/// What stands in brackets or behind a comma or slash: a kind ("Kreisfreie Stadt", "Hochschulstadt") or qualifiers.
fn read_segment(name: &mut Name, segment: &str, may_be_name: bool) {
    let tokens: Vec<&str> = words(segment).collect();
    let Some(last) = tokens.last() else { return };
    let kind = match *last {
        "landkreis" | "kreis" | "lkr" | "lk" | "landkr" => Some(Kind::District),
        "stadtkreis" | "krfr" | "kreisfrei" => Some(Kind::City),
        "regierungsbezirk" => Some(Kind::Province),
        "gemeinde" | "markt" | "flecken" | "st" | "gkst" | "kurort" | "einheitsgemeinde" => {
            Some(Kind::Town)
        }
        word if word.ends_with("stadt")
            && tokens.first().is_some_and(|w| w.starts_with("kreisfrei")) =>
        {
            Some(Kind::City)
        }
        word if word.ends_with("stadt") && !word.starts_with("neu") && tokens.len() <= 4 => {
            Some(Kind::Town)
        }
        _ => None,
    };
    if let Some(kind) = kind {
        name.kind = name.kind.max(kind);
    } else {
        name.quals.extend(
            tokens
                .iter()
                .filter(|w| !ARTICLES.contains(w) && !BETWEEN.contains(w))
                .map(|w| (*w).to_owned()),
        );
        if may_be_name {
            name.segments.push(segment.trim().to_owned());
        }
    }
}

/// The name proper: kind words in front, "am Main" behind, "St." for Sankt.
fn read_main(name: &mut Name, main: &str) {
    let mut tokens: Vec<&str> = words(main)
        .map(|w| if w == "st" { "sankt" } else { w })
        .collect();
    while tokens.len() > 1 {
        let Some((_, kind)) = FRONT.iter().find(|(word, _)| *word == tokens[0]) else {
            break;
        };
        // "Markt Schwaben" and "Land Wursten" are names, "Stadt Wehlen" too; only a leading word that is followed by
        // more is taken off, and the gazetteer reads its own names by the same rule.
        name.kind = name.kind.max(*kind);
        tokens.remove(0);
    }
    while tokens.len() > 1 && matches!(tokens[tokens.len() - 1], "landkreis" | "lkr" | "lk") {
        name.kind = name.kind.max(Kind::District);
        tokens.pop();
    }
    if tokens.first() == Some(&"stadt") && tokens.len() > 1 {
        tokens.remove(0);
    }
    let cut = (1..tokens.len().saturating_sub(1))
        .find(|&i| BETWEEN.contains(&tokens[i]))
        .unwrap_or(tokens.len());
    let behind = tokens[cut..]
        .iter()
        .filter(|w| !ARTICLES.contains(w) && !BETWEEN.contains(w))
        .map(|w| (*w).to_owned());
    name.quals.extend(behind);
    name.tokens = tokens[..cut].iter().map(|w| (*w).to_owned()).collect();
    name.base = name.tokens.concat();
    if let Some(at) = main.find('-').filter(|at| *at > 0) {
        let skipped = words(main).count() - tokens.len();
        name.head = words(&main[..at])
            .count()
            .saturating_sub(skipped)
            .min(name.tokens.len());
        if name.head == name.tokens.len() {
            name.head = 0;
        }
    }
}

fn read_swedish(folded: &str) -> Name {
    let mut parts = folded.split([',', ';', '(']);
    let first = parts.next().unwrap_or_default();
    let segments = parts
        .map(|p| p.trim_end_matches(')').trim().to_owned())
        .filter(|p| !p.is_empty())
        .collect();
    let mut tokens: Vec<&str> = words(first).collect();
    let mut kind = Kind::Unstated;
    while tokens.len() > 1 {
        let last = match tokens[tokens.len() - 1] {
            "kommun" | "kommune" | "municipality" | "stad" | "kn" => Kind::Town,
            "län" | "county" | "regionen" => Kind::District,
            _ => break,
        };
        kind = kind.max(last);
        tokens.pop();
    }
    if tokens.len() > 1 && matches!(tokens[0], "region" | "regionen") {
        kind = Kind::District;
        tokens.remove(0);
    }
    if tokens.len() > 1 && tokens[0] == "kommunen" {
        kind = Kind::Town;
        tokens.remove(0);
    }
    Name {
        base: tokens.concat(),
        quals: Vec::new(),
        segments,
        kind,
        head: 0,
        tokens: tokens.into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, read_name};

    fn de(text: &str) -> (String, Vec<String>, Kind) {
        let name = read_name("DE", text);
        (name.base, name.quals, name.kind)
    }

    #[test]
    fn spellings_of_one_place_meet() {
        for text in [
            "Frankfurt am Main",
            "FRANKFURT (Main)",
            "Frankfurt/Main",
            "Frankfurt  a. Main",
            "Stadt Frankfurt am Main",
        ] {
            let (base, quals, _) = de(text);
            assert_eq!(
                (base.as_str(), quals),
                ("frankfurt", vec!["main".to_owned()]),
                "{text}"
            );
        }
        assert_eq!(de("Frankfurt a.M.").1, ["m"]);
        assert_eq!(de("Mülheim a.d. Ruhr"), de("Muelheim an der Ruhr"));
        assert_eq!(
            de("Mu\u{308}lheim an der Ruhr"),
            de("Mülheim\u{a0}an der Ruhr")
        );
        assert_eq!(de("Gießen").0, de("GIESSEN").0);
        assert_eq!(de("St. Augustin").0, de("Sankt Augustin").0);
        assert_eq!(de("Bad Homburg v d Höhe"), de("Bad Homburg v.d.Höhe"));
        assert_eq!(de("Weißwasser/O.L.").1, ["l"]);
    }

    #[test]
    fn kinds_are_read_and_taken_off() {
        assert_eq!(de("Dresden, Stadt"), ("dresden".into(), vec![], Kind::Town));
        assert_eq!(
            de("Dresden, Kreisfreie Stadt"),
            ("dresden".into(), vec![], Kind::City)
        );
        assert_eq!(
            de("Mittweida, Stadt, Hochschulstadt"),
            ("mittweida".into(), vec![], Kind::Town)
        );
        for text in [
            "Landkreis Leipzig",
            "Leipzig, Landkreis",
            "Kreis Leipzig",
            "Lkr. Leipzig",
            "Leipzig (Landkreis)",
        ] {
            assert_eq!(
                de(text),
                ("leipzig".into(), vec![], Kind::District),
                "{text}"
            );
        }
        assert_eq!(de("Erzgebirgskreis").2, Kind::Unstated);
        assert_eq!(de("Worms OT Pfeddersheim").0, "worms");
        assert_eq!(read_name("DE", "Hanau-Steinheim").head, 1);
    }

    #[test]
    fn swedish_letters_stay() {
        let se = |text| read_name("SE", text).base;
        assert_eq!(se("UpplandsVäsby"), se("Upplands Väsby kommun"));
        assert_eq!(se("O\u{308}stra Göinge"), se("ÖstraGöinge"));
        assert_ne!(se("Habo"), se("Håbo"));
        assert_eq!(read_name("SE", "Stockholms län").kind, Kind::District);
    }
}
