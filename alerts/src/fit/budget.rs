//! The bytes of a plan: each picture within the channel's largest file, all of them within its largest message.
//!
//! Deliberately unknown here: the count, and how a picture is made smaller.

use super::{Candidate, Plan, Planned, SMALLEST, target};
use crate::ports::{PictureLimits, Way};

/// Gives every picture that is sent as bytes its share, and says what it must be encoded to where it exceeds it. If the
/// shares become too small to show anything, the last picture is linked instead where it can be, else left out.
pub(super) fn apply(plan: &mut Plan, pictures: &[Candidate], limits: &PictureLimits) {
    loop {
        let wanted = wanted(plan, pictures, limits);
        if let Some(shares) = shares(&wanted, limits.max_total_bytes) {
            return allot(plan, &shares, pictures, limits);
        }
        give_one_up(plan, pictures, limits);
    }
}

/// What each picture sent as bytes would take, the sheet last.
fn wanted(plan: &Plan, pictures: &[Candidate], limits: &PictureLimits) -> Vec<u64> {
    let sizes = sent_as_bytes(plan).map(|planned| match encoded_anyway(pictures[planned.picture], limits) {
        true => limits.max_bytes,
        false => pictures[planned.picture].size,
    });
    sizes.chain(plan.sheet.as_ref().map(|_| limits.max_bytes)).collect()
}

/// Splits `total` so that small wishes are granted and the large ones get the same; none if someone would get too little.
fn shares(wanted: &[u64], total: u64) -> Option<Vec<u64>> {
    let mut ascending: Vec<usize> = (0..wanted.len()).collect();
    ascending.sort_by_key(|at| wanted[*at]);
    let (mut shares, mut left) = (vec![0; wanted.len()], total);
    for (served, at) in ascending.into_iter().enumerate() {
        let fair = left / (wanted.len() - served) as u64;
        shares[at] = wanted[at].min(fair);
        left -= shares[at];
    }
    let enough = |(share, wanted): (&u64, &u64)| share >= wanted || *share >= SMALLEST;
    shares.iter().zip(wanted).all(enough).then_some(shares)
}

fn allot(plan: &mut Plan, shares: &[u64], pictures: &[Candidate], limits: &PictureLimits) {
    let mut shares = shares.iter().copied();
    for planned in plan.shown.iter_mut().filter(|planned| planned.way != Way::Link) {
        let candidate = pictures[planned.picture];
        let share = shares.next().unwrap_or_default();
        if candidate.size > share || encoded_anyway(candidate, limits) {
            planned.encode = Some(target(limits, share));
        }
    }
    if let (Some(sheet), Some(share)) = (&mut plan.sheet, shares.next()) {
        sheet.encode.max_bytes = share;
    }
}

/// Whether the file cannot stay as it is, however much room there is.
fn encoded_anyway(candidate: Candidate, limits: &PictureLimits) -> bool {
    candidate.size > limits.max_bytes
        || candidate.pixels.0 > limits.max_pixels.0
        || candidate.pixels.1 > limits.max_pixels.1
        || !limits.formats.contains(&crate::ports::Format::Png)
}

fn give_one_up(plan: &mut Plan, pictures: &[Candidate], limits: &PictureLimits) {
    let can_link = limits.ways.contains(&Way::Link);
    match plan.shown.iter().rposition(|planned| planned.way != Way::Link) {
        Some(at) if can_link && pictures[plan.shown[at].picture].has_link => plan.shown[at].way = Way::Link,
        Some(at) => plan.left_out.push(plan.shown.remove(at).picture),
        None => plan.left_out.extend(plan.sheet.take().into_iter().flat_map(|sheet| sheet.pictures)),
    }
}

fn sent_as_bytes(plan: &Plan) -> impl Iterator<Item = &Planned> {
    plan.shown.iter().filter(|planned| planned.way != Way::Link)
}
