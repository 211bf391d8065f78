//! The status: what this server is, whether it is ready, what it runs on, and its configuration.
//!
//! Deliberately unknown here: where the configuration comes from, and what of it is secret (it is masked before).

use actix_web::{HttpResponse, http::StatusCode, web};
use alerts::Time;

use super::{
    Pages,
    data::{ConfigView, ServerView, StatusView},
    front,
    html::{Html, When, html},
    integrations, layout,
    response::{self, Answer},
};

/// `GET /status`
pub(super) async fn show(pages: web::Data<Pages>) -> HttpResponse {
    response::blocking(pages, |pages| {
        let main = whole(pages, &pages.data.status(), &pages.data.server());
        Ok(Answer::Page(
            StatusCode::OK,
            layout::page(pages, &layout::Head { title: "Status", section: "/status" }, main),
        ))
    })
    .await
}

fn whole(pages: &Pages, status: &StatusView, server: &ServerView) -> Html {
    let now = pages.clock.now();
    html!(
        r#"<div class="title"><h1>Status</h1><span class="live" role="status" hidden></span></div>
<div id="status" data-live>{readiness}{reload}
<section class="card"><h2>Server</h2><dl class="facts"><dt>Version</dt><dd>wirephoto {version}</dd><dt>Running since</dt><dd>{since}</dd><dt>Configuration loaded</dt><dd>{loaded}</dd></dl></section>
<section class="card"><h2>Cluster</h2><dl class="facts"><dt>State</dt><dd>Ready: this server is its only peer</dd><dt>Peer</dt><dd><code>{peer}</code> at <code>{address}</code></dd></dl></section>
{integrations}</div>
<section class="card" id="config"><h2>Configuration</h2>{config}</section>"#,
        readiness = front::readiness(status),
        reload = reload(&server.config, now),
        version = status.version,
        since = When(status.started_at, now),
        loaded = When(server.config.loaded_at, now),
        peer = server.peer,
        address = server.address,
        integrations = integrations::table(pages, &status.integrations, true),
        config = config(&server.config.original),
    )
}

fn reload(config: &ConfigView, now: Time) -> Html {
    match &config.failure {
        None => {
            html!(r#"<p class="readiness good"><strong>Configuration in force</strong> the last load succeeded</p>"#)
        }
        Some(failure) => html!(
            r#"<div class="readiness bad"><strong>The configuration was not reloaded</strong> tried {at}; the one before stays in force<pre>{error}</pre></div>"#,
            at = When(failure.at, now),
            error = failure.error,
        ),
    }
}

fn config(original: &str) -> Html {
    if original.is_empty() {
        return html!(r#"<p class="quiet">There is no configuration to show.</p>"#);
    }
    html!(r#"<pre class="config" tabindex="0"><code>{original}</code></pre>"#, original = original)
}
