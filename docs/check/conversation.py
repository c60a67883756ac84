"""A room's log: statements, generations and messages in one order. It is read as a member reads it who has the generations' secrets;
how he takes them out of his boxes stands in talk.py.

Left out: what only warns (gaps between streams, clocks that are off, an older vault), the expiry of what is old, and rooms that need a newer desk.
"""

from canon import Refused
from organisation import parse_statement
from primitives import ZERO_HASH, ZERO_ID, check_ext, check_header, derive, hash_of, open_token, require, verify

STATEMENT, GENERATION, MESSAGE, EXPIRED = 1, 2, 3, 4
ALL = 3  # the history policy under which a generation carries the secret before it
MEMBER, OWNER = 1, 2
PEER = 2  # in the ext of a room/create
MAX_MEMBERS, MAX_ENDS, MAX_COUNTER, MAX_SIBLINGS = 2000, 64, 1 << 48, 16
PADDED = (511, 703, 1471, 4543)


def unpad(padded):
    """What stands before 0x80 and zeros, in the shortest length that holds it."""
    signed = padded.rstrip(b"\0")
    require(signed[-1:] == b"\x80", "padding")
    signed = signed[:-1]
    require(next((n for n in PADDED if len(signed) < n), None) == len(padded), "padding")
    return signed


class Room:
    def __init__(self, grammar, directory, room, secrets):
        self.grammar, self.directory, self.id, self.secrets = grammar, directory, room, secrets
        self.head, self.seq, self.dir_seq = ZERO_HASH, 0, 0
        self.policy, self.members, self.invited, self.pair = None, {}, {}, None
        self.generations, self.current, self.siblings = {}, None, 0
        self.streams, self.ids, self.seen = {}, {}, set()

    def apply(self, entry):
        """What an entry comes to: a message, or nothing to show. The room's log goes on after a refused one."""
        try:
            result, commit = self.check(entry)
            commit()
            return result
        finally:
            self.seen.add(self.left(entry).entry if entry.kind == EXPIRED else hash_of("hash/entry", self.grammar.write(
                "entry-context", self.id, entry.seq, entry.kind, entry.author, entry.message, entry.body)))

    def check(self, entry):
        """Judges an entry and changes nothing: the message, if it is one, and what carries the entry out."""
        rule = {STATEMENT: self._statement, GENERATION: self._generation, MESSAGE: self._message, EXPIRED: self._expired}.get(entry.kind)
        require(rule is not None, "newer")
        return rule(entry)

    # Statements.

    def _statement(self, entry):
        s, envelope = parse_statement(self.grammar, entry.body)
        require(s.room == self.id and s.author == entry.author, "moved")
        require(s.org == self.directory.org, "org")
        require(s.prev == self.head and s.seq == self.seq, "prev")
        author, dir_seq = self._author(s.author, s.dir)
        verify(s.type, author.signing, envelope.signature, envelope.payload)
        check_ext(s.ext, *((PEER,) if s.type == "room/create" else ()))
        me = self.members.get(s.author)
        require(self.seq == 0 or me or s.author in self.invited, "not a member")
        require(not me or self.directory.follows(author, me[0]), "identity")
        require((s.type == "room/create") == (self.seq == 0), "prev")
        after = Roster(self.policy, dict(self.members), dict(self.invited), self.pair)
        getattr(self, "_" + s.type.replace("room/", "on_"), self._on_unknown)(after, s, author, me[1] if me else 0)
        require(after.hash(self.grammar, self.directory.org, self.id) == s.state, "state")

        def commit():
            self.head, self.seq, self.dir_seq = hash_of("hash/statement", entry.body), self.seq + 1, dir_seq
            self.policy, self.members, self.invited, self.pair = after.policy, after.members, after.invited, after.pair

        return None, commit

    def _author(self, account, head):
        seq = self.directory.seq_of(head)
        require(seq >= self.dir_seq, "outdated directory head")
        return self.directory.person_at(seq, account), seq

    def _on_unknown(self, after, s, author, role):
        raise Refused("newer")

    def _on_create(self, after, s, author, role):
        b = self.grammar.shape("create", s.body)
        require(b.identity == author.hash, "identity")
        after.policy = checked_policy(b.policy)
        after.members[s.author] = (author.hash, OWNER)
        if PEER in s.ext:
            peer = self.grammar.shape("peer", s.ext[PEER])
            person = self.directory.person_at(self.directory.seq_of(s.dir), peer.account)
            require(peer.account != s.author and person.hash == peer.identity, "identity")
            after.invited[peer.account] = (peer.identity, OWNER)
            after.pair = {s.author, peer.account}

    def _on_invite(self, after, s, author, role):
        b = self.grammar.shape("room-invite", s.body)
        require(role and role >= after.policy.invite and 1 <= b.role <= role, "not allowed")
        require(after.pair is None or b.account in after.pair, "not allowed")
        person = self.directory.person_at(self.directory.seq_of(s.dir), b.account)
        member = after.members.get(b.account)
        require(member is None or not self.directory.follows(person, member[0]), "taken")
        require(after.invited.get(b.account, (None,))[0] != b.identity, "taken")
        require(person.hash == b.identity, "identity")
        after.members.pop(b.account, None)
        after.invited[b.account] = (b.identity, b.role)
        require(len(after.members) + len(after.invited) <= MAX_MEMBERS, "full")

    def _on_join(self, after, s, author, role):
        b = self.grammar.shape("join", s.body)
        require(s.author in after.invited, "not allowed")
        identity, role = after.invited.pop(s.author)
        require(b.identity == author.hash and self.directory.follows(author, identity), "identity")
        after.members[s.author] = (author.hash, role)

    def _on_leave(self, after, s, author, role):
        after.drop(s.author, self.grammar.shape("leave", s.body).ends)

    def _on_remove(self, after, s, author, role):
        b = self.grammar.shape("remove", s.body)
        require(role == OWNER and b.account != s.author, "not allowed")
        after.drop(b.account, b.ends)

    def _on_role(self, after, s, author, role):
        b = self.grammar.shape("room-role", s.body)
        require(b.account in after.members, "unknown")
        require(role == OWNER and b.role in (MEMBER, OWNER), "not allowed")
        after.members[b.account] = (after.members[b.account][0], b.role)

    def _on_policy(self, after, s, author, role):
        b = self.grammar.shape("set-policy", s.body)
        require(role == OWNER, "not allowed")
        after.policy = checked_policy(b.policy)

    # Generations.

    def _generation(self, entry):
        require(len(entry.body) <= 1024, "format: too long")
        envelope = self.grammar.read("envelope", entry.body)
        g = self.grammar.read("generation", envelope.payload)
        check_header(g, "generation", self.directory.org)
        check_ext(g.ext)
        require(g.maker != ZERO_ID and g.stream != ZERO_ID and g.commitment != ZERO_HASH and len(g.past) in (0, 201), "format: generation")
        require(g.room == self.id and g.maker == entry.author, "moved")
        require(g.maker in self.members, "not a member")
        maker, dir_seq = self._author(g.maker, g.dir)
        require(self.directory.follows(maker, self.members[g.maker][0]), "identity")
        verify("generation", maker.signing, envelope.signature, envelope.payload)
        g.hash = hash_of("generation", entry.body)
        current = self._place(g)
        g.policy = self.policy
        before = self.generations.get(g.prev)
        require(not g.past or before and before.policy.history == ALL == g.policy.history, "a past that the policy does not give")

        def commit():
            self.generations[g.hash] = g
            if g.hash in self.secrets and not self.commits(g, self.secrets[g.hash]):
                del self.secrets[g.hash]
            self._recall(g)
            self.siblings += 1
            if current:
                self.current, self.siblings, self.dir_seq = g, 0, dir_seq

        return None, commit

    def commits(self, g, secret):
        """Whether a generation is one of this secret; another opens nothing."""
        return derive("gen/commit", secret, self.grammar.write("commit-context", g.room, g.number)) == g.commitment

    def _recall(self, g):
        """Takes the secrets that a generation's past leads back to."""
        while g.past and g.hash in self.secrets:
            key = derive("gen/past", self.secrets[g.hash], self.grammar.write("past-context", self.directory.org, self.id, g.number, g.prev))
            before, (plain, _) = self.generations[g.prev], open_token(g.past, key)
            body = self.grammar.read("past", plain)
            check_header(body, "gen/past", self.directory.org)
            require(body.room == self.id and body.generation == g.prev, "past: moved")
            if not self.commits(before, body.secret):
                return
            self.secrets[before.hash] = body.secret
            g = before

    def _place(self, g):
        require(g.roster == self.head, "outdated roster")
        now = self.current
        if (g.prev, g.number) == ((now.hash, now.number + 1) if now else (ZERO_HASH, 1)):
            return True
        beside = now and (g.prev, g.number, g.roster, g.dir) == (now.prev, now.number, now.roster, now.dir)
        require(beside and self.siblings < MAX_SIBLINGS and g.hash not in self.generations, "prev")
        return False

    # Messages.

    def left(self, entry):
        x = self.grammar.read("expired-entry", entry.body)
        require(x.version == 1, "newer")
        return x

    def _expired(self, entry):
        """What a server leaves of a message whose time is over."""
        x = self.left(entry)
        require(entry.author in self.members, "not a member")
        require(x.generation in self.generations, "unknown generation")
        self.speaker(self.directory.seq_of(self.generations[x.generation].dir), entry.author)
        require(self.generations[x.generation].policy.max_age, "messages of this generation stay")
        return None, lambda: self.ids.setdefault((entry.author, entry.message))

    def _message(self, entry):
        m = self.open(entry)
        commit = self._follow(entry, m)
        m.hidden = None
        try:
            self._show(m)
        except Refused as reason:
            m.hidden = str(reason)
        return m, commit

    @staticmethod
    def _show(m):
        """Judges what keeps a message from being shown, and not from its place in the stream."""
        check_ext(m.body.ext)
        require(m.body.kind in (1, 2), "newer")
        try:
            m.text = m.body.content.decode()
        except UnicodeDecodeError:
            raise Refused("format: not UTF-8") from None

    def open(self, entry):
        """Takes the layers off: token, padding, signature, and everything that says where the message belongs."""
        require(len(entry.body) <= 8192, "format: too long")
        m = self.grammar.read("message-entry", entry.body)
        require(m.version == 1, "newer")
        require(entry.author in self.members, "not a member")
        self.directory.person_at(self.dir_seq, entry.author)
        require(m.generation in self.generations, "unknown generation")
        g = self.generations[m.generation]
        self.speaker(self.directory.seq_of(g.dir), entry.author)
        require(g.hash in self.secrets, "no key")
        key = derive("key/message", self.secrets[g.hash], self.grammar.write("message-context", self.directory.org, self.id, g.hash))
        padded, at = open_token(m.token, key)
        m.signed = unpad(padded)
        envelope = self.grammar.read("envelope", m.signed)
        m.body = b = self.grammar.read("message", envelope.payload)
        check_header(b, "message", self.directory.org)
        require((b.room, b.generation, b.account, b.id) == (self.id, g.hash, entry.author, entry.message), "moved")
        m.dir_seq = self.directory.seq_of(b.dir)
        require(m.dir_seq >= self.directory.seq_of(g.dir), "outdated directory head")
        author = self.speaker(m.dir_seq, b.account)
        verify("message", author.signing, envelope.signature, envelope.payload)
        require(at == b.time // 1000, "time")
        m.fork = b.seen not in self.seen  # it counts all the same, and is shown
        m.hash = hash_of("message", m.signed)
        return m

    def speaker(self, seq, account):
        """Who a member was under the directory head of a place, if that still speaks for him."""
        person = self.directory.person_at(seq, account)
        require(not self.directory.outlived(person, self.dir_seq), "not the identity that was admitted")
        require(self.directory.follows(person, self.members[account][0]), "identity")
        return person

    def _follow(self, entry, m):
        """Gives a message its place in its stream."""
        b = m.body
        key = (b.account, b.id)
        require(key not in self.ids, "replayed" if self.ids.get(key) == m.hash else "id used twice")
        first = b.counter == 0
        require(b.counter < MAX_COUNTER and len(b.opening) <= 1 and (b.opening or not first) and first == (b.prev == ZERO_HASH), "format: stream")
        stream = self.streams.get(b.stream)
        if stream is None:
            require(b.opening, "stream")
            opening = b.opening[0]
            require(len(opening.ends.last) <= MAX_ENDS, "format: ends")
            self.directory.desk_at(m.dir_seq, opening.desk)
            others = (self.streams.get(end.stream) for end in opening.ends.last)
            require(all(other is None or other["account"] == b.account for other in others), "stream")
            desk = opening.desk
        else:
            desk = stream["desk"]
            require(stream["account"] == b.account and all(o.desk == desk for o in b.opening), "stream")
            require(b.counter >= stream["next"], "order")
            require(m.dir_seq >= stream["dir_seq"], "outdated directory head")
            require(b.counter > stream["next"] or b.prev == stream["last"], "order")

        def commit():
            self.streams.pop(b.stream, None)  # the latest stands last
            self.streams[b.stream] = {"account": b.account, "desk": desk, "next": b.counter + 1, "last": m.hash, "dir_seq": m.dir_seq}
            self.ids[key] = m.hash

        return commit


def open_twice(grammar, directory, proof):
    """Two messages that somebody signed under one number, by the directory alone."""
    require(len(proof) <= 12 << 10, "format: too long")
    p = grammar.read("twice-said", proof)
    require(p.version == 1, "newer")
    require(p.first < p.second, "format: order")
    said = []
    for signed in (p.first, p.second):
        envelope = grammar.read("envelope", signed)
        body = grammar.read("message", envelope.payload)
        check_header(body, "message", directory.org)
        author = directory.person_at(directory.seq_of(body.dir), body.account)
        verify("message", author.signing, envelope.signature, envelope.payload)
        said.append(body)
    one, other = said
    require((one.room, one.account, one.stream, one.counter) == (other.room, other.account, other.stream, other.counter), "not one number")
    return said


class Roster:
    """A room's rules and people: account to (identity, role)."""

    def __init__(self, policy, members, invited, pair):
        self.policy, self.members, self.invited, self.pair = policy, members, invited, pair

    def drop(self, account, ends):
        require(account in self.members or account in self.invited, "unknown")
        require(len(ends.last) <= MAX_ENDS, "format: ends")
        self.members.pop(account, None)
        self.invited.pop(account, None)

    def hash(self, grammar, org, room):
        p = self.policy
        return hash_of("hash/room-state", grammar.write(
            "room-state", org, room, [p.history, p.invite, p.max_age, p.last], _rows(self.members), _rows(self.invited)))


def _rows(people):
    return b"".join(account + identity + bytes([role]) for account, (identity, role) in sorted(people.items()))


def checked_policy(p):
    require(p.history in (1, 2, 3) and (1 <= p.last <= 10000 if p.history == 2 else p.last == 0), "format: history")
    require(p.invite in (MEMBER, OWNER), "format: policy")
    return p
