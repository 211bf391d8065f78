//! Own pictures out of the spool: files as they are, series drawn with the alert's marks.
//!
//! Deliberately unknown here: who asks.

use std::sync::Arc;

use alerts::ports::{Capture, RenderError, RenderErrorKind, Rendered};
use bytes::Bytes;

use super::{Spool, kept::Kept, panel};
use crate::{
    content::{Expected, look_at},
    error::failed,
    settings::Look,
};

/// Draws own pictures.
#[derive(Clone)]
pub(crate) struct Drawer {
    pub(crate) spool: Arc<Spool>,
    pub(crate) look: Look,
}

impl Drawer {
    /// The picture of this name.
    pub(crate) async fn draw(&self, name: &str, capture: &Capture) -> Result<Rendered, RenderError> {
        let (this, name, capture) = (self.clone(), name.to_owned(), capture.clone());
        let drawing = tokio::task::spawn_blocking(move || this.drawn(&name, &capture));
        drawing.await.map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))?
    }

    fn drawn(&self, name: &str, capture: &Capture) -> Result<Rendered, RenderError> {
        let kept = self.spool.files.read(name).map_err(|why| failed(RenderErrorKind::NotFound, why))?;
        match kept {
            Kept::Image { title, alt, png } => {
                let looked = look_at(&png, Expected::default())?;
                let title = if title.trim().is_empty() { crate::panel::title(capture, None) } else { title };
                let alt =
                    if alt.trim().is_empty() { format!("{title}: picture that came with the event") } else { alt };
                Ok(Rendered { png: looked.png, width: looked.width, height: looked.height, title, alt })
            }
            Kept::Series(series) => {
                let panel = panel::compose(&series, capture, &self.look.timezone);
                let alt = charts::alt_text(&panel);
                let png = charts::render(&panel, &self.look.style)
                    .map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))?;
                let (width, height) = (png.width, png.height);
                Ok(Rendered { png: Bytes::from(png.bytes), width, height, title: panel.title, alt })
            }
        }
    }
}
