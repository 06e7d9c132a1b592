"""Binary workbooks and the compound files around them: false lengths, circles, and records that mean much."""

import struct

from .compound import compound, with_number
from .corpus import EITHER, LOADED, REFUSED
from .sound import ROWS, record, text8, words, xls, xls_cells, xls_stream

# Places in the files of `compound`.
TABLE = 512
DIRECTORY_START, MINI_START, MINI_COUNT, LIST_START, LIST_COUNT = 48, 60, 64, 68, 72


def write(corpus):
    containers(corpus)
    records(corpus)


def containers(corpus):
    add = corpus.add
    whole = xls()
    tables = struct.unpack_from("<I", whole, 44)[0]
    directory = struct.unpack_from("<I", whole, DIRECTORY_START)[0]
    entry = 512 + 512 * directory + 128
    first = struct.unpack_from("<I", whole, entry + 116)[0]

    def changed(at, number):
        return with_number(whole, at, number)

    add("table_circle.xls", "has a chain of sectors that runs in a circle", REFUSED, changed(TABLE + 4 * (first + 1), first))
    add("sector_follows_itself.xls", "has a sector that follows itself", REFUSED, changed(TABLE + 4 * first, first))
    add("directory_circle.xls", "has a directory that follows itself", REFUSED, changed(TABLE + 4 * directory, directory))
    circle = with_number(changed(LIST_START, tables), LIST_COUNT, 0xFFFFFFFF)
    add("list_of_tables_circle.xls", "has lists of tables in a circle", REFUSED, with_number(circle, 512 * (tables + 2) - 4, tables))
    mini = with_number(with_number(changed(MINI_START, first), MINI_COUNT, 0xFFFFFFFF), entry + 120, 4000)
    add("small_sectors_circle.xls", "has small sectors in a circle", REFUSED, mini)
    add("directory_is_everything.xls", "takes its workbook for its directory", REFUSED, changed(DIRECTORY_START, first))
    add("stream_length.xls", "claims a workbook of four GiB", REFUSED, changed(entry + 120, 0xFFFFFFF0))
    add("stream_start.xls", "has a workbook that begins beyond its end", REFUSED, changed(entry + 116, 0x7FFFFFFF))
    add("tables_count.xls", "claims four thousand million tables", EITHER, changed(44, 0xFFFFFFFF))
    add("sector_size.xls", "claims sectors of 2 to the 65,535 bytes", REFUSED, whole[:30] + b"\xff\xff" + whole[32:])
    add("directory_tree_circle.xls", "has entries that are their own neighbours", LOADED,
        with_number(changed(entry + 68, 1), entry + 72, 1), ROWS)
    add("all_free.xls", "has a header that says every sector is free", REFUSED, whole[:76] + b"\xff" * 436 + whole[512:])
    names = {f"Stream {n}": b"" for n in range(1_000)} | {"Workbook": xls_stream()}
    add("thousand_streams.xls", "has a thousand streams beside its workbook", LOADED, compound(names), ROWS)


def records(corpus):
    add = corpus.add
    sound = b"".join(xls_cells())

    def strings(count, body):
        return record(0x00FC, struct.pack("<II", count, count) + body)

    add("shared_count.xls", "claims four thousand million shared texts", LOADED,
        xls(before=strings(0xFFFFFFFF, text8("x"))), ROWS)
    add("shared_length.xls", "has a shared text that claims 65,535 letters", REFUSED,
        xls(before=strings(1, words(0xFFFF) + b"\1" + b"x\0")))
    add("shared_extension.xls", "has a shared text with four GiB of formatting", REFUSED,
        xls(before=strings(1, words(1) + b"\x0d" + words(0xFFFF) + b"\xff" * 4 + b"x\0")))
    add("dimension.xls", "claims 4,294,967,295 rows and 65,535 columns", LOADED,
        xls(record(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)) + sound), ROWS)
    add("record_length.xls", "has a record that ends behind the file", REFUSED,
        compound({"Workbook": xls_stream(sound + b"\x04\x02\xff\xff")}))
    add("no_end.xls", "has no record that ends its sheet", REFUSED, compound({"Workbook": xls_stream()[:-4]}))
    far = record(0x0203, words(65_535, 65_535, 0) + struct.pack("<d", 1.0))
    add("far_cell.xls", "has a cell in column 65,536", REFUSED, xls(sound + far))
    far = record(0x0203, words(65_535, 16_383, 0) + struct.pack("<d", 1.0))
    add("farthest_cell.xls", "has a cell in the last column and the last row", EITHER, xls(sound + far), ROWS)
    wide = record(0x00BD, words(50, 65_530) + b"\0\0\0\0\0\0" * 20 + words(13))
    add("row_of_numbers.xls", "has numbers beyond column 65,535", REFUSED, xls(sound + wide))
    hidden = record(0x007D, words(0, 255, 0, 0, 1, 0)) * 600_000
    add("hidden_columns.xls", "hides every column 600,000 times", EITHER, xls(hidden + sound), ROWS)
    merged = record(0x00E5, words(1_000) + words(0, 65_535, 0, 255) * 1_000) * 500
    add("merged.xls", "merges the whole sheet 500,000 times", EITHER, xls(sound + merged))
    cells = b"".join(record(0x00BD, words(n + 50, 0) + b"\0\0\0\0\0\0" * 250 + words(249)) for n in range(1_000))
    add("sheets_of_one_place.xls", "reads the same 250,000 cells as 300,000 sheets", EITHER, xls(sound + cells, sheets=300_000))
    add("many_sheets.xls", "has 300,000 sheets that are the same", EITHER, xls(sheets=300_000))
    rest = record(0x003C) * 2_000_000
    add("continued.xls", "has a text that goes on in two million empty records", EITHER, xls(before=strings(1, b"") + rest))
    long = strings(1, words(8_000) + b"\0" + b"x" * 8_000)
    shown = b"".join(record(0x00FD, words(n % 65_000, n // 65_000 + 6, 0, 0, 0)) for n in range(130_000))
    add("shared_text_repeated.xls", "shows a text of 8,000 letters in 130,000 cells", EITHER, xls(sound + shown, before=long))
    many = strings(1, b"") + record(0x003C, (words(0) + b"\0") * 2_700) * 2_000
    add("shared_texts.xls", "has five million empty shared texts", EITHER, xls(before=many))
    styles = record(0x00E0, words(0, 14) + bytes(16)) * 1_000_000
    add("styles.xls", "has a million cell styles, all of them dates", EITHER, xls(before=styles))
    add("sheet_is_the_workbook.xls", "has a sheet that begins where the workbook begins", EITHER, sheet_at(0))
    add("sheet_beyond.xls", "has a sheet that begins beyond the file", REFUSED, sheet_at(0xFFFFFFF0))
    for name, number in [("nan", float("nan")), ("inf", float("inf")), ("1e308", 1e308), ("denormal", 5e-324)]:
        other = sound.replace(struct.pack("<d", 1000.5), struct.pack("<d", number))
        add(f"number_{name}.xls", f"has the amount {number}", EITHER, xls(other))
    nested = record(0x0809, words(0x0600, 0x20, 0, 0)) * 100_000 + record(0x000A) * 100_000
    add("nested.xls", "nests 100,000 charts in its sheet", EITHER, xls(nested + sound), ROWS)
    add("half_character.xls", "has a text that ends in half a character", REFUSED,
        xls(sound + record(0x0204, words(60, 0, 0) + words(1) + b"\1\x00\xd8")))


def sheet_at(offset):
    """The sound workbook with its sheet at another place of the stream."""
    stream = xls_stream()
    at = stream.index(b"\x85\x00") + 4
    return compound({"Workbook": with_number(stream, at, offset)})
