//! The guard before all requests: asks for user and password, sets the configured headers.
//!
//! Deliberately unknown here: routes, and that is the point: no path is left out.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE},
    middleware::Next,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use parking_lot::RwLock;

use super::{Auth, Headers, Users};

/// Lets in who may come in; what it knows can be replaced while it stands there.
pub struct Guard(RwLock<Arc<Orders>>);

struct Orders {
    users: Users,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Guard {
    /// A guard who lets these users in, or everybody if there are none.
    pub fn new(auth: &Auth, headers: &Headers) -> Self {
        Self(RwLock::new(Arc::new(orders(auth, headers))))
    }

    /// New orders: for all requests from now on.
    pub fn replace(&self, auth: &Auth, headers: &Headers) {
        *self.0.write() = Arc::new(orders(auth, headers));
    }

    /// Passes a request on, or answers it.
    ///
    /// # Errors
    /// Those of what comes next.
    pub async fn pass<B: MessageBody + 'static>(
        self: Arc<Self>,
        request: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
        let orders = self.0.read().clone();
        let mut response = if orders.admits(request.headers()).await {
            next.call(request).await?.map_into_left_body()
        } else {
            request.into_response(unauthorised()).map_into_right_body()
        };
        for (name, value) in &orders.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(response)
    }
}

impl Orders {
    async fn admits(&self, headers: &HeaderMap) -> bool {
        if self.users.is_empty() {
            return true;
        }
        match credentials(headers) {
            Some((user, password)) => self.users.admits(&user, &password).await,
            None => false,
        }
    }
}

fn orders(auth: &Auth, headers: &Headers) -> Orders {
    let header = |(name, value): (&String, &String)| {
        // both were checked when the configuration was read
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    };
    Orders { users: Users::new(auth.basic_auth_users.clone()), headers: headers.iter().filter_map(header).collect() }
}

fn unauthorised() -> HttpResponse {
    HttpResponse::Unauthorized()
        .insert_header((WWW_AUTHENTICATE, "Basic"))
        .content_type("text/plain; charset=utf-8")
        .body("Unauthorized\n")
}

/// User and password of the header `Authorization`, if it is HTTP's basic authentication (RFC 7617).
fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
