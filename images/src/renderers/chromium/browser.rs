//! The one warm browser: started when a picture is wanted, replaced when it died, grew or had many pages.
//!
//! Deliberately unknown here: what is done on a page.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use alerts::ports::RenderError;
use chromiumoxide::{
    Browser, Page,
    cdp::browser_protocol::{
        browser::{BrowserContextId, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams},
        target::{CreateBrowserContextParams, CreateTargetParams},
    },
    error::CdpError,
    handler::HandlerConfig,
};
use futures_util::StreamExt;
use tokio::{sync::Mutex, task::JoinHandle, time::Instant};

use super::{
    memory,
    process::{Launch, Process},
    source,
};

/// How often the browser's memory is looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Longer than a capture may take: what it waits for ends with the capture.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a page may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The browser, if there is one now.
pub(super) struct Warm {
    launch: Launch,
    max_pages: u32,
    max_memory: u64,
    running: Mutex<Option<Arc<Running>>>,
}

/// A running browser. Its end is the end of its processes.
pub(super) struct Running {
    browser: Browser,
    contexts: Mutex<HashMap<String, BrowserContextId>>,
    pages: AtomicU32,
    worn: Arc<AtomicBool>,
    looked: parking_lot::Mutex<Instant>,
    connection: JoinHandle<()>,
    process: Process,
}

impl Warm {
    pub(super) const fn new(launch: Launch, max_pages: u32, max_memory: u64) -> Self {
        Self { launch, max_pages, max_memory, running: Mutex::const_new(None) }
    }

    /// The browser that runs, or a new one.
    pub(super) async fn browser(&self) -> Result<Arc<Running>, RenderError> {
        let mut running = self.running.lock().await;
        if let Some(browser) = running.as_ref().filter(|browser| !browser.worn.load(Ordering::Acquire)) {
            self.count(browser);
            return Ok(browser.clone());
        }
        if let Some(old) = running.take() {
            // ends when its last page is done, and not here: it waits for processes
            tokio::task::spawn_blocking(move || drop(old));
        }
        let browser = Arc::new(Running::start(&self.launch).await?);
        self.count(&browser);
        *running = Some(browser.clone());
        Ok(browser)
    }

    fn count(&self, browser: &Arc<Running>) {
        if browser.pages.fetch_add(1, Ordering::AcqRel) + 1 >= self.max_pages {
            browser.worn.store(true, Ordering::Release);
        }
    }

    /// After a picture: looks now and then whether the browser has grown too large.
    pub(super) fn look_at(&self, browser: &Arc<Running>) {
        let mut looked = browser.looked.lock();
        let Some(id) = browser.process.id().filter(|_| looked.elapsed() >= LOOK_EVERY) else { return };
        *looked = Instant::now();
        let (worn, most) = (browser.worn.clone(), self.max_memory);
        tokio::task::spawn_blocking(move || {
            let bytes = memory::of_tree(id).unwrap_or(0);
            if bytes > most {
                tracing::info!(bytes, "the browser has grown: the next picture is taken by a new one");
                worn.store(true, Ordering::Release);
            }
        });
    }
}

impl Running {
    async fn start(launch: &Launch) -> Result<Self, RenderError> {
        let (process, address, died) = launch.start().await?;
        let config = HandlerConfig {
            ignore_https_errors: false,
            // they would be logged whole, headers and all
            ignore_invalid_messages: false,
            viewport: None,
            request_timeout: COMMAND_TIMEOUT,
            ..HandlerConfig::default()
        };
        let (browser, mut handler) = Browser::connect_with_config(address, config).await.map_err(told)?;
        let worn = Arc::new(AtomicBool::new(false));
        let ended = Ended(worn.clone());
        let connection = tokio::spawn(async move {
            let _ended = ended;
            let connected = async {
                while let Some(event) = handler.next().await {
                    match event {
                        // of a newer browser: nothing that is needed here
                        Ok(()) | Err(CdpError::InvalidMessage(..)) => {}
                        Err(_) => return,
                    }
                }
            };
            // chromiumoxide does not notice that the browser closes the connection
            tokio::select! {
                () = connected => {}
                _ = died => {}
            }
        });
        let running = Self {
            browser,
            contexts: Mutex::default(),
            pages: AtomicU32::new(0),
            worn,
            looked: parking_lot::Mutex::new(Instant::now()),
            connection,
            process,
        };
        running.no_downloads(None).await.map_err(told)?;
        Ok(running)
    }

    async fn no_downloads(&self, context: Option<BrowserContextId>) -> Result<(), CdpError> {
        let mut deny = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        deny.browser_context_id = context;
        self.browser.execute(deny).await.map(drop)
    }

    /// An empty page. Pages of one `who` share cookies and cache with each other, and with nobody else.
    pub(super) async fn page(self: &Arc<Self>, who: &str) -> Result<Opened, CdpError> {
        let context = self.context(who).await?;
        let mut params = CreateTargetParams::new("about:blank");
        params.browser_context_id = Some(context);
        let this = self.clone();
        // not given up half way: the page would stay open
        let opening = tokio::spawn(async move {
            let page = this.browser.new_page(params).await?;
            Ok(Opened { page: Some(page), _browser: this })
        });
        opening.await.unwrap_or(Err(CdpError::NoResponse))
    }

    async fn context(&self, who: &str) -> Result<BrowserContextId, CdpError> {
        let mut contexts = self.contexts.lock().await;
        if let Some(context) = contexts.get(who) {
            return Ok(context.clone());
        }
        let context = self.browser.create_browser_context(CreateBrowserContextParams::default()).await?;
        self.no_downloads(Some(context.clone())).await?;
        contexts.insert(who.to_owned(), context.clone());
        Ok(context)
    }

    pub(super) const fn browser(&self) -> &Browser {
        &self.browser
    }

    /// It is replaced at the next picture.
    pub(super) fn retire(&self) {
        self.worn.store(true, Ordering::Release);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Says that the connection has ended, however it did.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A page that is closed with this.
pub(super) struct Opened {
    page: Option<Page>,
    _browser: Arc<Running>,
}

impl Opened {
    pub(super) fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let (Some(page), Ok(runtime)) = (self.page.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { tokio::time::timeout(CLOSE_TIMEOUT, page.close()).await.map(drop) });
        }
    }
}

/// A failure of the protocol in few words: what chromiumoxide says may hold whole messages.
pub(super) fn told(error: CdpError) -> RenderError {
    match error {
        CdpError::Timeout => crate::error::timeout("the browser did not answer"),
        CdpError::ChromeMessage(words) => {
            source(format!("the page cannot be opened: {}", crate::error::quoted(words.as_bytes())))
        }
        CdpError::Chrome(error) => source(format!("the browser: {}", crate::error::quoted(error.message.as_bytes()))),
        CdpError::JavascriptException(_) => source("the browser: the page's script failed"),
        _ => source("the connection to the browser broke: it died, or was ended"),
    }
}
