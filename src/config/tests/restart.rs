//! What a running server says of a configuration that was loaded again.

use super::read;

#[test]
fn what_needs_a_restart_is_named() {
    let check = |old: &str, new: &str, expected: &[&str]| {
        let [old, new] = [old, new].map(|text| read(text).unwrap_or_else(|problems| panic!("{text}\n{problems}")));
        assert_eq!(old.needs_restart(&new), expected);
    };
    check("", "", &[]);
    check("", "[global]\nresolve_timeout = '1m'\n[screenshots]\ncapture = false", &[]);
    check("", "[server]\nlisten = '127.0.0.1:9093'", &[]);
    check("", "[server]\nlisten = ['127.0.0.1:9093', '127.0.0.1:9095']", &["server.listen"]);
    check("", "[server.auth.basic_auth_users]\n[server.headers]\nX-Frame-Options = 'deny'", &[]);
    check(
        "[server]\ndata_dir = 'a'\nexternal_url = 'http://a'\nroute_prefix = '/a'\nsynchronous = 'full'\nimages_listen = ':1'\n\
         [server.limits]\nworkers = 1\n[metrics]\nenabled = false\n[log]\nlevel = 'debug'",
        "",
        &[
            "server.images_listen",
            "server.external_url",
            "server.route_prefix",
            "server.data_dir",
            "server.synchronous",
            "server.limits",
            "metrics",
            "log",
        ],
    );
}

#[test]
fn the_hash_tells_files_apart_and_fits_into_a_float() {
    let hash = |text: &str| read(text).unwrap_or_else(|problems| panic!("{problems}")).config_hash;
    assert_eq!(hash("# a"), hash("# a"));
    assert_ne!(hash("# a"), hash("# b"));
    // the first 48 bits of the empty text's SHA-256
    assert_eq!(hash(""), 0xe3b0_c442_98fc);
}
