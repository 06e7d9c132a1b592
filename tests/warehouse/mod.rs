//! What a warehouse is worth when its store fails, from inside of one process: no run of the command, no real storage.

mod night;
