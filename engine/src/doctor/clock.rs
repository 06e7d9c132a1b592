//! The clock. Releases are ordered by number, so a wrong clock does no harm to them; but `--as-of DATE` and the age below
//! which garbage collection leaves files alone go by it.

use jiff::{SignedDuration, Timestamp};

use super::Diagnosis;
use crate::release::Release;

const SUBJECT: &str = "clock";

/// What two clocks may differ by.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Compares the clock with the newest release, and with the time that the store gave a file just `written`.
pub(super) fn examine(
    now: Timestamp,
    newest: Option<&Release>,
    written: Option<Timestamp>,
) -> Diagnosis {
    let advice = "set the clock of this machine by the network (timedatectl set-ntp true)";
    if let Some(newest) = newest {
        let behind = newest.created_at.duration_since(now);
        if behind > TOLERANCE {
            let (number, time) = (newest.number, newest.created_at);
            let behind = SignedDuration::from_secs(behind.as_secs());
            let found = format!("it runs {behind:#} behind release {number} of {time:.0}");
            return Diagnosis::warning(SUBJECT, found, advice);
        }
    }
    if let Some(written) = written {
        let apart = written.duration_since(now);
        if apart.abs() > TOLERANCE {
            let found = format!("it is {now:.0}, and the store gave a new file {written:.0}");
            return Diagnosis::warning(SUBJECT, found, advice);
        }
    }
    Diagnosis::sound(SUBJECT, format!("{now:.0}"))
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::*;

    #[test]
    fn a_store_that_is_hours_apart_is_told() {
        let now: Timestamp = "2026-03-29T01:00:00Z".parse().unwrap();
        let hours = SignedDuration::from_hours;
        assert_eq!(examine(now, None, None).health, Health::Sound);
        assert_eq!(examine(now, None, Some(now)).health, Health::Sound);
        for written in [now + hours(1), now - hours(1)] {
            assert_eq!(examine(now, None, Some(written)).health, Health::Warning);
        }
    }

    #[tokio::test]
    async fn a_clock_behind_the_newest_release_is_told() {
        use crate::{
            release::{Publication, ReleaseDraft, Warehouse},
            store::Store,
        };
        let warehouse = Warehouse::new(Store::memory());
        let draft = ReleaseDraft::new(None, "run-1", "test");
        let published = warehouse.publish(draft).await.unwrap();
        let Publication::Published(release) = published else {
            panic!("{published:?}");
        };
        let yesterday = release.created_at - SignedDuration::from_hours(24);
        let behind = examine(yesterday, Some(&release), None);
        assert_eq!(behind.health, Health::Warning);
        assert!(behind.found.contains("24h"), "{}", behind.found);
        let after = release.created_at + SignedDuration::from_hours(24);
        assert_eq!(examine(after, Some(&release), None).health, Health::Sound);
    }
}
