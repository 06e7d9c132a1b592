//! Tables of spellings (all made up), properties, and a check on the published lists where they are at hand.

mod amounts;
mod columns;
mod dates;
mod fuzz;
mod properties;
mod published;
mod rest;
mod texts;
