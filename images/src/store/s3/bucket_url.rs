//! `bucket_url`, Grafana's old key: bucket and region out of an address of Amazon's.
//!
//! Deliberately unknown here: addresses of others.

use url::Url;

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) bucket: String,
    pub(super) region: Option<String>,
}

/// `https://pictures.s3.eu-west-1.amazonaws.com/`, `https://s3-eu-west-1.amazonaws.com/pictures` and the like.
pub(super) fn parse(url: &str) -> Option<Found> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let host = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let labels: Vec<&str> = host.split('.').collect();
    let service = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    let dashed = labels[service].strip_prefix("s3-").filter(|region| *region != "website");
    let region = labels.get(service + 1).copied().or(dashed).map(str::to_owned);
    let bucket = match service {
        0 => url.path_segments()?.next()?.to_owned(),
        _ => labels[..service].join("."),
    };
    (!bucket.is_empty()).then_some(Found { bucket, region })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grafanas_examples() {
        for (url, bucket, region) in [
            ("http://grafana.s3.amazonaws.com/", "grafana", None),
            ("https://grafana.s3-ap-southeast-2.amazonaws.com/", "grafana", Some("ap-southeast-2")),
            ("https://s3-ap-southeast-2.amazonaws.com/grafana", "grafana", Some("ap-southeast-2")),
            ("https://s3.eu-west-1.amazonaws.com/a/b", "a", Some("eu-west-1")),
            ("https://my.dotted.s3.eu-west-1.amazonaws.com", "my.dotted", Some("eu-west-1")),
            ("https://b.s3.cn-north-1.amazonaws.com.cn", "b", Some("cn-north-1")),
        ] {
            let expected = Found { bucket: bucket.to_owned(), region: region.map(str::to_owned) };
            assert_eq!(parse(url), Some(expected), "{url}");
        }
        for url in ["", "pictures", "https://example.org/pictures", "https://s3.amazonaws.com/"] {
            assert_eq!(parse(url), None, "{url}");
        }
    }
}
