"""A member's client: follows the directory and rooms, makes statements and generations, seals and opens messages.

What is in a log is judged by organisation.Directory and conversation.Room; here stands what they lack: boxes, and the making of things.
"""

import os
from types import SimpleNamespace

import hpke
from account import seal_token
from canon import Refused, encode
from conversation import ALL, GENERATION, MEMBER, MESSAGE, OWNER, PADDED, PEER, STATEMENT, Room, Roster
from desk import header, sign
from organisation import Directory
from primitives import PREFIX, ZERO_HASH, ZERO_ID, derive, hash_of, require

TEXT = 1


def follow(client, room, after, apply):
    """Has every entry up to the end of a log applied, and answers where it ends. What comes later comes as events."""
    last = client.ask("log.follow", room, after).last
    while after < last:
        after = next_entry(client, room, after, apply)
    return after


def next_entry(client, room, after, apply):
    """Waits for the next entry of a log."""
    entry = client.event("log.entry", room)
    require(entry.seq == after + 1, "log: out of order")
    apply(entry)
    return entry.seq


def _policy(fields):
    return SimpleNamespace(**dict(zip(("history", "invite", "max_age", "last"), fields)))


class Talker:
    """Somebody who is logged in: the directory as he reads it, and his rooms."""

    def __init__(self, person, client):
        self.person, self.client, self.g, self.clock = person, client, person.g, person.clock
        self.directory, self.rooms, self.read = Directory(self.g), {}, {}
        self.read[ZERO_ID] = follow(client, ZERO_ID, 0, lambda e: self.directory.apply(e.body))
        require(hash_of("hash/root", self.directory.root) == person.desk.root and self.directory.org == person.desk.org, "directory: another root")
        self.new_stream()

    def new_stream(self):
        """After each log-in, resumption and unlocking."""
        self.stream, self.counter, self.prev, self.opened = os.urandom(16), {}, {}, {}

    @property
    def me(self):
        return self.directory.people[self.person.account].now()

    # The directory.

    def direct(self, kind, body):
        """An admin's statement."""
        signed = self.person.desk.statement(self.directory, self.person.account, self.person.signing, kind, body)
        self.client.ask("log.append", ZERO_ID, STATEMENT, os.urandom(16), signed, [])
        self.wait(ZERO_ID, lambda: self.directory.head == hash_of("hash/statement", signed))

    def wait(self, room, until):
        """Reads on until something is so."""
        while not until():
            apply = (lambda e: self.directory.apply(e.body)) if room == ZERO_ID else (lambda e: self.take(room, e))
            self.read[room] = next_entry(self.client, room, self.read[room], apply)

    # Rooms.

    def enter(self, room):
        """Reads a room's log, from where it was read before."""
        if room not in self.rooms:
            self.rooms[room] = self._unread(room)
        self.read[room] = follow(self.client, room, self.read.get(room, 0), lambda e: self.take(room, e))

    def _unread(self, room, secrets=None):
        return SimpleNamespace(room=Room(self.g, self.directory, room, secrets or {}), said=[], refused=[], seq=0, last=ZERO_HASH)

    def again(self, room):
        """Reads a log from its beginning, with the secrets that are known by now."""
        self.rooms[room] = r = self._unread(room, self.rooms[room].room.secrets)
        while entries := self.client.ask("log.read", room, r.seq).entries:
            for entry in entries:
                require(entry.seq == r.seq + 1, "log: out of order")
                self.take(room, entry)
        self.read[room] = max(self.read[room], r.seq)

    def ask_for_keys(self, room):
        """Has members give the secrets that one lacks, and reads the log again with them."""
        r = self.rooms[room].room
        self.client.ask("box.ask", room, [g for g in r.generations if g not in r.secrets], False)
        self.client.event("box.given", room)
        self.again(room)
        self.client.ask("box.ask", room, [], False)

    def pins(self):
        """Where the rooms are, for the vault."""
        rooms = ((room, r) for room, r in sorted(self.rooms.items()))
        return [[room, [r.seq, r.room.head, Roster(r.room.policy, r.room.members, r.room.invited, r.room.pair).hash(self.g, self.directory.org, room)]]
                for room, r in rooms]

    def take(self, room, entry):
        """Judges an entry: what was said, or why it does not count."""
        r = self.rooms[room]
        if entry.kind == GENERATION:
            self.unbox(r.room, entry)
        try:
            m = r.room.apply(entry)
            if m is not None:
                r.said.append(m)
        except Refused as reason:
            r.refused.append((entry, str(reason)))
        r.seq, r.last = entry.seq, hash_of("hash/entry", self.g.write("entry-context", room, entry.seq, entry.kind, entry.author, entry.message, entry.body))

    def unbox(self, room, entry):
        """Takes the secret of a generation out of one's own boxes, where there is one."""
        generation = hash_of("generation", entry.body)
        if generation in room.secrets:
            return
        g = self.g.read("generation", self.g.read("envelope", entry.body).payload)
        keys = {hash_of("hash/box-key", hpke.public_key(seed)): seed for seed in self.person.boxes}
        for box in self.client.ask("box.get", room.id, generation).boxes:
            if box.account == self.person.account and box.key in keys:
                room.secrets[generation] = hpke.open_sealed(keys[box.key], self.box_info(g, box.account, box.key), box.body)

    def box_info(self, g, recipient, key):
        return self.g.write("box-info", PREFIX + "gen/box", self.directory.org, g.room, g.number, g.prev, g.roster, g.dir, g.maker, recipient, key)

    def state(self, room, kind, body, change, ext=None):
        """A statement of a room, whose roster it changes."""
        r = self.rooms[room].room
        after = Roster(r.policy, dict(r.members), dict(r.invited), r.pair)
        change(after)
        payload = self.g.write("statement", *header(kind, self.directory.org), room, r.seq, r.head, self.directory.head, self.person.account,
                               self.clock.now(), body, after.hash(self.g, self.directory.org, room), ext or {})
        signed = sign(self.g, kind, self.person.signing, payload)
        self.client.ask("log.append", room, STATEMENT, os.urandom(16), signed, [])
        return hash_of("hash/statement", signed)

    def create(self, policy, peer=None):
        """A room of one's own, or of two: history, who may invite, maximum age, last."""
        room = os.urandom(16)
        self.rooms[room] = self._unread(room)

        def change(after):
            after.policy = _policy(policy)
            after.members[self.person.account] = (self.me.hash, OWNER)
            if peer:
                after.invited[peer.account] = (peer.hash, OWNER)

        self.state(room, "room/create", [self.me.hash, policy], change, {PEER: [peer.account, peer.hash]} if peer else None)
        self.enter(room)
        return room

    def set_policy(self, room, policy):
        self.stated(room, "room/policy", [policy], lambda after: setattr(after, "policy", _policy(policy)))

    def set_role(self, room, account, role):
        self.stated(room, "room/role", [account, role], lambda after: after.members.__setitem__(account, (after.members[account][0], role)))

    def stated(self, room, kind, body, change):
        """A statement, once it is in one's own reading."""
        head = self.state(room, kind, body, change)
        self.wait(room, lambda: self.rooms[room].room.head == head)

    def invite(self, room, person, role=MEMBER):
        self.stated(room, "room/invite", [person.account, person.hash, role], lambda after: after.invited.__setitem__(person.account, (person.hash, role)))

    def join(self, room):
        def change(after):
            _, role = after.invited.pop(self.person.account)
            after.members[self.person.account] = (self.me.hash, role)

        self.stated(room, "room/join", [self.me.hash], change)

    def leave(self, room):
        ends = self.ends(room, self.person.account)
        return self.state(room, "room/leave", [ends, self.rooms[room].last], lambda after: after.members.pop(self.person.account))

    def remove(self, room, account):
        body = [account, self.ends(room, account), self.rooms[room].last]
        self.stated(room, "room/remove", body, lambda after: after.members.pop(account))

    def ends(self, room, account):
        """Where somebody's streams end, as far as the room was read."""
        streams = self.rooms[room].room.streams
        ends = [[stream, s["next"] - 1, s["last"]] for stream, s in streams.items() if s["account"] == account]
        every = hash_of("hash/stream-ends", encode(sorted(ends))) 
        return [ends[::-1][:64], every]

    def generate(self, room):
        """A new generation, sealed to every member."""
        r, secret = self.rooms[room].room, os.urandom(32)
        before = r.current
        number, prev = (before.number + 1, before.hash) if before else (1, ZERO_HASH)
        g = SimpleNamespace(room=room, number=number, prev=prev, roster=r.head, dir=self.directory.head, maker=self.person.account)
        past = b""
        if before and before.policy.history == ALL == r.policy.history and prev in r.secrets:
            key = derive("gen/past", secret, self.g.write("past-context", self.directory.org, room, number, prev))
            past = seal_token(key, self.g.write("past", *header("gen/past", self.directory.org), room, prev, r.secrets[prev]), self.clock.now())
        commitment = derive("gen/commit", secret, self.g.write("commit-context", room, number))
        payload = self.g.write("generation", *header("generation", self.directory.org), room, number, prev, g.roster, g.dir, g.maker, self.stream,
                               self.clock.now(), commitment, past, {})
        signed = sign(self.g, "generation", self.person.signing, payload)
        boxes = []
        for account in sorted(r.members):
            box = self.directory.people[account].now().boxes[0]
            boxes.append([account, box.id, hpke.seal(box.key, self.box_info(g, account, box.id), secret, os.urandom)])
        r.secrets[hash_of("generation", signed)] = secret
        self.client.ask("log.append", room, GENERATION, os.urandom(16), signed, boxes)
        self.wait(room, lambda: r.current and r.current.hash == hash_of("generation", signed))

    def say(self, room, text):
        """Seals a text under the current generation, or under a new one where that is not for the members of now."""
        r = self.rooms[room]
        if r.room.current is None or r.room.current.roster != r.room.head or r.room.current.dir != self.directory.head:
            self.generate(room)
        g, counter, ident, at = r.room.current, self.counter.get(room, 0), os.urandom(16), self.clock.now()
        opening = []
        if self.opened.get(room) != g.hash:
            opening = [[self.person.desk.id, self.person.version, self.ends(room, self.person.account)]]
        payload = self.g.write("message", *header("message", self.directory.org), room, g.hash, self.directory.head, self.person.account, self.stream, counter,
                               self.prev.get(room, ZERO_HASH), r.last, ident, at, r.room.policy.max_age, opening, TEXT, text.encode(), {})
        signed = sign(self.g, "message", self.person.signing, payload)
        padded = signed + b"\x80"
        padded += bytes(next(n for n in PADDED if len(padded) <= n) - len(padded))
        key = derive("key/message", r.room.secrets[g.hash], self.g.write("message-context", self.directory.org, room, g.hash))
        entry = self.g.write("message-entry", 1, g.hash, seal_token(key, padded, at))
        self.client.ask("log.append", room, MESSAGE, ident, entry, [])
        self.counter[room], self.prev[room], self.opened[room] = counter + 1, hash_of("message", signed), g.hash
        self.wait(room, lambda: (self.person.account, ident) in r.room.ids)
