"""Core deterministic CBOR (RFC 8949, 4.2.1), as far as Visavis uses it: no tags, no null, nothing of indefinite length."""

import struct

MAX_DEPTH = 12
MAX_ELEMENTS = 4096  # of an array
MAX_PAIRS = 256  # of a map


class Refused(Exception):
    """What is wrong, in a word or two. Every refusal of the check is one."""


def decode(data):
    """The one value that is encoded canonically in data, all of it."""
    value, end = _read(data, 0, 1)
    if end != len(data):
        raise Refused("format: trailing bytes")
    if encode(value) != data:
        raise Refused("format: not canonical")
    return value


def encode(value):
    """The canonical encoding of a value."""
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return _shortest(value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted((encode(k), encode(v)) for k, v in value.items())
    return _head(5, len(pairs)) + b"".join(k + v for k, v in pairs)


def _head(major, n):
    for extra, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 1 << 8 * size:
            return bytes([major << 5 | extra]) + struct.pack(form, n)
    raise Refused("format: a number of more than 64 bits")


def _shortest(value):
    for first, form in ((0xF9, ">e"), (0xFA, ">f"), (0xFB, ">d")):
        try:
            packed = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == value:
            return bytes([first]) + packed
    raise Refused("format: not a number")


def _take(data, at, n):
    if n > len(data) - at:
        raise Refused("format: cut short")
    return data[at:at + n], at + n


def _read(data, at, depth):
    if depth > MAX_DEPTH + 1:
        raise Refused("format: too deep")
    first, at = _take(data, at, 1)
    major, low = first[0] >> 5, first[0] & 31
    if major == 7:
        return _simple(data, at, low)
    n = low
    if low >= 24:
        if low > 27:
            raise Refused("format: of indefinite length")
        wide, at = _take(data, at, 1 << low - 24)
        n = int.from_bytes(wide, "big")
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        part, at = _take(data, at, n)
        try:
            return (part if major == 2 else part.decode()), at
        except UnicodeDecodeError:
            raise Refused("format: not UTF-8") from None
    if major == 6 or n > len(data) - at:
        raise Refused("format: a tag, or cut short")
    if n > (MAX_PAIRS if major == 5 else MAX_ELEMENTS):
        raise Refused("format: too many")
    return _items(data, at, n, major == 5, depth)


def _items(data, at, n, pairs, depth):
    items, table = [], {}
    for _ in range(n):
        item, at = _read(data, at, depth + 1)
        if not pairs:
            items.append(item)
            continue
        if not isinstance(item, (int, str, bytes)):
            raise Refused("format: a key")
        table[item], at = _read(data, at, depth + 1)
    return (table if pairs else items), at


def _simple(data, at, low):
    if low in (20, 21):
        return low == 21, at
    if low not in (25, 26, 27):
        raise Refused("format: null, or a value that is not used")
    size = 1 << low - 24
    part, at = _take(data, at, size)
    return struct.unpack({2: ">e", 4: ">f", 8: ">d"}[size], part)[0], at
