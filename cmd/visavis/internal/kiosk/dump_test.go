//go:build linux

package kiosk

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/dump"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/renew"
)

// hand makes a run of these tests a window that somebody keeps: TestAsAWindow.
var hand = flag.Int("hand", 0, "the descriptor of a window's keeper")

// A window that is a process of its own says a line on the first of its files for what it has come to, and is told on the second what its person
// does.
const (
	saysFile = renew.FirstFile + iota
	toldFile
)

// TestAsAWindow is a process of a desk's window in TestADumpOfALockedWindow, and nothing otherwise.
func TestAsAWindow(t *testing.T) {
	if *hand == 0 {
		return
	}
	keeper, err := renew.Inherit(*hand)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	t.Cleanup(func() {
		if null, err := os.Open(os.DevNull); err == nil && !t.Failed() {
			os.Stdout = null // PASS is for the test that keeps it to say
		}
	})
	says, told := os.NewFile(saysFile, "says"), bufio.NewReader(os.NewFile(toldFile, "told"))
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(says, format+"\n", args...) }
	hear := func() string {
		line, err := told.ReadString('\n')
		if err != nil {
			return "end"
		}
		return strings.TrimSpace(line)
	}
	say("time?")
	now, err := strconv.ParseInt(hear(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	w := &chattest.World{T: t, Clock: chattest.NewClock(time.Unix(0, now).UTC()), Dir: os.Getenv(windowDir)}
	d := newDeskWith(t, w, "first", eye.Options{}, func(o *Options) {
		o.Rest, o.Gone, o.Renew = keeper.Rest(), keeper.Gone(), keeper.Renew
	})
	d.last = func() { // the look took its time at the server, too
		say("time is %d", w.Clock.Now().UnixNano())
		hear()
	}
	d.until("a page", func(s flow.State) bool { return s.Page == flow.LogIn || s.Page == flow.Locked })
	keeper.Shown()
	d.until("it is this one's", func(s flow.State) bool { return s.Busy == flow.Idle && s.Link == flow.LinkUp })
	d.showFace(1)
	for {
		say("%s %d", d.state().Page, os.Getpid())
		if !d.told(hear()) {
			break
		}
	}
}

// told does what a person does, and says that the window goes on.
func (d *desk) told(what string) bool {
	verb, text, _ := strings.Cut(what, " ")
	switch verb {
	case "login":
		d.logIn("ada", 1)
		d.do(flow.Action{Verb: flow.CreateRoom, Text: text})
		d.until("the room", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && s.Busy == flow.Idle })
	case "say":
		d.do(flow.Action{Verb: flow.SendText, Room: d.state().Talk.Open.ID, Text: text})
		d.until("it is stored", func(s flow.State) bool { return strings.HasSuffix(deliveries(s), text+":2") })
	case "unlock":
		d.k.Post(flow.Pressed{})
		d.until("the room", func(s flow.State) bool { return strings.Contains(deliveries(s), ":2") })
	case "lock", "logout":
		d.k.Post(map[string]flow.Event{"lock": flow.LockAsked{}, "logout": flow.LogOutAsked{}}[verb])
		d.until("another process is asked for", func(s flow.State) bool { return s.Busy == flow.Renewing })
		if err := d.over(); err != nil {
			d.t.Errorf("%s: not renewed: %v", verb, err)
		}
		return false
	default:
		return false
	}
	return true
}

const windowDir = "VISAVIS_TEST_WINDOW_DIR"

// windows are the processes of a desk's window, kept by this one.
type windows struct {
	t     *testing.T
	world *chattest.World
	says  *bufio.Reader
	told  *os.File
}

// openWindows starts the first.
func openWindows(t *testing.T, w *chattest.World) *windows {
	t.Helper()
	t.Setenv(windowDir, w.Dir)
	says, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	heard, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- renew.Keep(ctx, renew.Options{
			Path: os.Args[0], Args: []string{"-test.run=^TestAsAWindow$"}, Files: []*os.File{theirs, heard},
			Log: slog.New(slog.DiscardHandler), Patience: time.Minute,
		})
		_ = theirs.Close() // nobody says anything any more
	}()
	t.Cleanup(func() {
		_ = told.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the window: %v", err)
		}
		_, _ = says.Close(), heard.Close()
	})
	return &windows{t, w, bufio.NewReader(says), told}
}

// does tells the window something, and returns the page that it comes to and its process.
func (x *windows) does(what string) (page string, pid int) {
	x.t.Helper()
	if what != "" {
		x.tell(what)
	}
	for {
		line, err := x.says.ReadString('\n')
		if err != nil {
			x.t.Fatal(err)
		}
		var now int64
		switch n, _ := fmt.Sscanf(line, "time is %d", &now); {
		case n == 1:
			x.world.Clock.Move(time.Unix(0, now).Sub(x.world.Clock.Now()))
			x.tell("on")
		case line == "time?\n":
			x.tell(strconv.FormatInt(x.world.Clock.Now().UnixNano(), 10))
		default:
			if n, _ := fmt.Sscanf(line, "%s %d", &page, &pid); n != 2 {
				x.t.Fatalf("the window says %q", line)
			}
			return page, pid
		}
	}
}

func (x *windows) tell(line string) {
	if _, err := x.told.WriteString(line + "\n"); err != nil {
		x.t.Fatal(err)
	}
}

// A dump of a window that is locked, or whose person has logged out, is searched for every secret of the person's session, for the lock's key, and for
// what was written and read. While the person is inside, the same search finds them.
func TestADumpOfALockedWindow(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector maps more memory than anybody reads")
	}
	w := chattest.New(t, nil)
	d := founded(t, w)
	_ = d.stop()
	x := openWindows(t, w)
	x.does("")
	x.does("login " + plantedTitle)
	_, pid := x.does("say " + plantedSaid)
	keys := secretsOf(t, w)
	words := append(append(dump.Text(plantedTitle), dump.Text(plantedSaid)...), dump.Text(string(password("ada")))...)
	all := append(words, keys...)
	if found := looked(t, pid, all); found.Times(strconv.Quote(plantedSaid)) == 0 || len(keys) < 5 || lacks(found, keys) != nil {
		t.Fatalf("while ada is inside, only this is found: %v; not: %v", found, lacks(found, keys))
	}
	for range 2 {
		page, locked := x.does("lock")
		lock := dump.Key("the lock's key", lockKeyOf(t, w))
		if found := looked(t, locked, append(all, lock)); page != "locked" || locked == pid || len(found) > 0 {
			t.Fatalf("%s, process %d after %d, and there is still %v", page, locked, pid, found)
		}
		page, pid = x.does("unlock")
		if found := looked(t, pid, all); page != "inside" || pid != locked || found.Times(strconv.Quote(plantedSaid)) == 0 || found.Times("export key") == 0 {
			t.Fatalf("%s, and only this is found: %v", page, found)
		}
	}
	page, out := x.does("logout")
	if found := looked(t, out, all); page != "login" || out == pid || len(found) > 0 {
		t.Fatalf("%s, and there is still %v", page, found)
	}
}

func looked(t *testing.T, pid int, needles []dump.Needle) dump.Found {
	t.Helper()
	found, read, err := dump.Search(pid, needles)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("process %d: %d kB, %v", pid, read>>10, found)
	return found
}

// lacks are the needles that were not found.
func lacks(found dump.Found, needles []dump.Needle) (names []string) {
	for _, n := range needles {
		if found.Times(n.Name) == 0 {
			names = append(names, n.Name)
		}
	}
	return names
}

// secretsOf logs ada in once more, at a desk of her own, and returns what her session is made of.
func secretsOf(t *testing.T, w *chattest.World) []dump.Needle {
	t.Helper()
	desk, err := client.LoadDesk(w.DeskOptions(), w.Dir+"/desks/first")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.TryLogIn(desk, "ada", string(password("ada")), w.Eye(1))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rooms, err := s.Rooms(t.Context())
	if err != nil || len(rooms) != 1 {
		t.Fatalf("%d rooms, %v", len(rooms), err)
	}
	if err := s.Enter(t.Context(), rooms[0].ID); err != nil {
		t.Fatal(err)
	}
	list := []dump.Needle{
		dump.Key("export key", within(s, "export").Bytes()),
		dump.Key("vault key", within(s, "vault", "key").Bytes()),
		dump.Key("signing key", within(s, "vault", "Keys", "signing").Bytes()[:32]),
		dump.Key("box key", within(s, "vault", "Keys", "boxes", "seed").Bytes()),
	}
	room := within(s, "rooms").MapIndex(reflect.ValueOf(rooms[0].ID)).Elem()
	for it := room.FieldByName("keys").Elem().FieldByName("secrets").MapRange(); it.Next(); {
		list = append(list, dump.Key(fmt.Sprintf("generation %d", len(list)), it.Value().Bytes()))
	}
	for i := range list {
		list[i].Bytes = append([]byte(nil), list[i].Bytes...)
	}
	return list
}

// lockKeyOf is the key of the one lock that the server holds.
func lockKeyOf(t *testing.T, w *chattest.World) []byte {
	t.Helper()
	for it := within(w.Server, "sessions", "rows").MapRange(); it.Next(); {
		if lock := it.Value().Elem().FieldByName("lock"); !lock.IsNil() {
			key := lock.Elem().FieldByName("key")
			b := make([]byte, key.Len())
			for i := range b {
				b[i] = byte(key.Index(i).Uint())
			}
			return b
		}
	}
	t.Fatal("nobody is locked")
	return nil
}

// within follows fields from a pointer, whoever's they are; of a list it takes the first.
func within(x any, fields ...string) reflect.Value {
	v := reflect.ValueOf(x)
	for _, f := range fields {
		for v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v = v.FieldByName(f); v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
			v = v.Index(0)
		}
	}
	return v
}
