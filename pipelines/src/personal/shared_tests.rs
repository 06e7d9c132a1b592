//! The shared lists and pages, read at run time; nothing of them is kept here.

#[test]
fn dump() {
    let Ok(path) = std::env::var("DUMP_IN") else { return };
    let mut out = String::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let (list, name) = line.split_once('\t').unwrap();
        let name = name.replace("\\n", "\n");
        out += &format!("{list}\t{:?}\t{}\t{:?}\t{}\n", super::super::is_natural_person(&name), name.replace('\n', " "), crate::organisation::kind(&name), crate::organisation::normal_form(&name));
    }
    std::fs::write("/tmp/w/dump.tsv", out).unwrap();
}
#[test]
fn dump_scrub() {
    let Ok(path) = std::env::var("DUMP_TEXT") else { return };
    let (mut out, mut traced, mut n) = (String::new(), 0, 0);
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines() {
        let line = line.replace("\\n", "\n");
        n += 1;
        let r = super::super::scrub_detailed(&line);
        if r.removed.any() { traced += 1; out += &format!("{:?}\nIN  {line}\nOUT {}\n\n", r.removed, r.text); }
    }
    std::fs::write("/tmp/w/scrub.txt", out).unwrap();
    eprintln!("{traced} of {n}");
}
