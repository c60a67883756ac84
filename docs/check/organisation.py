"""The directory: a chain of signed statements, applied in order. A statement that is refused changes nothing.

Left out: PRECIS, which Python's library does not have, so a name is compared and not mapped; and a box key is checked for its length and id, not
whether it encapsulates.
"""

import re
from types import SimpleNamespace

from canon import Refused
from primitives import ZERO_HASH, ZERO_ID, check_ext, check_header, check_signing_key, hash_of, require, verify

MAX_STATEMENT = 16 << 10


class History:
    """What was said of one thing, and by which statement."""

    def __init__(self):
        self._said = []

    def say(self, seq, value):
        self._said.append((seq, value))

    def at(self, seq):
        return next((value for when, value in reversed(self._said) if when <= seq), None)

    def now(self):
        return self._said[-1][1] if self._said else None

    def backwards(self):
        return [value for _, value in reversed(self._said)]


class Directory:
    def __init__(self, grammar):
        self.grammar = grammar
        self.org, self.root, self.newer = None, None, False
        self.heads, self.taken = [], set()
        self.people, self.admins, self.desks, self.peppers = {}, {}, {}, []
        self.witnessed = None

    @property
    def head(self):
        return self.heads[-1] if self.heads else ZERO_HASH

    def apply(self, signed):
        self.check(signed)()
        self.heads.append(hash_of("hash/statement", signed))

    def check(self, signed):
        """Judges a statement; what is returned carries it out."""
        s, envelope = parse_statement(self.grammar, signed)
        require(s.room == ZERO_ID and s.dir == ZERO_HASH and s.state == ZERO_HASH, "format: not the directory's")
        if not self.heads:
            return self._found(s, envelope, signed)
        require(s.org == self.org, "org")
        require(s.prev == self.head and s.seq == len(self.heads), "prev")
        verify(s.type, self._author(s.author), envelope.signature, envelope.payload)
        require(s.type != "dir/found", "prev")
        rule = {"dir/identity": self._identity, "dir/desk": self._desk, "dir/role": self._role, "dir/revoke": self._revoke, "dir/pepper": self._pepper,
                "dir/audit": self._audit}.get(s.type)
        if rule is None or any(key % 2 == 0 for key in s.ext):
            return lambda: setattr(self, "newer", True)
        try:
            return rule(s, hash_of("hash/statement", signed))
        except Refused:
            if self.newer:  # it may rest on one that was not understood
                return lambda: None
            raise

    def _author(self, account):
        if account == ZERO_ID:
            return self.root
        require(self.is_admin(account), "not allowed")
        return self.people[account].now().signing

    def _found(self, s, envelope, signed):
        require(s.type == "dir/found" and s.seq == 0 and (s.prev, s.org, s.author) == (ZERO_HASH, ZERO_HASH, ZERO_ID), "prev")
        body = self.grammar.shape("found", s.body)
        verify(s.type, body.root, envelope.signature, envelope.payload)
        check_ext(s.ext)

        def commit():
            self.org, self.root = hash_of("hash/statement", signed), body.root

        return commit

    def _identity(self, s, head):
        b = self.grammar.shape("identity", s.body)
        require(s.author != ZERO_ID or self._root_may_enrol(b.account), "not allowed")
        require(b.account != ZERO_ID and is_name(b.name), "format: name or account")
        old = self._now(self.people, b.account)
        require(old is None or not old.revoked, "revoked")
        require((b.serial, b.prev) == ((old.serial + 1, old.hash) if old else (1, ZERO_HASH)), "prev")
        require(all(p.account == b.account or p.name != b.name for p in self.active_people()), "taken")
        keys = self._person_keys(b)
        owned = self.grammar.write("person-keys", s.org, b.account, b.name, b.signing, [[k.id, k.key] for k in b.boxes])
        verify("identity/proof", b.signing, b.proof, owned)
        followed = b.succession != b""
        if followed:
            require(old is not None, "signature")
            verify("identity/succession", old.signing, b.succession, owned)
        require(old is None or followed or b.name == old.name, "taken")
        falls = self._now(self.admins, b.account) and not followed and s.author != ZERO_ID
        person = SimpleNamespace(account=b.account, name=b.name, signing=b.signing, boxes=b.boxes, serial=b.serial, prev=b.prev, hash=head,
                                 followed=followed, revoked=False)

        def commit():
            self.taken |= keys
            self._say(self.people, b.account, s.seq, person)
            if falls:
                self._say(self.admins, b.account, s.seq, False)

        return commit

    def _person_keys(self, b):
        check_signing_key(b.signing)
        require(1 <= len(b.boxes) <= 4, "format: box keys")
        keys = [hash_of("hash/root", b.signing)]
        for k in b.boxes:
            require(len(k.key) == 1216 and k.id == hash_of("hash/box-key", k.key), "key")
            keys.append(k.id)
        require(len(set(keys)) == len(keys) and not self.taken & set(keys), "taken")
        return set(keys)

    def _root_may_enrol(self, account):
        return self._now(self.admins, account) or not any(self.is_admin(a) for a in self.admins)

    def _desk(self, s, head):
        b = self.grammar.shape("desk", s.body)
        require(s.author != ZERO_ID or all(d.now().revoked for d in self.desks.values()), "not allowed")
        require(b.desk != ZERO_ID and b.tls_key != ZERO_HASH and len(b.cameras) <= 8 and 0 < len(b.name.encode()) <= 64, "format: desk")
        check_signing_key(b.device)
        keys = {hash_of("hash/root", b.device), b.tls_key}
        require(b.desk not in self.desks and not self.taken & keys, "taken")
        desk = SimpleNamespace(id=b.desk, name=b.name, device=b.device, revoked=False)

        def commit():
            self.taken |= keys
            self._say(self.desks, b.desk, s.seq, desk)

        return commit

    def _role(self, s, head):
        b = self.grammar.shape("role", s.body)
        person = self._now(self.people, b.account)
        known = person is not None and not person.revoked or person is None and s.author == ZERO_ID
        require(b.account != ZERO_ID and known, "unknown")
        return lambda: self._say(self.admins, b.account, s.seq, b.admin)

    def _revoke(self, s, head):
        b = self.grammar.shape("revoke", s.body)
        require((b.account == ZERO_ID) != (b.desk == ZERO_ID), "format: an account or a desk")
        table, key = (self.desks, b.desk) if b.account == ZERO_ID else (self.people, b.account)
        was = self._now(table, key)
        require(was is not None and not was.revoked, "unknown")
        return lambda: self._say(table, key, s.seq, SimpleNamespace(**{**vars(was), "revoked": True}))

    def _pepper(self, s, head):
        b = self.grammar.shape("pepper", s.body)
        require(b.pepper != ZERO_HASH and b.prev != ZERO_HASH, "format: pepper")
        require(not self.peppers or self.peppers[-1] == b.prev, "prev")
        require(b.pepper != b.prev and b.pepper not in self.peppers, "taken")
        return lambda: self.peppers.extend([b.pepper] if self.peppers else [b.prev, b.pepper])

    def _audit(self, s, head):
        b = self.grammar.shape("audit", s.body)
        require(s.author != ZERO_ID, "not allowed")
        require(0 < b.size <= 1 << 40 and b.server != ZERO_HASH, "format: no head of a server's log")
        was = self.witnessed
        if was is not None and was.server == b.server:
            require(b.size > was.size or b.size == was.size and b.root == was.root, "prev")
        return lambda: setattr(self, "witnessed", b)

    @staticmethod
    def _now(table, key):
        return table[key].now() if key in table else None

    @staticmethod
    def _say(table, key, seq, value):
        table.setdefault(key, History()).say(seq, value)

    def is_admin(self, account):
        person = self._now(self.people, account)
        return bool(person and not person.revoked and self._now(self.admins, account))

    def active_people(self):
        return [p for p in (h.now() for h in self.people.values()) if not p.revoked]

    def active_desks(self):
        return [d for d in (h.now() for h in self.desks.values()) if not d.revoked]

    def seq_of(self, head):
        require(head in self.heads, "unknown directory head")
        return self.heads.index(head)

    def person_at(self, seq, account):
        """Who an account was under the head of a place in the chain."""
        person = self.people[account].at(seq) if account in self.people else None
        require(person is not None and not person.revoked, "unknown or revoked")
        return person

    def desk_at(self, seq, desk):
        found = self.desks[desk].at(seq) if desk in self.desks else None
        require(found is not None and not found.revoked, "unknown or revoked")
        return found

    def outlived(self, person, seq):
        """Whether other keys came after a person's by a place in the chain, and a desk was revoked between."""
        said = self.people[person.account]._said
        listed = next(when for when, value in said if value.hash == person.hash)
        after = next((when for when, value in said if value.serial > person.serial and when <= seq), None)
        if after is None:
            return False
        return any(value.revoked and listed < when < after for desk in self.desks.values() for when, value in desk._said)

    def follows(self, person, identity):
        """Whether a person is who an identity statement named, or came after it by keys that each signed the next."""
        wanted = person.hash
        for said in self.people[person.account].backwards():
            if said.revoked or said.hash != wanted:
                continue
            if said.hash == identity:
                return True
            if not said.followed:
                return False
            wanted = said.prev
        return False


def is_name(name):
    return 2 <= len(name) <= 32 and len(name.encode()) <= 64 and name == name.lower() and not re.search(r"\s", name)


def parse_statement(grammar, signed):
    require(len(signed) <= MAX_STATEMENT, "format: too long")
    envelope = grammar.read("envelope", signed)
    s = grammar.read("statement", envelope.payload)
    require(s.version == 1 and s.suite == 1, "newer")
    kind = "dir/" if s.room == ZERO_ID else "room/"
    require(re.fullmatch(kind + "[a-z]{1,24}", s.type), "format: type")
    return s, envelope


def open_signed(grammar, label, signed, key, rule):
    """A signed structure that is no statement."""
    envelope = grammar.read("envelope", signed)
    verify(label, key, envelope.signature, envelope.payload)
    payload = grammar.read(rule, envelope.payload)
    check_header(payload, label)
    return payload
