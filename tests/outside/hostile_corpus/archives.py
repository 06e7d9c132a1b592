"""Zip archives that unpack to too much, or say something else than they are."""

from .corpus import EITHER, LOADED, REFUSED
from .package import Package, Repeated
from .sound import RELATIONS, ROWS, STYLES, TYPES, WORKBOOK, sheet, xlsx

MIB = 1 << 20


def book(sheet_part=None, **how):
    """A package with everything but its sheet, or with one that is added as `how` says."""
    package = Package()
    for name, content in [
        ("[Content_Types].xml", TYPES),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
    ]:
        package.add(name, content)
    if sheet_part is not None:
        package.add("xl/worksheets/sheet1.xml", sheet_part, **how)
    return package


def blanks(mib):
    """A sheet of so many MiB, nearly all of them blanks between two rows."""
    whole = sheet()
    at = whole.index("</row>") + len("</row>")
    return Repeated(whole[:at], " " * MIB, mib, whole[at:])


def write(corpus):
    add = corpus.add
    add("thousand_to_one.xlsx", "unpacks to a thousand times its size, 1,500 MiB", REFUSED, book(blanks(1_500)).finish())
    add("under_the_limit.xlsx", "unpacks to 60 MiB of blanks", EITHER, book(blanks(60)).finish())
    package = book(sheet())
    for n in range(15):
        package.add(f"xl/worksheets/sheet{n + 2}.xml", blanks(60))
    add("many_small_bombs.xlsx", "has fifteen parts of 60 MiB that nothing refers to", LOADED, package.finish(), ROWS)
    package = book(sheet())
    package.add("xl/media/image1.png", blanks(1_500))
    add("bomb_beside_the_sheet.xlsx", "has a part of 1,500 MiB that nothing refers to", LOADED, package.finish(), ROWS)
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, 16))
    targets = "".join(f'<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, 16))
    package = Package()
    package.add("xl/workbook.xml", f'<workbook xmlns:r="r"><sheets>{names}</sheets></workbook>')
    package.add("xl/_rels/workbook.xml.rels", f"<Relationships>{targets}</Relationships>")
    rows = "<row>" + "<c><v>1</v></c>" * 1_000 + "</row>"
    for n in range(1, 16):
        package.add(f"xl/worksheets/sheet{n}.xml", Repeated("<worksheet><sheetData>", rows, 4_000, "</sheetData></worksheet>"))
    add("many_full_sheets.xlsx", "has fifteen sheets of four million cells, packed to nothing", EITHER, package.finish())
    add("size_lies.xlsx", "declares a part of 1,000 bytes that unpacks to 1,500 MiB", REFUSED,
        book(blanks(1_500), size=1_000).finish())
    add("size_lies_up.xlsx", "declares a part of four GiB that has a few kB", EITHER, book(sheet(), size=0xFFFFFFF0).finish())
    package = book(sheet())
    at = package.add("filler.bin", b"x" * MIB)
    for n in range(9_000):
        package.add(f"filler{n}.bin", b"x" * MIB if n == 0 else b"", at=at, size=100_000)
    add("overlapping.xlsx", "has 9,000 entries in the same place", REFUSED, package.finish())
    package = book()
    package.add("xl/worksheets/sheet1.xml", blanks(60))
    one = bytes(package.directory[package.directory.rindex(b"PK\1\2") :])
    for n in range(100):
        name = b"xl/worksheets/copy%d.xml" % n
        package.directory += one[:28] + len(name).to_bytes(2, "little") + one[30:46] + name
        package.entries += 1
    add("overlapping_bombs.xlsx", "has a hundred entries that are the same 60 MiB", REFUSED, package.finish())
    for count in (20_000, 1_000_000):
        package = book(sheet())
        entry = bytearray()
        for n in range(count):
            name = b"%d" % n
            entry += b"PK\1\2" + bytes([20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]) + bytes(12)
            entry += len(name).to_bytes(2, "little") + bytes(16) + name
        package.directory += entry
        package.entries += count
        add(f"entries_{count}.xlsx", f"has {count:,} entries", REFUSED, package.finish())
    package = book(sheet())
    whole = package.finish()
    add("count_lies.xlsx", "claims 65,534 entries and has five", EITHER, book(sheet()).finish(entries=65_534))
    end = whole[-22:]
    claim = package.end64(entries=4_000_000_000)
    end = end[:8] + b"\xff" * 4 + end[12:]
    add("count_lies_64.xlsx", "claims four thousand million entries", EITHER, whole[:-22] + claim + end)
    add("directory_beyond.xlsx", "has its directory beyond its end", EITHER, book(sheet()).finish(start=0x7FFFFFFF))
    package = Package()
    inner = xlsx()
    for n in range(5):
        outer = Package()
        outer.add(f"list{n}.xlsx", inner)
        inner = outer.finish()
    add("nested.xlsx", "is a zip in a zip in a zip", REFUSED, inner)
    package = book(sheet())
    package.add("../../../../hostile_was_here", b"x")
    package.add("/etc/hostile_was_here", b"x")
    package.add("a\0b", b"x")
    add("names.xlsx", "has entries that lead out of its folder", LOADED, package.finish(), ROWS)
    for method, name in [(1, "shrink"), (9, "deflate64"), (12, "bzip2"), (14, "lzma"), (93, "zstd"), (95, "xz"), (99, "aes"), (0xFFFF, "none")]:
        add(f"method_{name}.xlsx", f"says its sheet is packed by method {method}", REFUSED, book(sheet(), method=method).finish())
    package = book(sheet())
    package.add("xl/worksheets/sheet1.xml", sheet(""))
    add("part_twice.xlsx", "has two parts of the same name, the second of them empty", EITHER, package.finish())
    add("comment.xlsx", "has another end of an archive in its comment", EITHER,
        book(sheet()).finish(comment=b"PK\5\6" + bytes(18) + b"x" * 1_000))
    add("bytes_before.xlsx", "has bytes before its first entry", EITHER, b"PK" + b"x" * 10_000 + book(sheet()).finish())
    add("wrong_checksum.xlsx", "has a sheet with another checksum", REFUSED, checksum_off())
    add("only_end.xlsx", "is an archive without entries", REFUSED, Package().finish())


def checksum_off():
    package = book(sheet())
    at = package.body.rindex(b"PK\3\4") + 14
    package.body[at] ^= 0xFF
    at = package.directory.rindex(b"PK\1\2") + 16
    package.directory[at] ^= 0xFF
    return package.finish()
