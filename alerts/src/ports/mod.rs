//! The ports: how the machine meets the world. Implemented elsewhere, named here.
//!
//! Deliberately unknown here: any implementation.

mod channel;
mod clock;
mod images;
mod own;
mod renderer;
mod silences;
mod store;

pub use channel::{
    Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, SendErrorKind, TextLimit, TextUnit,
    Way,
};
pub use clock::Clock;
pub use images::{ImageError, ImageStore, Kept};
pub use own::{NotKept, OwnPictures};
pub use renderer::{Capture, NoPicture, RenderError, RenderErrorKind, Rendered, Renderer};
pub use silences::{SilenceBook, SilenceRefused};
pub use store::{
    Change, DropReason, ForeignLogEntry, GroupRecord, HistoryEntry, Inbox, InboxEntry, InboxPicture, OutboxHead,
    Outcome, Snapshot, Store, StoreError,
};
