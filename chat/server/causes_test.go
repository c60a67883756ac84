package server_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/server"
	"visavis/chat/wire"
)

// blinders keep the end of the directory from who connects next: a hostile server's frames, behind TLS.
type blinders struct {
	mu    sync.Mutex
	armed bool   // the next connection is
	on    bool   // the end is kept back
	after uint64 // the last entry that is shown
	kept  []byte // frames of the others
	conn  *blinded
}

type blinded struct {
	server.SecureConn
	b *blinders
}

func (b *blinders) wrap(c server.SecureConn) server.SecureConn {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.armed {
		return c
	}
	b.conn = &blinded{c, b}
	b.armed, b.on = false, true
	return b.conn
}

func (b *blinders) arm(after uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed, b.after = true, after
}

// Write lets through what is not of the directory's end.
func (c *blinded) Write(p []byte) (int, error) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if !c.b.on {
		return c.SecureConn.Write(p)
	}
	var out []byte
	for r := bytes.NewReader(p); r.Len() > 0; {
		f, err := wire.Read(r, wire.MaxFrame)
		if err != nil {
			return 0, err
		}
		var e wire.Entry
		var follow wire.LogFollowReply
		switch {
		case f.Kind == wire.Event && f.Type == wire.EventEntry && f.Decode(&e) == nil && e.Room.IsZero() && e.Seq > c.b.after:
			if c.b.kept, err = f.Append(c.b.kept); err != nil {
				return 0, err
			}
			continue
		case f.Kind == wire.Response && f.Type == wire.TypeLogFollow && f.Decode(&follow) == nil && follow.Last > c.b.after:
			f = wire.NewFrame(wire.Response, f.ID, f.Type, wire.LogFollowReply{Last: c.b.after})
		}
		if out, err = f.Append(out); err != nil {
			return 0, err
		}
	}
	_, err := c.SecureConn.Write(out)
	return len(p), err
}

// off shows what was kept back.
func (b *blinders) off(t *testing.T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on = false
	_, err := b.conn.SecureConn.Write(b.kept)
	must(t, err)
}

// The server keeps the end of the directory from a member. What names it is refused, and with a newcomer's invitation all that follows from it; when the
// server shows it, everything is read by itself, each in its place.
func TestHeadThatComesLate(t *testing.T) {
	b := &blinders{}
	w, d, admin, ben, room := world(t, func(s *server.Server) { s.SetSecure(b.wrap) })
	ctx := t.Context()
	b.arm(admin.Directory().Len())
	s := w.LogIn(d, ben)
	must(t, s.Enter(ctx, room))

	cleo := w.SignUp(d, "cleo", 3)
	w.Approve(admin, cleo)
	newcomer := w.LogIn(d, cleo)
	must(t, admin.Enter(ctx, room))
	must(t, admin.Invite(ctx, room, cleo.Account))
	must(t, newcomer.Join(ctx, room))
	_, err := newcomer.Send(ctx, room, "from a newcomer")
	must(t, err)
	readText(t, newcomer, room)
	must(t, admin.Enter(ctx, room))
	_, err = admin.Send(ctx, room, "and after him")
	must(t, err)

	causes := map[e2e.Cause]int{}
	for causes[e2e.CauseGeneration] < 2 { // that has the same cause
		u, err := s.Next(ctx)
		must(t, err)
		if u.Room != room || u.Event == nil {
			continue
		}
		if causes[u.Event.Cause]++; u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			t.Fatal("reads what names a directory that he was not shown")
		}
	}
	if causes[e2e.CauseHead] == 0 || e2e.CauseHead.Remedy().Repair != e2e.RepairFollow {
		t.Fatalf("shown as %v", causes)
	}
	b.off(t)
	soon, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for want := []string{"from a newcomer", "and after him"}; len(want) > 0; {
		u, err := s.Next(soon)
		must(t, err)
		if u.Room != room || u.Event == nil || u.Event.Kind != e2e.EventMessage || u.Event.Message.Kind != e2e.KindText {
			continue
		}
		if got := string(u.Event.Message.Content); got != want[0] {
			t.Fatalf("reads %q, want %q", got, want[0])
		}
		want = want[1:]
	}
}
