//! Many values to one: the calculations of legends and of stat panels, named as Grafana names them.
//!
//! It does not know how numbers are written.

/// A calculation over the values of a series. NaN stands for a missing value and is left out of all but `last` and `first`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calculation {
    /// `last`: the last value, missing or not.
    Last,
    /// `lastNotNull`: the last value that is not missing.
    LastNotNull,
    /// `first`: the first value, missing or not.
    First,
    /// `firstNotNull`: the first value that is not missing.
    FirstNotNull,
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `mean`.
    Mean,
    /// `median`.
    Median,
    /// `sum`, also `total`.
    Sum,
    /// `count`: how many values there are, missing ones too.
    Count,
    /// `range`: max minus min.
    Range,
    /// `delta`: the sum of all increases; a decrease is a counter that began anew.
    Delta,
    /// `diff`: last minus first.
    Diff,
    /// `diffperc`: last minus first as a share of first.
    DiffPercent,
    /// `variance`, of the whole population.
    Variance,
    /// `stdDev`, of the whole population.
    StdDev,
    /// `logmin`: the smallest value above zero.
    LogMin,
    /// `changeCount`: how often the value changes.
    ChangeCount,
    /// `distinctCount`: how many different values there are.
    DistinctCount,
}

impl Calculation {
    /// Reads Grafana's name; `current` and `avg` are the old names of two.
    pub fn parse(id: &str) -> Option<Calculation> {
        Some(match id {
            "last" => Calculation::Last,
            "lastNotNull" | "current" => Calculation::LastNotNull,
            "first" => Calculation::First,
            "firstNotNull" => Calculation::FirstNotNull,
            "min" => Calculation::Min,
            "max" => Calculation::Max,
            "mean" | "avg" => Calculation::Mean,
            "median" => Calculation::Median,
            "sum" | "total" => Calculation::Sum,
            "count" => Calculation::Count,
            "range" => Calculation::Range,
            "delta" => Calculation::Delta,
            "diff" => Calculation::Diff,
            "diffperc" => Calculation::DiffPercent,
            "variance" => Calculation::Variance,
            "stdDev" => Calculation::StdDev,
            "logmin" => Calculation::LogMin,
            "changeCount" => Calculation::ChangeCount,
            "distinctCount" => Calculation::DistinctCount,
            _ => return None,
        })
    }

    /// The head of its column in a legend, as Grafana writes it.
    pub fn title(self) -> &'static str {
        match self {
            Calculation::Last => "Last",
            Calculation::LastNotNull => "Last *",
            Calculation::First => "First",
            Calculation::FirstNotNull => "First *",
            Calculation::Min => "Min",
            Calculation::Max => "Max",
            Calculation::Mean => "Mean",
            Calculation::Median => "Median",
            Calculation::Sum => "Total",
            Calculation::Count => "Count",
            Calculation::Range => "Range",
            Calculation::Delta => "Delta",
            Calculation::Diff => "Difference",
            Calculation::DiffPercent => "Difference percent",
            Calculation::Variance => "Variance",
            Calculation::StdDev => "StdDev",
            Calculation::LogMin => "Min (above zero)",
            Calculation::ChangeCount => "Change count",
            Calculation::DistinctCount => "Distinct count",
        }
    }

    /// The result over the values in the order of time; none where there is nothing to calculate with.
    pub fn of(self, values: &[f64]) -> Option<f64> {
        let present = || values.iter().copied().filter(|value| !value.is_nan());
        let count = present().count();
        let sum = || present().sum::<f64>();
        let variance = || {
            let mean = sum() / count as f64;
            present().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64
        };
        let result = match self {
            Calculation::Count => return Some(values.len() as f64),
            Calculation::Last => values.last().copied(),
            Calculation::First => values.first().copied(),
            Calculation::LastNotNull => values.iter().rev().copied().find(|value| !value.is_nan()),
            Calculation::FirstNotNull => present().next(),
            Calculation::Min => present().reduce(f64::min),
            Calculation::Max => present().reduce(f64::max),
            Calculation::Mean => Some(sum() / count as f64),
            Calculation::Median => median(present().collect()),
            Calculation::Sum => (count > 0).then(sum),
            Calculation::Range => Some(present().reduce(f64::max)? - present().reduce(f64::min)?),
            Calculation::Delta => {
                let next = present().skip(1);
                let increase = |(before, after): (f64, f64)| if after >= before { after - before } else { after };
                (count > 0).then(|| present().zip(next).map(increase).sum())
            }
            Calculation::Diff => Some(present().next_back()? - present().next()?),
            Calculation::DiffPercent => {
                let (first, last) = (present().next()?, present().next_back()?);
                Some((last - first) / first)
            }
            Calculation::Variance => Some(variance()),
            Calculation::StdDev => Some(variance().sqrt()),
            Calculation::LogMin => present().filter(|value| *value > 0.0).reduce(f64::min),
            Calculation::ChangeCount => {
                (count > 0).then(|| present().zip(present().skip(1)).filter(|(a, b)| a != b).count() as f64)
            }
            Calculation::DistinctCount => {
                let mut all: Vec<f64> = present().collect();
                all.sort_by(f64::total_cmp);
                all.dedup();
                (count > 0).then_some(all.len() as f64)
            }
        };
        result.filter(|value| !value.is_nan())
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(values[middle - 1], upper)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, values: &[f64], expected: Option<f64>) {
        let calculation = Calculation::parse(id).unwrap_or_else(|| panic!("{id} is a calculation"));
        assert_eq!(calculation.of(values), expected, "{id} of {values:?}");
    }

    #[test]
    fn they_are_grafanas() {
        const NAN: f64 = f64::NAN;
        let values = [NAN, 2.0, 8.0, 5.0, NAN];
        check("last", &values, None);
        check("first", &values, None);
        check("lastNotNull", &values, Some(5.0));
        check("firstNotNull", &values, Some(2.0));
        check("min", &values, Some(2.0));
        check("max", &values, Some(8.0));
        check("mean", &values, Some(5.0));
        check("median", &[4.0, 1.0], Some(2.5));
        check("total", &values, Some(15.0));
        check("count", &values, Some(5.0));
        check("range", &values, Some(6.0));
        check("delta", &values, Some(11.0));
        check("diff", &values, Some(3.0));
        check("diffperc", &values, Some(1.5));
        check("variance", &values, Some(6.0));
        check("stdDev", &[1.0, 3.0], Some(1.0));
        check("logmin", &[-1.0, 0.0, 3.0], Some(3.0));
        check("changeCount", &[1.0, 1.0, 2.0], Some(1.0));
        check("distinctCount", &[1.0, 2.0, 1.0], Some(2.0));
        assert_eq!(Calculation::parse("allValues"), None);
    }

    #[test]
    fn nothing_gives_nothing() {
        for id in
            ["last", "lastNotNull", "min", "mean", "median", "sum", "range", "delta", "diff", "variance", "logmin"]
        {
            check(id, &[], None);
            check(id, &[f64::NAN], None);
        }
        check("count", &[], Some(0.0));
    }
}
