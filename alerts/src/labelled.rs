//! Reading labels wherever they lie: in a set, or packed in a record. Routing, inhibition and silences take either, so
//! that a packed alert needs no unpacking to be decided on.
//!
//! Deliberately unknown here: what is decided.

use crate::{
    alert::Alert,
    labels::LabelSet,
    record::{AlertRecord, Blob},
};

/// Something with labels. An absent label is the empty string, as matchers see it.
pub trait Labelled {
    /// The value of a label, or the empty string.
    fn value(&self, name: &str) -> &str;

    /// All labels, sorted by name (by bytes).
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)>;
}

impl Labelled for LabelSet {
    fn value(&self, name: &str) -> &str {
        LabelSet::value(self, name)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter()
    }
}

impl Labelled for Blob {
    fn value(&self, name: &str) -> &str {
        self.label(name).unwrap_or("")
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.label_pairs()
    }
}

impl Labelled for Alert {
    fn value(&self, name: &str) -> &str {
        self.labels.value(name)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter()
    }
}

impl Labelled for AlertRecord {
    fn value(&self, name: &str) -> &str {
        Labelled::value(&self.blob, name)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.blob.label_pairs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(labels: &impl Labelled, pairs: &[(&str, &str)]) {
        assert_eq!(labels.pairs().collect::<Vec<_>>(), pairs);
        for (name, value) in pairs {
            assert_eq!(labels.value(name), *value);
        }
        assert_eq!(labels.value("absent"), "");
    }

    #[test]
    fn sets_and_blobs_read_alike() {
        let pairs = [("alertname", "x"), ("job", "node"), ("severity", "critical")];
        let set: LabelSet = pairs.into_iter().collect();
        check(&set, &pairs);
        check(&Blob::new(&set, &LabelSet::new(), "http://prometheus/graph"), &pairs);
    }
}
