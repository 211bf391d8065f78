//! What the section takes, and what it refuses.

use super::*;

fn read(text: &str) -> ExternalImageStorage {
    let _ = rustls::crypto::ring::default_provider().install_default();
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The keys that are refused, in order.
fn check(text: &str, keys: &[&str]) {
    let wrong = read(text).check();
    assert_eq!(wrong.iter().map(|wrong| wrong.key).collect::<Vec<_>>(), keys, "{text}: {wrong:?}");
    let words = format!("{wrong:?}");
    assert!(!words.contains("hidden"), "a secret in {words}");
}

#[test]
fn nothing_is_needed_for_our_own() {
    check("", &[]);
    check("provider = ''", &[]);
    check("provider = 'local'\n[local]\n[s3]\nendpoint = 'not looked at'", &[]);
    assert!(toml::from_str::<ExternalImageStorage>("provider = 'ftp'").is_err());
}

#[test]
fn s3() {
    check("provider = 's3'", &["s3.bucket"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'", &[]);
    check("provider = 's3'\n[s3]\nbucket_url = 'https://b.s3.amazonaws.com'", &[]);
    check("provider = 's3'\n[s3]\nbucket_url = 'https://example.org/b'", &["s3.bucket_url"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'\nendpoint = 'localhost:9000'", &["s3.endpoint"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'\nendpoint = 'http://me:hidden@store.test'", &["s3.endpoint"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'\naccess_key = 'id'", &["s3.secret_key"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'\nsecret_key = 'hidden'", &["s3.access_key"]);
    check("provider = 's3'\n[s3]\nbucket = 'b'\naccess_key = ''\nsecret_key = ''", &[]);
    let twice = "access_key = 'id'\nsecret_key = 'hidden'\nsecret_key_file = '/nowhere'";
    check(&format!("provider = 's3'\n[s3]\nbucket = 'b'\n{twice}"), &["s3.secret_key"]);
    let missing = "access_key = 'id'\nsecret_key_file = '/nowhere'";
    check(&format!("provider = 's3'\n[s3]\nbucket = 'b'\n{missing}"), &["s3.secret_key"]);
}

#[test]
fn gcs() {
    check("provider = 'gcs'", &["gcs.bucket"]);
    check("provider = 'gcs'\n[gcs]\nbucket = 'b'\nsigned_url_expiration = '168h'", &[]);
    check("provider = 'gcs'\n[gcs]\nbucket = 'b'\nsigned_url_expiration = '8d'", &["gcs.signed_url_expiration"]);
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key.json");
    std::fs::write(&key, r#"{"client_email": "a@b.test", "private_key": "hidden"}"#).expect("written");
    check(&format!("provider = 'gcs'\n[gcs]\nbucket = 'b'\nkey_file = {key:?}"), &["gcs.key_file"]);
}

#[test]
fn azure() {
    let all = ["azure_blob.account_name", "azure_blob.container_name", "azure_blob.account_key"];
    check("provider = 'azure_blob'", &all);
    let named = "provider = 'azure_blob'\n[azure_blob]\naccount_name = 'a'\ncontainer_name = 'c'\n";
    check(&format!("{named}account_key = 'aGlkZGVu'"), &[]);
    check(&format!("{named}account_key = 'no base64: hidden'"), &["azure_blob.account_key"]);
    check(&format!("{named}account_key = 'aGlkZGVu'\nsas_token_expiration_days = -1"), &[]);
    let none = format!("{named}account_key = 'aGlkZGVu'\nsas_token_expiration_days = 0");
    check(&none, &["azure_blob.sas_token_expiration_days"]);
}

#[test]
fn webdav() {
    check("provider = 'webdav'", &["webdav.url"]);
    let url = "provider = 'webdav'\n[webdav]\nurl = 'https://dav.test/pictures'\n";
    check(&format!("{url}public_url = 'https://pictures.test/${{file}}'"), &[]);
    check(&format!("{url}public_url = 'pictures.test'"), &["webdav.public_url"]);
    check(&format!("{url}password = 'hidden'"), &["webdav.username"]);
    check("provider = 'webdav'\n[webdav]\nurl = 'https://me:hidden@dav.test/'", &["webdav.url"]);
}

#[tokio::test]
async fn a_wrong_section_builds_nothing_and_says_which_key() {
    let error = read("provider = 's3'").backend().await.err().expect("refused");
    assert_eq!(error, "external_image_storage.s3.bucket is missing: the bucket for the pictures");
    assert!(read("provider = 'local'").backend().await.expect("right").is_none());
}

#[test]
fn no_secret_prints() {
    let section = read(
        "[s3]\nsecret_key = 'hidden'\naccess_key = 'hidden'\n[azure_blob]\naccount_key = 'hidden'\n[webdav]\npassword = 'hidden'",
    );
    assert!(!format!("{section:?}").contains("hidden"));
}
