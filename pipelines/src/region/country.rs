//! What a published country cell says: a country, and sometimes more (a Land, a NUTS code). Knows the names of
//! countries in German, Swedish and English as far as lists of operations name them.

use super::code::NutsCode;
use super::normal::fold_plain;

/// ISO 3166 code (`EL` as in NUTS is read, `GR` given) and the names and old car signs that stand for it, folded.
const COUNTRIES: &[(&str, &[&str])] = &[
    (
        "DE",
        &[
            "d",
            "deu",
            "ger",
            "brd",
            "deutschland",
            "germany",
            "tyskland",
            "bundesrepublik deutschland",
        ],
    ),
    ("SE", &["s", "swe", "schweden", "sverige", "sweden"]),
    (
        "AT",
        &[
            "a",
            "aut",
            "oesterreich",
            "osterrike",
            "oesterrike",
            "austria",
        ],
    ),
    ("CH", &["che", "schweiz", "switzerland", "suisse"]),
    ("LI", &["fl", "liechtenstein"]),
    ("LU", &["l", "lux", "luxemburg", "luxembourg"]),
    ("BE", &["b", "bel", "belgien", "belgium"]),
    (
        "NL",
        &[
            "nld",
            "niederlande",
            "nederlaenderna",
            "nederland",
            "netherlands",
            "the netherlands",
            "holland",
        ],
    ),
    ("DK", &["dnk", "daenemark", "danmark", "denmark"]),
    ("NO", &["nor", "norwegen", "norge", "norway"]),
    ("FI", &["fin", "finnland", "finland"]),
    ("IS", &["isl", "island", "iceland"]),
    ("FR", &["f", "fra", "frankreich", "frankrike", "france"]),
    ("IT", &["i", "ita", "italien", "italy", "italia"]),
    ("ES", &["e", "esp", "spanien", "spain", "espana"]),
    ("PT", &["p", "prt", "portugal"]),
    (
        "GB",
        &[
            "uk",
            "gbr",
            "grossbritannien",
            "vereinigtes koenigreich",
            "england",
            "schottland",
            "storbritannien",
            "united kingdom",
            "great britain",
            "scotland",
            "wales",
        ],
    ),
    ("IE", &["irl", "irland", "ireland"]),
    ("PL", &["pol", "polen", "poland"]),
    (
        "CZ",
        &[
            "cze",
            "tschechien",
            "tschechische republik",
            "tjeckien",
            "czech republic",
            "czechia",
        ],
    ),
    ("SK", &["svk", "slowakei", "slovakien", "slovakia"]),
    ("HU", &["hun", "ungarn", "ungern", "hungary"]),
    ("SI", &["svn", "slowenien", "slovenien", "slovenia"]),
    ("HR", &["hrv", "kroatien", "croatia"]),
    ("RO", &["rou", "rumaenien", "romania"]),
    ("BG", &["bgr", "bulgarien", "bulgaria"]),
    ("GR", &["el", "grc", "griechenland", "grekland", "greece"]),
    ("CY", &["cyp", "zypern", "cypern", "cyprus"]),
    ("MT", &["mlt", "malta"]),
    ("EE", &["est", "estland", "estonia"]),
    ("LV", &["lva", "lettland", "latvia"]),
    ("LT", &["ltu", "litauen", "lithuania"]),
    ("TR", &["tur", "tuerkei", "turkiet", "turkey"]),
    ("US", &["usa", "vereinigte staaten", "united states"]),
    ("CA", &["can", "kanada", "canada"]),
    ("RU", &["rus", "russland", "ryssland", "russia"]),
    ("UA", &["ukr", "ukraine", "ukraina"]),
    ("RS", &["srb", "serbien", "serbia"]),
    ("IL", &["isr", "israel"]),
    ("CN", &["chn", "china", "kina"]),
    ("IN", &["ind", "indien", "india"]),
    ("JP", &["jpn", "japan"]),
    ("AU", &["aus", "australien", "australia"]),
];

/// The German Länder (NUTS 1), folded, and the short forms in which they stand behind names of places.
const LANDS: &[(&str, &str)] = &[
    ("baden wuerttemberg", "DE1"),
    ("bayern", "DE2"),
    ("bavaria", "DE2"),
    ("berlin", "DE3"),
    ("brandenburg", "DE4"),
    ("bremen", "DE5"),
    ("hamburg", "DE6"),
    ("hessen", "DE7"),
    ("hesse", "DE7"),
    ("mecklenburg vorpommern", "DE8"),
    ("niedersachsen", "DE9"),
    ("lower saxony", "DE9"),
    ("nordrhein westfalen", "DEA"),
    ("north rhine westphalia", "DEA"),
    ("nrw", "DEA"),
    ("rheinland pfalz", "DEB"),
    ("rhineland palatinate", "DEB"),
    ("saarland", "DEC"),
    ("sachsen", "DED"),
    ("saxony", "DED"),
    ("sachsen anhalt", "DEE"),
    ("saxony anhalt", "DEE"),
    ("schleswig holstein", "DEF"),
    ("thueringen", "DEG"),
    ("thuringia", "DEG"),
];

/// What a country cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 code of two letters.
    pub iso2: &'static str,
    /// The Land or NUTS region that the cell names as well.
    pub within: Option<NutsCode>,
}

/// Reads a country cell: `D`, `DE`, `Deutschland`, `Deutschland, Nordrhein-Westfalen`, `Sverige`, `DE300`, `CH`.
/// `None` if it names no country known here.
pub fn parse_country(text: &str) -> Option<Country> {
    let (head, tail) = text.split_once([',', ';', '(', '/']).unwrap_or((text, ""));
    let head = fold_plain(head);
    let plain = head
        .strip_prefix("land ")
        .or_else(|| head.strip_prefix("freistaat "))
        .unwrap_or(&head);
    if plain.is_empty() {
        return None;
    }
    if let Some(iso2) = iso2_of(plain) {
        return Some(Country {
            iso2,
            within: land(&fold_plain(tail)),
        });
    }
    if let Some(within) = land(plain) {
        return Some(Country {
            iso2: "DE",
            within: Some(within),
        });
    }
    // A NUTS code in the country column. Without a digit only the Länder's are taken: "DEN" is a word before it is a code.
    let code = NutsCode::parse(text)?;
    let iso2 = iso2_of(&code.at_level(0).as_str().to_ascii_lowercase())?;
    let is_land = LANDS.iter().any(|(_, land)| *land == code.as_str());
    let has_digit = code.as_str().bytes().any(|b| b.is_ascii_digit());
    (has_digit || is_land).then_some(Country {
        iso2,
        within: Some(code),
    })
}

/// The country's code for a folded name or sign.
fn iso2_of(folded: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|(iso2, names)| {
            (folded.len() == 2 && iso2.eq_ignore_ascii_case(folded)) || names.contains(&folded)
        })
        .map(|(iso2, _)| *iso2)
}

/// The Land of a folded full name.
fn land(folded: &str) -> Option<NutsCode> {
    let name = folded
        .strip_prefix("land ")
        .or_else(|| folded.strip_prefix("freistaat "))
        .unwrap_or(folded);
    LANDS
        .iter()
        .find(|(known, _)| *known == name)
        .and_then(|(_, code)| NutsCode::parse(code))
}

/// The Länder that a token behind a place name may stand for: `thuer`, `meckl`, `sa`, `hessen`.
pub(super) fn lands_hinted(token: &str) -> impl Iterator<Item = NutsCode> {
    let usable = token.len() >= 2;
    LANDS
        .iter()
        .filter(move |(name, _)| usable && name.split(' ').any(|word| word.starts_with(token)))
        .filter_map(|(_, code)| NutsCode::parse(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&'static str, Option<String>)> {
        parse_country(text).map(|c| (c.iso2, c.within.map(|w| w.to_string())))
    }

    #[test]
    fn reads_the_published_variants() {
        for text in [
            "D",
            "DE",
            "de ",
            "Deutschland",
            "Bundesrepublik Deutschland",
            "Germany",
        ] {
            assert_eq!(read(text), Some(("DE", None)), "{text}");
        }
        assert_eq!(
            read("Deutschland, Nordrhein-Westfalen"),
            Some(("DE", Some("DEA".into())))
        );
        assert_eq!(
            read("Deutschland, Thu\u{308}ringen"),
            Some(("DE", Some("DEG".into())))
        );
        assert_eq!(read("Freistaat Sachsen"), Some(("DE", Some("DED".into()))));
        assert_eq!(read("DE300"), Some(("DE", Some("DE300".into()))));
        assert_eq!(read("DEA"), Some(("DE", Some("DEA".into()))));
        assert_eq!(read("SE110"), Some(("SE", Some("SE110".into()))));
        assert_eq!(read("Sverige"), Some(("SE", None)));
        assert_eq!(read("Österreich, Kärnten"), Some(("AT", None)));
        assert_eq!(read("CH"), Some(("CH", None)));
        for text in ["", " ", "o.A.", "Kassel", "XX", "DEN"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
