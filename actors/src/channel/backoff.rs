//! Waiting times of a destination: between attempts, between messages, after it said no. Pure.

use std::time::Duration;

use alerts::{Time, message::DeliveryId, ports::Pace};

/// Alertmanager's back-off: 0.5 s, half as much again each time, at most 60 s, and up to half of that more. Never less, as there:
/// which delivery of a fresh server came through within a given time was a matter of its number.
pub(super) fn retry_delay(id: DeliveryId, attempts: u32) -> Duration {
    let exponent = i32::try_from(attempts.saturating_sub(1).min(30)).unwrap_or(30);
    let seconds = (0.5 * 1.5f64.powi(exponent)).min(60.0);
    Duration::from_secs_f64(seconds * (1.0 + 0.5 * jitter(id, attempts)))
}

/// A number from 0 to 1 that differs between deliveries and attempts, and is the same when asked again.
fn jitter(id: DeliveryId, attempts: u32) -> f64 {
    let mixed = (id.0 ^ (u64::from(attempts) << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    f64::from(u32::try_from(mixed >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// A token bucket: a burst, then one message per period.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pace: Pace,
    /// The time at which the bucket would be full again; messages may go while it is less than a burst ahead.
    full_at: Time,
    /// The vendor asked to wait until then.
    blocked_until: Time,
}

impl Bucket {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, full_at: Time::MIN, blocked_until: Time::MIN }
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// When the next message may go.
    pub(super) fn next_at(&self) -> Time {
        let ahead = self.pace.period.saturating_mul(self.pace.burst.saturating_sub(1));
        self.full_at.minus(ahead).max(self.blocked_until)
    }

    /// A message goes.
    pub(super) fn take(&mut self, now: Time) {
        self.full_at = self.full_at.max(now).plus(self.pace.period);
    }

    /// The vendor asked to wait: the pace moves, not only the message.
    pub(super) fn block(&mut self, until: Time) {
        self.blocked_until = self.blocked_until.max(until);
    }

    /// The wall clock stepped: an empty bucket is full again a burst from now, and no wait ends later than `latest`.
    pub(super) fn clock_stepped(&mut self, now: Time, latest: Time) {
        self.full_at = self.full_at.min(now.plus(self.pace.period.saturating_mul(self.pace.burst)));
        self.blocked_until = self.blocked_until.min(latest);
    }
}

const PAUSE_FIRST: Duration = Duration::from_secs(60);
/// The longest rest; also the longest wait that survives a step of the wall clock.
pub(super) const PAUSE_LONGEST: Duration = Duration::from_secs(15 * 60);

/// The rest of a destination that answers 401, 403 or 404: one minute, doubling to fifteen.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    until: Option<Time>,
    last: Duration,
}

impl Rest {
    /// The destination said no.
    pub(super) fn begin(&mut self, now: Time) -> Time {
        self.last = if self.last.is_zero() { PAUSE_FIRST } else { (self.last * 2).min(PAUSE_LONGEST) };
        let until = now.plus(self.last);
        self.until = Some(until);
        until
    }

    /// The destination took a message: the next rest is a short one again.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    /// The wall clock stepped: the rest ends at `latest`.
    pub(super) fn clock_stepped(&mut self, latest: Time) {
        self.until = self.until.map(|until| until.min(latest));
    }

    /// Until when it rests, if it does as of `now`.
    pub(super) fn until(&self, now: Time) -> Option<Time> {
        self.until.filter(|until| *until > now)
    }

    /// Whether the last answer was a no, whether or not the rest is over.
    pub(super) fn is_troubled(&self) -> bool {
        self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_grow_to_a_minute() {
        for (attempts, least, most) in
            [(1, 0.5, 0.75), (2, 0.75, 1.125), (5, 2.5, 3.9), (30, 60.0, 90.0), (1000, 60.0, 90.0)]
        {
            for id in 0..50 {
                let seconds = retry_delay(DeliveryId(id), attempts).as_secs_f64();
                assert!((least..=most).contains(&seconds), "{attempts}: {seconds}");
            }
        }
    }

    #[test]
    fn a_burst_and_then_one_per_period() {
        let mut bucket = Bucket::new(Pace { burst: 3, period: Duration::from_secs(10) });
        let mut sent = Vec::new();
        let mut now = Time::from_secs(1000);
        for _ in 0..6 {
            now = now.max(bucket.next_at());
            bucket.take(now);
            sent.push(now.as_secs() - 1000);
        }
        assert_eq!(sent, [0, 0, 0, 10, 20, 30]);
    }

    #[test]
    fn no_period_is_no_limit() {
        let mut bucket = Bucket::new(Pace { burst: 1, period: Duration::ZERO });
        bucket.take(Time::from_secs(5));
        assert!(bucket.next_at() <= Time::from_secs(5));
        bucket.block(Time::from_secs(9));
        assert_eq!(bucket.next_at(), Time::from_secs(9));
    }

    #[test]
    fn rests_double_to_fifteen_minutes_and_end_with_a_success() {
        let mut rest = Rest::default();
        let minutes: Vec<_> = (0..6).map(|_| rest.begin(Time::from_secs(0)).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 15, 15]);
        rest.end();
        assert_eq!(rest.begin(Time::from_secs(0)).as_secs(), 60);
    }
}
