package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/config"
	"visavis/models"
	"visavis/models/canon"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want wire.Code) {
	t.Helper()
	if !errors.Is(err, wire.Refuse(want)) {
		t.Fatalf("got %v, want code %d", err, want)
	}
}

func readText(t *testing.T, s *client.Session, id models.RoomID) string {
	t.Helper()
	for {
		u, err := s.Next(context.Background())
		must(t, err)
		if u.Room == id && u.Event != nil && u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			return string(u.Event.Message.Content)
		}
	}
}

// world is one with an admin, ben, and a room that both are in.
func world(t *testing.T, tap chattest.Tap, settings ...chattest.Settings) (w *chattest.World, d *client.Desk, admin *client.Session, ben *chattest.Person, room models.RoomID) {
	t.Helper()
	w = chattest.New(t, tap, settings...)
	d, ada := w.Found("ada", 1)
	admin = w.LogIn(d, ada)
	ben = w.SignUp(d, "ben", 2)
	w.Approve(admin, ben)
	room, err := admin.CreateRoom(t.Context(), "The secret kitchen")
	must(t, err)
	s := w.LogIn(d, ben)
	must(t, admin.Invite(t.Context(), room, ben.Account))
	must(t, s.Join(t.Context(), room))
	s.Close()
	return w, d, admin, ben, room
}

// recorder keeps everything that goes through a connection behind TLS.
type recorder struct {
	server.SecureConn
	to *chattest.SafeBuffer
}

func (r recorder) Read(b []byte) (int, error) {
	n, err := r.SecureConn.Read(b)
	_, _ = r.to.Write(b[:n])
	return n, err
}

func (r recorder) Write(b []byte) (int, error) {
	_, _ = r.to.Write(b)
	return r.SecureConn.Write(b)
}

// What a curious operator can find: in what comes out of TLS, in the log, and in the database.
func TestOperatorFindsNothing(t *testing.T) {
	var tap chattest.SafeBuffer
	w, d, admin, ben, room := world(t, func(s *server.Server) {
		s.SetSecure(func(c server.SecureConn) server.SecureConn { return recorder{c, &tap} })
	})
	ctx := t.Context()
	eye := w.Eye(ben.Face)
	s, err := w.TryLogIn(d, ben.Name, ben.Password, eye)
	must(t, err)
	must(t, s.Enter(ctx, room))
	const said, answered, mistyped = "meet me at the lighthouse at nine", "bring the green umbrella, not the red one", "a wrong password that I mistyped"
	_, err = admin.Send(ctx, room, said)
	must(t, err)
	if got := readText(t, s, room); got != said {
		t.Fatalf("read %q", got)
	}
	_, err = s.Send(ctx, room, answered)
	must(t, err)
	_, err = w.TryLogIn(d, ben.Name, mistyped, w.Eye(ben.Face)) // refusals are logged
	refused(t, err, wire.CodeNotSignedIn)
	_, err = w.TryLogIn(d, ben.Name, ben.Password, w.Eye(77))
	refused(t, err, wire.CodeFace)
	invite, err := admin.InviteDesk(ctx)
	must(t, err)
	secrets := personal(t, w, d, ben, invite)
	secrets["what was said"], secrets["what was answered"] = []byte(said), []byte(answered)
	secrets["the room's title"], secrets["a mistyped password"] = []byte("secret kitchen"), []byte(mistyped)
	entries, err := w.Store.Entries(ctx, room, 0, 1000)
	must(t, err)
	user, err := w.Store.UserByID(ctx, ben.Account)
	must(t, err)
	must(t, s.LogOut(ctx))
	w.Stop()

	network, log, database := []byte(tap.String()), []byte(w.Log.String()), readDatabase(t, w.Dir)
	for place, text := range map[string][]byte{"the network": network, "the log": log, "the database": database} {
		if !bytes.Contains(text, []byte(planted[place])) {
			t.Errorf("%s does not even hold %q: the search finds nothing", place, planted[place])
		}
		for name, secret := range secrets {
			if len(secret) < 8 {
				t.Fatalf("%s is too short to look for", name)
			}
			if bytes.Contains(text, secret) {
				t.Errorf("%s holds %s", place, name)
			}
		}
	}
	// The server judges live descriptors, so they are on the network; they may not rest anywhere.
	for i, o := range eye.Taken[0].Frames {
		big, err := o.Descriptor.MarshalBinary()
		must(t, err)
		if i == 0 && !bytes.Contains(network, big) {
			t.Error("the network holds no descriptor: the search finds nothing")
		}
		for place, text := range map[string][]byte{"the log": log, "the database": database} {
			if bytes.Contains(text, big[:64]) || bytes.Contains(text, little(o.Descriptor)[:64]) {
				t.Fatalf("%s holds a descriptor", place)
			}
		}
	}
	// The log holds nothing that is only for the database.
	for _, e := range entries {
		if bytes.Contains(log, e.Body) {
			t.Error("the log holds an entry")
		}
	}
	for name, b := range map[string][]byte{"template": user.Template, "record": user.Record, "bundle": user.Bundle} {
		if bytes.Contains(log, b[:32]) || !bytes.Contains(database, b[:32]) {
			t.Errorf("the log holds a %s, or the database does not", name)
		}
	}
}

// planted is what may be there, so that the search can fail.
var planted = map[string]string{"the network": "ben", "the log": "visavis", "the database": "ben@example.org"}

// personal is what ben and his desk have that nobody else may see.
func personal(t *testing.T, w *chattest.World, d *client.Desk, ben *chattest.Person, invite string) map[string][]byte {
	t.Helper()
	ctx := t.Context()
	inv, err := trust.ParseInvite(invite)
	must(t, err)
	a, ke1, err := pake.NewClient(d.Org(), pake.SuiteTest).Start([]byte(ben.Password))
	must(t, err)
	c := w.Connect(d)
	var answer wire.LoginReply
	must(t, c.Call(ctx, wire.TypeLoginStart, wire.LoginStart{Name: ben.Name, KE1: ke1}, &answer))
	var params pake.Params
	must(t, canon.Unmarshal(answer.Params, &params))
	ke3, session, export, err := a.Finish(pake.Answer{Account: answer.Account, Params: params, KE2: answer.KE2})
	must(t, err)
	must(t, c.Call(ctx, wire.TypeLoginPassword, wire.LoginPassword{Login: answer.Login, KE3: ke3}, new(wire.Empty)))
	must(t, c.Close())
	stored, err := w.Store.VaultOf(ctx, ben.Account)
	must(t, err)
	vault, err := e2e.OpenVault(stored, e2e.Unlock{Export: export[:], Pepper: inv.Pepper})
	must(t, err)
	file, err := os.ReadFile(filepath.Join(w.Dir, "desks", d.Name(), "desk.visavis"))
	must(t, err)
	var desk []canon.Raw
	must(t, canon.Unmarshal(file, &desk))
	return map[string][]byte{
		"a password": []byte(ben.Password), "an admin's password": []byte("umbrella ada 7 quartz lantern"),
		"a recovery phrase": []byte(ben.Phrase.Text()), "the vault pepper": inv.Pepper[:], "an invite's secret": inv.Secret[:],
		"an export key": export[:], "an OPAQUE session key": session[:],
		"a person's signing key": vault.Keys.Signing().Seed(), "the device key": desk[5], "the desk's TLS key": desk[6],
	}
}

func little(d biometrics.Descriptor) []byte {
	var b []byte
	for _, v := range d {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func readDatabase(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	files, err := filepath.Glob(filepath.Join(dir, "visavis.db*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		all = append(all, b...)
	}
	return all
}

// A bug in a handler.
func TestPanicEndsOneConnection(t *testing.T) {
	var armed atomic.Bool
	w, d, admin, _, room := world(t, func(s *server.Server) { s.SetPanic(wire.TypeSignupChallenge, &armed) })
	armed.Store(true)
	for range 3 {
		c := w.Connect(d)
		err := c.Call(t.Context(), wire.TypeSignupChallenge, wire.ByLogin{}, new(wire.ChallengeReply))
		refused(t, err, wire.CodeInternal)
		<-c.Done()
	}
	_, err := admin.Send(t.Context(), room, "still here")
	must(t, err)
	if got := readText(t, admin, room); got != "still here" {
		t.Fatalf("read %q", got)
	}
	if !strings.Contains(w.Log.String(), "injected") {
		t.Error("the panic is not in the log")
	}
}

// tapPanic is a connection whose writer meets a bug below it.
type tapPanic struct {
	server.SecureConn
	armed *atomic.Bool
}

func (c tapPanic) Write(b []byte) (int, error) {
	if c.armed.CompareAndSwap(true, false) {
		panic("injected below")
	}
	return c.SecureConn.Write(b)
}

// The same on the writer's goroutine.
func TestPanicInTheWriter(t *testing.T) {
	var armed atomic.Bool
	w, d, admin, _, _ := world(t, func(s *server.Server) {
		s.SetSecure(func(c server.SecureConn) server.SecureConn { return tapPanic{c, &armed} })
	})
	c := w.Connect(d)
	armed.Store(true)
	_ = c.Call(t.Context(), wire.TypeSignupChallenge, wire.ByLogin{}, new(wire.ChallengeReply))
	<-c.Done()
	_, err := admin.Rooms(t.Context())
	must(t, err)
}

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
	for range 3000 {
		calls.Go(func() { _ = c.Call(ctx, wire.TypeRoomList, wire.Empty{}, new(wire.RoomListReply)) })
	}
	w.WaitLog("cause=\"server: The connection was too slow")
	_, err = admin.Rooms(t.Context())
	must(t, err)
	cancel()
	calls.Wait()
	must(t, c.Close())
}

// Machines that connect and say nothing: desks get in all the same, and the silent ones go.
func TestSilentConnections(t *testing.T) {
	const places = 4
	w, d, _, _, _ := world(t, nil, func(o *server.Options) { o.Config.Limits.Handshakes = places })
	var silent []net.Conn
	for range 3 * places {
		nc, err := net.Dial("tcp", w.Address)
		must(t, err)
		defer nc.Close()
		silent = append(silent, nc)
	}
	c, err := d.Connect(t.Context())
	must(t, err)
	must(t, c.Close())
	for _, nc := range silent[:places] { // those were cut for it
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
