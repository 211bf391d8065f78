//! The program `wirephoto`: reads its arguments and does what they say.

fn main() {}
