//! Carries out the plan of [`alerts::fit`]: each picture goes its way, at a size that is taken.
//!
//! Deliberately unknown here: any vendor, and how the plan is made. After it a picture has bytes if it is to be given as a
//! file, and none if it is to be linked.

use alerts::{
    fit::{Candidate, Policy, Target},
    picture::Picture,
    ports::{PictureLimits, Way},
};

use super::{
    sheet,
    shrink::{ShrinkError, Smaller, shrink},
};

/// The pictures that go along, and what became of the others.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// In the order in which they are shown.
    pub pictures: Vec<Picture>,
    /// How many others there are.
    pub left_out: usize,
    /// Why pictures that should have gone along cannot: one line each.
    pub problems: Vec<String>,
}

/// Chooses and shrinks; `pictures` come in the order of their importance ([`alerts::shown::pictures`]).
pub async fn fit(pictures: &[Picture], limits: &PictureLimits) -> Fit {
    if !limits.wants_pictures() {
        return Fit::default();
    }
    let candidates: Vec<Candidate> = pictures.iter().map(Candidate::from).collect();
    let plan = alerts::fit::fit(&candidates, limits, Policy { sheet: sheet::MOST });
    let mut fit = Fit { left_out: plan.left_out.len(), ..Fit::default() };
    for at in plan.left_out {
        fit.problems.extend(missing(&pictures[at], limits));
    }
    for planned in plan.shown {
        match on_its_way(&pictures[planned.picture], planned.way, planned.encode, limits).await {
            Ok(picture) => fit.pictures.push(picture),
            Err(why) => {
                fit.left_out += 1;
                fit.problems.push(format!("picture {}: {why}", pictures[planned.picture].record.id));
            }
        }
    }
    if let Some(planned) = plan.sheet {
        let of: Vec<Picture> = planned.pictures.iter().map(|at| pictures[*at].clone()).collect();
        match on_a_sheet(&of, planned.encode).await {
            Ok(picture) => fit.pictures.push(picture),
            Err(why) => {
                fit.left_out += of.len();
                fit.problems.push(format!("contact sheet of {} pictures: {why}", of.len()));
            }
        }
    }
    fit
}

async fn on_a_sheet(of: &[Picture], target: Target) -> Result<Picture, ShrinkError> {
    let pictures = of.to_vec();
    let drawn = blocking(move || sheet::draw(&pictures, target)).await?;
    Ok(sheet::picture(of, drawn))
}

async fn on_its_way(
    picture: &Picture,
    way: Way,
    encode: Option<Target>,
    limits: &PictureLimits,
) -> Result<Picture, ShrinkError> {
    let mut picture = picture.clone();
    match (way, encode) {
        (Way::Link, _) => picture.bytes = None,
        (_, None) => {}
        (_, Some(target)) => match shrunk(&picture, target).await {
            Ok(smaller) => replace(&mut picture, smaller),
            Err(_) if limits.ways.contains(&Way::Link) && picture.url.is_some() => picture.bytes = None,
            Err(why) => return Err(why),
        },
    }
    Ok(picture)
}

/// Why a picture cannot go any way at all; none if it was only one too many.
fn missing(picture: &Picture, limits: &PictureLimits) -> Option<String> {
    let linked = picture.url.is_some() && limits.ways.contains(&Way::Link);
    let given = picture.bytes.is_some() && limits.ways.iter().any(|way| *way != Way::Link);
    let why = if limits.wants_bytes() { "its file could not be read" } else { "it has no link" };
    (!linked && !given).then(|| format!("picture {}: {why}", picture.record.id))
}

/// The picture at the largest size within these bounds.
///
/// # Errors
/// When it cannot be read, or does not fit at any size.
pub async fn shrunk(picture: &Picture, target: Target) -> Result<Smaller, ShrinkError> {
    let bytes = picture.bytes.clone().unwrap_or_default();
    blocking(move || shrink(&bytes, target)).await
}

async fn blocking(
    work: impl FnOnce() -> Result<Smaller, ShrinkError> + Send + 'static,
) -> Result<Smaller, ShrinkError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|failed| Err(ShrinkError::Unreadable(failed.to_string())))
}

/// Puts the smaller file in the picture's place.
pub fn replace(picture: &mut Picture, smaller: Smaller) {
    picture.record.width = smaller.width;
    picture.record.height = smaller.height;
    picture.record.size = smaller.file.len() as u64;
    picture.bytes = Some(smaller.file);
}
