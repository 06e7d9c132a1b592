"""Sound files of another kind than their name says; servers give such answers every day."""

import gzip
import struct
import zlib

from .corpus import EITHER, REFUSED
from .package import Package
from .sound import ROWS, csv, html, json_list, ods, xls, xlsx

ERROR_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>"
    b"<body><h1>Service Unavailable</h1><p>Try again later.</p></body></html>\n"
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def write(corpus):
    add = corpus.add
    add("error_page.csv", "is an error page", REFUSED, ERROR_PAGE)
    add("error_page.xlsx", "is an error page", REFUSED, ERROR_PAGE)
    add("error_page.json", "is an error page", REFUSED, ERROR_PAGE)
    add("login.csv", "is a page that asks for a password", REFUSED,
        ERROR_PAGE.replace(b"Try again later.", b"<form><input name=user><input type=password></form>"))
    add("error_text.csv", "is an error message in plain text", REFUSED, b"Internal Server Error\n")
    add("error_xml.csv", "is an error message of an object store", REFUSED,
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>')
    add("pdf.xlsx", "is a PDF", REFUSED, PDF)
    add("pdf.csv", "is a PDF", REFUSED, PDF)
    add("image.csv", "is an image", REFUSED, png())
    add("gzip.csv", "is packed by gzip", REFUSED, gzip.compress(csv(), mtime=0))
    add("gzip.xlsx", "is packed by gzip", REFUSED, gzip.compress(xlsx(), mtime=0))
    package = Package()
    package.add("list.csv", csv())
    add("zip.csv", "is a zip archive with a list in it", REFUSED, package.finish())
    add("program.csv", "is a program", REFUSED, b"\x7fELF\2\1\1" + bytes(9) + corpus.random("program").randbytes(5_000))
    add("xz.csv", "is packed by xz", REFUSED, b"\xfd7zXZ\0" + corpus.random("xz").randbytes(5_000))
    add("zstd.csv", "is packed by zstd", REFUSED, b"\x28\xb5\x2f\xfd" + corpus.random("zstd").randbytes(5_000))
    add("sqlite.csv", "is a database", REFUSED, b"SQLite format 3\0" + bytes(4_000))
    add("mail.csv", "is a mail", REFUSED, b"From: a@example.org\nTo: b@example.org\nSubject: Liste\n\nim Anhang\n")
    # An undeclared file is read as what it is, so these may be loaded whole.
    add("workbook.csv", "is a workbook", EITHER, xlsx(), ROWS)
    add("old_workbook.xlsx", "is a binary workbook", EITHER, xls(), ROWS)
    add("document.xlsx", "is an OpenDocument spreadsheet", EITHER, ods(), ROWS)
    add("table.xls", "is a text table", EITHER, csv(), ROWS)
    add("json.csv", "is JSON", EITHER, json_list(), ROWS)
    add("page.xls", "is an HTML page", EITHER, html(), 8)
