"""JSON that nests, repeats keys, or writes numbers and letters that no program can hold."""

import json

from .corpus import EITHER, REFUSED
from .sound import LABELS, ROWS, json_list, ndjson, objects

DEEP = 100_000


def write(corpus):
    add = corpus.add
    sound = json_list().decode()
    row = json.dumps(objects()[4], ensure_ascii=False)

    def with_row(more):
        return (sound.rstrip().removesuffix("]") + "," + more + "]").encode()

    add("deep_array.json", "nests 100,000 arrays", REFUSED, b"[" * DEEP + b"]" * DEEP)
    add("deep_open.json", "opens a million arrays", REFUSED, b"[" * 1_000_000)
    add("deep_objects.json", "nests 100,000 objects", REFUSED, b'{"a":' * DEEP + b"1" + b"}" * DEEP)
    add("deep_cell.json", "nests 100,000 arrays in a cell", REFUSED, with_row(row[:-1] + ',"x":' + "[" * DEEP + "]" * DEEP + "}"))
    add("deep_list.json", "nests 100,000 objects in its list", REFUSED, b'[{"a":' * DEEP + b"1" + b"}]" * DEEP)
    for name, number in [("exponent", "1e999999999"), ("negative_exponent", "1e-999999999"), ("digits", "9" * 900_000),
                         ("long_exponent", "1e" + "9" * 100_000), ("nan", "NaN"), ("infinity", "-Infinity"),
                         ("hex", "0x10"), ("leading_zero", "007"), ("minus", "-")]:
        answer = REFUSED if name in ("nan", "infinity", "hex", "leading_zero", "minus") else EITHER
        add(f"number_{name}.json", f"has a number that is no amount ({name})", answer,
            sound.replace(": 1000.5\n", f": {number}\n").encode())
    add("key_twice.json", "has a key twice in an object", EITHER, with_row(row[:-1] + f',"{LABELS[5]}": 7}}'))
    add("key_many_times.json", "has a key a million times in an object", EITHER,
        with_row("{" + ",".join([f'"{LABELS[5]}":7'] * 1_000_000) + "}"))
    add("keys.json", "has a million keys in an object", REFUSED, with_row("{" + ",".join(f'"k{n}":1' for n in range(1_000_000)) + "}"))
    add("null_keys.json", "has a million keys without value", REFUSED, with_row("{" + ",".join(f'"k{n}":null' for n in range(1_000_000)) + "}"))
    add("diagonal.json", "has a key of its own in each of 14,000 objects", EITHER, ("[" + ",".join(f'{{"k{n}":1}}' for n in range(14_000)) + "]").encode())
    add("wide_and_tall.json", "has 14,000 keys once and 14,000 short objects", EITHER,
        with_row("{" + ",".join(f'"k{n}":1' for n in range(14_000)) + "}," + ",".join([row] * 13_900)))
    add("half_character.json", "has half a character", REFUSED, sound.replace("Musterverein 9", "\\ud800").encode())
    add("half_pair.json", "has half a character before a letter", REFUSED, sound.replace("Musterverein 9", "\\ud800\\u0041").encode())
    add("zero_character.json", "has an escaped zero character", REFUSED, sound.replace("Musterverein 9", "\\u0000").encode())
    add("zero_byte.json", "has a zero byte", REFUSED, sound.replace("Musterverein 9", "Muster\0verein").encode())
    add("raw_half.json", "has half a character in utf-8", REFUSED, sound.encode().replace(b"Musterverein 9", b"\xed\xa0\x80"))
    add("bad_escape.json", "has an escape that does not exist", REFUSED, sound.replace("Musterverein 9", "\\q").encode())
    add("nested_escape.json", "has an escape that does not exist in a nested value", REFUSED, with_row(row[:-1] + ',"x":{"y":"\\q"}}'))
    add("escape_at_end.json", "ends in an escape", REFUSED, b'[{"a": "x\\')
    add("giant_text.json", "has a text of 100 MB", REFUSED, [with_row(row)[:-2], b',"x":"', *[b"x" * 1_000_000] * 100, b'"}]'])
    add("escapes.json", "has a text of 900 kB of escapes", EITHER, with_row(row[:-1] + ',"x":"' + "\\u001b[2J" * 100_000 + '"}'))
    add("giant_key.json", "has a key of 50 MB", EITHER, with_row(row[:-1] + ',"' + "k" * 50_000_000 + '": 1}'))
    add("open_text.json", "has a text that never ends in 50 MB", REFUSED, [with_row(row)[:-2], b',"x":"', *[b"x" * 1_000_000] * 50])
    add("after_the_end.json", "goes on behind its end", REFUSED, json_list() + b"]")
    add("two_lists.json", "has two lists", REFUSED, f'{{"a":{sound},"b":{sound}}}'.encode())
    add("many_lists.json", "has 200,000 lists", REFUSED, ("{" + ",".join(f'"a{n}":[{{}}]' for n in range(200_000)) + "}").encode())
    add("empty_objects.json", "has five million empty objects", EITHER, [b"[", b"{}," * 5_000_000, b"{}]"])
    add("error.json", "is an error message", REFUSED, b'{"error": {"code": 429, "message": "Too many requests"}}')
    add("string.json", "is one text", REFUSED, b'"a list"')
    add("null.json", "is null", REFUSED, b"null")
    add("empty_list.json", "is an empty list", REFUSED, b"[]")
    add("blank_list.json", "is a list of 20 million blanks", REFUSED, b"[" + b" " * 20_000_000 + b"]")
    add("utf16.json", "is UTF-16", EITHER, sound.encode("utf-16"))
    lines = ndjson()
    add("giant_line.ndjson", "has one line of 100 MB", REFUSED, [lines, b'{"x":"', *[b"x" * 1_000_000] * 100, b'"}\n'])
    add("wide_line.ndjson", "has a line of a million keys", REFUSED,
        lines + ("{" + ",".join(f'"k{n}":1' for n in range(1_000_000)) + "}\n").encode())
    add("cut_line.ndjson", "has a line that is cut in the middle", REFUSED, lines.replace(b'"}\n', b"\n", 1) + lines[:50] + b"\n" + lines)
    add("no_breaks.ndjson", "has no line breaks", EITHER, lines.replace(b"\n", b" "), ROWS)
    add("deep_line.ndjson", "has a line that nests 100,000 arrays", REFUSED, lines + b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}\n")
