//! A vendor that says no to a message says it in one word, whatever the reason: the pictures may be it.
//!
//! Deliberately unknown here: any vendor's words.

use alerts::ports::{SendError, SendErrorKind};

/// The refusal of a message. With pictures in it they are to blame until it was tried without: too large; without them there is
/// nothing left to take off: rejected.
pub fn refused(error: SendError, pictures: usize) -> SendError {
    let kind = match error.kind {
        SendErrorKind::Rejected if pictures > 0 => SendErrorKind::TooLarge,
        SendErrorKind::TooLarge if pictures == 0 => SendErrorKind::Rejected,
        kind => kind,
    };
    SendError { kind, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_to_blame_first() {
        use SendErrorKind::*;
        let check = |kind, pictures, expected| assert_eq!(refused(SendError::new(kind, ""), pictures).kind, expected);
        check(Rejected, 1, TooLarge);
        check(Rejected, 0, Rejected);
        check(TooLarge, 2, TooLarge);
        check(TooLarge, 0, Rejected);
        check(Unauthorised, 1, Unauthorised);
    }
}
