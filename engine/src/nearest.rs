//! The nearest known spelling of a name.

/// The candidate that a misspelt name most probably means; `None` if nothing is near enough to be of help.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
    // A third of the letters may differ: "operatoin" is operation, "foo" is not fund.
    let farthest = (wanted.chars().count() / 3).max(1);
    let by_spelling = |candidate: &&'a str| (distance(candidate), candidate.len(), *candidate);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let spelt = candidates
        .iter()
        .copied()
        .min_by_key(by_spelling)
        .filter(|candidate| distance(candidate) <= farthest);
    // "region_code" for "nuts_code" is not a slip, but "amounts" or "operation_amounts" for a name that contains it is.
    spelt.or_else(|| {
        let contains = |candidate: &str| {
            wanted.len() > 3
                && (candidate.contains(&wanted)
                    || wanted.contains(candidate) && candidate.len() > 3)
        };
        candidates
            .into_iter()
            .filter(|candidate| contains(candidate))
            .min_by_key(|candidate| (candidate.len(), *candidate))
    })
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const NAMES: [&str; 5] = [
        "operation",
        "operation_amount",
        "organisation",
        "fund",
        "nuts_code",
    ];

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        for (name, expected) in [
            ("operatoin", Some("operation")),
            ("Operations", Some("operation")),
            ("organization", Some("organisation")),
            ("amount", Some("operation_amount")),
            ("nuts", Some("nuts_code")),
            ("fnd", Some("fund")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, NAMES), expected, "{name}");
        }
    }
}
