//! Files of `--web.config.file`, and exactly what is said of them: `web_files.txt`, rewritten with `UPDATE_GOLDEN=1`.

use super::{super::load_web_file, golden};

/// What a file says, in a folder that has a certificate, a key of another, and rubbish.
fn said(text: &str) -> String {
    super::with_tls();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let pair = || rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (one, other) = (pair(), pair());
    write("cert.pem", &one.cert.pem());
    write("key.pem", &one.signing_key.serialize_pem());
    write("other.key.pem", &other.signing_key.serialize_pem());
    write("rubbish", "hunter2 is no certificate");
    write("web.yml", text);
    let place = format!("{}/", folder.path().display());
    match load_web_file(&folder.path().join("web.yml")) {
        Ok((web, warnings)) => {
            let users: Vec<&String> = web.basic_auth_users.keys().collect();
            let tls = if web.tls_server_config.is_some() { "TLS" } else { "no TLS" };
            format!("right: {tls}, users {users:?}, headers {:?}{}", web.http_server_config.headers, warnings.concat())
        }
        Err(problems) => problems.to_string().replace(&place, ""),
    }
}

#[test]
fn web_files_say_what_is_wrong_and_where() {
    golden::check("web_files.txt", said);
}

#[test]
fn a_file_that_is_not_there() {
    let problems = load_web_file(std::path::Path::new("/no/such/web.yml")).expect_err("it is not there").to_string();
    assert!(problems.starts_with("/no/such/web.yml: cannot read the file: "), "{problems}");
}
