//! How long to wait before asking again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::Settings;

/// The pause after the given number of attempts, from 1: it doubles each time and is never shorter than the server asks
/// for, up to the longest pause. `jitter`, from 0 to 1, takes away up to half of what is ours, so that sources that
/// failed together do not come back together.
pub(super) fn pause(
    settings: &Settings,
    attempts: u32,
    asked_for: Option<Duration>,
    jitter: f64,
) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let pause = settings.first_pause.saturating_mul(1 << doublings);
    let ours = pause
        .min(settings.longest_pause)
        .mul_f64(1.0 - jitter / 2.0);
    ours.max(asked_for.unwrap_or_default())
        .min(settings.longest_pause)
}

/// A number from 0 to 1 that nobody can foresee.
pub(super) fn jitter() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// How long the server asks to wait: seconds, or until a date.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTimeParser::new().parse_timestamp(text).ok()?;
    let seconds = until.as_second() - Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_respect_the_server() {
        let settings = Settings {
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(10),
            ..Settings::default()
        };
        let seconds = |attempts, asked_for: Option<u64>, jitter| {
            let asked_for = asked_for.map(Duration::from_secs);
            pause(&settings, attempts, asked_for, jitter).as_secs_f64()
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        near(seconds(1, None, 0.0), 1.0);
        near(seconds(3, None, 0.0), 4.0);
        near(seconds(3, None, 1.0), 2.0);
        near(seconds(40, None, 0.0), 10.0);
        near(seconds(1, Some(7), 0.5), 7.0);
        near(seconds(1, Some(3600), 0.5), 10.0);
        assert!((0.0..1.0).contains(&jitter()));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(of("120"), Some(Duration::from_mins(2)));
        assert_eq!(of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert!(of("Fri, 21 Oct 2089 07:28:00 GMT").unwrap() > Duration::from_secs(1 << 20));
        assert_eq!(of("soon"), None);
    }
}
