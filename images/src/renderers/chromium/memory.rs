//! How much memory a process and all that it started use: from /proc; unknown elsewhere.
//!
//! Deliberately unknown here: whose processes they are.

use std::{collections::HashMap, fs};

/// Bytes of the process and of all its descendants: shared pages are counted once (PSS) where that can be read.
pub(super) fn of_tree(root: u32) -> Option<u64> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut bytes, mut next) = (0, vec![root]);
    while let Some(pid) = next.pop() {
        bytes += memory(pid).unwrap_or(0);
        next.extend(children.remove(&pid).unwrap_or_default());
    }
    (bytes > 0).then_some(bytes)
}

/// The fourth field of `stat`, behind a name that may have blanks and brackets (proc(5)).
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn memory(pid: u32) -> Option<u64> {
    let read = |file: &str, key: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some(read("smaps_rollup", "Pss:").or_else(|| read("status", "VmRSS:"))? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_some_memory() {
        if std::path::Path::new("/proc/self/stat").exists() {
            let bytes = of_tree(std::process::id()).expect("it can be read");
            assert!((1 << 20..1 << 36).contains(&bytes), "{bytes}");
        }
        assert_eq!(of_tree(u32::MAX), None);
    }
}
