//! How the pictures of a message fit into what a channel can take: a plan, made from sizes alone.
//!
//! What exceeds the count becomes a contact sheet where the caller can make one, else it is left out and counted; what
//! exceeds the bytes or the pixels is to be encoded smaller.
//!
//! Deliberately unknown here: the pictures' bytes, how one is encoded, vendors.

mod budget;

use crate::{
    picture::Picture,
    ports::{Format, PictureLimits, Way},
};

/// A picture encoded into fewer bytes than this shows nothing any more: it is rather linked or left out.
pub const SMALLEST: u64 = 4 * 1024;

/// A picture as planning sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The size of the PNG file in bytes.
    pub size: u64,
    /// Width and height in pixels.
    pub pixels: (u32, u32),
    /// Whether its bytes are at hand.
    pub has_bytes: bool,
    /// Whether it has a link.
    pub has_link: bool,
}

impl From<&Picture> for Candidate {
    fn from(picture: &Picture) -> Self {
        Self {
            size: picture.bytes.as_ref().map_or(picture.record.size, |bytes| bytes.len() as u64),
            pixels: (picture.record.width, picture.record.height),
            has_bytes: picture.bytes.is_some(),
            has_link: picture.url.is_some(),
        }
    }
}

/// What the caller can do beyond the channel's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The most pictures that one contact sheet may hold; 0 or 1: make none.
    pub sheet: usize,
}

/// What becomes of every picture, by its place in the list that was planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The pictures that are shown, in order.
    pub shown: Vec<Planned>,
    /// Pictures that are shown together as one more, behind the others.
    pub sheet: Option<Sheet>,
    /// The pictures that are not shown, in order.
    pub left_out: Vec<usize>,
}

/// A picture that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub picture: usize,
    /// How it is given to the vendor.
    pub way: Way,
    /// What it must be encoded to first; none: as it is.
    pub encode: Option<Target>,
}

/// Several pictures drawn as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Which, in order; at least two.
    pub pictures: Vec<usize>,
    /// How it is given to the vendor; never as a link.
    pub way: Way,
    /// What it must be encoded to.
    pub encode: Target,
}

/// What an encoder must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The largest file.
    pub max_bytes: u64,
    /// The largest width and height.
    pub max_pixels: (u32, u32),
    /// The format to prefer; PNG wherever it is taken.
    pub format: Format,
}

/// Plans. `pictures` come in the order of their importance, as [`crate::shown::pictures`] gives them.
pub fn fit(pictures: &[Candidate], limits: &PictureLimits, policy: Policy) -> Plan {
    let mut plan = Plan::default();
    let mut usable = Vec::new();
    for (picture, candidate) in pictures.iter().enumerate() {
        match way(*candidate, limits) {
            Some(way) => usable.push(Planned { picture, way, encode: None }),
            None => plan.left_out.push(picture),
        }
    }
    let beyond = split_off(&mut usable, pictures, limits, policy, &mut plan);
    plan.left_out.extend(beyond);
    plan.shown = usable;
    budget::apply(&mut plan, pictures, limits);
    plan.left_out.sort_unstable();
    plan
}

/// The first way that the channel prefers and the picture allows.
fn way(candidate: Candidate, limits: &PictureLimits) -> Option<Way> {
    limits.ways.iter().copied().find(|way| match way {
        Way::Link => candidate.has_link,
        Way::Embed | Way::Attach => candidate.has_bytes && takes_bytes(limits),
    })
}

fn takes_bytes(limits: &PictureLimits) -> bool {
    let room = limits.max_bytes.min(limits.max_total_bytes);
    room >= SMALLEST && !limits.formats.is_empty() && limits.max_pixels.0 > 0 && limits.max_pixels.1 > 0
}

/// Takes what exceeds the count off `usable`; puts it on a sheet if there can be one, and answers what is left out.
fn split_off(
    usable: &mut Vec<Planned>,
    pictures: &[Candidate],
    limits: &PictureLimits,
    policy: Policy,
    plan: &mut Plan,
) -> Vec<usize> {
    if usable.len() <= limits.max_count {
        return Vec::new();
    }
    let places = |planned: Vec<Planned>| planned.into_iter().map(|planned| planned.picture);
    let mut beyond: Vec<usize> = places(usable.split_off(limits.max_count)).collect();
    let Some(last) = usable.pop() else { return beyond };
    let (mut drawn, mut rest): (Vec<_>, Vec<_>) =
        std::iter::once(last.picture).chain(beyond.iter().copied()).partition(|at| pictures[*at].has_bytes);
    rest.extend(drawn.split_off(drawn.len().min(policy.sheet)));
    match sheet_way(limits).filter(|_| drawn.len() > 1 && pictures[last.picture].has_bytes) {
        Some(way) => {
            plan.sheet = Some(Sheet { pictures: drawn, way, encode: target(limits, limits.max_bytes) });
            beyond = rest;
        }
        None => usable.push(last),
    }
    beyond
}

fn sheet_way(limits: &PictureLimits) -> Option<Way> {
    limits.ways.iter().copied().find(|way| *way != Way::Link).filter(|_| takes_bytes(limits))
}

fn target(limits: &PictureLimits, max_bytes: u64) -> Target {
    let format = if limits.formats.contains(&Format::Png) { Format::Png } else { Format::Jpeg };
    Target { max_bytes, max_pixels: limits.max_pixels, format }
}

#[cfg(test)]
mod tests;
