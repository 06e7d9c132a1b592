//! Tables that can be checked by hand, and random ones under attack.

mod attack;
mod random;
mod returning;
mod revisions;
mod tables;
