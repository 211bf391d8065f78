//! Series that stand on one another: values in, the edges of their layers out.
//!
//! It does not know pixels, and not which series belong together.

/// Points in the order of time, one per time.
pub(crate) type Points = Vec<(i64, f64)>;

/// What a series of a stack covers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Layer {
    /// Its upper edge (of values below zero the lower one): NaN where no series of the stack has a value.
    pub(crate) edge: Points,
    /// The edge of the layer before it; none for the first, which stands on zero.
    pub(crate) floor: Option<Points>,
}

/// More edges than this (series times points) are thinned: they would fill the memory, and no picture shows them.
const MOST: usize = 2_000_000;

/// The layers of series in the order in which they stand. A missing value counts as zero where another series has one.
/// With `percent` the edges are shares of the sum: the last one is 1 (or, of values below zero, -1).
pub(crate) fn layers(series: &[&[(i64, f64)]], percent: bool) -> Vec<Layer> {
    let times = times(series);
    let values: Vec<Vec<f64>> = series.iter().map(|points| at_times(points, &times)).collect();
    let total = |index: usize| values.iter().map(|values| values[index]).filter(|value| value.is_finite()).reduce(plus);
    let totals: Vec<f64> = (0..times.len()).map(|index| total(index).unwrap_or(f64::NAN)).collect();
    let mut sums = vec![0.0; times.len()];
    let mut floor = None;
    let mut layer = |values: &Vec<f64>| {
        sums.iter_mut().zip(values).filter(|(_, value)| value.is_finite()).for_each(|(sum, value)| *sum += value);
        let edges = sums.iter().zip(&totals).map(|(sum, total)| match total {
            total if total.is_nan() => f64::NAN,
            total if percent && *total != 0.0 => sum / total.abs(),
            _ => *sum,
        });
        let edge: Points = times.iter().copied().zip(edges).collect();
        Layer { edge: edge.clone(), floor: floor.replace(edge) }
    };
    values.iter().map(&mut layer).collect()
}

fn plus(a: f64, b: f64) -> f64 {
    a + b
}

/// All times of all series, thinned when there are too many.
fn times(series: &[&[(i64, f64)]]) -> Vec<i64> {
    let mut times: Vec<i64> = series.iter().flat_map(|points| points.iter().map(|point| point.0)).collect();
    times.sort_unstable();
    times.dedup();
    let every = (times.len() * series.len()).div_ceil(MOST).max(1);
    if every > 1 { times.into_iter().step_by(every).collect() } else { times }
}

/// The values of one series at these times; NaN where it has none.
fn at_times(points: &[(i64, f64)], times: &[i64]) -> Vec<f64> {
    let mut rest = points;
    let mut value = |time: &i64| {
        let passed = rest.iter().take_while(|point| point.0 < *time).count();
        rest = &rest[passed..];
        rest.first().filter(|point| point.0 == *time).map_or(f64::NAN, |point| point.1)
    };
    times.iter().map(&mut value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[track_caller]
    fn check(series: &[&[(i64, f64)]], percent: bool, expected: &[&[(i64, f64)]]) {
        let layers = layers(series, percent);
        let edges: Vec<&[(i64, f64)]> = layers.iter().map(|layer| layer.edge.as_slice()).collect();
        assert_eq!(format!("{edges:?}"), format!("{expected:?}"));
        let floors: Vec<_> = layers.iter().map(|layer| layer.floor.as_deref()).collect();
        let below = edges.iter().map(|edge| Some(*edge));
        let expected: Vec<_> = std::iter::once(None).chain(below).take(edges.len()).collect();
        assert_eq!(format!("{floors:?}"), format!("{expected:?}"), "each stands on the one before");
    }

    #[test]
    fn they_add_up_in_their_order() {
        check(
            &[&[(1, 1.0), (2, 2.0)], &[(1, 10.0), (2, 20.0)]],
            false,
            &[&[(1, 1.0), (2, 2.0)], &[(1, 11.0), (2, 22.0)]],
        );
        check(&[&[(1, -1.0)], &[(1, -2.0)]], false, &[&[(1, -1.0)], &[(1, -3.0)]]);
    }

    #[test]
    fn what_is_missing_counts_as_zero_where_another_has_a_value() {
        check(
            &[&[(1, 1.0), (2, NAN), (3, NAN)], &[(2, 5.0), (3, NAN), (4, f64::INFINITY)]],
            false,
            &[&[(1, 1.0), (2, 0.0), (3, NAN), (4, NAN)], &[(1, 1.0), (2, 5.0), (3, NAN), (4, NAN)]],
        );
    }

    #[test]
    fn shares_end_at_one() {
        check(&[&[(1, 1.0), (2, 0.0)], &[(1, 3.0), (2, 0.0)]], true, &[&[(1, 0.25), (2, 0.0)], &[(1, 1.0), (2, 0.0)]]);
    }

    #[test]
    fn too_many_are_thinned() {
        let points: Vec<(i64, f64)> = (0..3000).map(|time| (time, 1.0)).collect();
        let series = vec![points.as_slice(); 2000];
        let layers = layers(&series, false);
        assert_eq!((layers.len(), layers[0].edge.len()), (2000, 1000));
        assert_eq!(layers[1999].edge[999], (2997, 2000.0));
    }
}
