//! Slack's error words, and what they mean for the machine. An answer with `ok: false` comes with status 200.
//!
//! Deliberately unknown here: how answers are read. The words are those of <https://docs.slack.dev/reference/methods>.

use alerts::ports::SendErrorKind;

use crate::sending::classify::DEFAULT_WAIT;

/// The class of an error word.
pub fn classify(word: &str) -> SendErrorKind {
    match word {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => SendErrorKind::RetryAfter(DEFAULT_WAIT),
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" | "team_added_to_org" => {
            SendErrorKind::Retry
        }
        // token, rights or channel: nothing gets through until somebody mends it
        "invalid_auth"
        | "not_authed"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "no_permission"
        | "org_login_required"
        | "ekm_access_denied"
        | "missing_scope"
        | "not_allowed_token_type"
        | "access_denied"
        | "team_access_not_granted"
        | "two_factor_setup_required"
        | "channel_not_found"
        | "not_in_channel"
        | "is_archived"
        | "is_inactive"
        | "user_not_found"
        | "messages_tab_disabled"
        | "cannot_dm_bot" => SendErrorKind::Unauthorised,
        word if word.starts_with("restricted_action") => SendErrorKind::Unauthorised,
        // something about this message: without its pictures, or plainer, it may pass
        "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "msg_too_long"
        | "invalid_attachments"
        | "too_many_attachments"
        | "attachment_payload_limit_exceeded"
        | "invalid_arguments"
        | "invalid_arg_name"
        | "file_uploads_disabled"
        | "file_upload_size_restricted"
        | "blocked_file_type" => SendErrorKind::TooLarge,
        _ => SendErrorKind::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_classes() {
        let check =
            |words: &[&str], expected| words.iter().for_each(|word| assert_eq!(classify(word), expected, "{word}"));
        check(&["invalid_auth", "account_inactive", "channel_not_found", "is_archived"], SendErrorKind::Unauthorised);
        check(&["restricted_action_thread_locked"], SendErrorKind::Unauthorised);
        check(&["internal_error", "fatal_error"], SendErrorKind::Retry);
        check(&["ratelimited"], SendErrorKind::RetryAfter(DEFAULT_WAIT));
        check(&["msg_too_long", "invalid_blocks"], SendErrorKind::TooLarge);
        check(&["no_text", "something_new"], SendErrorKind::Rejected);
    }
}
