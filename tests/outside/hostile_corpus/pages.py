"""HTML that nests deeper than it seems, repeats without end, or hides what it is."""

from .corpus import EITHER, REFUSED
from .sound import PAGE_END, PAGE_HEAD, html, page_entries

DEEP = 100_000


def page(body):
    return (PAGE_HEAD + "".join(page_entries(8)) + body + PAGE_END).encode()


def write(corpus):
    add = corpus.add
    add("deep.html", "nests 100,000 elements", REFUSED, page("<div>" * DEEP + "x" + "</div>" * DEEP))
    add("deep_open.html", "opens a million elements", REFUSED, page("<div>" * 1_000_000))
    add("deep_behind_false_ends.html", "nests 100,000 elements and closes others that are not open", EITHER, page("<div></x>" * DEEP + "x"))
    add("deep_behind_comments.html", "nests 50,000 elements, with closing tags in comments", EITHER, page("<div><!--</x>-->" * 50_000 + "x"))
    add("deep_in_drawing.html", "nests 100,000 table rows in a drawing", EITHER, page("<svg>" + "<tr>" * DEEP + "x"))
    add("deep_templates.html", "nests 30,000 templates behind false ends", EITHER, page("<template></x>" * 30_000))
    add("formatting.html", "opens 5,000 different bold passages in 2,000 paragraphs", EITHER,
        page("".join(f"<p><b id=a{n}></x>" for n in range(5_000)) + "<p>x" * 2_000))
    add("adoption.html", "closes passages in the wrong order", EITHER, page("<a><b></x><i></x>" * 400 + "<div></x></a>" * 5_000))
    add("table_texts.html", "has 100,000 texts in a table where none may be", EITHER, page("<table>" + "x<tr>" * DEEP))
    add("deep_tables.html", "nests 900 tables", EITHER, page("<table><tr><td>" * 900 + "x"))
    add("spans.html", "has 1,000 cells that span 20,000 rows", REFUSED,
        page("<table><tr>" + "<td rowspan=65534>x" * 1_000 + "<tr><td>y" * 20_000 + "</table>"))
    add("spans_of_text.html", "shows a text of 60 kB in 20,000 rows", REFUSED,
        page("<table><tr><td rowspan=0>" + "Projekt " * 8_000 + "<tr><td>y" * 20_000 + "</table>"))
    add("wide_cells.html", "has 20,000 headers of other columns each", EITHER,
        page("<table>" + "".join(f"<tr><td colspan={n % 1_000 + 1}>Projekt<td>Träger" for n in range(20_000)) + "</table>"))
    add("attributes.html", "has a tag with 200,000 attributes", EITHER, page("<div " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</div>"))
    add("giant_attribute.html", "has an attribute of 7 MB", EITHER, page(f"<div title='{'x' * 7_000_000}'>x</div>"))
    add("open_attribute.html", "has a quote that is open to the end of 7 MB", EITHER, page("<div title='" + "<p>x" * 1_700_000))
    add("open_comment.html", "has a comment that never ends in 7 MB", EITHER, page("<!--" + "<p>x" * 1_700_000))
    add("open_script.html", "has a script that never ends in 7 MB", EITHER, page("<script>" + "<!--<script>" * 500_000))
    add("entities.html", "has growing entities in a document type", EITHER,
        html().replace(b"<!doctype html>", b'<!DOCTYPE html [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>').replace(b"Musterverein 3", b"&b;"))
    add("many_entities.html", "has two million entities", EITHER, page("&amp;&auml;&#x41;" * 400_000))
    add("bad_entities.html", "has entities that are no characters", EITHER, page("&#0;&#xD800;&#x110000;&#99999999999999999999;" * 10_000))
    add("large.html", "is larger than any page", REFUSED, page("<p>x</p>" * 1_200_000))
    add("many_paragraphs.html", "has 800,000 paragraphs", EITHER, page("<p>x</p>" * 800_000))
    add("many_breaks.html", "has 1,500,000 line breaks", EITHER, page("<br>" * 1_500_000))
    add("many_projects.html", "has 30,000 projects", EITHER, (PAGE_HEAD + "".join(page_entries(40)) * 750 + PAGE_END).encode())
    add("projects_in_one_line.html", "has 2,500 projects in one line", EITHER, (PAGE_HEAD + "".join(page_entries(40)) * 62 + PAGE_END).encode())
    add("many_labels.html", "has 100,000 times the same label", EITHER, page("<dl>" + "<dt>Träger</dt><dd>x</dd>" * 100_000 + "</dl>"))
    add("label_without_value.html", "has 200,000 labels without value", EITHER, page("<dl>" + "<dt>Träger</dt>" * 200_000 + "</dl>"))
    add("chrome.html", "has 60,000 menus in each other's place", EITHER, page("<div class='nav menu'><span>x</span></div>" * 60_000))
    add("chrome_around.html", "has 900 menus around 4,000 passages", EITHER, page("<div class='nav'>" * 900 + "<i>x</i>" * 4_000))
    add("giant_text.html", "has a text of 7 MB", EITHER, page("<p>" + "Das Projekt läuft vom 01.01.2016 bis 31.12.2018. " * 140_000))
    add("one_word.html", "has a word of 7 MB", EITHER, page("<p>" + "a" * 7_000_000))
    add("digits.html", "has a number of 7 MB", EITHER, page("<dl><dt>Fördersumme</dt><dd>" + "9" * 7_000_000 + " Euro</dd></dl>"))
    add("dots.html", "has a million points and digits", EITHER, page("<dl><dt>Fördersumme</dt><dd>" + "1." * 3_000_000 + " Euro</dd></dl>"))
    add("mails.html", "has a million signs of mail addresses", EITHER, page("<p>" + "a@" * 3_000_000))
    add("phones.html", "has a telephone number of a million digits", EITHER, page("<p>Tel.: " + "0123 / " * 900_000))
    add("zero_byte.html", "has a zero byte", REFUSED, html().replace(b"Musterverein 3", b"Muster\0verein 3"))
    add("wrong_encoding.html", "declares utf-8 and is windows-1252", REFUSED,
        html().replace(b"<head>", b"<head><meta charset=utf-8>").decode().encode("cp1252"))
    add("utf16.html", "is UTF-16 with a mark", EITHER, html().decode().encode("utf-16"))
    add("empty.html", "is empty", REFUSED, b"")
    add("nothing.html", "is a page without content", EITHER, b"<!doctype html><html></html>")
    add("cut.html", "ends in a tag", EITHER, html()[:-3] + b"<div class='")
