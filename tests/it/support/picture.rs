//! Looking at pictures: size and colours of decoded pixels.
//!
//! The colours are those of the dark theme as the golden pictures of `charts` show them. Deliberately unknown here: how they
//! are drawn.

/// The curve of the series that breaches first.
pub const CURVE: [u8; 3] = [0xff, 0x5c, 0x6c];
/// The line of a threshold.
pub const THRESHOLD: [u8; 3] = [0xf0, 0x38, 0x4d];
pub const MARK_BEGAN: [u8; 3] = [0xf2, 0xb1, 0x3c];
pub const MARK_FIRING: [u8; 3] = [0xe0, 0x2f, 0x44];
pub const MARK_RESOLVED: [u8; 3] = [0x2e, 0x9e, 0x57];
/// The panel's ground.
pub const PANEL: [u8; 3] = [0x18, 0x1b, 0x1f];

pub struct Picture {
    pub width: u32,
    pub height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub fn decode(png: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a PNG file");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut bytes).expect("a picture");
        let samples = info.color_type.samples();
        assert!(samples >= 3, "a picture in colour, not {:?}", info.color_type);
        let pixels = bytes[..info.buffer_size()].chunks(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Self { width: info.width, height: info.height, pixels }
    }

    /// How many pixels have this colour, give or take what rounding does.
    pub fn count(&self, colour: [u8; 3]) -> usize {
        let near = |pixel: &&[u8; 3]| pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 3);
        self.pixels.iter().filter(near).count()
    }
}
