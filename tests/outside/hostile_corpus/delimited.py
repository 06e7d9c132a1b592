"""Text tables: bytes that are no text, cells and rows without end, quotes that never close."""

from .corpus import EITHER, REFUSED
from .sound import LABELS, ROWS, csv

MB = 1_000_000


def write(corpus):
    add = corpus.add
    sound = csv()
    text = sound.decode()
    head = text.splitlines(keepends=True)[0]
    add("empty.csv", "is empty", REFUSED, b"")
    add("mark_alone.csv", "is a byte order mark", REFUSED, b"\xef\xbb\xbf")
    add("mark_alone_utf16.csv", "is a byte order mark of UTF-16", REFUSED, b"\xff\xfe")
    add("line_breaks.csv", "is ten million line breaks", REFUSED, b"\n" * 10 * MB)
    add("blanks.csv", "is ten million blanks", REFUSED, b" " * 10 * MB)
    add("delimiters.csv", "is ten million lines of two semicolons", REFUSED, b";;\n" * 10 * MB)
    add("header.csv", "is a header", EITHER, head.encode(), 0)
    add("zero_byte.csv", "has a zero byte in a cell", REFUSED, sound.replace(b"Verein", b"Ver\0in", 1).replace(b"Musterverein 7", b"Muster\0verein 7"))
    add("zero_bytes.csv", "is a million zero bytes", REFUSED, bytes(MB))
    add("zero_bytes_after.csv", "is a sound list and then a million zero bytes", REFUSED, sound + bytes(MB))
    add("giant_cell.csv", "has a cell of 200 MB", REFUSED, [sound, *[b"x" * MB] * 200, b";;;;;\n"])
    add("giant_quoted_cell.csv", "has a quoted cell of 200 MB", REFUSED, [sound, b'"', *[b"x\n" * (MB // 2)] * 200, b'";;;;;\n'])
    add("large_cells.csv", "has 100 cells of 1 MB", EITHER, [sound, *[b"y" * MB + b";x;02.02.2016;02.02.2018;10115;1,00\n"] * 100])
    add("wide_row.csv", "has a row of a million fields", REFUSED, [sound, b"x;" * MB, b"\n"])
    add("giant_row.csv", "has a row of a hundred million fields", REFUSED, [sound, *[b";" * MB] * 100, b"\n"])
    add("wide_and_tall.csv", "has one row of 14,000 fields and 14,000 short ones", EITHER,
        [sound, b";" * 13_999, b"\n", b"x;y\n" * 14_000])
    add("wide_header.csv", "has a header of 16,000 unknown labels", EITHER,
        [(head.strip() + "".join(f";Spalte {n}" for n in range(16_000)) + "\n").encode(), sound[len(head.encode()):]])
    add("open_quote.csv", "has a quote that is open to the end of 50 MB", REFUSED, [sound, b'"', *[b"a;b;c\n" * (MB // 6)] * 50])
    add("open_quotes.csv", "has a stray quote in each of a million lines", EITHER, [sound, b'x";"a"b;c\n' * MB])
    add("all_quotes.csv", "is ten million quotes", EITHER, b'"' * 10 * MB)
    add("long_labels.csv", "has labels of one MB", EITHER, [(";".join([*LABELS, *(c * MB for c in "abcdefgh")]) + "\n").encode(), sound[len(head.encode()):]])
    add("same_labels.csv", "has the same label 1,000 times", EITHER,
        (";".join([LABELS[0]] * 1_000) + "\n" + ";".join(["x"] * 1_000) + "\n").encode())
    add("same_unknown_labels.csv", "has an unknown label twice", EITHER,
        "".join(line + (";Foo;Foo\n" if n == 0 else ";a;b\n") for n, line in enumerate(text.splitlines())).encode(), ROWS)
    add("header_longer.csv", "has a header with one cell more than its rows", EITHER, text.replace("PLZ", "PLZ;Nummer").encode())
    add("carriage_returns.csv", "ends its lines the old way", EITHER, sound.replace(b"\n", b"\r"), ROWS)
    add("utf16_without_mark.csv", "is UTF-16 without a mark", EITHER, text.encode("utf-16-le"), ROWS)
    add("utf16_big_without_mark.csv", "is UTF-16, big end first, without a mark", EITHER, text.encode("utf-16-be"), ROWS)
    add("utf16_cut.csv", "is UTF-16 that ends in half a character", REFUSED, b"\xff\xfe" + text.encode("utf-16-le")[:-1])
    add("utf32.csv", "is UTF-32 with a mark", REFUSED, text.encode("utf-32"))
    add("utf32_without_mark.csv", "is UTF-32 without a mark", REFUSED, text.encode("utf-32-le"))
    add("utf7.csv", "is UTF-7", EITHER, text.encode("utf-7"))
    add("large_utf16.csv", "is 100 MB of UTF-16", EITHER, [b"\xff\xfe", *[text.encode("utf-16-le") * 250] * 100])
    add("random.csv", "is a million random bytes", REFUSED, corpus.random("bytes").randbytes(MB))
    letters = corpus.random("letters")
    add("random_text.csv", "is random letters and delimiters", REFUSED, "".join(letters.choices("abcäö;,\t\"\n 0123456789", k=200_000)).encode())
    add("mixed_encodings.csv", "is utf-8 with one line of windows-1252", REFUSED, sound + "Förderverein Köln;Brücke;02.02.2016;02.02.2018;10115;1,00\n".encode("cp1252"))
    add("replacement.csv", "has letters that were destroyed before", REFUSED, text.replace("ü", "\ufffd").encode())
    add("escapes.csv", "has orders to the terminal in a label and in cells", EITHER, text.replace("PLZ", "\x1b[2J\x1b]0,owned\x07").replace("Brücke in Arbeit 9", "\x1b[31m\u202egnp").encode())
    add("formulas.csv", "has cells that spreadsheet programs would run", EITHER, text.replace("Brücke in Arbeit 9", "=cmd|' /C calc'!A0").encode(), ROWS)
    long = "9" * 900_000
    for name, amount in [("digits", long), ("decimals", "1," + long), ("groups", ".".join(["999"] * 200_000)),
                         ("exponent", "1e999999999"), ("signs", "-" * 100_000 + "1"), ("infinity", "inf")]:
        add(f"amount_{name}.csv", f"has an amount that is no amount ({name})", EITHER, text.replace("1000,50", amount).encode())
    add("date_nonsense.csv", "has dates in no calendar", EITHER, text.replace("02.02.2016", "99.99.9999").replace("03.03.2016", "31.02.99999999999").encode())
    add("negative_years.csv", "has a date in the year 0 and one in 9999", EITHER, text.replace("02.02.2016", "02.02.0000").replace("03.03.2018", "31.12.9999").encode())
    add("long_lines.csv", "has a million lines of 200 bytes", EITHER, [sound, *[b"Verein e.V.;" + b"x" * 160 + b";02.02.2016;02.02.2018;10115;1,00\n"] * 300_000])
    add("combining.csv", "has a letter with 100,000 accents", EITHER, text.replace("Brücke in Arbeit 9", "a" + "\u0301" * 100_000).encode())
    add("names.csv", "has a name of 100,000 words", EITHER, text.replace("Musterverein 9 e.V.", "Müller und Söhne GmbH & Co. KG " * 30_000).encode())
