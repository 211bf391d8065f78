//! The renderer `http`: a configured address that answers with a picture.
//!
//! Deliberately unknown here: who makes it.

use std::sync::OnceLock;

use alerts::ports::{RenderError, Rendered};
use async_trait::async_trait;
use tokio::time::Instant;

use super::{Draw, drawn, left, unsupported};
use crate::{
    content::Expected,
    error::source,
    http::{Credentials, Http},
    job::{Job, Target},
};

/// The renderer. Its client is made when it is needed first: most configurations have no such address.
#[derive(Default)]
pub(crate) struct Image {
    http: OnceLock<Result<Http, String>>,
}

impl Image {
    fn http(&self) -> Result<&Http, RenderError> {
        let made = || Credentials::new(None, (None, None), None).and_then(Http::new);
        self.http.get_or_init(made).as_ref().map_err(source)
    }
}

#[async_trait]
impl Draw for Image {
    fn name(&self) -> &'static str {
        "http"
    }

    /// Many servers stand behind it: that one of them is down says nothing of the others.
    fn has_breaker(&self) -> bool {
        false
    }

    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let Target::Image(url) = &job.target else { return Err(unsupported("it fetches pictures of image_url")) };
        let file = self.http()?.picture(url.clone(), Default::default(), left(deadline)).await?;
        drawn(job, file, Expected { size: None, not_blank: true }).await
    }
}
