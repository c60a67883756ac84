"""What a server refuses, and by which code, as docs/protocol.md says: asked by a desk that means no good, or is not ready."""

import os

import tls
import wire
from account import LOG_IN, Person
from canon import Refused
from conversation import MESSAGE, STATEMENT
from desk import header, sign
from primitives import ZERO_HASH, ZERO_ID, hash_of, require

PROTOCOL, TOO_LARGE, UNKNOWN, NO_VERSION, INVALID, NOT_ALLOWED, NOT_FOUND, CONFLICT, ENDED = 2, 3, 4, 5, 6, 7, 8, 10, 14
NOT_SIGNED_IN, FACE, DESK, EMAIL, CONSENT, PROVE = 20, 22, 24, 28, 29, 30


def refused(code, what, act):
    """Has something refused by a code."""
    try:
        act()
    except wire.Failure as failure:
        require(failure.code == code, f"{what}: {failure}, wanted code {code}")
        return
    raise Refused(f"{what}: is served")


def ends(code, desk, what, act):
    """Has a connection of its own ended by a code."""
    client = desk.connect()
    refused(code, what, lambda: act(client))
    try:
        client.ask("session.logout")
        raise Refused(f"{what}: the connection goes on")
    except (tls.Alert, wire.Failure, OSError):
        client.close()


def of_frames(desk):
    """Frames that are none, each of which ends its connection."""
    def raw(client, data):
        client.tls.send(len(data).to_bytes(4, "big") + data)
        client.event("nothing")

    frame = desk.protocol.write("frame", 1, 1000, "session.logout", [])
    ends(PROTOCOL, desk, "hello twice", lambda c: c.ask("hello", [wire.VERSION], [], ""))
    ends(PROTOCOL, desk, "a frame that is not canonical", lambda c: raw(c, frame[:2] + b"\x1a\x00\x00\x03\xe8" + frame[5:]))
    ends(PROTOCOL, desk, "a byte too many", lambda c: raw(c, frame + b"\0"))
    ends(PROTOCOL, desk, "an answer to nothing", lambda c: raw(c, desk.protocol.write("frame", 2, 1000, "session.logout", [])))
    ends(PROTOCOL, desk, "a number that was used", lambda c: raw(c, desk.protocol.write("frame", 1, 1, "session.logout", [])))
    ends(UNKNOWN, desk, "an unknown type", lambda c: raw(c, desk.protocol.write("frame", 1, 1000, "no.such", [])))
    ends(TOO_LARGE, desk, "a frame too large", lambda c: (c.tls.send((384 * 1024 + 1).to_bytes(4, "big")), c.event("nothing")))

    client = wire.Client(desk.protocol, desk.bodies, tls.Connection(desk.address, wire.TALK, desk.ca, desk.certificate, desk.key))
    refused(NO_VERSION, "an old version", lambda: client.ask("hello", [1], [], ""))


def before_the_founding(client):
    refused(NOT_ALLOWED, "a log-in where there is nobody", lambda: client.ask("login.start", "nobody", bytes(96)))
    refused(NOT_ALLOWED, "a room, by nobody", lambda: client.ask("room.list", ZERO_ID))


def unlisted(desk):
    """Of a desk that the directory does not list."""
    client = desk.connect()
    refused(DESK, "a log-in at a desk that is not listed", lambda: client.ask("login.start", "nobody", bytes(96)))
    refused(NOT_ALLOWED, "the directory, for nobody", lambda: client.ask("log.follow", ZERO_ID, 0))
    client.close()


def of_sign_ups(desk, client):
    now = desk.clock.now()

    def start(**changed):
        fields = {"name": "carla", "email": "carla@example.org", "consent": bytes(31) + b"\1", "at": now, "request": os.urandom(32), **changed}
        client.ask("signup.start", *fields.values())

    refused(INVALID, "a name of one letter", lambda: start(name="c"))
    refused(EMAIL, "no e-mail address", lambda: start(email="Carla <carla@example.org>"))
    refused(CONSENT, "a consent of long ago", lambda: start(at=now - 11 * 60_000))
    refused(CONSENT, "no consent", lambda: start(consent=ZERO_HASH))


def of_faces(person, client):
    """Of a face that is shown for something else, or faster than it can be."""
    login, _ = person.password_proven(client)
    challenge = client.ask("login.challenge", login).challenge
    other = person.evidence(client, challenge, LOG_IN + 1, login, person.handshake)
    refused(FACE, "evidence of another purpose", lambda: client.ask("login.face", login, other))
    refused(NOT_SIGNED_IN, "a log-in that is over", lambda: client.ask("login.challenge", login))
    login, _ = person.password_proven(client)
    challenge = client.ask("login.challenge", login).challenge
    early = person.evidence(client, challenge, LOG_IN, login, person.handshake)
    refused(FACE, "a face faster than its challenge", lambda: client.ask("login.face", login, early))
    stranger = Person(person.desk, "nobody", person.password, person.face)
    refused(NOT_SIGNED_IN, "a password of nobody", lambda: stranger.guess(client))
    refused(ENDED, "a session that is none", lambda: client.ask("session.resume", os.urandom(16), 1, ZERO_HASH))


def of_rooms(talker, room):
    """Of somebody who is logged in, and has not proven it for a minute."""
    client, desk = talker.client, talker.person.desk

    def say(message=None, kind=MESSAGE, where=room, body=b"\x80"):
        client.ask("log.append", where, kind, os.urandom(16) if message is None else message, body, [])

    refused(CONFLICT, "a cursor behind the log", lambda: client.ask("log.follow", room, 1 << 40))
    refused(INVALID, "a message without an id", lambda: say(message=ZERO_ID))
    refused(INVALID, "what a server leaves of a message", lambda: say(kind=4))
    refused(INVALID, "a message that is none", lambda: say())
    refused(NOT_FOUND, "a message to no room", lambda: say(where=os.urandom(16)))
    refused(NOT_FOUND, "a room of others", lambda: client.ask("log.follow", os.urandom(16), 0))
    old = talker.rooms[room].room.head
    refused(CONFLICT, "a statement that came second", lambda: _stale(talker, room))
    require(talker.rooms[room].room.head == old, "the room has changed")
    desk.clock.wait(61)
    refused(PROVE, "an invite without a proof of just now", lambda: client.ask("desk.invite"))
    statement = desk.statement(talker.directory, talker.person.account, talker.person.signing, "dir/role", [talker.person.account, True])
    refused(PROVE, "a statement without one", lambda: say(kind=STATEMENT, where=ZERO_ID, body=statement))
    person, other = talker.person, hash_of("vault", b"")
    vault = person.seal_vault(person.version + 1, other, talker.directory, [])
    refused(CONFLICT, "a vault that follows another", lambda: client.ask("vault.put", person.version + 1, other, vault))
    person.wrap(*person.recovery_keys(bytes(16)))
    vault = person.seal_vault(person.version + 1, person.vault_hash, talker.directory, [])
    refused(NOT_ALLOWED, "a vault with another phrase", lambda: client.ask("vault.put", person.version + 1, person.vault_hash, vault))
    stored = client.ask("vault.get")
    person.open_vault(stored.vault, stored.version, stored.prev)


def _stale(talker, room):
    """A statement on top of nothing."""
    r = talker.rooms[room].room
    payload = talker.g.write("statement", *header("room/leave", talker.directory.org), room, r.seq, ZERO_HASH, talker.directory.head, talker.person.account,
                             talker.clock.now(), [[[], ZERO_HASH], talker.rooms[room].last], ZERO_HASH, {})
    talker.client.ask("log.append", room, STATEMENT, os.urandom(16), sign(talker.g, "room/leave", talker.person.signing, payload), [])
