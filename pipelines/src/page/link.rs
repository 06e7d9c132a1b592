//! The links of a page, for finding the newest file behind a landing page. Nothing else of the page is looked at.

use scraper::node::Element;
use serde::{Deserialize, Serialize};

use super::error::PageError;
use super::parse::parse;
use super::text::Source;

/// Where a page leads.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Links {
    /// The address that relative links begin from, if the page names one.
    pub(crate) base: Option<String>,
    /// All links as they are written, in order.
    pub(crate) all: Vec<String>,
}

/// The links of a page that was decoded already, to UTF-8. What stands in templates is no part of it until a script makes it one.
///
/// Fails for a page that goes over the bounds of pages: its size, its depth, its elements, the attributes of a tag.
pub(crate) fn links(page: &[u8]) -> Result<Links, PageError> {
    let html = parse(&Source::decode(page)?)?;
    let mut links = Links::default();
    let mut node = html.tree.root();
    loop {
        let element = node.value().as_element();
        if let Some(element) = element {
            links.take(element);
        }
        let is_template = element.is_some_and(|element| element.name() == "template");
        if let Some(child) = node.first_child().filter(|_| !is_template) {
            node = child;
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else {
                return Ok(links);
            };
            node = parent;
        }
    }
}

impl Links {
    fn take(&mut self, element: &Element) {
        let Some(href) = element.attr("href") else {
            return;
        };
        match element.name() {
            "a" => self.all.push(href.trim().to_owned()),
            "base" if self.base.is_none() => self.base = Some(href.trim().to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_come_in_the_order_of_the_page() {
        let found = links(
            b"<base href='/x/'><a href=' b.csv '>B</a><base href='/y/'><p><a>no</a><a href=a.csv>",
        );
        let expected = Links {
            base: Some("/x/".to_owned()),
            all: vec!["b.csv".to_owned(), "a.csv".to_owned()],
        };
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn links_in_templates_and_comments_do_not_count() {
        let found = links(
            b"<template><p><a href=a.csv></p></template><!-- <a href=b.csv> --><ul><li><a href=c.csv></ul><a href=d.csv>",
        );
        assert_eq!(found.unwrap().all, ["c.csv", "d.csv"]);
    }

    #[test]
    fn a_page_made_to_do_harm_is_refused() {
        let deep = format!("<a href=a.csv>{}", "<div>".repeat(100_000));
        assert!(matches!(
            links(deep.as_bytes()),
            Err(PageError::TooDeep { .. })
        ));
        let wide = format!("<a href=a.csv {}>", "x ".repeat(100_000));
        assert!(matches!(
            links(wide.as_bytes()),
            Err(PageError::TooManyAttributes { .. })
        ));
    }
}
