//! The nearest known name to one that is not known.

/// The known name that is most likely meant, if one is near enough to be worth saying.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|candidate| {
            (
                strsim::jaro_winkler(&name, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_the_nearest_or_nothing() {
        let known = ["operation", "operation_amount", "region"];
        assert_eq!(nearest("opration", known.into_iter()), Some("operation"));
        assert_eq!(
            nearest("OPERATION_AMOUNTS", known.into_iter()),
            Some("operation_amount")
        );
        assert_eq!(nearest("xyz", known.into_iter()), None);
    }
}
