"""A desk's end of a connection: frames, requests and their answers, events, and the hello, as docs/protocol.md says."""

from types import SimpleNamespace

import tls
from canon import Refused
from organisation import open_signed
from primitives import check_ext, require

REQUEST, RESPONSE, FAILURE, EVENT = 1, 2, 3, 4
VERSION = 2
FEATURES = ["alike", "audit", "keys", "pepper", "prove", "recovery", "rooms", "root"]
ENROL, TALK = "visavis-enroll/1", "visavis/1"
MAX_FRAME = 512 << 10
LAMP = 2  # in the ext of a hello


class Failure(Refused):
    """The server's answer to a request that failed."""

    def __init__(self, kind, error):
        super().__init__(f"{kind}: code {error.code}: {error.text}")
        self.code, self.seconds = error.code, error.seconds


class Bodies:
    """Which rule of the grammar each type's request, answer or event has, out of the tables of the protocol."""

    def __init__(self, document):
        rows = [line.split("|")[1:4] for line in document.partition("\n## Bodies\n")[2].partition("\n## ")[0].splitlines() if line.startswith("| `")]
        self._rules = {kind.strip(" `"): (left.strip(" `"), right.strip(" `")) for kind, left, right in rows}

    def request(self, kind):
        return self._rules[kind][0]

    def response(self, kind):
        return self._rules[kind][1]


class Client:
    """One connection. ask() sends a request and waits for its answer; events that come meanwhile are kept until event() takes them."""

    def __init__(self, protocol, bodies, connection):
        self.protocol, self.bodies, self.tls = protocol, bodies, connection
        self._id, self._events = 0, []

    def ask(self, kind, *fields):
        self._id += 1
        self.protocol.shape(self.bodies.request(kind), list(fields))
        body = self.protocol.write("frame", REQUEST, self._id, kind, list(fields))
        self.tls.send(len(body).to_bytes(4, "big") + body)
        while True:
            frame = self._read()
            if frame.kind == EVENT:
                self._keep(frame)
                continue
            require(frame.id in (0, self._id) and frame.type in (kind, "bye"), "an answer to something else")
            if frame.kind == FAILURE:
                raise Failure(kind, self.protocol.shape("error", frame.body))
            require(frame.kind == RESPONSE, "a request by the server")
            return self.protocol.shape(self.bodies.response(kind), frame.body)

    def event(self, kind, room=None):
        """The next event of a kind, of a room where one is named; others before it are left where they are."""
        at = 0
        while True:
            for at in range(at, len(self._events)):
                body = self._events[at]
                if body.type == kind and room in (None, getattr(body.body, "room", None)):
                    return self._events.pop(at).body
            at = len(self._events)
            frame = self._read()
            if frame.kind == FAILURE:
                raise Failure(frame.type, self.protocol.shape("error", frame.body))
            require(frame.kind == EVENT, "an answer to nothing")
            self._keep(frame)

    def _keep(self, frame):
        require(frame.id == 0, "an event with a number")
        self._events.append(SimpleNamespace(type=frame.type, body=self.protocol.shape(self.bodies.request(frame.type), frame.body)))

    def _read(self):
        length = int.from_bytes(self.tls.receive(4), "big")
        require(0 < length <= MAX_FRAME, "frame: length")
        return self.protocol.read("frame", self.tls.receive(length))

    def close(self):
        self.tls.close()


def hello(client, crypto, org, name="an outsider"):
    """Says hello and checks what is said back: whom this is, that it is for this connection, what both can."""
    reply = client.ask("hello", [VERSION], FEATURES, name)
    require(reply.version == VERSION, "version")
    public = client.tls.server_key.public_bytes(tls.Encoding.Raw, tls.PublicFormat.Raw)
    said = open_signed(crypto, "hello", reply.signed, public, "hello")
    check_ext(said.ext, LAMP)
    require(said.server == client.tls.server and said.exporter == client.tls.exporter(), "hello: of another connection")
    require(org is None or said.org == org, "hello: another organisation")
    require(VERSION in said.versions, "hello: version")
    client.features = set(said.features) & set(FEATURES)
    client.lamp = said.ext.get(LAMP, False)
    client.said = said
    return said
