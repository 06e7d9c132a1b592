"""One small sound list in every format; the bad files are made from these."""

import json
import struct

from .compound import compound
from .package import Package

LABELS = ["Begünstigter", "Vorhaben", "Beginn", "Ende", "PLZ", "Zuwendung in EUR"]
ROWS = 40


def rows():
    """Cells as text; the amount as a number of cents."""
    for n in range(1, ROWS + 1):
        yield [
            f"Musterverein {n} e.V.",
            f"Brücke in Arbeit {n}",
            f"{n % 28 + 1:02}.{n % 12 + 1:02}.2016",
            f"{n % 28 + 1:02}.{n % 12 + 1:02}.2018",
            f"{10115 + n}",
            100_050 * n,
        ]


def german(cents):
    return f"{cents // 100},{cents % 100:02}"


def csv():
    lines = [";".join(LABELS)] + [";".join(row[:5] + [german(row[5])]) for row in rows()]
    return "".join(line + "\n" for line in lines).encode()


def objects():
    return [dict(zip(LABELS, row[:5] + [row[5] / 100])) for row in rows()]


def json_list():
    return json.dumps(objects(), ensure_ascii=False, indent=1).encode()


def ndjson():
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects()).encode()


PAGE_HEAD = "<!doctype html><html lang='de'><head><title>Projekte</title></head><body><main><h1>Geförderte Projekte</h1>"
PAGE_END = "</main></body></html>"


def page_entries(some=ROWS):
    for row in list(rows())[:some]:
        yield (
            f"<h2>{row[1]}</h2><dl><dt>Träger</dt><dd>{row[0]}</dd><dt>Laufzeit</dt><dd>{row[2]} - {row[3]}</dd>"
            f"<dt>Fördersumme</dt><dd>{german(row[5])} Euro</dd></dl>"
        )


def html():
    return (PAGE_HEAD + "".join(page_entries(8)) + PAGE_END).encode()


# Office Open XML

WORKBOOK = '<workbook xmlns:r="r"><sheets><sheet name="Liste" sheetId="1" r:id="r1"/></sheets></workbook>'
RELATIONS = (
    '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="r2" Type="x/styles" Target="styles.xml"/>'
    '<Relationship Id="r3" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
STYLES = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
TYPES = '<Types><Default Extension="xml" ContentType="application/xml"/></Types>'


def inline(text, reference=""):
    place = f' r="{reference}"' if reference else ""
    return f'<c{place} t="inlineStr"><is><t>{text}</t></is></c>'


def xlsx_rows():
    """The elements `row` of the sound sheet."""
    yield '<row r="1">' + "".join(inline(label, f"{'ABCDEF'[i]}1") for i, label in enumerate(LABELS)) + "</row>"
    for n, row in enumerate(rows(), 2):
        cells = [inline(text, f"{'ABCDE'[i]}{n}") for i, text in enumerate(row[:5])]
        yield f'<row r="{n}">' + "".join(cells) + f'<c r="F{n}"><v>{row[5] / 100}</v></c></row>'


def sheet(body=None, before="", after=""):
    body = "".join(xlsx_rows()) if body is None else body
    return f"<worksheet>{before}<sheetData>{body}</sheetData>{after}</worksheet>"


def xlsx(**parts):
    """The sound workbook, with other content for some parts: bytes, text, pieces of either, or None to leave it out.

    Names are `sheet`, `strings`, `styles`, `workbook`, `relations`, and `more` for further parts by name.
    """
    package = Package()
    usual = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": parts.get("workbook", WORKBOOK),
        "xl/_rels/workbook.xml.rels": parts.get("relations", RELATIONS),
        "xl/styles.xml": parts.get("styles", STYLES),
        "xl/sharedStrings.xml": parts.get("strings", "<sst></sst>"),
        "xl/worksheets/sheet1.xml": parts.get("sheet", sheet()),
    }
    for name, content in (usual | parts.get("more", {})).items():
        if content is not None:
            package.add(name, content)
    return package.finish()


# OpenDocument

NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def ods_text(text, more=""):
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def ods_number(number, more=""):
    return f'<table:table-cell office:value-type="float" office:value="{number}"{more}><text:p>{number}</text:p></table:table-cell>'


def ods_row(cells, more=""):
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods_rows():
    yield ods_row(map(ods_text, LABELS))
    for row in rows():
        yield ods_row([*map(ods_text, row[:5]), ods_number(row[5] / 100)])


ODS_HEAD = f"<office:document-content {NAMESPACES}><office:body><office:spreadsheet>"
ODS_END = "</office:spreadsheet></office:body></office:document-content>"


def ods_content(body=None, before="", name="Liste"):
    body = "".join(ods_rows()) if body is None else body
    return f'{ODS_HEAD}<table:table table:name="{name}">{before}{body}</table:table>{ODS_END}'


def ods(content=None, **parts):
    package = Package()
    package.add("mimetype", ODS_TYPE, stored=True)
    package.add("META-INF/manifest.xml", parts.get("manifest", "<manifest/>"))
    package.add("content.xml", ods_content() if content is None else content)
    return package.finish()


# Excel 97 to 2003


def record(kind, data=b""):
    return kind.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data


def words(*numbers):
    return b"".join(n.to_bytes(2, "little") for n in numbers)


def text8(text):
    return words(len(text)) + b"\1" + text.encode("utf-16-le")


def xls_cells():
    """The records of the sound sheet, texts in the cells themselves."""
    for column, label in enumerate(LABELS):
        yield record(0x0204, words(0, column, 0) + text8(label))
    for n, row in enumerate(rows(), 1):
        for column, text in enumerate(row[:5]):
            yield record(0x0204, words(n, column, 0) + text8(text))
        yield record(0x0203, words(n, 5, 0) + struct.pack("<d", row[5] / 100))


BOF = record(0x0809, words(0x0600, 5, 0, 0))
EOF = record(0x000A)


def xls_stream(sheet=None, before=b"", sheets=1):
    """The stream of a workbook; `before` are records of the workbook, and each of `sheets` begins at the same place."""
    sheet = b"".join(xls_cells()) if sheet is None else sheet

    def bound(offset):
        return record(0x0085, offset.to_bytes(4, "little") + b"\0\0" + b"\2\0E1")

    offset = len(BOF) + len(before) + sheets * len(bound(0)) + len(EOF)
    return BOF + before + sheets * bound(offset) + EOF + BOF + sheet + EOF


def xls(sheet=None, before=b"", sheets=1):
    return compound({"Workbook": xls_stream(sheet, before, sheets)})


def every():
    """Ending and bytes of the sound list in every format."""
    return {
        "csv": csv(),
        "json": json_list(),
        "ndjson": ndjson(),
        "html": html(),
        "xlsx": xlsx(),
        "ods": ods(),
        "xls": xls(),
    }
