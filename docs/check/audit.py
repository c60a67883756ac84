"""The audit log: a Merkle tree as RFC 6962 has it, over leaves that stand in docs/crypto.md."""

import hashlib

from primitives import check_header, labelled, require, verify

MAX_SIZE = 1 << 40


def leaf(grammar, seq, at, event, outcome, account, desk, detail):
    """The bytes of an event."""
    return labelled("audit/event", grammar.write("audit-event", 1, seq, at, event, outcome, account, desk, detail))


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    """RFC 6962, 2.1: the hash of a tree over leaf hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:half]), root_of(hashes[half:]))


def check_growth(old_size, old_root, size, root, proof):
    """RFC 9162, 2.1.4.2: whether a log of a size and root goes on from an earlier one."""
    require(0 < old_size < size <= MAX_SIZE, "sizes")
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    require(path, "proof")
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path.pop(0)
    for c in path:
        require(sn != 0, "proof")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    require(fr == old_root and sr == root and sn == 0, "proof")


def open_head(grammar, signed, key):
    """A signed head."""
    envelope = grammar.read("envelope", signed)
    verify("audit/head", key, envelope.signature, envelope.payload)
    h = grammar.read("audit-head", envelope.payload)
    check_header(h, "audit/head")
    require(h.size <= MAX_SIZE and (h.size == 0) == (h.root == root_of([])), "format: head")
    return h
