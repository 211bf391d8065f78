//! The question by which a group's issue is found: Alertmanager's, so that its issues are found after a change-over.
//!
//! Deliberately unknown here: requests.

use std::{fmt::Write as _, time::Duration};

/// What is asked beside the group.
pub struct Search {
    /// Issues with this resolution are left alone.
    pub wont_fix: Option<String>,
    /// Done issues count for so long, if they can be opened again.
    pub reopen_within: Option<Duration>,
}

/// The label by which an issue belongs to a group.
pub fn label(group_hash: &str) -> String {
    format!("ALERT{{{group_hash}}}")
}

impl Search {
    /// The question.
    pub fn jql(&self, project: &str, group_hash: &str, firing: bool) -> String {
        let mut jql = String::new();
        if let Some(resolution) = &self.wont_fix {
            // what has no resolution yet is neither equal nor unequal to one
            let _ = write!(jql, "(resolution is EMPTY or resolution != {}) and ", quoted(resolution));
        }
        let minutes = self.reopen_within.map_or(0, |within| within.as_secs() / 60);
        if firing && minutes > 0 {
            let _ = write!(jql, "(resolutiondate is EMPTY or resolutiondate >= -{minutes}m) and ");
        } else {
            jql.push_str("statusCategory != Done and ");
        }
        let _ = write!(
            jql,
            "project={} and labels={} order by status ASC,resolutiondate DESC",
            quoted(project),
            quoted(&label(group_hash))
        );
        jql
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wont_fix: Option<&str>, reopen: Option<u64>, firing: bool, expected: &str) {
        let search = Search { wont_fix: wont_fix.map(str::to_owned), reopen_within: reopen.map(Duration::from_secs) };
        let tail = r#" and project="O\"P\\S" and labels="ALERT{ab}" order by status ASC,resolutiondate DESC"#;
        assert_eq!(search.jql(r#"O"P\S"#, "ab", firing), format!("{expected}{tail}"));
    }

    #[test]
    fn open_issues_and_those_done_lately() {
        let lately = "(resolutiondate is EMPTY or resolutiondate >= -90m)";
        check(None, None, true, "statusCategory != Done");
        check(None, Some(5_400), true, lately);
        check(None, Some(5_400), false, "statusCategory != Done");
        let left_alone = r#"(resolution is EMPTY or resolution != "Won't Do")"#;
        check(Some("Won't Do"), Some(5_400), true, &format!("{left_alone} and {lately}"));
    }
}
