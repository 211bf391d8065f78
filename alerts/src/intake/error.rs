//! Why what a sender said was not taken, in Alertmanager's words.
//!
//! Deliberately unknown here: status codes of HTTP; the numbers here are those of go-openapi, which Alertmanager answers with.

/// Why a body as a whole is refused. Nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotParsed {
    /// It is not JSON, or a value has the wrong type.
    #[error("parsing alerts body from \"\" failed, because {0}")]
    Malformed(String),
    /// An event of `POST /events` is not one: which, and why.
    #[error("{0}")]
    Event(String),
    /// The body of a webhook is not what it should be: why.
    #[error("{0}")]
    Payload(String),
    /// Something that must be there is missing: go-openapi's code 602.
    #[error("{0} in body is required")]
    Required(String),
    /// A URL is none: go-openapi's code 601.
    #[error("{at} in body must be of type uri: {url:?}")]
    NotAUri {
        /// Where: `0.generatorURL`.
        at: String,
        /// What stands there.
        url: String,
    },
}

impl NotParsed {
    /// The code of the error's body: 400, or go-openapi's own, from 600 on.
    pub const fn code(&self) -> u16 {
        match self {
            NotParsed::Malformed(_) | NotParsed::Event(_) | NotParsed::Payload(_) => 400,
            NotParsed::Required(_) => 602,
            NotParsed::NotAUri { .. } => 601,
        }
    }
}

/// Why one alert is refused. The others of its batch are taken all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It ended before it began.
    #[error("start time must be before end time")]
    EndBeforeStart,
    /// It has no label with a value.
    #[error("at least one label pair required")]
    NoLabels,
    /// The name of a label.
    #[error("invalid label set: invalid name {0:?}")]
    LabelName(String),
    /// The name of an annotation.
    #[error("invalid annotations: invalid name {0:?}")]
    AnnotationName(String),
}
