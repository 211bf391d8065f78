//! The frame around every page: head, navigation, footer.
//!
//! Deliberately unknown here: what is on the pages.

use super::{
    Pages, assets,
    html::{Count, Href, Html, html},
};

/// The navigation.
const SECTIONS: [(&str, &str); 6] = [
    ("/", "Overview"),
    ("/alerts", "Alerts"),
    ("/silences", "Silences"),
    ("/notifications", "Notifications"),
    ("/inbox", "Inbox"),
    ("/status", "Status"),
];

/// What a page says about itself.
pub(super) struct Head<'a> {
    /// For the browser's tab.
    pub(super) title: &'a str,
    /// The path of its entry in the navigation.
    pub(super) section: &'static str,
}

impl<'a> Head<'a> {
    /// A page that is not in the navigation.
    pub(super) fn plain(title: &'a str) -> Self {
        Self { title, section: "" }
    }
}

/// The whole page.
pub(super) fn page(pages: &Pages, head: &Head<'_>, main: Html) -> Html {
    html!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>{title} · wirephoto</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
<script src="{script}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="bar">
<a class="brand" href="{home}"><img src="{icon}" alt="" width="26" height="26">wirephoto</a>
<nav>{nav}</nav>
</header>
<main id="main">{main}</main>
</body>
</html>
"##,
        title = head.title,
        icon = assets::path(pages, &assets::ICON),
        style = assets::path(pages, &assets::STYLE),
        script = assets::path(pages, &assets::SCRIPT),
        home = link(pages, "/"),
        nav = navigation(pages, head.section),
        main = main,
    )
}

/// A path of this server, under the prefix.
pub(super) fn link(pages: &Pages, path: &str) -> String {
    format!("{}{path}", pages.prefix)
}

/// Which part of a long list this is, and the addresses of the pages before and after it; none if it is the whole.
pub(super) fn pager(what: &str, size: usize, page: usize, total: usize, to: impl Fn(usize) -> String) -> Option<Html> {
    if total <= size && page == 0 {
        return None;
    }
    let last = total.div_ceil(size).saturating_sub(1);
    let before =
        (page > 0).then(|| html!(r#"<a rel="prev" href="{to}">← Back</a>"#, to = Href(&to((page - 1).min(last)))));
    let next =
        (page < last).then(|| html!(r#"<a rel="next" class="next" href="{to}">Next →</a>"#, to = Href(&to(page + 1))));
    let place = (page <= last).then(|| {
        html!(
            "<span>{what} {first} to {end} of {total}</span>",
            what = what,
            first = Count(page * size + 1),
            end = Count(total.min((page + 1) * size)),
            total = Count(total),
        )
    });
    Some(html!(
        r#"<nav class="pager" aria-label="Pages">{before}{place}{next}</nav>"#,
        before = before,
        place = place,
        next = next
    ))
}

/// A page's only content: something is missing or wrong.
pub(super) fn note(title: &str, text: &str) -> Html {
    html!(r#"<section class="note"><h1>{title}</h1><p>{text}</p></section>"#, title = title, text = text)
}

fn navigation(pages: &Pages, section: &str) -> Html {
    SECTIONS
        .into_iter()
        .map(|(path, name)| {
            let current = (path == section).then(|| html!(r#" aria-current="page""#));
            html!(
                r#"<a href="{to}"{current}>{name}</a>"#,
                to = Href(&link(pages, path)),
                current = current,
                name = name
            )
        })
        .collect()
}
