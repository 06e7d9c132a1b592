"""Sound files cut off and changed at seeded places."""

from . import sound
from .corpus import EITHER


def bases(corpus):
    """Ending and bytes of the files to damage."""
    made = sound.every()
    for ending, content in made.items():
        given = sorted(corpus.base.glob(f"*.{ending}")) if corpus.base else []
        yield ending, given[0].read_bytes() if given else content


def truncate(corpus):
    for ending, whole in bases(corpus):
        chance = corpus.random(ending)
        for n in range(corpus.places):
            at = chance.randrange(1, len(whole))
            corpus.add(f"{n:03}.{ending}", f"ends at byte {at} of {len(whole)}", EITHER, whole[:at])


def change(corpus):
    """One to eight bits, bytes or stretches, so that both small and large damage occurs."""
    for ending, whole in bases(corpus):
        chance = corpus.random(ending)
        for n in range(corpus.places):
            content, said = bytearray(whole), []
            for _ in range(chance.choice([1, 1, 1, 2, 8])):
                at = chance.randrange(len(content))
                how = chance.choice(["bit", "byte", "stretch"])
                if how == "bit":
                    content[at] ^= 1 << chance.randrange(8)
                elif how == "byte":
                    content[at] = chance.choice([0, 0x7F, 0x80, 0xFF, 0x22, 0x3C])
                else:
                    stretch = len(content[at : at + 64])
                    content[at : at + stretch] = chance.randbytes(stretch)
                said.append(f"{how} at {at}")
            corpus.add(f"{n:03}.{ending}", "changed: " + ", ".join(said), EITHER, bytes(content))
