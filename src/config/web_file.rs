//! The file of `--web.config.file`: YAML, with the same care for what is wrong with it as the configuration itself.
//!
//! Deliberately unknown here: what is made of it.

use std::path::Path;

use alerts::matcher::Syntax;

use super::{files, problem::Problems, reader::Reader, tree::Path as Way, yaml_file};
use crate::web_config::{self, TlsServer, WebFile};

/// Reads the file; what works but is probably not meant is among the second.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &Path) -> Result<(WebFile, Vec<String>), Problems> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|why| Problems::one(&name, format!("cannot read the file: {why}")))?;
    let (mut problems, mut warnings) = (Problems::of(&name), Vec::new());
    let mut tree = yaml_file::read(&text, &mut problems, &mut warnings);
    files::anchor(&mut tree, file.parent().unwrap_or(Path::new("")));
    files::check(&tree, &Way::ROOT, &mut problems);
    let mut reader = Reader::new(tree, Syntax::default(), problems, warnings);
    let web = WebFile {
        tls_server_config: reader.optional::<TlsServer>("tls_server_config").filter(TlsServer::is_enabled),
        http_server_config: reader.section("http_server_config"),
        rate_limit: reader.section("rate_limit"),
        basic_auth_users: reader.section("basic_auth_users"),
    };
    check(&mut reader, &web);
    let warnings = reader.finish()?.into_iter().map(|warning| format!("{name}: {warning}")).collect();
    Ok((web, warnings))
}

fn check(reader: &mut Reader, web: &WebFile) {
    let tls = web.tls_server_config.as_ref().map(web_config::server_config);
    for wrong in tls.and_then(Result::err).unwrap_or_default() {
        reader.problem(&Way::from("tls_server_config").key(wrong.key), wrong.problem);
    }
    for wrong in web_config::check_headers(&web.http_server_config.headers) {
        reader.problem(&Way::from("http_server_config").key("headers").key(wrong.key), wrong.problem);
    }
    for wrong in web.auth().check() {
        reader.another_problem(&Way::parse(&wrong.key), wrong.problem);
    }
    if !web.rate_limit.interval.is_zero() {
        let why = "is not available in this version: what requests may cost is bounded by server.limits";
        reader.problem(&Way::from("rate_limit").key("interval"), why);
    }
}
