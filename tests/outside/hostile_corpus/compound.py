"""Compound files (MS-CFB) with sectors of 512 bytes."""

import struct

FREE = 0xFFFFFFFF
END = 0xFFFFFFFE
TABLE = 0xFFFFFFFD


def entry(name, kind, start, length):
    units = name.encode("utf-16-le")
    data = bytearray(128)
    data[: len(units)] = units
    data[64:68] = struct.pack("<HBB", len(units) + 2, kind, 1)
    data[68:80] = struct.pack("<III", FREE, FREE, 1 if kind == 5 else FREE)
    data[116:124] = struct.pack("<II", start, length)
    return bytes(data)


def compound(streams):
    """A sound file with these streams. Short ones are filled up with zeros: small streams live elsewhere."""
    bodies = [stream.ljust(4096, b"\0") for stream in streams.values()]
    bodies = [body + bytes(-len(body) % 512) for body in bodies]
    directory_sectors = -(-(len(bodies) + 1) // 4)
    data_sectors = sum(len(body) // 512 for body in bodies)
    tables = 1
    while tables * 128 < tables + directory_sectors + data_sectors + tables // 100:
        tables += 1
    further = max(0, -(-(tables - 109) // 127))
    while tables * 128 < tables + further + directory_sectors + data_sectors:
        tables += 1
        further = max(0, -(-(tables - 109) // 127))
    # Sectors in this order: tables, further lists of tables, directory, streams.
    table = [TABLE] * tables + [0xFFFFFFFC] * further
    first_directory = len(table)
    chain(table, directory_sectors)
    directory = [entry("Root Entry", 5, END, 0)]
    for name, body in zip(streams, bodies):
        directory.append(entry(name, 2, len(table), len(body)))
        chain(table, len(body) // 512)
    table += [FREE] * (tables * 128 - len(table))
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[24:34] = struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header[44:52] = struct.pack("<II", tables, first_directory)
    header[56:76] = struct.pack("<IIIII", 4096, END, 0, tables if further else END, further)
    header[76:512] = struct.pack("<109I", *[i if i < tables else FREE for i in range(109)])
    lists = b""
    for i in range(further):
        ids = [109 + 127 * i + n for n in range(127)]
        after = tables + i + 1 if i + 1 < further else END
        lists += struct.pack("<128I", *[n if n < tables else FREE for n in ids], after)
    directory = b"".join(directory).ljust(512 * directory_sectors, b"\0")
    return bytes(header) + struct.pack(f"<{len(table)}I", *table) + lists + directory + b"".join(bodies)


def chain(table, sectors):
    first = len(table)
    table += [first + i + 1 for i in range(sectors - 1)] + [END]


def with_number(file, at, number):
    """The file with another number of four bytes at a place."""
    return file[:at] + struct.pack("<I", number) + file[at + 4 :]
