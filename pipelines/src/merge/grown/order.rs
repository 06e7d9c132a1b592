//! Whether the files that were read come behind those of the release, and in which order.

use std::collections::HashMap;

use super::Grown;
use crate::map::days;
use crate::merge::published::PublishedFile;
use crate::merge::vintage::{Dated, Vintage, vintages};
use crate::merge::{Part, dated, grows};

impl Grown {
    /// The vintages of the files that were read, the oldest first. `None` where new ones are not a vintage each behind those that
    /// the release has, so that all files have to be read. Fails as [`vintages`] does.
    pub(super) fn order(&self, read: &[Part]) -> Result<Option<Vec<Vintage>>, Vec<usize>> {
        let old = &self.parts.files;
        let days_read = dated(read);
        let of_read: HashMap<(&str, &str), usize> = (read.iter().enumerate())
            .map(|(at, part)| ((&*part.file.source.source_id, &*part.file.sha256), at))
            .collect();
        let is_unknown = |at: &usize| {
            let file = &read[*at].file;
            !self.parts.has(&file.source.source_id, &file.sha256)
        };
        let new: Vec<usize> = (0..read.len()).filter(is_unknown).collect();
        // Old files, read or not, and new ones behind them, each with its place among those that were read.
        let of_old = old.iter().map(|file| of_read.get(&file.key()).copied());
        let places: Vec<Option<usize>> = of_old.chain(new.iter().copied().map(Some)).collect();
        let all = old.iter().map(PublishedFile::dated);
        let all: Vec<Dated<'_>> = all.chain(new.iter().map(|at| days_read[*at])).collect();
        let sources = old.iter().map(|file| &*file.source);
        let grows = grows(sources.chain(read.iter().map(|part| &*part.file.source)));
        let order = match vintages(&all, grows) {
            Ok(order) => order,
            Err(tied) if tied.iter().any(|at| *at < old.len()) => return Ok(None),
            Err(tied) => return Err(tied.into_iter().filter_map(|at| places[at]).collect()),
        };
        let is_dated_so = |at: usize| {
            places[at].is_none_or(|place| days_read[place].published == all[at].published)
        };
        let (before, behind) = order.split_at(order.len().min(self.parts.days.len()));
        let is_as_before = before.iter().enumerate().all(|(position, vintage)| {
            let is_there = |at: &usize| {
                let file = old.get(*at).map(PublishedFile::key);
                let found =
                    file.and_then(|(source_id, sha256)| self.parts.position(source_id, sha256));
                found == Some(position) && is_dated_so(*at)
            };
            vintage.published.map(days) == self.parts.days[position]
                && vintage.files.iter().all(is_there)
        });
        let found: usize = before.iter().map(|vintage| vintage.files.len()).sum();
        let is_behind = |vintage: &Vintage| {
            let is_new = |at: &usize| *at >= old.len() && all[*at].first_seen > self.release;
            vintage.files.iter().all(is_new)
        };
        if !is_as_before || found != old.len() || behind.is_empty() || !behind.iter().all(is_behind)
        {
            return Ok(None);
        }
        let of_read = order.iter().filter_map(|vintage| {
            let files = vintage.files.iter().map(|at| places[*at]);
            Some(Vintage {
                files: files.collect::<Option<Vec<usize>>>()?,
                ..vintage.clone()
            })
        });
        let of_read: Vec<Vintage> = of_read.collect();
        // A vintage is read whole or not at all.
        Ok((of_read.len() == self.parts.read.len() + behind.len()).then_some(of_read))
    }
}
