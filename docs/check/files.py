"""Files: a manifest, which is the content of a message, and chunks, each a token of its own."""

import hashlib
import re

from canon import Refused
from primitives import check_ext, check_header, derive, hash_of, labelled, open_token, require

MAX_CHUNK, MAX_CHUNKS, MAX_SIZE = 256 << 10, 16384, 4 << 30
MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


def read_manifest(grammar, content):
    """A manifest, with how many chunks it means."""
    m = grammar.read("file-manifest", content)
    require(m.version == 1, "newer")
    check_ext(m.ext)
    require(any(m.file) and any(m.key), "manifest")
    require(m.size <= MAX_SIZE and 1 <= m.chunk <= MAX_CHUNK, "manifest")
    m.chunks = max(1, -(-m.size // m.chunk))
    require(m.chunks <= MAX_CHUNKS, "manifest")
    require(0 < len(m.name.encode()) <= 255 and m.name.isprintable() and m.name == m.name.strip() and m.name.strip("."), "manifest")
    require(not set('/\\:*?"<>|') & set(m.name) and MEDIA.fullmatch(m.media), "manifest")
    return m


def open_file(grammar, org, content, tokens):
    """What the chunks hold, when they are all there and the manifest's."""
    m = read_manifest(grammar, content)
    key = derive("key/file", m.key, grammar.write("file-context", org, m.file))
    whole, data = hashlib.sha256(labelled("hash/file", b"")), b""
    for index, token in enumerate(tokens):
        require(index < m.chunks, "long")
        data += open_chunk(grammar, org, m, key, index, token)
        whole.update(hash_of("file/chunk", token))
    require(len(tokens) == m.chunks, "cut")
    require(whole.digest() == m.hash, "hash")
    return data


def open_chunk(grammar, org, m, key, index, token):
    require(len(token) <= MAX_CHUNK + 256, "length")
    try:
        plain, _ = open_token(token, key)
    except Refused:
        raise Refused("token") from None
    c = grammar.read("file-chunk", plain)
    check_header(c, "file/chunk")
    check_ext(c.ext)
    require((c.org, c.file, c.total, c.size) == (org, m.file, m.chunks, m.size), "moved")
    require(c.index == index, "order")
    require(len(c.data) == (m.chunk if index + 1 < m.chunks else m.size - index * m.chunk), "length")
    return c.data
