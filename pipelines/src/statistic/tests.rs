//! Files of figures, as they are published and as they go wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::source::Source;

/// A file of a made source.
fn file(statistic: &str, delimiter: &str, text: &str) -> FileInput {
    let source = format!(
        "title = \"Made\"\npublisher = \"Made\"\nkind = \"statistics\"\nfiles = []\nnuts_version = \"2024\"\n\
         [format]\nkind = \"csv\"\ndelimiter = \"{delimiter}\"\n"
    );
    let texts = BTreeMap::from([
        ("source.toml".to_owned(), source),
        (FILE.to_owned(), statistic.to_owned()),
    ]);
    FileInput {
        source: Arc::new(Source::parse("made", texts).unwrap()),
        file_name: "made.csv".into(),
        sha256: "0".repeat(64),
        content: Bytes::from(text.to_owned()).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    }
}

fn read(statistic: &str, delimiter: &str, text: &str) -> Result<Figures, MapError> {
    let read = read_figures(&file(statistic, delimiter, text), &Limits::default());
    if let Ok(read) = &read {
        assert!(read.account.closes(), "{:?}", read.account);
    }
    read
}

const DIMENSIONS: &str = r#"
table = "region_statistic"
layout = "dimensions"
numbers = "1234.56"
regions = "nuts"
flags = [{ sign = "b", status = "break" }, { sign = "u", status = "ok" }]
[columns]
sex = "sex"
geo = "region"
time = "time"
[ignore]
freq = "always a year"
[constants]
statistic = "unemployment_rate"
unit = "percent"
age_group = "total"
population_group = "total"
[keep]
geo = ["DE*"]
[lookups.sex]
T = "total"
[words]
":" = "unknown"
"#;

fn tsv(text: &str) -> Result<Figures, MapError> {
    read(DIMENSIONS, "tab", text)
}

#[test]
fn the_newer_form_of_eurostat_is_read_as_well() {
    let text = "freq,sex,geo\\TIME_PERIOD\t2012 \t2013-Q1 \nA,T,DE1\t1.5 b\t: \nA,T,FR1\t1\t2\n";
    let declared = DIMENSIONS.replace("time = \"time\"", "TIME_PERIOD = \"time\"");
    let read = read(&declared, "tab", text).unwrap();
    assert_eq!(read.figures.len(), 2);
    let at = positions(esf_schemas::table("region_statistic").unwrap());
    let cells = |figure: usize, column: &str| read.figures[figure].cells[at[column]].clone();
    assert_eq!(cells(1, "period_end").as_deref(), Some("2013-03-31"));
    assert_eq!(read.figures[0].cell.value, Some(1_500_000));
    assert_eq!(read.figures[0].cell.status, Status::Break);
    assert_eq!(read.account.ignored["not_wanted"], 1);
}

#[test]
fn codes_that_nobody_declared_are_rejected_and_others_go_on() {
    let read = tsv("freq,sex,geo\\time\t2012\nA,T,DE1\t1\nA,NB,DE1\t2\n").unwrap();
    assert_eq!((read.figures.len(), read.account.quarantined), (1, 1));
    let doubt = &read.quarantine[0];
    assert_eq!(
        (doubt.rule.as_ref(), doubt.value.as_deref()),
        ("unknown_code", Some("NB"))
    );
    assert_eq!(doubt.column.as_deref(), Some("sex"));
    assert_eq!(doubt.location, "line 3");
}

#[test]
fn a_repeated_thing_counts_once_and_is_unreadable_where_its_values_differ() {
    for (first, again, unreadable) in [
        ("1", "1", 0),
        ("1", "1.0 b", 0),
        (": ", ": ", 0),
        ("1", "2", 1),
        (": ", "2", 1),
        ("1", ": ", 1),
        // What cannot be read counts by itself.
        ("1", "2,5", 1),
    ] {
        let text = format!("freq,sex,geo\\time\t2012\nA,T,DE1\t{first}\nA,T,DE1\t{again}\n");
        let read = tsv(&text).unwrap();
        assert_eq!(read.figures.len(), 1, "{text}");
        assert_eq!(read.figures[0].location, "line 2, column \"2012\"");
        assert_eq!(read.account.amounts_unreadable, unreadable, "{text}");
        let told = read.findings.last().unwrap();
        assert_eq!(told.rule, "repeated_key");
        let differs = told.message.contains("another value");
        assert_eq!(differs, unreadable > 0, "{text}: {}", told.message);
    }
}

#[test]
fn figures_that_cannot_be_right_are_kept_and_told() {
    let text = "freq,sex,geo\\time\t2012\t2013\nA,T,DE1\t100\t-0.1\nA,T,DE2\t100.1\t0\nA,T,DE3\t5.2\t: \n\
        A,T,DE4\t5.2\t3\n";
    let read = tsv(text).unwrap();
    let told: Vec<(&str, &str, Option<&str>)> = (read.findings.iter())
        .map(|doubt| {
            assert_eq!(doubt.rule, "implausible_figure");
            let column = doubt.column.as_deref().unwrap();
            (doubt.location.as_str(), column, doubt.value.as_deref())
        })
        .collect();
    let expected = [
        ("line 2", "2013", Some("-0.1")),
        ("line 3", "2012", Some("100.1")),
    ];
    assert_eq!(told, expected);
    let values = read.figures.iter().filter(|f| f.cell.value.is_some());
    assert_eq!(values.count(), 7);
    assert_eq!(read.account.amounts_unreadable, 0);
}

#[test]
fn a_file_most_of_whose_figures_in_a_column_cannot_be_right_is_refused() {
    let text = "freq,sex,geo\\time\t2012\t2013\nA,T,DE1\t5\t520\nA,T,DE2\t6\t630\nA,T,DE3\t7\t7\n";
    let error = tsv(text).unwrap_err().to_string();
    let start = "2 of the 3 figures of column \"2013\" cannot be right, for unemployment_rate in percent is 0 to 100; the first of \
                 them stands at line 2";
    assert!(error.starts_with(start), "{error}");
    // What the code list does not bind may be above 100 percent, and so may a rate of another unit.
    for (what, other) in [
        (
            "statistic = \"unemployment_rate\"",
            "statistic = \"employment_growth\"",
        ),
        ("unit = \"percent\"", "unit = \"per_mille\""),
    ] {
        let read = read(&DIMENSIONS.replace(what, other), "tab", text).unwrap();
        assert_eq!((read.figures.len(), read.findings.len()), (6, 0), "{other}");
    }
}

#[test]
fn people_in_thousands_are_no_whole_people() {
    let head = ";;;Arbeitslose;Quote\n;;;Anzahl;Prozent\n";
    let rows = "2020;DG;Deutschland;2695,444;6,5\n2020;01;Land;92,14;6,5\n2020;02;Land;70;6,5\n";
    let error = read(STACKED, ";", &format!("{head}{rows}")).unwrap_err();
    let error = error.to_string();
    let start = "2 of the 3 figures of column \"Arbeitslose / Anzahl\" cannot be right, for registered_unemployed in persons is at \
                 least 0 and a whole number";
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn files_of_another_form_are_refused_with_a_reason() {
    for (text, expected) in [
        ("a,b\n1,2\n", "no header found"),
        (
            "freq,sex,age,geo\\time\t2012\nA,T,Y,DE1\t1\n",
            "column \"age\" is not understood",
        ),
        (
            "freq,geo\\time\t2012\nA,DE1\t1\n",
            "the column \"sex\" is gone",
        ),
        (
            "freq,sex,geo\\time\tlast year\nA,T,DE1\t1\n",
            "column \"last year\" is not understood",
        ),
        (
            "freq,sex,geo\\time\t2012\nA,T,FR1\t1\n",
            "no row of the file has figures",
        ),
        (
            "freq,sex,geo\\time\t2012\t2014\nA,T,DE1\t1\t2\t3\n",
            "column 4 has figures and no label",
        ),
        (
            "freq,sex,geo\\time\t2012\t \t2014\nA,T,DE1\t1\t2\t3\n",
            "column 3 has figures and no label",
        ),
        (
            "freq,sex,geo\\time\t2012 \t2012\nA,T,DE1\t1\t2\n",
            "two columns of figures are labelled \"2012\"",
        ),
    ] {
        let error = tsv(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn figures_that_cannot_be_read_are_counted_and_words_are_not() {
    let read = tsv("freq,sex,geo\\time\t2012\t2013\t2014\t2015\nA,T,DE1\t1,5\t: \t2.5 q\t3.5\n");
    let read = read.unwrap();
    assert_eq!(read.account.amounts_unreadable, 2);
    let values: Vec<Option<i128>> = read.figures.iter().map(|f| f.cell.value).collect();
    assert_eq!(values, [None, None, None, Some(3_500_000)]);
}

#[test]
fn a_row_that_lacks_a_cell_has_no_figures() {
    let rows = "A,T,DE1\t1\t3\nA,T,DE2\t1\t\t3\nA,T,DE3\t1\t2\t: \n";
    let read = tsv(&format!("freq,sex,geo\\time\t2012\t2013\t2014\n{rows}")).unwrap();
    let short: Vec<(&str, &str)> = (read.quarantine.iter())
        .map(|doubt| (doubt.rule.as_ref(), doubt.location.as_str()))
        .collect();
    assert_eq!(short, [("row_short", "line 2")]);
    assert_eq!((read.account.loaded, read.account.quarantined), (2, 1));
    assert_eq!(read.figures.len(), 6);
}

#[test]
fn a_file_that_ends_inside_of_its_last_figures_is_told() {
    let rules = |text: &str| -> Vec<String> {
        let findings = tsv(text).unwrap().findings;
        findings
            .iter()
            .map(|doubt| doubt.rule.to_string())
            .collect()
    };
    let whole = "freq,sex,geo\\time\t2012\nA,T,DE1\t1.5\nA,T,DE2\t12.5\n";
    assert_eq!(rules(whole), Vec::<String>::new());
    assert_eq!(rules(&whole[..whole.len() - 3]), ["file_cut"]);
}

const STACKED: &str = r##"
table = "region_statistic"
layout = "columns"
header_rows = 2
numbers = "1234,56"
regions = "national"
[columns]
"#1" = "time"
"#2" = "region"
"#3" = "place"
[constants]
sex = "total"
age_group = "total"
population_group = "total"
[words]
"-" = "not_existing"
"." = "unknown"
"x" = "blocked"
[[value]]
label = "Arbeitslose / Anzahl"
statistic = "registered_unemployed"
unit = "persons"
[[value]]
label = "Quote / Prozent"
statistic = "registered_unemployment_rate"
unit = "percent"
"##;

#[test]
fn stacked_labels_preamble_and_legend_are_told_from_figures() {
    let text = "Tabelle 1\nErfunden;;;;\n;;;Arbeitslose;Quote\n;;;Anzahl;Prozent\n\
        2020;DG;Deutschland;20;6,5\n2020;01; Land;-;.\n2019;01; Land;x;0,0\n\n__________\n\
        \"Quelle: erfunden,\nmit Zeilenumbruch\"\nStand: 17.08.2021 / 19:38\n";
    let read = read(STACKED, ";", text).unwrap();
    let seen: Vec<(Option<i128>, Status)> = read
        .figures
        .iter()
        .map(|f| (f.cell.value, f.cell.status))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(20_000_000), Status::Ok),
            (Some(6_500_000), Status::Ok),
            (None, Status::NotExisting),
            (None, Status::Unknown),
            (None, Status::Blocked),
            (Some(0), Status::Ok),
        ]
    );
    assert_eq!(read.account.ignored["preamble"], 2);
    assert_eq!(read.account.ignored["legend"], 3);
    assert_eq!(read.published, Some(jiff::civil::date(2021, 8, 17)));
    assert_eq!(
        read.figures[2].location,
        "line 6, column \"Arbeitslose / Anzahl\""
    );
}

#[test]
fn a_column_more_or_less_stops_the_source() {
    let more = ";;;Arbeitslose;Quote;Neu\n;;;Anzahl;Prozent;Anzahl\n2020;DG;D;1;2;3\n";
    let error = read(STACKED, ";", more).unwrap_err().to_string();
    assert!(
        error.contains("\"Neu / Anzahl\" is not understood"),
        "{error}"
    );
    let less = ";;;Arbeitslose\n;;;Anzahl\n2020;DG;D;1\n";
    let error = read(STACKED, ";", less).unwrap_err().to_string();
    assert!(error.contains("\"Quote / Prozent\" is gone"), "{error}");
}

#[test]
fn counts_of_people_stand_in_no_doubt() {
    let declared = include_str!("../../sources/xx_participation/statistic.toml");
    let head = "operation_id,programme_id,indicator,region,sex,age_group,education,labour_status,period,n,n_known,unit_of_count,estimation\n";
    let total = "total,total,total,2016";
    let rows = [
        format!(",2014DE05SFOP003,CO01,DE1,total,{total},4711,,persons,full"),
        format!(",2014DE05SFOP003,CO01,DE1,f,{total},,,persons,full"),
        // Each of these has a fault.
        format!(",2014DE05SFOP003,CO99,DE1,total,{total},4712,,persons,full"),
        format!(",2099DE05SFOP003,CO01,DE1,total,{total},4713,,persons,full"),
        format!("x,2014DE05SFOP003,CO01,DE1,total,{total},4714,,persons,full"),
        format!(",2014DE05SFOP003,CO02,DE1,total,{total},4 715,,persons,full"),
        format!(",2014DE05SFOP003,CO03,DE1,w,{total},4716,,persons,full"),
        format!(",2014DE05SFOP003,CO04,DE1,total,{total},4717,47l8,persons,full"),
        format!(",2014DE05SFOP003,CO05,DE1,total,{total},4719,,,full"),
    ];
    let text = format!("{head}{}\n", rows.join("\n"));
    let read = read(declared, ",", &text).unwrap();
    let values: Vec<Option<i128>> = read.figures.iter().map(|f| f.cell.value).collect();
    assert_eq!(values, [Some(4711), None, None]);
    let rules: Vec<&str> = read.quarantine.iter().map(|d| d.rule.as_ref()).collect();
    assert_eq!(
        rules,
        [
            "unknown_indicator",
            "unknown_programme",
            "one_id",
            "unknown_code",
            "not_of_type",
            "missing_value"
        ]
    );
    for doubt in read.findings.iter().chain(&read.quarantine) {
        assert_eq!(doubt.value, None, "{doubt:?}");
        assert!(!doubt.message.contains("47"), "{doubt:?}");
    }
}

#[test]
fn persons_and_their_participations_are_two_counts() {
    let declared = include_str!("../../sources/xx_participation/statistic.toml");
    let head = "operation_id,programme_id,indicator,region,sex,age_group,education,labour_status,period,n,n_known,unit_of_count,estimation\n";
    let row = |n: i64, unit: &str| {
        format!(",2014DE05SFOP003,CO01,DE1,total,total,total,total,2016,{n},,{unit},full\n")
    };
    let text = [head, &row(40, "persons"), &row(41, "entries")].concat();
    let read = read(declared, ",", &text).unwrap();
    let values: Vec<Option<i128>> = read.figures.iter().map(|f| f.cell.value).collect();
    assert_eq!(values, [Some(40), Some(41)]);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
}

#[test]
fn of_files_of_people_no_cell_stands_in_a_message() {
    let participant = include_str!("../../sources/xx_participant/statistic.toml");
    let participation = include_str!("../../sources/xx_participation/statistic.toml");
    let head = "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,labour_status,disability,foreign_background,status_on_leaving,status_6_months";
    let record = ",2014DE05SFOP012,Quuxmann,DED2,2016-06-15,2016-11-15,m,59,isced_5_8,unemployed,no,no,employed,employed";
    let count = ",2014DE05SFOP003,Quuxmann,DE1,f,total,total,total,2016,2,90,persons,full";
    let twice = format!("{head},Quuxmann\n{record},x\n");
    let cut = format!("{}\n{record}\n", head.replace("sex", "Quuxmann"));
    for (declared, text) in [
        (participant, format!("{record}\n{record}\n")),
        (participation, format!("{count}\n{count}\n")),
        (participant, twice),
        (participant, cut),
        (participant, record.to_owned()),
    ] {
        let error = read(declared, ",", &text).unwrap_err().to_string();
        assert!(
            !error.contains("Quux") && !error.contains("2014DE"),
            "{error}"
        );
        assert!(
            error.contains("labels, of which ") || error.contains("\"#15\""),
            "{error}"
        );
    }
}
