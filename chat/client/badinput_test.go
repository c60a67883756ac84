package client_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// framed puts a length before bytes.
func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// witness is a room with somebody in it who must not notice what others do to the server.
type witness struct {
	t  *testing.T
	s  *client.Session
	id models.RoomID
	n  int
}

func newWitness(t *testing.T, s *client.Session) *witness {
	t.Helper()
	id, err := s.CreateRoom(context.Background(), "Witness")
	must(t, err)
	return &witness{t: t, s: s, id: id}
}

// works sends a line and reads it back.
func (w *witness) works() {
	w.t.Helper()
	w.n++
	text := fmt.Sprint("still here ", w.n)
	_, err := w.s.Send(context.Background(), w.id, text)
	must(w.t, err)
	if got := readText(w.t, w.s, w.id); got != text {
		w.t.Fatalf("read %q, want %q", got, text)
	}
}

type badFrame struct {
	name  string
	hello bool // said before
	send  []byte
	want  wire.Code
}

// badFrames are what a hostile or broken program sends first, or after hello, and the code that it gets; typ is a request that is allowed
// then.
func badFrames(t *testing.T, typ string) []badFrame {
	list := wire.NewFrame(wire.Request, 5, wire.TypeRoomList, wire.RoomList{})
	body := canon.MustMarshal(list)
	empty := wire.Empty{}
	named := append([]byte{0x84, 1, 5, 0x60 + byte(len(typ))}, typ...)
	return []badFrame{
		{"length zero", true, framed(nil), wire.CodeProtocol},
		{"one byte too long", true, binary.BigEndian.AppendUint32(nil, wire.MaxFrameNew+1), wire.CodeTooLarge},
		{"four gigabytes", true, []byte{255, 255, 255, 255}, wire.CodeTooLarge},
		{"four gigabytes before hello", false, []byte{255, 255, 255, 255}, wire.CodeTooLarge},
		{"not CBOR", true, framed([]byte("GET / HTTP/1.1\r\n\r\n")), wire.CodeProtocol},
		{"HTTP", false, []byte("GET / HTTP/1.1\r\n\r\n"), wire.CodeTooLarge},
		{"a trailing byte", true, framed(append(bytes.Clone(body), 0)), wire.CodeProtocol},
		{"not canonical", true, framed(append([]byte{0x98, 4}, body[1:]...)), wire.CodeProtocol},
		{"a map", true, framed([]byte{0xa0}), wire.CodeProtocol},
		{"a tag", true, framed(append([]byte{0xc1}, body...)), wire.CodeProtocol},
		{"kind zero", true, framed(append([]byte{0x84, 0}, body[2:]...)), wire.CodeProtocol},
		{"kind nine", true, framed(append([]byte{0x84, 9}, body[2:]...)), wire.CodeProtocol},
		{"a response", true, frame(t, wire.Response, 5, wire.TypeRoomList, empty), wire.CodeProtocol},
		{"a failure", true, frame(t, wire.Failure, 5, wire.TypeRoomList, wire.Refuse(wire.CodeSlow)), wire.CodeProtocol},
		{"an event", true, frame(t, wire.Event, 0, wire.EventEntry, empty), wire.CodeProtocol},
		{"id zero", true, framed(append([]byte{0x84, 1, 0}, body[3:]...)), wire.CodeProtocol},
		{"the same id again", true, helloFrame(t, 1), wire.CodeProtocol},
		{"a lower id", true, append(frame(t, wire.Request, 9, wire.TypeRoomList, empty), frame(t, wire.Request, 8, wire.TypeRoomList, empty)...), wire.CodeProtocol},
		{"unknown type", true, frame(t, wire.Request, 5, "room.destroy", empty), wire.CodeUnknownType},
		{"an event's type", true, frame(t, wire.Request, 5, wire.EventEntry, empty), wire.CodeUnknownType},
		{"a body of another type", true, frame(t, wire.Request, 5, typ, wire.LogFollowReply{}), wire.CodeProtocol},
		{"a body that is a number", true, frame(t, wire.Request, 5, typ, 7), wire.CodeProtocol},
		{"a body that is not canonical", true, framed(append(named, 0x98, 2, 0x60, 0x40)), wire.CodeProtocol},
		{"a second hello", true, helloFrame(t, 5), wire.CodeProtocol},
		{"a request before hello", false, frame(t, wire.Request, 1, wire.TypeLoginStart, wire.LoginStart{}), wire.CodeProtocol},
		{"a mistyped hello", false, frame(t, wire.Request, 1, wire.TypeHello, empty), wire.CodeProtocol},
		{"a hello of the future", false, frame(t, wire.Request, 1, wire.TypeHello, wire.Hello{Versions: []uint32{wire.Version + 1}}), wire.CodeUnsupported},
		{"a hello of the past", false, frame(t, wire.Request, 1, wire.TypeHello, wire.Hello{Versions: []uint32{1}}), wire.CodeUnsupported},
		{"a hello without versions", false, frame(t, wire.Request, 1, wire.TypeHello, wire.Hello{}), wire.CodeUnsupported},
	}
}

func TestBadInputEndsItsConnectionAlone(t *testing.T) {
	w, first, admin, _ := people(t)
	beside := newWitness(t, admin)
	for _, typ := range []string{wire.TypeLoginStart, wire.TypeDeskEnrol} {
		for _, bad := range badFrames(t, typ) {
			t.Run(typ+"/"+bad.name, func(t *testing.T) {
				r := dialRaw(t, w, first, typ == wire.TypeDeskEnrol)
				if bad.hello {
					r.greet()
				}
				r.write(bad.send)
				if got := r.end(); got != bad.want {
					t.Fatalf("ended with code %d, want %d", got, bad.want)
				}
				beside.works()
			})
		}
	}
}

// A peer that hangs up in the middle of a frame is not answered, and holds nothing.
func TestTruncated(t *testing.T) {
	w, first, admin, _ := people(t)
	beside := newWitness(t, admin)
	whole := frame(t, wire.Request, 2, wire.TypeRoomList, wire.RoomList{})
	for n := 1; n < len(whole); n++ {
		r := dialRaw(t, w, first, false)
		r.greet()
		r.write(whole[:n])
		must(t, r.net.CloseWrite())
		if got := r.end(); got != wire.CodeProtocol {
			t.Fatalf("%d bytes: ended with code %d", n, got)
		}
	}
	beside.works()
}

// A logged-in person who sends rubbish loses the connection and nobody else's; it can be had back.
func TestBadInputFromASession(t *testing.T) {
	w, first, admin, ben := people(t)
	beside := newWitness(t, admin)
	for _, bad := range badFrames(t, wire.TypeLogFollow) {
		if !bad.hello || bad.want == wire.CodeTooLarge || bad.name == "a lower id" {
			continue // those of the table that mean the same on a session
		}
		t.Run(bad.name, func(t *testing.T) {
			w.Clock.Move(time.Hour) // more log-ins than a person has challenges in an hour
			s := w.LogIn(first, ben)
			if bad.name == "the same id again" || bad.name == "a second hello" {
				bad.send = helloFrame(t, s.Connection().LastID())
			} else if len(bad.send) > 6 && bad.send[6] == 5 {
				bad.send[6] = 23 // above the ids of the log-in, and one byte still
			}
			must(t, s.Connection().WriteRaw(bad.send))
			<-s.Connection().Done()
			refused(t, s.Connection().Err(), bad.want)
			beside.works()
		})
	}
	w.Clock.Move(time.Hour)
	s := w.LogIn(first, ben)
	must(t, s.Connection().WriteRaw(binary.BigEndian.AppendUint32(nil, wire.MaxFrame+1)))
	<-s.Connection().Done()
	refused(t, s.Connection().Err(), wire.CodeTooLarge)
	beside.works()
}

// Requests of one state, sent in another: refused, and the connection stays.
func TestWrongState(t *testing.T) {
	w, first, _, ben := people(t)
	session := []string{wire.TypeLogout, wire.TypeVaultGet, wire.TypeVaultPut, wire.TypeRoomList, wire.TypeLogFollow, wire.TypeBoxGet,
		wire.TypeLogAppend, wire.TypeSignupList, wire.TypeSignupAlike, wire.TypeDeskInvite, wire.TypeDeskList}
	admins := []string{wire.TypeSignupList, wire.TypeSignupAlike, wire.TypeDeskInvite, wire.TypeDeskList}
	desk := []string{wire.TypeRootAppend, wire.TypeSignupStart, wire.TypeSignupChallenge, wire.TypeSignupFace, wire.TypeSignupFinish,
		wire.TypeLoginStart, wire.TypeLoginPassword, wire.TypeLoginChallenge, wire.TypeLoginFace}
	for _, state := range []struct {
		name  string
		enrol bool
		types []string
	}{
		{"a desk without a person", false, append(session, wire.TypeDeskEnrol)},
		{"a machine that enrols", true, append(session, desk...)},
	} {
		t.Run(state.name, func(t *testing.T) {
			r := dialRaw(t, w, first, state.enrol)
			r.greet()
			for i, typ := range state.types {
				r.write(frame(t, wire.Request, uint64(i+2), typ, wire.Empty{}))
				f, err := r.read()
				must(t, err)
				var e wire.Error
				must(t, f.Decode(&e))
				if f.Kind != wire.Failure || f.ID != uint64(i+2) || e.Code != wire.CodeNotAllowed {
					t.Fatalf("%s: answered by kind %d, code %d", typ, f.Kind, e.Code)
				}
			}
		})
	}
	t.Run("a member", func(t *testing.T) {
		s := w.LogIn(first, ben)
		for _, typ := range append(append(desk, admins...), wire.TypeDeskEnrol) {
			refused(t, s.Connection().Call(t.Context(), typ, wire.Empty{}, new(wire.Empty)), wire.CodeNotAllowed)
		}
	})
	t.Run("after the log-out", func(t *testing.T) {
		s := w.LogIn(first, ben)
		c := s.Connection()
		must(t, c.Call(t.Context(), wire.TypeLogout, wire.Empty{}, new(wire.Empty)))
		for _, typ := range session {
			refused(t, c.Call(t.Context(), typ, wire.Empty{}, new(wire.Empty)), wire.CodeNotAllowed)
		}
	})
}

// Ten thousand requests at once from one peer, who reads the answers: each is answered, in order, and others are not held up.
func TestFlood(t *testing.T) {
	const count = 10_000
	w, first, admin, _ := people(t)
	beside := newWitness(t, admin)
	r := dialRaw(t, w, first, false)
	r.greet()
	var flood []byte
	for i := range uint64(count) {
		flood = append(flood, frame(t, wire.Request, i+2, wire.TypeRoomList, wire.RoomList{})...)
	}
	sent := make(chan struct{})
	go func() { defer close(sent); r.write(flood) }()
	for i := range uint64(count) {
		f, err := r.read()
		must(t, err)
		if f.ID != i+2 || f.Kind != wire.Failure {
			t.Fatalf("answer %d has id %d", i, f.ID)
		}
		if i%2000 == 0 {
			beside.works()
		}
	}
	<-sent
	beside.works()
}

// The same in a session, with entries: three hundred appends in one write are all stored, once and in order.
func TestPipelinedAppends(t *testing.T) {
	const count = 300
	_, _, admin, _ := people(t)
	beside := newWitness(t, admin)
	c := admin.Connection()
	var all []byte
	for i := range count {
		e, err := admin.SealRaw(beside.id, fmt.Sprint(i))
		must(t, err)
		all = append(all, frame(t, wire.Request, c.LastID()+1+uint64(i), wire.TypeLogAppend, e)...)
	}
	must(t, c.WriteRaw(all))
	for i := range count {
		if got := readText(t, admin, beside.id); got != fmt.Sprint(i) {
			t.Fatalf("message %d reads %q", i, got)
		}
	}
}
