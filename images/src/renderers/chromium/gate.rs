//! Who a page may ask: each of its requests is stopped, judged, and sent on or refused.
//!
//! Deliberately unknown here: processes, pictures.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chromiumoxide::{
    Page,
    cdp::browser_protocol::{
        fetch::{ContinueRequestParams, EnableParams, EventRequestPaused, FailRequestParams, HeaderEntry},
        network::{
            ErrorReason, EventLoadingFailed, EventLoadingFinished, EventResponseReceived, ResourceType,
            SetBypassServiceWorkerParams,
        },
        page::{EventJavascriptDialogOpening, FrameId, HandleJavaScriptDialogParams},
    },
    error::CdpError,
};
use futures_util::StreamExt;
use http::HeaderValue;
use parking_lot::Mutex;
use tokio::{task::JoinHandle, time::Instant};
use url::Url;

/// Nothing was asked for this long: the page is quiet.
const QUIET: Duration = Duration::from_millis(500);

/// What a page may do.
#[derive(Clone)]
pub(super) struct Rules {
    /// The page; its host and, but for 80 and 443, its port are what it may ask.
    pub(super) page: Url,
    /// Other hosts, for what is on the page.
    pub(super) allowed_hosts: Arc<[String]>,
    /// Goes with requests to the page's own origin, and with no other.
    pub(super) login: Option<HeaderValue>,
}

impl Rules {
    /// Whether the page may ask there; the document itself comes from the page's host.
    fn allow(&self, url: &Url, document: bool) -> bool {
        match url.scheme() {
            "http" | "https" => {}
            "data" | "blob" | "about" => return true,
            _ => return false,
        }
        let usual = |url: &Url| matches!(url.port_or_known_default(), Some(80 | 443));
        let same_port = url.port_or_known_default() == self.page.port_or_known_default();
        let own = url.host() == self.page.host() && (same_port || usual(url) && usual(&self.page));
        own || !document && self.allowed_hosts.iter().any(|host| url.host_str() == Some(host))
    }

    fn headers(&self, event: &EventRequestPaused, url: &Url) -> Option<Vec<HeaderEntry>> {
        let login = self.login.as_ref().filter(|_| url.origin() == self.page.origin())?.to_str().ok()?;
        let sent = event.request.headers.inner().as_object();
        let kept = sent.into_iter().flatten().filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        let kept = kept.filter_map(|(name, value)| Some(HeaderEntry::new(name.clone(), value.as_str()?)));
        Some(kept.chain([HeaderEntry::new("Authorization", login)]).collect())
    }
}

#[derive(Default)]
struct Seen {
    under_way: HashSet<String>,
    last: Option<Instant>,
    led_to: Option<String>,
    status: Option<(i64, String)>,
}

/// Stands between a page and the network as long as it lives.
pub(super) struct Gate {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Gate {
    /// Begins to judge the page's requests.
    pub(super) async fn close(page: &Page, rules: Rules) -> Result<Self, CdpError> {
        let main = FrameId::new(page.target_id().inner().clone());
        let mut paused = page.event_listener::<EventRequestPaused>().await?;
        let mut finished = page.event_listener::<EventLoadingFinished>().await?;
        let mut failed = page.event_listener::<EventLoadingFailed>().await?;
        let mut responses = page.event_listener::<EventResponseReceived>().await?;
        let mut dialogs = page.event_listener::<EventJavascriptDialogOpening>().await?;
        page.execute(EnableParams::default()).await?;
        page.execute(SetBypassServiceWorkerParams::new(true)).await?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (state, page) = (seen.clone(), page.clone());
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(event) = paused.next() => answer(&page, &rules, &main, &event, &state),
                    Some(event) = finished.next() => state.lock().ended(event.request_id.inner()),
                    Some(event) = failed.next() => state.lock().ended(event.request_id.inner()),
                    Some(event) = responses.next() => {
                        if event.r#type == ResourceType::Document && event.frame_id.as_ref() == Some(&main) {
                            state.lock().status = Some((event.response.status, event.response.url.clone()));
                        }
                    }
                    Some(_) = dialogs.next() => {
                        let page = page.clone();
                        tokio::spawn(async move { page.execute(HandleJavaScriptDialogParams::new(false)).await.map(drop) });
                    }
                    else => return,
                }
            }
        });
        Ok(Self { seen, task })
    }

    /// Where the page was led, if that is elsewhere: without the query, which may hold a token.
    pub(super) fn led_to(&self) -> Option<String> {
        self.seen.lock().led_to.clone()
    }

    /// The status of the page itself, and its address in the end.
    pub(super) fn status(&self) -> Option<(i64, String)> {
        self.seen.lock().status.clone()
    }

    /// Whether nothing was asked for a while.
    pub(super) fn is_quiet(&self) -> bool {
        let seen = self.seen.lock();
        seen.under_way.is_empty() && seen.last.is_none_or(|last| last.elapsed() >= QUIET)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn ended(&mut self, id: &str) {
        if self.under_way.remove(id) {
            self.last = Some(Instant::now());
        }
    }
}

fn answer(page: &Page, rules: &Rules, main: &FrameId, event: &EventRequestPaused, seen: &Mutex<Seen>) {
    let document = event.resource_type == ResourceType::Document && event.frame_id == *main;
    let url = Url::parse(&event.request.url).ok();
    let allowed = url.as_ref().filter(|url| rules.allow(url, document));
    let mut seen = seen.lock();
    if counts(&event.resource_type) {
        seen.last = Some(Instant::now());
    }
    let page = page.clone();
    let id = event.request_id.clone();
    let Some(url) = allowed else {
        if document {
            let place = event.request.url.split(['?', '#']).next().unwrap_or_default();
            seen.led_to = Some(crate::error::quoted(place.as_bytes()));
        }
        tokio::spawn(
            async move { page.execute(FailRequestParams::new(id, ErrorReason::BlockedByClient)).await.map(drop) },
        );
        return;
    };
    if let Some(network) = event.network_id.as_ref().filter(|_| counts(&event.resource_type)) {
        seen.under_way.insert(network.inner().clone());
    }
    let mut go_on = ContinueRequestParams::new(id);
    go_on.headers = rules.headers(event, url);
    tokio::spawn(async move { page.execute(go_on).await.map(drop) });
}

/// Whether the picture may need it: not what stays open for ever, nor the icon of a tab that nobody sees.
const fn counts(kind: &ResourceType) -> bool {
    !matches!(kind, ResourceType::EventSource | ResourceType::Ping | ResourceType::Prefetch | ResourceType::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_asks_its_own_host_and_allowed_ones() {
        let check = |page: &str, url: &str, of_the_page: bool, of_a_part: bool| {
            let rules = Rules {
                page: page.parse().expect("a URL"),
                allowed_hosts: ["cdn.test".to_owned()].into(),
                login: None,
            };
            let url: Url = url.parse().expect("a URL");
            assert_eq!((rules.allow(&url, true), rules.allow(&url, false)), (of_the_page, of_a_part), "{url}");
        };
        check("http://a.test/x", "http://a.test/y", true, true);
        check("http://a.test/x", "https://a.test/y", true, true);
        check("http://a.test:3000/x", "http://a.test:3000/y", true, true);
        check("http://a.test:3000/x", "http://a.test:9222/json", false, false);
        check("http://a.test/x", "http://a.test:9222/json", false, false);
        check("http://a.test/x", "http://169.254.169.254/latest", false, false);
        check("http://a.test/x", "https://cdn.test/font", false, true);
        check("http://a.test/x", "https://evil-a.test/", false, false);
        check("http://a.test/x", "file:///etc/passwd", false, false);
        check("http://a.test/x", "chrome://settings", false, false);
        check("http://a.test/x", "data:image/png;base64,AA", true, true);
    }
}
