//! One picture of one page: opened, looked like the configuration says, waited for, photographed, closed.
//!
//! Deliberately unknown here: where the browser comes from.

use std::{sync::Arc, time::Duration};

use alerts::ports::RenderError;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use charts::{Style, Theme};
use chromiumoxide::{
    Page,
    cdp::{
        browser_protocol::{
            emulation::{
                MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams, SetTimezoneOverrideParams,
            },
            page::{CaptureScreenshotFormat, CaptureScreenshotParams, Viewport},
            target::EventTargetCrashed,
        },
        js_protocol::runtime::EvaluateParams,
    },
};
use futures_util::StreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::Instant;
use url::Url;

use super::{
    browser::{Running, Warm, told},
    gate::{Gate, Rules},
    source,
};
use crate::{
    content::MOST_PIXELS,
    error::{content, timeout},
};

/// Kept of the time for the picture itself and its checks.
const RESERVE: Duration = Duration::from_millis(1_000);
/// How long before the deadline a timeout is told, so that it can say what was not finished.
const TOLD_BEFORE: Duration = Duration::from_millis(50);
/// Not the empty page that it was opened with, and whole.
const LOADED: &str = "document.readyState === 'complete' && location.href !== 'about:blank'";
const POLL: Duration = Duration::from_millis(25);
/// What Grafana shows while a panel loads, in its versions.
const LOADING: &str = "[aria-label=\"Panel loading bar\"], [data-testid=\"data-testid Panel loading bar\"], .panel-loading, \
                       [data-testid=\"Spinner\"], [aria-label=\"Loading indicator\"]";

/// What is photographed.
pub(super) struct Visit {
    pub(super) url: Url,
    pub(super) rules: Rules,
    /// Whose cookies and cache.
    pub(super) who: String,
    pub(super) selector: Option<String>,
    pub(super) wait_for: Option<String>,
    pub(super) dashboard: bool,
    pub(super) style: Style,
    pub(super) timezone: String,
}

/// Takes the picture: a PNG file, not yet looked at.
pub(super) async fn take(warm: &Warm, visit: Visit, deadline: Instant) -> Result<Bytes, RenderError> {
    let doing = Arc::new(Mutex::new("the browser is still starting".to_owned()));
    let began = Instant::now();
    let told_at = deadline.checked_sub(TOLD_BEFORE).unwrap_or(deadline);
    let shooting = async {
        let browser = warm.browser().await?;
        let taken = alive(&browser, &visit, deadline, &doing).await;
        warm.look_at(&browser);
        taken
    };
    let late = || timeout(format!("{} after {} ms", doing.lock(), began.elapsed().as_millis()));
    tokio::time::timeout_at(told_at, shooting).await.unwrap_or_else(|_| Err(late()))
}

/// The picture, unless the page's process dies meanwhile.
async fn alive(
    browser: &Arc<Running>,
    visit: &Visit,
    deadline: Instant,
    doing: &Mutex<String>,
) -> Result<Bytes, RenderError> {
    *doing.lock() = "the browser opens no page".to_owned();
    let mut crashes = browser.browser().event_listener::<EventTargetCrashed>().await.map_err(told)?;
    let opening = RetireUnlessDone(Some(browser.clone()));
    let opened = browser.page(&visit.who).await;
    if opened.is_ok() {
        opening.done();
    }
    let opened = opened.map_err(told)?;
    let page = opened.page().ok_or_else(|| source("the page is closed"))?;
    let crashed = async {
        while let Some(crash) = crashes.next().await {
            if crash.target_id == *page.target_id() {
                return source("the page's process died");
            }
        }
        source("the browser died")
    };
    tokio::select! {
        taken = picture(page, visit, deadline, doing) => taken,
        error = crashed => Err(error),
    }
}

/// A browser in which no page opens in time is of no use any more.
struct RetireUnlessDone(Option<Arc<Running>>);

impl RetireUnlessDone {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for RetireUnlessDone {
    fn drop(&mut self) {
        if let Some(browser) = &self.0 {
            browser.retire();
        }
    }
}

async fn picture(page: &Page, visit: &Visit, deadline: Instant, doing: &Mutex<String>) -> Result<Bytes, RenderError> {
    dress(page, visit).await?;
    let gate = Gate::close(page, visit.rules.clone()).await.map_err(told)?;
    *doing.lock() = "the page is still loading".to_owned();
    let url = visit.url.to_string();
    let mut going = std::pin::pin!(page.goto(url));
    let mut gone = false;
    // What chromiumoxide waits for includes frames of other processes, which may never tell: the page is asked itself. One that is
    // waited for by its own sign need not have loaded everything.
    loop {
        tokio::select! {
            went = &mut going, if !gone => {
                checked(&gate, visit)?;
                went.map_err(told)?;
                gone = true;
            }
            () = tokio::time::sleep(POLL) => {}
        }
        checked(&gate, visit)?;
        let there = match &visit.wait_for {
            Some(wanted) => {
                *doing.lock() = format!("{wanted:?} is still not on the page");
                exists(page, wanted).await?
            }
            None => gate.status().is_some() && evaluate(page, LOADED).await.unwrap_or(false),
        };
        if there {
            break;
        }
    }
    settle(page, visit, &gate, deadline).await;
    checked(&gate, visit)?;
    *doing.lock() = "the picture is still not taken".to_owned();
    capture(page, visit).await
}

/// Size, colours and time zone.
async fn dress(page: &Page, visit: &Visit) -> Result<(), RenderError> {
    let style = visit.style;
    let (width, height) = (i64::from(style.width), i64::from(style.height));
    let size = SetDeviceMetricsOverrideParams::new(width, height, f64::from(style.scale), false);
    let theme = if style.theme == Theme::Dark { "dark" } else { "light" };
    let media = SetEmulatedMediaParams::builder().feature(MediaFeature::new("prefers-color-scheme", theme)).build();
    let zone = SetTimezoneOverrideParams::new(visit.timezone.clone());
    page.execute(size).await.map_err(told)?;
    page.execute(media).await.map_err(told)?;
    page.execute(zone).await.map(drop).map_err(told)
}

/// Whether the page is the one that was asked for, as far as is known by now.
fn checked(gate: &Gate, visit: &Visit) -> Result<(), RenderError> {
    if let Some(place) = gate.led_to() {
        return Err(source(format!(
            "the page leads to {place:?}, which is another server: set the address to where it leads"
        )));
    }
    let Some((status, url)) = gate.status() else { return Ok(()) };
    if status >= 400 {
        return Err(source(format!("the page answers with status {status}")));
    }
    let login = Url::parse(&url).is_ok_and(|url| url.path().trim_end_matches('/').ends_with("/login"));
    if login && visit.dashboard {
        return Err(content("Grafana shows its login page: the source's credentials are missing or not taken"));
    }
    Ok(())
}

/// Until nothing is loaded any more, the fonts are there and two frames were drawn; at most until the picture must be taken.
async fn settle(page: &Page, visit: &Visit, gate: &Gate, deadline: Instant) {
    let left = deadline.saturating_duration_since(Instant::now());
    let until = Instant::now() + left.saturating_sub(RESERVE.min(left / 2));
    let quiet = async {
        while visit.wait_for.is_none() && !gate.is_quiet() {
            tokio::time::sleep(POLL).await;
        }
        while visit.dashboard && exists(page, LOADING).await.unwrap_or(false) {
            tokio::time::sleep(POLL).await;
        }
    };
    let _ = tokio::time::timeout_at(until, quiet).await;
    let frames = "document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => \
                  done(true)))))";
    let drawn = evaluate::<bool>(page, frames);
    let _ = tokio::time::timeout_at(until + left.saturating_sub(until - Instant::now()) / 4, drawn).await;
}

async fn exists(page: &Page, selector: &str) -> Result<bool, RenderError> {
    let quoted = serde_json::Value::from(selector).to_string();
    // 0: no, 1: yes, 2: no selector
    let script =
        format!("(() => {{ try {{ return document.querySelector({quoted}) ? 1 : 0 }} catch {{ return 2 }} }})()");
    match evaluate::<u8>(page, &script).await {
        Some(2) => Err(content(format!("{selector:?} is not a selector"))),
        found => Ok(found == Some(1)),
    }
}

/// What a script on the page says; nothing while the page is not ready for it.
async fn evaluate<T: DeserializeOwned>(page: &Page, script: &str) -> Option<T> {
    let params = EvaluateParams::builder().expression(script).await_promise(true).return_by_value(true).build().ok()?;
    page.evaluate_expression(params).await.ok()?.into_value().ok()
}

#[derive(Deserialize)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

async fn capture(page: &Page, visit: &Visit) -> Result<Bytes, RenderError> {
    let mut params = CaptureScreenshotParams::builder().format(CaptureScreenshotFormat::Png).optimize_for_speed(true);
    if let Some(selector) = &visit.selector {
        let place = place(page, selector).await?;
        let scale = f64::from(visit.style.scale);
        if place.width * place.height * scale * scale > MOST_PIXELS as f64 {
            return Err(content(format!("{selector:?} has {} x {} points: too large", place.width, place.height)));
        }
        let clip = Viewport { x: place.x, y: place.y, width: place.width, height: place.height, scale: 1.0 };
        params = params.clip(clip).capture_beyond_viewport(true);
    }
    let taken = page.execute(params.build()).await.map_err(told)?;
    let file = BASE64_STANDARD.decode(AsRef::<[u8]>::as_ref(&taken.result.data));
    file.map(Bytes::from).map_err(|error| content(format!("the browser's picture: {error}")))
}

/// Where an element is on the page, in whole points.
async fn place(page: &Page, selector: &str) -> Result<Place, RenderError> {
    if !exists(page, selector).await? {
        return Err(content(format!("there is no {selector:?} on the page")));
    }
    let quoted = serde_json::Value::from(selector).to_string();
    let script = format!(
        "(() => {{ const r = document.querySelector({quoted}).getBoundingClientRect(); const x = Math.floor(r.left), y = \
         Math.floor(r.top); return {{ x: x + scrollX, y: y + scrollY, width: Math.ceil(r.right) - x, height: \
         Math.ceil(r.bottom) - y }} }})()"
    );
    let place = evaluate::<Place>(page, &script).await;
    let place = place.filter(|place| place.width >= 1.0 && place.height >= 1.0);
    place.ok_or_else(|| content(format!("{selector:?} is not to be seen on the page")))
}
