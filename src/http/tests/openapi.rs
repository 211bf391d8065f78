//! The OpenAPI description against the list of endpoints, and that list against the server.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{super::endpoints::ENDPOINTS, *};

/// `METHOD path parameter` for each parameter in the query string, and `METHOD path` for each operation.
fn described() -> BTreeSet<String> {
    let json: Value = serde_json::from_str(super::super::openapi::DESCRIPTION).expect("it is JSON");
    let mut lines = BTreeSet::new();
    for (path, methods) in json["paths"].as_object().expect("it has paths") {
        for (method, operation) in methods.as_object().expect("it has methods") {
            let Some(operation) = operation.as_object() else { continue };
            let line = format!("{} {path}", method.to_uppercase());
            lines.insert(line.clone());
            let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
            let in_query = parameters.filter(|parameter| parameter["in"] == "query");
            lines.extend(in_query.map(|parameter| format!("{line} {}", parameter["name"].as_str().expect("a name"))));
        }
    }
    lines
}

fn listed() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for endpoint in ENDPOINTS {
        for operation in endpoint.operations {
            let line = format!("{} {}", operation.method, endpoint.path);
            lines.insert(line.clone());
            lines.extend(operation.parameters.iter().map(|parameter| format!("{line} {}", parameter.name)));
        }
    }
    lines
}

#[::core::prelude::v1::test]
fn the_description_has_every_route_and_parameter_and_no_other() {
    assert_eq!(described(), listed());
}

#[actix_web::test]
async fn the_server_has_the_routes_of_the_list_and_no_others() {
    let bench = Bench::new();
    for endpoint in ENDPOINTS {
        let path = format!("/api/v2{}", endpoint.path.replace("{silenceID}", &silence_id(9)));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let has = endpoint.operations.iter().any(|operation| operation.method == method);
            let answer = bench.call(method, &path, Some("[]")).await;
            assert_eq!(answer.status != StatusCode::METHOD_NOT_ALLOWED, has, "{method} {path}: {}", answer.body);
            assert!(!answer.body.contains("was not found"), "{method} {path}: {}", answer.body);
        }
    }
}

#[::core::prelude::v1::test]
fn every_reference_leads_somewhere() {
    let json: Value = serde_json::from_str(super::super::openapi::DESCRIPTION).expect("it is JSON");
    let mut references = BTreeSet::new();
    collect(&json, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("it is in the same file");
        assert!(json.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(json: &Value, references: &mut BTreeSet<String>) {
    match json {
        Value::Object(object) => {
            references.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[actix_web::test]
async fn the_description_is_served_and_says_where_the_api_is() {
    let bench = Bench::with(HttpSettings { route_prefix: "/am".to_owned(), ..HttpSettings::default() });
    let answer = bench.get("/am/api/v2/openapi.json").await;
    let json: Value = serde_json::from_str(&answer.body).expect("it is JSON");
    assert_eq!(json["servers"][0]["url"], "/am/api/v2");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
}
