#!/usr/bin/python3
"""A client of Visavis, written from docs/protocol.md, docs/crypto.md and docs/biometrics.md alone. It meets a server and the product's own client. Who runs
it has both, and the clock: he is told over standard output where it stands, and answers over standard input, a line of JSON each:

	/usr/bin/python3 docs/check/outsider.py [repository]

It enrols a desk and founds an organisation there, signs somebody up and logs him in, enrols the other's desk and lets the other in; talks to him in rooms
of both and of two, over a cut connection and a lock, under rules that change; asks for old keys; has another password and other keys; makes a one-time
code and uses one; logs in as the other, with the vault that the product sealed; leaves, and recovers a lost password; and asks for what is to be refused.
It ends with 0, or with 1 at the first thing that is not as the documents say. It needs Debian's python3-cryptography and libargon2-1. Its cryptography is
written to be read, and for nothing else: it takes no care of time and memory.
"""

import base64
import hashlib
import json
import os
import pathlib
import sys
import traceback

sys.dont_write_bytecode = True

import face
import refusals
from account import Person
from canon import Refused
from desk import Desk, desk_of, make_invite, open_bundle, read_invite
from conversation import MEMBER
from primitives import ZERO_ID, hash_of, public_of, require
from talk import TEXT, Talker, follow
from ways import audit_head, change_keys, change_password, log_in_by_code, make_code, prove_by_face, read_as_root, recover, take_keys
from wire import Failure

PASSWORD = "seven lanterns over quiet harbours"
OTHER_PASSWORD = "a dozen harbours under lanterns"
NOTHING, LAST, ALL, MEMBERS_INVITE = 1, 2, 3, 1
LOCKED = 7
PENDING = 1


class Partner:
    """Who runs this, with the clock that a desk has here."""

    def __init__(self):
        self._now = 0

    def tell(self, step, **what):
        print(json.dumps({"step": step, **what}), flush=True)
        answer = json.loads(sys.stdin.readline())
        self._now = answer["now"]
        return answer

    def now(self):
        return self._now

    def wait(self, seconds):
        self.tell("wait", millis=round(1000 * seconds) + 200)


def fingerprint(bundle):
    return base64.b32encode(hash_of("hash/fingerprint", bundle)).decode().lower()[:20]


def phrase_text(phrase):
    return base64.b32encode(phrase + hash_of("hash/phrase", phrase)[:4]).decode().lower()


def found(partner, desk, first):
    """An organisation, and its first person, who is logged in."""
    desk.enrol(read_invite(desk.crypto, first["invite"]), "outside")
    client = desk.connect()
    refusals.before_the_founding(client)
    root, directory = desk.found(client, first["name"])
    require(read_as_root(desk, client, root).head == directory.head, "the root reads another directory")
    ada = Person(desk, "ada", PASSWORD, 1)
    bundle = ada.sign_up(client, directory)
    statements = []
    for kind, body in (("dir/role", [ada.account, True]), ("dir/identity", desk.identity(directory, bundle))):
        statements.append(desk.statement(directory, ZERO_ID, root, kind, body))
        directory.apply(statements[-1])
    client.ask("root.append", statements)
    require(client.ask("signup.status", ada.account, hash_of("bundle", bundle)).state == 2, "not admitted")
    refusals.of_frames(desk)
    refusals.of_sign_ups(desk, client)
    refusals.of_faces(ada, client)
    ada.log_in(client)
    talker = Talker(ada, client)
    require(talker.directory.head == directory.head, "another directory")
    return talker


def admit(partner, talker):
    """The other's desk, and the other himself."""
    client, person = talker.client, talker.person
    person.prove(client)
    half, secret = client.ask("desk.invite"), os.urandom(32)
    another = Desk(person.desk.documents, partner)
    another.enrol(read_invite(person.g, make_invite(person.g, half, person.desk, secret)), "another")
    refusals.unlisted(another)
    half, secret = client.ask("desk.invite"), os.urandom(32)
    partner.tell("desk", invite=make_invite(person.g, half, person.desk, secret))
    asked = [d for d in client.ask("desk.list").desks if d.status == PENDING and d.invite == hashlib.sha256(half.code).digest()]
    require(len(asked) == 1, "the other's desk is not there")
    talker.direct("dir/desk", desk_of(person.g, asked[0].request, secret))
    want = partner.tell("sign up")["fingerprint"].replace("-", "")
    waiting = client.ask("signup.list", 0, ZERO_ID).waiting
    require([fingerprint(w.bundle) for w in waiting] == [want], "fingerprint")
    bundle = open_bundle(person.g, talker.directory, waiting[0].bundle)
    require((bundle.account, bundle.name) == (waiting[0].account, waiting[0].name), "bundle of another")
    person.prove(client)
    talker.direct("dir/identity", person.desk.identity(talker.directory, waiting[0].bundle))
    return bundle.account


def talk(partner, talker, other):
    """In a room of one's own: with the other, after a cut, and after a lock."""
    person = talker.person
    room = talker.create([ALL, MEMBERS_INVITE, 0, 0])
    talker.say(room, "before you came")
    refusals.of_rooms(talker, room)
    talker.invite(room, talker.directory.people[other].now())
    partner.tell("join", room=room.hex())
    talker.wait(room, lambda: other in talker.rooms[room].room.members)
    talker.say(room, "welcome")
    partner.tell("answer", room=room.hex(), want=["before you came", "welcome"], say="here I am")
    hears(talker, room, "here I am")

    talker.client.close()
    client = person.desk.connect()
    require(not person.resume(client), "locked")
    go_on(talker, client)
    talker.say(room, "after the cut")

    person.lock(client)
    try:
        client.ask("room.list", ZERO_ID)
        raise Refused("a locked session is served")
    except Failure as failure:
        require(failure.code == LOCKED, "another refusal")
    client.close()
    client = person.desk.connect()
    require(person.resume(client), "not locked any more")
    person.unlock(client)
    go_on(talker, client)
    talker.say(room, "after the lock")
    talker.say(room, "and " + "a long one, " * 100)
    partner.tell("answer", room=room.hex(), say="all of it",
                 want=["before you came", "welcome", "here I am", "after the cut", "after the lock", "and " + "a long one, " * 100])
    hears(talker, room, "all of it")
    return room


def go_on(talker, client):
    """Over another connection, or after a lock: from where everything was read, with a new stream."""
    talker.client = client
    talker.new_stream()
    talker.read[ZERO_ID] = follow(client, ZERO_ID, talker.read[ZERO_ID], lambda e: talker.directory.apply(e.body))
    for room in talker.rooms:
        talker.enter(room)


def hears(talker, room, text):
    r = talker.rooms[room]
    talker.wait(room, lambda: r.said and r.said[-1].text == text)
    require(not any(m.fork for m in r.said) and not r.refused, f"something was refused, or forks: {r.refused}")


def visit(partner, talker):
    """In a room of the other's, where one comes late: he gives the keys of what was said before."""
    room = bytes.fromhex(partner.tell("invite", account=talker.person.account.hex())["room"])
    while not talker.client.event("room.news", room).open:
        pass
    talker.enter(room)
    talker.join(room)
    require(not talker.rooms[room].said, "read before anybody gave the keys")
    talker.ask_for_keys(room)
    said = [m.text for m in talker.rooms[room].said if m.body.kind == TEXT]
    require(said == ["long before"] and not talker.rooms[room].refused, f"heard {said}")
    talker.say(room, "thank you")
    partner.tell("answer", room=room.hex(), want=["long before", "thank you"], say="any time")
    hears(talker, room, "any time")
    return room


def pair(partner, talker, other):
    """In a room of two, which the other finds; under rules that change; and without him."""
    room = talker.create([NOTHING, MEMBERS_INVITE, 3600, 0], talker.directory.people[other].now())
    require(talker.client.ask("room.direct", other).room == room, "another room of two")
    partner.tell("direct", room=room.hex(), account=talker.person.account.hex())
    talker.wait(room, lambda: other in talker.rooms[room].room.members)
    talker.say(room, "for an hour")
    talker.set_policy(room, [LAST, MEMBERS_INVITE, 0, 10])
    talker.set_role(room, other, MEMBER)
    talker.say(room, "by other rules")
    partner.tell("answer", room=room.hex(), want=["for an hour", "by other rules"], say="by those")
    hears(talker, room, "by those")
    talker.remove(room, other)
    partner.tell("gone", room=room.hex())
    talker.say(room, "to nobody")
    del talker.rooms[room]


def change(partner, talker, room):
    """Another password and other keys, under which the talk goes on; and what the audit log says of it."""
    client, person = talker.client, talker.person
    first = audit_head(person, client, [])
    prove_by_face(person, client)
    change_password(person, client, OTHER_PASSWORD, talker.directory, talker.pins())
    keys = change_keys(person, client, talker.directory, talker.pins())
    waiting = client.ask("keys.list", ZERO_ID).waiting
    require([w.bundle for w in waiting] == [keys[2]], "other keys wait")
    talker.direct("dir/identity", person.desk.identity(talker.directory, keys[2]))
    take_keys(person, client, talker.directory, talker.pins(), keys)
    talker.say(room, "under other keys")
    partner.tell("answer", room=room.hex(), want=["long before", "thank you", "any time", "under other keys"], say="just the same")
    hears(talker, room, "just the same")
    head = audit_head(person, client, [(first.size, first.root)])
    person.prove(client)
    talker.direct("dir/audit", [head.server, head.size, head.root])


def codes(partner, talker, other):
    """A code for the other, who is an admin from now on, and one by him."""
    client, person = talker.client, talker.person
    person.prove(client)
    desk = bytes.fromhex(partner.tell("which desk")["desk"])
    letters = make_code(person, client, other, desk)
    talker.direct("dir/role", [other, True])
    letters = partner.tell("code", code=letters, account=person.account.hex(), desk=person.desk.id.hex())["code"].replace("-", "")
    mine = Person(person.desk, person.name, person.password, person.face)
    client = person.desk.connect()
    log_in_by_code(mine, client, letters[:10], talker.directory)
    require(mine.signing == person.signing and mine.boxes == person.boxes, "another vault")
    client.ask("session.logout")
    client.close()


def borrow(partner, talker):
    """Logs in as the other, at this desk, with the vault that the product has sealed."""
    lent = partner.tell("lend")
    desk = talker.person.desk
    other = Person(desk, lent["name"], lent["password"], base64.b64decode(lent["face"]))
    client = desk.connect()
    other.log_in(client)
    listed = talker.directory.people[other.account].now()
    require(public_of(other.signing) == listed.signing, "the vault's keys are not the directory's")
    client.ask("session.logout")
    client.close()


def leave(partner, talker, room):
    """Out of a room, and home: the vault remembers where everything was read. Then the password is lost; and the other opens the vault by the new one, and by
    the new phrase."""
    talker.leave(room)
    require(not talker.client.event("room.news", room).open, "not told that it is over")
    del talker.rooms[room]
    heard = [m.text for r in talker.rooms.values() for m in r.said if m.body.kind == TEXT]
    person = talker.person
    person.keep(talker.client, talker.directory, talker.pins())
    talker.client.ask("session.logout")
    recover(person, talker.client, person.phrase, PASSWORD + " again", talker.directory)
    talker.client.close()
    partner.tell("left", room=room.hex(), name=person.name, password=person.password, phrase=phrase_text(person.phrase),
                 face=base64.b64encode(face.direction(person.face)).decode(), rooms=[r.hex() for r in talker.rooms], want=heard)


def main():
    top = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    partner = Partner()
    desk = Desk([(top / "docs" / name).read_text() for name in ("crypto.md", "protocol.md")], partner)
    talker = found(partner, desk, partner.tell("begin"))
    other = admit(partner, talker)
    room = talk(partner, talker, other)
    theirs = visit(partner, talker)
    pair(partner, talker, other)
    change(partner, talker, theirs)
    codes(partner, talker, other)
    borrow(partner, talker)
    leave(partner, talker, room)


if __name__ == "__main__":
    try:
        main()
    except Refused as error:
        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {error}")
