package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/config"
	"visavis/models"
)

// gate is a connection whose owner stops reading from the network.
type gate struct {
	net.Conn
	closed *atomic.Bool
	gone   chan struct{}
	once   *sync.Once
}

func (g gate) Read(b []byte) (int, error) {
	if g.closed.Load() {
		<-g.gone
		return 0, net.ErrClosed
	}
	return g.Conn.Read(b)
}

func (g gate) Close() error {
	g.once.Do(func() { close(g.gone) })
	return g.Conn.Close()
}

// One member of a room does not read. The others read on as if he were not there, and he is cut.
func TestSlowReaderIsCut(t *testing.T) {
	const lines = 60
	w, d, admin, ben, room := world(t, func(s *server.Server) {
		s.SetBuffers(4 << 10)
		s.SetWriteTimeout(300 * time.Millisecond)
	})
	var stopped atomic.Bool
	o := w.DeskOptions()
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = nc.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return gate{nc, &stopped, make(chan struct{}), new(sync.Once)}, err
	}
	slow, err := client.LoadDesk(o, filepath.Join(w.Dir, "desks", d.Name()))
	must(t, err)
	s := w.LogIn(slow, ben)
	must(t, s.Enter(t.Context(), room))
	stopped.Store(true)
	text := strings.Repeat("all work and no play ", 150)
	for i := range lines {
		_, err := admin.Send(t.Context(), room, fmt.Sprint(i, text))
		must(t, err)
		if got := readText(t, admin, room); got != fmt.Sprint(i, text) {
			t.Fatalf("line %d reads %.20q", i, got)
		}
	}
	w.WaitLog("cause=\"server: The connection was too slow")
	s.Close()
	// He comes back and has missed nothing.
	s = w.LogIn(d, ben)
	must(t, s.Enter(t.Context(), room))
	for i := range lines {
		if got := readText(t, s, room); got != fmt.Sprint(i, text) {
			t.Fatalf("line %d reads %.20q after the cut", i, got)
		}
	}
}

// Who sends requests and never reads the answers is held up, then cut; he holds no more than a few answers of memory.
func TestDeafPeerIsHeldUp(t *testing.T) {
	const count = 7000
	w, d, admin, _, _ := world(t, func(s *server.Server) {
		s.SetBuffers(4 << 10)
		s.SetWriteTimeout(300 * time.Millisecond)
	})
	var stopped atomic.Bool
	o := w.DeskOptions()
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		nc, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = nc.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return gate{nc, &stopped, make(chan struct{}), new(sync.Once)}, err
	}
	deaf, err := client.LoadDesk(o, filepath.Join(w.Dir, "desks", d.Name()))
	must(t, err)
	c := w.Connect(deaf)
	stopped.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range count { // more than every buffer on the way holds
		calls.Go(func() { _ = c.Call(ctx, wire.TypeRoomList, wire.Empty{}, new(wire.RoomListReply)) })
	}
	w.WaitLog("cause=\"server: The connection was too slow")
	if taken := strings.Count(w.Log.String(), "type="+wire.TypeRoomList+" took="); taken > count/2 {
		t.Errorf("%d of %d requests were served before somebody read an answer", taken, count)
	}
	_, err = admin.Rooms(t.Context())
	must(t, err)
	cancel()
	calls.Wait()
	must(t, c.Close())
}

// Machines that connect and say nothing: desks get in all the same, and the silent ones go.
func TestSilentConnections(t *testing.T) {
	const places = 4
	w, d, _, _, _ := world(t, nil, func(o *server.Options) {
		o.Config.Limits.Handshakes, o.Config.Limits.Hello = places, config.Duration(time.Hour) // no time ends them
	})
	var silent []net.Conn
	for range 3 * places {
		nc, err := net.Dial("tcp", w.Address)
		must(t, err)
		defer nc.Close()
		silent = append(silent, nc)
	}
	const soon = 8 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	c, err := d.Connect(ctx)
	must(t, err)
	must(t, c.Close())
	for _, nc := range silent[:places] { // those were cut for it
		must(t, nc.SetReadDeadline(time.Now().Add(soon)))
		_, err := io.ReadAll(nc)
		if err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Fatal(err)
		}
	}
}

// One that shakes hands and never says hello, and one that says it too slowly.
func TestHelloTimeout(t *testing.T) {
	w, d, _, _, _ := world(t, nil)
	w.Stop()
	w.Options.Config.Limits.Hello = config.Duration(300 * time.Millisecond)
	w.Start(nil)
	nc, err := net.Dial("tcp", w.Address)
	must(t, err)
	defer nc.Close()
	if _, err := io.ReadAll(nc); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	c, err := d.Connect(t.Context()) // who is quick may stay
	must(t, err)
	must(t, c.Close())
}

// There are as many connections as the operator allows.
func TestConnectionLimit(t *testing.T) {
	w, d, _, _, _ := world(t, nil)
	w.Stop()
	w.Options.Config.Limits.Connections = 3
	w.Start(nil)
	var open []*client.Conn
	for range 3 {
		open = append(open, w.Connect(d))
	}
	_, err := d.Connect(t.Context())
	refused(t, err, wire.CodeFull)
	must(t, open[0].Close())
	for { // the server notices in its own time
		c, err := d.Connect(t.Context())
		if err == nil {
			must(t, c.Close())
			return
		}
		refused(t, err, wire.CodeFull)
	}
}

// A session ends by itself when nothing is done, and when it has lasted.
func TestSessionEnds(t *testing.T) {
	for name, set := range map[string]func(*config.Session){
		"idle":    func(s *config.Session) { s.Idle = config.Duration(200 * time.Millisecond) },
		"longest": func(s *config.Session) { s.Longest = config.Duration(200 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			w, d, _, ben, _ := world(t, nil)
			w.Stop()
			set(&w.Options.Config.Session)
			w.Start(nil)
			waits := w.Connect(d) // a desk without a person stays
			s := w.LogIn(d, ben)
			for {
				if _, err := s.Next(t.Context()); err != nil {
					refused(t, err, wire.CodeEnded)
					break
				}
			}
			if waits.Err() != nil {
				t.Fatal("the desk's own connection ended too")
			}
		})
	}
}

// The server stops while requests are under way: it ends, every client is told, and what was acknowledged is there.
func TestStopUnderLoad(t *testing.T) {
	w, d, admin, ben, room := world(t, nil)
	s := w.LogIn(d, ben)
	must(t, s.Enter(t.Context(), room))
	var acknowledged atomic.Int64
	var senders sync.WaitGroup
	started := make(chan struct{}, 2)
	for _, x := range []*client.Session{admin, s} {
		senders.Go(func() {
			for i := 0; ; i++ {
				if _, err := x.Send(context.Background(), room, fmt.Sprint(i)); err != nil {
					if !errors.Is(err, client.ErrClosed) && !errors.Is(err, client.ErrEnded) && !errors.Is(err, wire.Refuse(wire.CodeGoodbye)) {
						t.Errorf("line %d: %v", i, err)
					}
					return
				}
				acknowledged.Add(1)
				if i == 5 {
					started <- struct{}{}
				}
			}
		})
	}
	<-started
	<-started
	w.Stop()
	senders.Wait()
	entries, err := w.Store.Entries(t.Context(), room, 0, 100_000)
	must(t, err)
	var stored int64
	for _, e := range entries {
		if e.Kind == models.EntryMessage {
			stored++
		}
	}
	if stored < acknowledged.Load() {
		t.Fatalf("%d messages were acknowledged and %d stored", acknowledged.Load(), stored)
	}
}
