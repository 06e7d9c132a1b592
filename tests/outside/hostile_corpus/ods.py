"""OpenDocument spreadsheets: the format in which one element can stand for a million."""

from .corpus import EITHER, LOADED, REFUSED
from .package import Repeated
from .sound import ODS_END, ODS_HEAD, ROWS, ods, ods_content, ods_number, ods_row, ods_rows, ods_text

COLUMNS = ' table:number-columns-repeated="{}"'
LINES = ' table:number-rows-repeated="{}"'


def table(chunk, times, end="", before=""):
    head = f'{ODS_HEAD}<table:table table:name="Liste">{before}' + "".join(ods_rows())
    return Repeated(head, chunk, times, f"{end}</table:table>{ODS_END}")


def write(corpus):
    repetition(corpus)
    markup(corpus)


def repetition(corpus):
    add = corpus.add
    sound = "".join(ods_rows())

    def with_row(*arguments):
        return ods(ods_content(sound + ods_row(*arguments)))

    every = COLUMNS.format(16_384), LINES.format(1_048_576)
    add("filled_sheet.ods", "repeats a value over the whole sheet", REFUSED, with_row([ods_number(1, every[0])], every[1]))
    add("empty_sheet.ods", "repeats an empty cell over the whole sheet, as programs do", LOADED,
        with_row([f"<table:table-cell{every[0]}/>"], every[1]), ROWS)
    add("long_text_repeated.ods", "repeats a row with a text of one MiB a million times", REFUSED,
        with_row([ods_text("x" * (1 << 20))], every[1]))
    add("text_repeated.ods", "repeats a row with a text of 1,000 letters a million times", EITHER,
        with_row([ods_text("x" * 1_000)], every[1]))
    add("under_the_limit.ods", "repeats a cell to 190 million cells", EITHER,
        with_row([ods_number(1, COLUMNS.format(190))], LINES.format(1_000_000)))
    row = list(ods_rows())[5].replace("<table:table-row", f"<table:table-row{LINES.format(1_000_000)}")
    add("sound_row_repeated.ods", "repeats a sound row a million times", EITHER, ods(ods_content(sound + row)))
    add("counts_beyond_32_bits.ods", "repeats rows and columns more often than 32 bits can tell", EITHER,
        with_row([ods_number(1, COLUMNS.format(99_999_999_999))], LINES.format(99_999_999_999)))
    empty = f"<table:table-cell{COLUMNS.format(4_294_967_295)}/>"
    add("column_overflow.ods", "has a value behind 4,294,967,295 empty columns", EITHER, with_row([empty, ods_number(1)]))
    rows = f"<table:table-row{LINES.format(4_294_967_295)}><table:table-cell/></table:table-row>"
    add("row_overflow.ods", "has a value behind 4,294,967,295 empty rows", EITHER,
        ods(ods_content(sound + rows + ods_row([ods_number(1)], LINES.format(2)))))
    add("blanks.ods", "has a cell of four thousand million blanks", REFUSED,
        with_row(['<table:table-cell office:value-type="string"><text:p><text:s text:c="4000000000"/></text:p></table:table-cell>']))
    add("spans.ods", "has cells that span four thousand million rows and columns", EITHER,
        ods(ods_content(sound.replace("<table:table-cell ", '<table:table-cell table:number-columns-spanned="4294967295" table:number-rows-spanned="4294967295" '))))
    columns = "".join(f'<table:table-column table:default-cell-style-name="c{n}"/>' for n in range(16_000))
    one = ods_row([ods_number(1, COLUMNS.format(1))] * 16_000)
    add("column_styles.ods", "gives 16,000 columns a style each and 800,000 cells none", EITHER,
        ods(table(one, 50, before=columns)))
    hidden = f'<table:table-column table:visibility="collapse"{COLUMNS.format(16_384)}/>' * 100_000
    add("hidden_columns.ods", "hides every column 100,000 times", EITHER, ods(ods_content(sound, hidden)), ROWS)
    piece = "<text:p>" + "lorem ipsum " * 4 + "</text:p>"
    add("paragraphs.ods", "has a cell of 400 MB in paragraphs", REFUSED,
        ods(table(piece * 1_000, 6_000, "</table:table-cell></table:table-row>",).after(
            "<table:table-row><table:table-cell office:value-type='string'>")))


def markup(corpus):
    add = corpus.add
    sound = "".join(ods_rows())
    tables = "".join(f'<table:table table:name="T{n}"><table:table-row/></table:table>' for n in range(500_000))
    add("tables.ods", "has half a million tables", EITHER,
        ods(f'{ODS_HEAD}<table:table table:name="Liste">{sound}</table:table>{tables}{ODS_END}'))
    add("nested_tables.ods", "nests 100,000 tables", EITHER,
        ods(ods_content(sound + '<table:table table:name="T">' * 100_000 + "</table:table>" * 100_000)))
    add("nested.ods", "nests 100,000 elements in a cell", EITHER,
        ods(ods_content(sound + ods_row([ods_text("<text:span>" * 100_000 + "</text:span>" * 100_000)]))))
    add("ends_before_it_begins.ods", "closes tables that were never opened", EITHER,
        ods(ods_content(sound).replace("<office:spreadsheet>", "<office:spreadsheet>" + "</table:table>" * 100_000)))
    laughs = '<!ENTITY a "lol">' + "".join(f'<!ENTITY {n} "{f"&{b};" * 10}">' for b, n in zip("abcdefghij", "bcdefghij"))
    add("laughs.ods", "has entities that grow to a thousand million letters", REFUSED,
        ods(f"<!DOCTYPE x [{laughs}]>" + ods_content(sound.replace("Musterverein 3 ", "&j;"))))
    add("entity_of_a_file.ods", "has an entity that is another file", REFUSED,
        ods('<!DOCTYPE x [<!ENTITY out SYSTEM "file:///etc/passwd">]>' + ods_content(sound.replace("Musterverein 3 ", "&out;"))))
    add("cut_in_markup.ods", "has a content that ends in a tag", REFUSED, ods(ods_content()[:3_000]))
    add("number_1e308.ods", "has the amount 1e308", EITHER,
        ods(ods_content(sound.replace('office:value="1000.5"', 'office:value="1e308"'))))
    add("date_nonsense.ods", "has a date in no calendar", EITHER,
        ods(ods_content(sound.replace('office:value-type="string"><text:p>02.02.2016',
                                      'office:value-type="date" office:date-value="99999999-99-99"><text:p>02.02.2016'))))
