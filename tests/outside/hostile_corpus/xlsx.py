"""Workbooks of Office Open XML that claim, repeat, nest or reference too much."""

from .corpus import EITHER, LOADED, REFUSED
from .package import Repeated
from .sound import ROWS, RELATIONS, WORKBOOK, inline, sheet, xlsx, xlsx_rows

# The widest sheet that 200 million cells allow, and as many rows.
WIDE, TALL = 16_384, 12_000


def letters(column):
    """Letters of a column, from 1."""
    out = ""
    while column:
        column, digit = divmod(column - 1, 26)
        out = chr(65 + digit) + out
    return out


def sheet_of(chunk, times, before=""):
    """The sound rows, then a piece repeated."""
    head = f"<worksheet>{before}<sheetData>" + "".join(xlsx_rows())
    return Repeated(head, chunk, times, "</sheetData></worksheet>")


def write(corpus):
    claims(corpus)
    repetition(corpus)
    markup(corpus)
    entities(corpus)
    values(corpus)


def claims(corpus):
    add = corpus.add
    sound = "".join(xlsx_rows())
    add("dimension.xlsx", "claims the range A1:XFD1048576", LOADED,
        xlsx(sheet=sheet(before='<dimension ref="A1:XFD1048576"/>')), ROWS)
    far = f'<row r="1048576">{inline("x", "XFD1048576")}</row>'
    add("far_cell.xlsx", "has one cell in the farthest corner", LOADED, xlsx(sheet=sheet(sound + far)), ROWS)
    add("shared_count.xlsx", "claims four thousand million shared texts", LOADED,
        xlsx(strings='<sst count="4000000000" uniqueCount="4000000000"></sst>'), ROWS)
    beyond = f'<row r="4294967295">{inline("x", "A4294967295")}</row>'
    add("row_number.xlsx", "has a row beyond any sheet", EITHER, xlsx(sheet=sheet(sound + beyond + beyond)), ROWS)
    unknown = f'<row r="99999999999999999999">{inline("x")}</row>'
    add("row_number_overflow.xlsx", "has a row number of twenty digits", EITHER, xlsx(sheet=sheet(sound + unknown)))
    last = letters(0xFFFFFFFF)
    cell = f'<row r="60"><c r="{last}60"/><c t="s"><v>9</v></c></row>'
    add("column_overflow.xlsx", "has a column that does not fit into 32 bits", EITHER, xlsx(sheet=sheet(sound + cell)))
    cell = f'<row r="60"><c r="{last}60"/><c><v>9</v></c></row>'
    add("column_overflow_value.xlsx", "has a value in a column beyond 32 bits", EITHER,
        xlsx(sheet=sheet(sound + cell)))
    add("spans.xlsx", "claims rows that span every column", LOADED,
        xlsx(sheet=sheet(sound.replace("<row ", '<row spans="1:4294967295" '))), ROWS)
    hidden = '<cols>' + f'<col min="1" max="{WIDE}" hidden="1"/>' * 60_000 + "</cols>"
    add("hidden_columns.xlsx", "hides every column 60,000 times", EITHER, xlsx(sheet=sheet(sound + far, hidden)))
    rows = "".join(f'<row r="{n}">{inline("x", f"XFD{n}")}</row>' for n in range(ROWS + 2, TALL))
    add("wide_and_tall.xlsx", "has its only cells at the right edge of 12,000 rows", EITHER,
        xlsx(sheet=sheet(sound + rows)))
    rows = "".join(f'<row r="{n}">{inline("x", letters(n + 2_000))}</row>' for n in range(ROWS + 2, TALL))
    add("diagonal.xlsx", "has a cell of its own column in each of 12,000 rows", EITHER,
        xlsx(sheet=sheet(sound + rows)))


def repetition(corpus):
    add = corpus.add
    sound = "".join(xlsx_rows())
    add("empty_rows.xlsx", "has four million empty rows", LOADED, xlsx(sheet=sheet_of("<row/>" * 10_000, 400)), ROWS)
    add("empty_cells.xlsx", "has six million empty cells in a row", EITHER,
        xlsx(sheet=sheet_of("<row>" + "<c/>" * 16_000 + "</row>", 400)))
    add("full_sheet.xlsx", "has six million cells in 500 rows", EITHER,
        xlsx(sheet=sheet_of("<row>" + "<c><v>1</v></c>" * 12_000 + "</row>", 500)))
    text = f"<sst><si><t>{'x' * (1 << 20)}</t></si></sst>"
    row = f'<row><c r="A1" t="s"><v>0</v></c></row>'
    add("shared_text_repeated.xlsx", "shows a text of one MiB in 1,000 rows", EITHER,
        xlsx(strings=text, sheet=sheet_of(row * 10, 100)))
    add("shared_text_a_million_times.xlsx", "shows a text of 32 kB in a million rows", REFUSED,
        xlsx(strings=f"<sst><si><t>{'x' * 32_000}</t></si></sst>", sheet=sheet_of(row * 1_000, 1_000)))
    add("shared_texts.xlsx", "has twelve million empty shared texts", EITHER,
        xlsx(strings=Repeated("<sst>", "<si/>" * 10_000, 1_200, "</sst>")))
    merged = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 1_000_000 + "</mergeCells>"
    add("merged.xlsx", "merges the whole sheet a million times", EITHER, xlsx(sheet=sheet(after=merged)))
    merged = "".join(f'<mergeCell ref="A{n}:A{n + 900_000}"/>' for n in range(2, 100_000))
    add("merged_overlapping.xlsx", "merges 100,000 overlapping ranges of a column", EITHER,
        xlsx(sheet=sheet(after=f"<mergeCells>{merged}</mergeCells>")))
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{"#,##0.0 &quot;Tsd. €&quot;;" * 30}"/>' for n in range(50_000))
    cells = "".join(f'<xf numFmtId="{n % 50_000}"/>' for n in range(1_000_000))
    add("styles.xlsx", "has 50,000 number formats and a million cell styles", EITHER,
        xlsx(styles=f"<styleSheet><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>"))
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(200_000))
    book = f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>'
    add("sheets.xlsx", "has 200,000 sheets, all of them the same part", EITHER, xlsx(workbook=book))
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1_500))
    book = f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>'
    many = sheet_of("<row>" + "<c><v>1</v></c>" * 20 + "</row>", 2_000)
    add("sheets_of_one_part.xlsx", "reads one part of 40,000 cells 1,500 times", EITHER,
        xlsx(workbook=book, sheet=many))
    one = '<Relationship Id="s{}" Type="x/theme" Target="theme/theme1.xml"/>'
    more = "".join(one.format(n) for n in range(600_000))
    add("relations.xlsx", "has 600,000 relations", EITHER,
        xlsx(relations=RELATIONS.replace("</Relationships>", more + "</Relationships>")))
    chance = corpus.random("inline")
    noise = "".join(chance.choice("abcdef ") for _ in range(1_000))
    add("inline_text.xlsx", "has one cell of 600 MB in pieces", REFUSED,
        xlsx(sheet=Repeated("<worksheet><sheetData><row><c t='inlineStr'><is>", f"<t>{noise * 200}</t>", 3_000,
                            "</is></c></row></sheetData></worksheet>")))
    texts = "".join(f"<si><t>{noise[n:n + 400]}</t></si>" for n in range(500))
    add("shared_text_volume.xlsx", "has 900 MB of shared texts", EITHER,
        xlsx(strings=Repeated("<sst>", texts, 4_400, "</sst>")))


def markup(corpus):
    add = corpus.add
    sound = "".join(xlsx_rows())
    add("nested.xlsx", "nests 100,000 elements", EITHER,
        xlsx(sheet=sheet(sound, after="<a>" * 100_000 + "</a>" * 100_000)), ROWS)
    add("nested_cells.xlsx", "nests 100,000 cells in each other", EITHER,
        xlsx(sheet=sheet(sound + "<row>" + "<c><is>" * 100_000 + "</is></c>" * 100_000 + "</row>")))
    add("quoted_brackets.xlsx", "has a tag with two million closing brackets in a quoted value", EITHER,
        xlsx(sheet=sheet(f'<row a="{">" * 2_000_000}"/>' + sound)))
    chance = corpus.random("markup")
    noise = "".join(chance.choice("<abcdef") for _ in range(1_000)) + "<"
    add("endless_tag.xlsx", "has a tag of 600 MB", REFUSED,
        xlsx(sheet=Repeated("<worksheet><row a='", noise * 200, 3_000, "'/></worksheet>")))
    add("endless_comment.xlsx", "has a comment of 600 MB", REFUSED,
        xlsx(sheet=Repeated("<worksheet><!--", noise * 200, 3_000, "--></worksheet>")))
    add("attributes.xlsx", "has a cell with 100,000 attributes", EITHER,
        xlsx(sheet=sheet("<row><c " + "".join(f'a{n}="1" ' for n in range(100_000)) + "/></row>" + sound)))
    add("cut_in_markup.xlsx", "has a sheet that ends in a tag", REFUSED, xlsx(sheet=sheet()[:2_000]))
    add("utf16.xlsx", "has a sheet in UTF-16", REFUSED,
        xlsx(sheet=('<?xml version="1.0" encoding="utf-16"?>' + sheet()).encode("utf-16")))
    add("no_sheet.xlsx", "has no part for its sheet", REFUSED, xlsx(sheet=None))
    add("no_rows.xlsx", "has a sheet without rows", REFUSED, xlsx(sheet=sheet("")))
    add("only_header.xlsx", "has a header and no rows", EITHER, xlsx(sheet=sheet(next(xlsx_rows()))))


def entities(corpus):
    add = corpus.add
    names = "abcdefghij"
    laughs = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip(names, names[1:])
    )
    bomb = f"<!DOCTYPE x [{laughs}]>"
    add("laughs_in_sheet.xlsx", "has entities that grow to a thousand million letters", REFUSED,
        xlsx(sheet=bomb + sheet("".join(xlsx_rows()).replace("Musterverein 3 ", "&j;"))))
    add("laughs_in_texts.xlsx", "has growing entities in its shared texts", REFUSED,
        xlsx(strings=f"{bomb}<sst><si><t>&j;</t></si></sst>"))
    add("laughs_in_workbook.xlsx", "has growing entities in its list of sheets", REFUSED,
        xlsx(workbook=bomb + WORKBOOK.replace("Liste", "&j;")))
    outside = '<!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>'
    add("entity_of_a_file.xlsx", "has an entity that is another file", REFUSED,
        xlsx(sheet=outside + sheet("".join(xlsx_rows()).replace("Musterverein 3 ", "&out;"))))
    add("undeclared_entity.xlsx", "uses an entity that is declared nowhere", EITHER,
        xlsx(sheet=sheet("".join(xlsx_rows()).replace("Musterverein 3 ", "&out;"))))


def values(corpus):
    add = corpus.add
    sound = "".join(xlsx_rows())
    for name, value in [("1e308", "1e308"), ("1e400", "1e400"), ("nan", "NaN"), ("inf", "-inf"),
                        ("digits", "9" * 100_000), ("tiny", "1e-300")]:
        add(f"number_{name}.xlsx", f"has the amount {value[:8]}", EITHER,
            xlsx(sheet=sheet(sound.replace("<v>1000.5</v>", f"<v>{value}</v>"))))
    dates = sound.replace('t="inlineStr"><is><t>02.02.2016</t></is>', 's="1"><v>1e300</v>')
    add("date_1e300.xlsx", "has a date in no calendar", EITHER, xlsx(sheet=sheet(dates)))
    add("sheet_name.xlsx", "has a sheet with a name of 100,000 letters and orders to the terminal", EITHER,
        xlsx(workbook=WORKBOOK.replace("Liste", "&#27;[2J&#27;]0;owned&#7;" + "x" * 100_000)), ROWS)
    add("escapes.xlsx", "has orders to the terminal in a label and a cell", EITHER,
        xlsx(sheet=sheet(sound.replace(">PLZ<", ">_x001B_[2J_x001B_]0;owned_x0007_<"))))
    add("long_labels.xlsx", "has labels of one MB", EITHER,
        xlsx(sheet=sheet("<row>" + "".join(inline(c * 1_000_000) for c in "abcdefgh") + "</row>" + sound)))
    twice = sound + sound
    add("rows_twice.xlsx", "gives every row number twice", EITHER, xlsx(sheet=sheet(twice)), ROWS)
    add("type_nonsense.xlsx", "refers to shared texts that are not there", EITHER,
        xlsx(sheet=sheet(sound.replace('t="inlineStr"><is><t>', 't="s"><v>').replace("</t></is>", "</v>"))))
