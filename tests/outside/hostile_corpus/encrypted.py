"""Files that ask for a password."""

from .archives import book
from .compound import compound
from .corpus import REFUSED
from .package import Package
from .sound import ODS_TYPE, ods, record, sheet, words, xls


def write(corpus):
    add = corpus.add
    noise = corpus.random("noise").randbytes(20_000)
    info = words(4, 4) + b"\x40\0\0\0" + b'<?xml version="1.0"?><encryption/>'
    package = compound({"EncryptionInfo": info, "EncryptedPackage": len(noise).to_bytes(8, "little") + noise})
    add("workbook.xlsx", "is encrypted", REFUSED, package)
    add("workbook_named.xls", "is an encrypted xlsx under another name", REFUSED, package)
    # RC4 (MS-XLS 2.4.117), and the older obfuscation.
    rc4 = record(0x002F, words(1, 1, 1) + noise[:48])
    add("rc4.xls", "asks for a password (RC4)", REFUSED, xls(before=rc4))
    add("xor.xls", "asks for a password (XOR)", REFUSED, xls(before=record(0x002F, words(0, 0x1234, 0x5678))))
    add("entry.xlsx", "has an encrypted part", REFUSED, book(sheet(), flags=1).finish())
    add("entry_strong.xlsx", "has a part with strong encryption", REFUSED, book(sheet(), flags=0x41).finish())
    add("entry_aes.xlsx", "has a part encrypted by AES", REFUSED, book(sheet(), flags=1, method=99).finish())
    secret = (
        '<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml">'
        '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry></manifest:manifest>'
    )
    add("document.ods", "is encrypted", REFUSED, ods(noise, manifest=secret))
    package = Package()
    package.add("mimetype", ODS_TYPE, stored=True)
    package.add("encrypted-package", noise)
    add("whole_document.ods", "is encrypted as a whole", REFUSED, package.finish())
    add("random.xls", "is random bytes behind the beginning of a compound file", REFUSED,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise)
