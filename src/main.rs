//! The program `wirephoto`: reads its arguments and does what they say.

use std::process::ExitCode;

use wirephoto::{
    cli::{self, Console},
    serve::Wirephoto,
};

fn main() -> ExitCode {
    // The one TLS stack: everything that speaks TLS takes it from here. An error would mean that it is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut console = Console { out: &mut out, err: &mut err };
    cli::run(std::env::args_os(), |name| std::env::var(name).ok(), &Wirephoto, &mut console).into()
}
