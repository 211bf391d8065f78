//! Everything that can be drawn: rectangles, polygons, lines, areas, texts.
//!
//! One painter per thread keeps its memory and its glyphs from picture to picture. It knows no charts.

use super::area::Spans;
use super::coverage::Coverage;
use super::glyphs::{Glyphs, PHASES};
use super::{Area, Canvas, Clip, Font, Ink, Point, Rect, Shade, at, stroke};

/// The canvas and the tools.
#[derive(Debug, Default)]
pub(crate) struct Painter {
    pub(crate) canvas: Canvas,
    coverage: Coverage,
    spans: Spans,
    pub(super) glyphs: Glyphs,
}

impl Painter {
    /// Fills a rectangle with crisp edges.
    pub(crate) fn fill(&mut self, rect: &Rect, ink: Ink) {
        self.canvas.fill(rect, ink);
    }

    /// Fills a closed outline.
    pub(crate) fn polygon(&mut self, corners: &[Point], ink: Ink) {
        self.coverage.begin(self.canvas.bounds());
        self.outline(corners);
        self.finish(ink);
    }

    /// Fills a rectangle with round corners.
    pub(crate) fn rounded(&mut self, rect: &Rect, radius: f32, ink: Ink) {
        self.polygon(&round_corners(rect, radius), ink);
    }

    /// Rounds the corners of a rectangle that has been filled with straight ones: `outside` is what was below it,
    /// `border` the colour of its edge, `inside` its own. Only the corners' pixels are touched.
    pub(crate) fn round_off(
        &mut self,
        rect: &Rect,
        radius: f32,
        edge: f32,
        (outside, border, inside): (Ink, Ink, Ink),
    ) {
        let (outer, inner) = (round_corners(rect, radius), round_corners(&rect.grown(-edge), radius - edge));
        for (left, top) in [
            (rect.left, rect.top),
            (rect.right - radius, rect.top),
            (rect.left, rect.bottom - radius),
            (rect.right - radius, rect.bottom - radius),
        ] {
            let corner = Rect::new(left, top, left + radius, top + radius);
            self.fill(&corner, outside);
            for (corners, ink) in [(&outer, border), (&inner, inside)] {
                self.coverage.begin(self.canvas.clip(&corner));
                self.outline(corners);
                self.finish(ink);
            }
        }
    }

    /// Adds a closed outline to the shape.
    fn outline(&mut self, corners: &[Point]) {
        outline(&mut self.coverage, corners);
    }

    /// Fills a circle.
    pub(crate) fn dot(&mut self, center: Point, radius: f32, ink: Ink) {
        let square = Rect::new(center.x, center.y, center.x, center.y).grown(radius);
        self.rounded(&square, radius, ink);
    }

    /// Draws lines through the points of each run (which go from left to right), as one shape: where they cross, nothing
    /// shows twice. Some columns at a time, so that their sums stay in the processor's nearest cache: half the time.
    pub(crate) fn lines<'a, Runs>(&mut self, clip: Clip, runs: Runs, width: f32, ink: Ink)
    where
        Runs: Iterator<Item = &'a [Point]> + Clone,
    {
        for x0 in (clip.x0..clip.x1).step_by(COLUMNS) {
            let part = Clip { x0, x1: clip.x1.min(x0 + COLUMNS), ..clip };
            self.coverage.begin(part);
            for run in runs.clone() {
                stroke::polyline(&mut self.coverage, stroke::near(run, part, width), width);
            }
            self.finish(ink);
        }
    }

    /// Draws dashed lines; `pattern` is drawn and left out in turn, in pixels. Round ends make dots of dashes of no
    /// length.
    pub(crate) fn dashed<'a>(
        &mut self,
        clip: Clip,
        runs: impl Iterator<Item = &'a [Point]>,
        (width, round): (f32, bool),
        pattern: &[f32],
        ink: Ink,
    ) {
        self.coverage.begin(clip);
        for run in runs {
            stroke::dashes(run, pattern, |piece| {
                stroke::polyline(&mut self.coverage, piece, width);
                if round {
                    piece
                        .first()
                        .into_iter()
                        .chain(piece.last())
                        .for_each(|end| circle(&mut self.coverage, *end, 0.5 * width));
                }
            });
        }
        self.finish(ink);
    }

    /// Fills the area between each run and a level line.
    pub(crate) fn area<'a>(&mut self, clip: Clip, runs: impl Iterator<Item = &'a [Point]>, area: Area) {
        area.fill(&mut self.canvas, &mut self.coverage, &mut self.spans, clip, runs);
    }

    /// Fills what lies between pairs of lines over the same columns; pairs do not overlap.
    pub(crate) fn between<'a>(
        &mut self,
        clip: Clip,
        pairs: impl Iterator<Item = (&'a [Point], &'a [Point])>,
        shade: Shade,
    ) {
        self.coverage.begin(clip);
        for (upper, lower) in pairs {
            upper.windows(2).for_each(|pair| self.coverage.edge(pair[0], pair[1]));
            lower.windows(2).for_each(|pair| self.coverage.edge(pair[1], pair[0]));
        }
        let canvas = &mut self.canvas;
        self.coverage.drain(|x, top, sums, _| {
            let mut covered = 0.0_f32;
            for (row, sum) in (top..).zip(sums) {
                covered += sum;
                let ink = shade.at(row);
                canvas.blend(x, row, ink.color, ink.weight(covered.abs().min(1.0)));
            }
        });
    }

    /// Fills a rectangle with crisp edges, row by row.
    pub(crate) fn shaded(&mut self, rect: &Rect, shade: Shade) {
        let clip = self.canvas.clip(rect);
        for row in clip.y0..clip.y1 {
            let ink = shade.at(row);
            self.canvas.blend_run(clip.x0, clip.x1, row, ink.color, ink.weight(1.0));
        }
    }

    /// Fills a small circle: quicker than [`Painter::dot`], for points by the thousand.
    pub(crate) fn point(&mut self, clip: Clip, center: Point, radius: f32, ink: Ink) {
        let square = self.canvas.clip(&Rect::new(center.x, center.y, center.x, center.y).grown(radius + 1.0));
        for y in square.y0.max(clip.y0)..square.y1.min(clip.y1) {
            for x in square.x0.max(clip.x0)..square.x1.min(clip.x1) {
                let (dx, dy) = (x as f32 + 0.5 - center.x, y as f32 + 0.5 - center.y);
                let covered = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                self.canvas.blend(x, y, ink.color, ink.weight(covered));
            }
        }
    }

    /// Writes a text whose baseline starts at `pen`.
    pub(crate) fn text(&mut self, text: &str, pen: Point, font: Font, ink: Ink) {
        let canvas = &mut self.canvas;
        place(&mut self.glyphs, text, pen, font, |x, y, covered| {
            canvas.blend(x, y, ink.color, ink.weight(f32::from(covered) / 255.0));
        });
    }

    /// Writes a text with a rim of `radius` around its letters, so that it reads well over lines.
    pub(crate) fn haloed_text(&mut self, text: &str, pen: Point, font: Font, ink: Ink, halo: Ink, radius: f32) {
        let around = Rect::new(pen.x, pen.y - font.size, pen.x + font.width(text), pen.y + font.size * 0.4);
        let around = self.canvas.clip(&around.grown(radius + 2.0));
        let width = around.x1 - around.x0;
        let mut rim = vec![0_u8; width * (around.y1 - around.y0)];
        let nib = nib(radius);
        place(&mut self.glyphs, text, pen, font, |x, y, covered| {
            for (dx, dy, strength) in &nib {
                let (Some(x), Some(y)) = (x.checked_add_signed(*dx), y.checked_add_signed(*dy)) else { continue };
                if (around.x0..around.x1).contains(&x) && (around.y0..around.y1).contains(&y) {
                    let below = &mut rim[(y - around.y0) * width + (x - around.x0)];
                    *below = (*below).max((strength * f32::from(covered)) as u8);
                }
            }
        });
        for (row, y) in rim.chunks(width.max(1)).zip(around.y0..) {
            for (covered, x) in row.iter().zip(around.x0..).filter(|(covered, _)| **covered > 0) {
                self.canvas.blend(x, y, halo.color, halo.weight(f32::from(*covered) / 255.0));
            }
        }
        self.text(text, pen, font, ink);
    }

    /// Blends the shape collected so far.
    fn finish(&mut self, ink: Ink) {
        let canvas = &mut self.canvas;
        self.coverage.drain(|x, top, sums, _| {
            let mut covered = 0.0_f32;
            let weights = sums.iter().map(|sum| {
                covered += sum;
                ink.weight(covered.abs().min(1.0))
            });
            canvas.blend_column(x, top, ink.color, weights);
        });
    }
}

/// Columns of a line that are drawn together.
const COLUMNS: usize = 64;

/// Walks over the pixels of a text: (column, row, coverage). What lies left of or above the picture is left out.
pub(super) fn place(glyphs: &mut Glyphs, text: &str, pen: Point, font: Font, mut visit: impl FnMut(usize, usize, u8)) {
    let face = font.weight.face();
    let baseline = pen.y.round() as i32;
    let mut x = pen.x;
    for character in text.chars() {
        let id = face.glyph(character);
        let quarters = (x * PHASES).round();
        let column = (quarters / PHASES).floor();
        let glyph = glyphs.get(font, id, (quarters - column * PHASES) as u8);
        for (y, row) in (baseline + glyph.top..).zip(glyph.coverage.chunks(glyph.width.max(1))) {
            let Ok(y) = usize::try_from(y) else { continue };
            for (x, &covered) in (column as i32 + glyph.left..).zip(row).filter(|(x, covered)| *x >= 0 && **covered > 0)
            {
                visit(x as usize, y, covered);
            }
        }
        x += face.advance(id) * font.size;
    }
}

/// The pixels of a round nib around its middle: (column, row, strength).
fn nib(radius: f32) -> Vec<(isize, isize, f32)> {
    let reach = radius.ceil() as isize;
    let pixels = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
    let strength = |dx: isize, dy: isize| (radius + 0.5 - ((dx * dx + dy * dy) as f32).sqrt()).clamp(0.0, 1.0);
    pixels.map(|(dx, dy)| (dx, dy, strength(dx, dy))).filter(|(_, _, strength)| *strength > 0.0).collect()
}

/// Points on each corner's arc.
const CORNER: u8 = 6;

/// Adds a circle, wound as lines are.
fn circle(coverage: &mut Coverage, center: Point, radius: f32) {
    let square = Rect::new(center.x, center.y, center.x, center.y).grown(radius);
    outline(coverage, &round_corners(&square, radius));
}

fn outline(coverage: &mut Coverage, corners: &[Point]) {
    corners.windows(2).for_each(|pair| coverage.edge(pair[0], pair[1]));
    if let (Some(first), Some(last)) = (corners.first(), corners.last()) {
        coverage.edge(*last, *first);
    }
}

fn round_corners(rect: &Rect, radius: f32) -> Vec<Point> {
    let radius = radius.clamp(0.0, 0.5 * rect.width().min(rect.height()).max(0.0));
    let centers = [
        at(rect.right - radius, rect.top + radius),
        at(rect.right - radius, rect.bottom - radius),
        at(rect.left + radius, rect.bottom - radius),
        at(rect.left + radius, rect.top + radius),
    ];
    let arc = |(quarter, center): (u8, Point)| {
        (0..=CORNER).map(move |step| {
            let angle = (f32::from(quarter) - 1.0 + f32::from(step) / f32::from(CORNER)) * std::f32::consts::FRAC_PI_2;
            at(center.x + radius * angle.cos(), center.y + radius * angle.sin())
        })
    };
    (0..4).zip(centers).flat_map(arc).collect()
}
