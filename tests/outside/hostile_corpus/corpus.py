"""Where files are written and what is noted of each."""

import random

REFUSED = "refused"
LOADED = "loaded_with_findings"
EITHER = "either"


class Corpus:
    def __init__(self, out, seed, places, base):
        self.out, self.seed, self.places, self.base = out, seed, places, base
        self.manifest = []
        self.family = None
        self.folder = None

    def begin(self, family):
        self.family = family
        self.folder = self.out / family
        self.folder.mkdir(parents=True, exist_ok=True)

    def random(self, topic):
        """Chance of its own for each topic, so that adding a file changes no other."""
        return random.Random(f"{self.seed} {self.family} {topic}")

    def add(self, name, wrong, answer, content, rows=None):
        """`content` is bytes or pieces of bytes; large files are given in pieces."""
        with (self.folder / name).open("wb") as file:
            for piece in [content] if isinstance(content, bytes) else content:
                file.write(piece)
        entry = {"file": f"{self.family}/{name}", "family": self.family, "wrong": wrong, "answer": answer}
        if rows is not None:
            entry["rows"] = rows
        self.manifest.append(entry)
