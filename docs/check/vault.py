"""A person's vault, the token of a locked session, and the recovery phrase."""

import base64

import hpke
from canon import encode
from primitives import ZERO_HASH, check_ext, check_header, derive, hash_of, labelled, open_token, public_of, require

MAX_VAULT = 256 << 10
EXT_KEYS = 2


def open_vault(grammar, body, account, number, prev, export, pepper):
    """The content of a stored version, as the password's export key and the pepper open it."""
    require(len(body) <= MAX_VAULT, "format: too long")
    v = grammar.read("vault", body)
    check_header(v, "vault")
    check_ext(v.ext)
    require((v.account, v.number, v.prev) == (account, number, prev), "moved")
    require(v.clear.pepper == hash_of("hash/pepper", pepper), "another pepper")

    wrapping = derive("vault", export + pepper, grammar.write("wrap-context", v.org, account, v.clear.pepper))
    plain, _ = open_token(v.clear.wrapped, wrapping)
    return open_body(grammar, v, plain, account, number, prev)


def open_body(grammar, v, plain, account, number, prev):
    """The content of a version whose key was unwrapped, by either wrap."""
    wrapped = grammar.read("vault-key", plain)
    check_header(wrapped, "vault/key", v.org)
    require((v.account, v.number, v.prev, wrapped.account, wrapped.pepper) == (account, number, prev, account, v.clear.pepper), "moved")

    key = derive("vault/body", wrapped.key, grammar.write("vault-body-context", [v.org, account], number))
    plain, _ = open_token(v.body, key)
    b = grammar.read("vault-body", plain)
    check_header(b, "vault/body", v.org)
    check_ext(b.ext, EXT_KEYS)
    require((b.account, b.number, b.prev) == (account, number, prev), "moved")
    clear = [getattr(v.clear, name.replace("-", "_")) for name in grammar.fields("vault-clear")]
    require(b.clear == hash_of("hash/vault-clear", encode(clear), encode(v.ext)), "outside and inside differ")
    _sorted([room.room for room in b.rooms])
    _sorted([invite.code for invite in b.invites])
    require(len(b.signing) == 32 and b.boxes and all(len(seed) == 32 for seed in b.boxes), "format: keys")
    b.recovery_sign, b.key, b.wraps = v.clear.recovery_sign, wrapped.key, clear
    b.desks, b.next = _keys_to_come(grammar, b.ext)
    return b


def open_by_phrase(grammar, body, account, number, prev, phrase):
    """The content of a stored version, as the recovery phrase opens it."""
    v = grammar.read("vault", body)
    check_header(v, "vault")
    check_ext(v.ext)
    person = grammar.write("person", v.org, account)
    require(v.clear.recovery_sign == public_of(derive("recovery/sign", phrase, person)), "another phrase")
    plain = hpke.open_sealed(derive("recovery/box", phrase, person), labelled("vault/key", person), v.clear.recovery_box)
    return open_body(grammar, v, plain, account, number, prev)


def _keys_to_come(grammar, ext):
    """The desks that have seen the present keys, and the keys that are to come after them, if any."""
    if EXT_KEYS not in ext:
        return [], None
    keys = grammar.read("vault-keys", encode(ext[EXT_KEYS]))
    _sorted(keys.desks)
    require(len(keys.next) <= 1, "format: keys to come")
    for come in keys.next:
        _sorted(come.desks)
        require(len(come.signing) == 32 and len(come.box) == 32 and 0 < len(come.bundle) <= 12 << 10, "format: keys to come")
    return keys.desks, keys.next[0] if keys.next else None


def _sorted(keys):
    require(all(a < b for a, b in zip(keys, keys[1:])), "format: order")


def vault_hash(body):
    """What the next version names as the one before."""
    return hash_of("vault", body)


def open_lock(grammar, token, key, org, account, session):
    """The export key that a locked session's token holds."""
    require(key != ZERO_HASH, "key")
    plain, _ = open_token(token, derive("lock", key, grammar.write("lock-place", org, account, session)))
    lock = grammar.read("lock", plain)
    check_header(lock, "lock", org)
    check_ext(lock.ext)
    require((lock.account, lock.session) == (account, session) and lock.export != b"", "moved")
    return lock.export


def read_base32(text):
    """What people type: base32 in small letters, with case, spaces and dashes of no account."""
    letters = text.upper().translate({ord(c): None for c in " -\t\r\n\u00a0"})
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raw = b""
    return raw


def phrase_bytes(raw):
    """The 16 bytes of a phrase that was typed."""
    require(len(raw) == 20 and hash_of("hash/phrase", raw[:16])[:4] == raw[16:], "mistyped")
    return raw[:16]


def recovery_signing_key(grammar, phrase, org, account):
    """The public half of the key that signs a recovery."""
    return public_of(derive("recovery/sign", phrase, grammar.write("person", org, account)))
