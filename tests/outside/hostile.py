"""Writes files that are made to hurt whoever reads them, and a manifest of what a good answer to each of them is.

    python3 hostile.py OUT_DIR [--seed N] [--places 100] [--base DIR] [--family NAME ...]

Standard library only; the same arguments give the same bytes. Every family has a folder of its own in OUT_DIR.
`manifest.json` lists for each file its family, what is wrong with it, and the good answer: "refused" (nothing of it is
loaded, and a message says why), "loaded_with_findings" (the sound rows are loaded), or "either". Where `rows` is given
and the file is loaded, it gives exactly so many operations. All content is made up.

Damage is done to small sound files made here, or to the first file of each ending in the folder that --base names.
"""

import argparse
import json
from pathlib import Path

from hostile_corpus import archives, binary, damage, delimited, disguise, encrypted, json_text, ods, pages, xlsx
from hostile_corpus.corpus import Corpus

FAMILIES = {
    "xlsx": xlsx.write,
    "ods": ods.write,
    "xls": binary.write,
    "zip": archives.write,
    "delimited": delimited.write,
    "json": json_text.write,
    "html": pages.write,
    "encrypted": encrypted.write,
    "disguise": disguise.write,
    "truncated": damage.truncate,
    "damaged": damage.change,
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path, metavar="OUT_DIR")
    arguments.add_argument("--seed", type=int, default=4)
    arguments.add_argument("--places", type=int, default=100, help="places at which each sound file is cut or changed")
    arguments.add_argument("--base", type=Path, help="folder of sound files to damage instead of made ones")
    arguments.add_argument("--family", action="append", choices=list(FAMILIES), help="only these; repeatable")
    given = arguments.parse_args()
    corpus = Corpus(given.out, given.seed, given.places, given.base)
    for family in given.family or FAMILIES:
        corpus.begin(family)
        FAMILIES[family](corpus)
    manifest = json.dumps(corpus.manifest, indent=1, ensure_ascii=False) + "\n"
    (given.out / "manifest.json").write_text(manifest, encoding="utf-8")


if __name__ == "__main__":
    main()
