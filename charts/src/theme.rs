//! Colours: of the panel, of thresholds and marks, of series that have none of their own.
//!
//! Warm colours are for highlighted series and red is for limits, so plain series get neither red nor the first warm ones.

use crate::raster::Ink;
use crate::{MarkKind, Rgb, Role};

/// The set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// The colours of a theme.
#[derive(Debug)]
pub(crate) struct Colors {
    /// Around the panel's round corners.
    pub(crate) page: Rgb,
    pub(crate) panel: Rgb,
    pub(crate) border: Rgb,
    pub(crate) title: Rgb,
    pub(crate) text: Rgb,
    pub(crate) dim: Rgb,
    pub(crate) grid: Ink,
    /// The grid's line at zero.
    pub(crate) zero: Ink,
    /// A threshold's line, band and label.
    pub(crate) limit: Rgb,
    pub(crate) limit_text: Rgb,
    pub(crate) band: f32,
    muted: Rgb,
    highlighted: [Rgb; 6],
    plain: [Rgb; 12],
    began: Rgb,
    firing: Rgb,
    resolved: Rgb,
}

const fn rgb(hex: u32) -> Rgb {
    Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

static DARK: Colors = Colors {
    page: rgb(0x111217),
    panel: rgb(0x181b1f),
    border: rgb(0x2e3138),
    title: rgb(0xe4e6ec),
    text: rgb(0xccccdc),
    dim: rgb(0x8f929e),
    grid: Ink { color: rgb(0xf0faff), alpha: 0.08 },
    zero: Ink { color: rgb(0xf0faff), alpha: 0.22 },
    limit: rgb(0xf0384d),
    limit_text: rgb(0xff8793),
    band: 0.17,
    muted: rgb(0x6c7280),
    highlighted: [rgb(0xff5c6c), rgb(0xffa045), rgb(0xffdc5e), rgb(0xff85cf), rgb(0xff9478), rgb(0xd9a760)],
    plain: [
        rgb(0x5b9cf5),
        rgb(0x63c174),
        rgb(0xb68af2),
        rgb(0x35c4cf),
        rgb(0xe6c149),
        rgb(0xf28cc4),
        rgb(0x9fcbff),
        rgb(0xa5cf4c),
        rgb(0x8b93ff),
        rgb(0xf09d51),
        rgb(0x45d6a4),
        rgb(0x9aa9bd),
    ],
    began: rgb(0xf2b13c),
    firing: rgb(0xe02f44),
    resolved: rgb(0x2e9e57),
};

static LIGHT: Colors = Colors {
    page: rgb(0xf0f1f3),
    panel: rgb(0xffffff),
    border: rgb(0xdcdfe4),
    title: rgb(0x1f2329),
    text: rgb(0x363b44),
    dim: rgb(0x6b717c),
    grid: Ink { color: rgb(0x101828), alpha: 0.09 },
    zero: Ink { color: rgb(0x101828), alpha: 0.28 },
    limit: rgb(0xd92038),
    limit_text: rgb(0xb8122a),
    band: 0.13,
    muted: rgb(0xa9afb9),
    highlighted: [rgb(0xe02f44), rgb(0xe8710a), rgb(0xc79a00), rgb(0xd63a9a), rgb(0xc24f2e), rgb(0x94691f)],
    plain: [
        rgb(0x2f74d0),
        rgb(0x2f9648),
        rgb(0x8a55d7),
        rgb(0x0f949f),
        rgb(0xb58900),
        rgb(0xcf4f9b),
        rgb(0x5aa3e8),
        rgb(0x6f9a12),
        rgb(0x5b62d6),
        rgb(0xc96a14),
        rgb(0x12976c),
        rgb(0x66758a),
    ],
    began: rgb(0xe09b12),
    firing: rgb(0xd92038),
    resolved: rgb(0x23854a),
};

impl Theme {
    pub(crate) fn colors(self) -> &'static Colors {
        match self {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }
}

impl Colors {
    /// The colour of the `index`th series of its role.
    pub(crate) fn series(&self, role: Role, index: usize) -> Rgb {
        match role {
            Role::Highlighted => self.highlighted[index % self.highlighted.len()],
            Role::Plain => self.plain[index % self.plain.len()],
            Role::Muted => self.muted,
            Role::MovingThreshold => self.limit,
        }
    }

    pub(crate) fn mark(&self, kind: MarkKind) -> Rgb {
        match kind {
            MarkKind::Began => self.began,
            MarkKind::Firing => self.firing,
            MarkKind::Resolved => self.resolved,
        }
    }

    /// The text on a mark's badge.
    pub(crate) fn on_mark(&self, kind: MarkKind) -> Rgb {
        match kind {
            MarkKind::Began => rgb(0x1f1a0e),
            MarkKind::Firing | MarkKind::Resolved => rgb(0xffffff),
        }
    }
}
