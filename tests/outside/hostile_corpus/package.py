"""Zip archives written by hand, so that what they say about themselves can be wrong."""

import struct
import zlib


class Repeated:
    """A part that is `head`, then `chunk` so many `times`, then `end`.

    The chunk is packed once: after a full flush the packed bytes stand for themselves and can be written again.
    """

    def __init__(self, head, chunk, times, end):
        self.head, self.chunk, self.end = (p.encode() if isinstance(p, str) else p for p in (head, chunk, end))
        self.times = times

    def after(self, more):
        """The same part with more at the end of its head."""
        return Repeated(self.head + more.encode(), self.chunk, self.times, self.end)

    def packed(self):
        """Packed bytes, checksum and length."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        head = packer.compress(self.head) + packer.flush(zlib.Z_FULL_FLUSH)
        chunk = packer.compress(self.chunk) + packer.flush(zlib.Z_FULL_FLUSH)
        end = packer.compress(self.end) + packer.flush(zlib.Z_FINISH)
        checksum = zlib.crc32(self.head)
        for _ in range(self.times):
            checksum = zlib.crc32(self.chunk, checksum)
        length = len(self.head) + len(self.chunk) * self.times + len(self.end)
        return head + chunk * self.times + end, zlib.crc32(self.end, checksum), length


def packed(content, stored):
    if isinstance(content, Repeated):
        return content.packed()
    data = content.encode() if isinstance(content, str) else content
    if stored:
        return data, zlib.crc32(data), len(data)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(), zlib.crc32(data), len(data)


class Package:
    """An archive; sizes, methods, flags and places can be claimed to be others than they are."""

    def __init__(self):
        self.body = bytearray()
        self.directory = bytearray()
        self.entries = 0

    def add(self, name, content, stored=False, size=None, method=None, flags=0, at=None):
        """Adds a part. `at` gives the place of an earlier one instead of writing it again."""
        data, checksum, length = packed(content, stored)
        method = (0 if stored else 8) if method is None else method
        length = length if size is None else size
        name = name.encode()
        common = struct.pack("<HHHHH", 20, flags | 0x0800, method, 0, 0x21)
        sizes = struct.pack("<III", checksum, len(data) & 0xFFFFFFFF, length & 0xFFFFFFFF)
        place = len(self.body) if at is None else at
        if at is None:
            self.body += b"PK\3\4" + common + sizes + struct.pack("<HH", len(name), 0) + name + data
        self.directory += b"PK\1\2" + struct.pack("<H", 20) + common + sizes
        self.directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, place) + name
        self.entries += 1
        return place

    def finish(self, entries=None, start=None, comment=b""):
        entries = min(self.entries if entries is None else entries, 0xFFFF)
        start = len(self.body) if start is None else start
        end = struct.pack("<HHHHIIH", 0, 0, entries, entries, len(self.directory), start, len(comment))
        if self.entries > 0xFFFF:
            return bytes(self.body + self.directory) + self.end64() + b"PK\5\6" + end + comment
        return bytes(self.body + self.directory) + b"PK\5\6" + end + comment

    def end64(self, entries=None):
        """The end of an archive with more than 65,535 parts, or one that says so."""
        entries = self.entries if entries is None else entries
        place = len(self.body) + len(self.directory)
        sizes = struct.pack("<QQQQ", entries, entries, len(self.directory), len(self.body))
        record = b"PK\6\6" + struct.pack("<QHHII", 44, 45, 45, 0, 0) + sizes
        return record + b"PK\6\7" + struct.pack("<IQI", 0, place, 1)
