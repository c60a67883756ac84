package client_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/models"
)

// outsider is a client that was written from the documents alone, in another language, as this test runs it: each says what the other is to do next.
type outsider struct {
	t   *testing.T
	w   *chattest.World
	in  io.Writer
	out *bufio.Scanner

	desk *client.Desk
	ben  *chattest.Person
	s    *client.Session
	hear map[models.RoomID]*reading
}

// step is what the outsider says: the step that he is at, and what is to be known of it.
type step struct {
	Step, Invite, Room, Say, Account string
	Name, Password, Phrase, Face     string
	Code, Desk                       string
	Millis                           int
	Want, Rooms                      []string
}

// answer is what he is told. Now is the world's clock, in Unix milliseconds.
type answer struct {
	Now         int64  `json:"now"`
	Invite      string `json:"invite,omitempty"`
	Name        string `json:"name,omitempty"`
	Password    string `json:"password,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Room        string `json:"room,omitempty"`
	Face        string `json:"face,omitempty"` // a descriptor, base64
	Desk        string `json:"desk,omitempty"`
	Code        string `json:"code,omitempty"`
}

// Somebody else's client founds the organisation, and it and ours meet in it: what each makes the other takes, and reads without a warning.
func TestAnotherImplementationMeetsThisOne(t *testing.T) {
	python, top := outsidersPython(t), outsidersShelf(t)
	w := chattest.New(t, nil, func(o *server.Options) { o.CheapPasswords = false })
	cmd := exec.CommandContext(t.Context(), python, filepath.Join(top, "docs/check/outsider.py"), top)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	o := &outsider{t: t, w: w, in: in, out: bufio.NewScanner(out), hear: map[models.RoomID]*reading{}}
	var said []string
	for o.out.Scan() {
		var s step
		must(t, json.Unmarshal(o.out.Bytes(), &s))
		said = append(said, s.Step)
		o.answer(o.follow(s))
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("after %q: %v\n%s", said, err, stderr.String())
	}
	steps := slices.DeleteFunc(said, func(s string) bool { return s == "wait" || s == "answer" })
	if want := []string{"begin", "desk", "sign up", "join", "invite", "direct", "gone", "which desk", "code", "lend", "left"}; !slices.Equal(steps, want) {
		t.Errorf("it went by %q, want %q", steps, want)
	}
}

func (o *outsider) answer(a answer) {
	a.Now = o.w.Clock.Now().UnixMilli()
	line, err := json.Marshal(a)
	must(o.t, err)
	if _, err := fmt.Fprintf(o.in, "%s\n", line); err != nil {
		o.t.Logf("it is told nothing more: %v", err)
	}
}

func (o *outsider) follow(s step) answer {
	o.t.Helper()
	switch s.Step {
	case "wait":
		o.w.Clock.Move(time.Duration(s.Millis) * time.Millisecond)
	case "begin":
		return answer{Invite: o.w.Invite(), Name: "Met outside"}
	case "desk":
		options := client.Options{Now: o.w.Clock.Now, Suites: []pake.Suite{pake.SuiteV1}}
		desk, err := client.Enrol(o.t.Context(), options, filepath.Join(o.w.Dir, "desks", "inside"), s.Invite, "inside", []biometrics.CameraInfo{chattest.Camera()})
		must(o.t, err)
		o.desk = desk
	case "sign up":
		o.ben = o.w.SignUp(o.desk, "ben", 2)
		return answer{Fingerprint: string(o.ben.Fingerprint)}
	case "join":
		o.s = o.w.LogIn(o.desk, o.ben)
		must(o.t, o.s.Join(o.t.Context(), o.room(s.Room)))
	case "answer":
		o.heard(o.room(s.Room)).until(s.Want...)
		says(o.t, o.s, o.room(s.Room), s.Say)
		o.heard(o.room(s.Room)).until(append(s.Want, s.Say)...)
	case "invite":
		return answer{Room: o.invite(s.Account)}
	case "direct":
		room, err := o.s.Direct(o.t.Context(), models.AccountID(o.id(s.Account)))
		must(o.t, err)
		if room != o.room(s.Room) {
			o.t.Errorf("ours is room %s", room)
		}
	case "gone":
		o.gone(o.room(s.Room))
	case "which desk":
		id := o.desk.ID()
		return answer{Desk: hex.EncodeToString(id[:])}
	case "code":
		return answer{Code: o.code(s)}
	case "lend":
		face, err := o.w.Eye(o.ben.Face).Look().MarshalBinary()
		must(o.t, err)
		return answer{Name: o.ben.Name, Password: o.ben.Password, Face: base64.StdEncoding.EncodeToString(face)}
	case "left":
		o.left(s)
	default:
		o.t.Fatalf("what is %q?", s.Step)
	}
	return answer{}
}

// heard is what this side's person has read in a room, in which nothing is to be warned of.
func (o *outsider) heard(room models.RoomID) *reading {
	r := o.hear[room]
	if r == nil {
		r = reads(o.t, o.s, room)
		o.hear[room] = r
	}
	for seq, warn := range r.warn {
		o.t.Errorf("entry %d: a warning, %v", seq, warn)
	}
	return r
}

func (o *outsider) room(text string) models.RoomID { return models.RoomID(o.id(text)) }

func (o *outsider) id(text string) (id [16]byte) {
	o.t.Helper()
	b, err := hex.DecodeString(text)
	must(o.t, err)
	copy(id[:], b)
	return id
}

// gone waits until this side's person is told that he is out of a room.
func (o *outsider) gone(room models.RoomID) {
	for {
		u, err := o.s.Next(o.t.Context())
		must(o.t, err)
		if u.Room == room && u.News && !u.Open {
			return
		}
	}
}

// code logs this side's person in with the code that the outsider made for him, and makes one for the outsider, as the admin that he is by now.
func (o *outsider) code(s step) string {
	c, err := trust.ParseCode(s.Code)
	must(o.t, err)
	at, err := byCode(o.t, o.w, o.desk, o.ben, c)
	must(o.t, err)
	if at.ByCode() == nil || at.Account() != o.ben.Account {
		o.t.Error("it was no code that let him in")
	}
	o.w.Prove(o.s)
	made, _, err := o.s.MakeCode(o.t.Context(), models.AccountID(o.id(s.Account)), models.DeskID(o.id(s.Desk)))
	must(o.t, err)
	return made.Text()
}

// invite makes a room in which something was said before the outsider comes.
func (o *outsider) invite(account string) string {
	id, err := o.s.CreateRoomUnder(o.t.Context(), "Our own", trust.Policy{History: trust.HistoryAll, Invite: trust.RoleMember})
	must(o.t, err)
	says(o.t, o.s, id, "long before")
	must(o.t, o.s.Invite(o.t.Context(), id, models.AccountID(o.id(account))))
	return hex.EncodeToString(id[:])
}

// eye sees the face of an outsider, of whom a descriptor is known.
func (o *outsider) eye(text string) *chattest.Eye {
	b, err := base64.StdEncoding.DecodeString(text)
	must(o.t, err)
	var own biometrics.Descriptor
	must(o.t, own.UnmarshalBinary(b))
	eye := o.w.Eye(0)
	noise := rand.New(rand.NewPCG(eye.Seed, 0))
	eye.Change = func(e *biometrics.Evidence) {
		for i := range e.Frames {
			for k, v := range own {
				e.Frames[i].Descriptor[k] = v + float32(0.006*noise.NormFloat64())
			}
		}
	}
	return eye
}

// outsidersPython is the interpreter of Debian, which has the library that an outsider needs.
func outsidersPython(t *testing.T) string {
	t.Helper()
	const debian = "/usr/bin/python3"
	if err := exec.Command(debian, "-c", "import cryptography.fernet, ctypes; ctypes.CDLL('libargon2.so.1')").Run(); err != nil {
		if os.Getenv("VISAVIS_CI") == "1" {
			t.Fatalf("%v: apt-get install python3-cryptography libargon2-1", err)
		}
		t.Skipf("%v: no other implementation to meet", err)
	}
	return debian
}

// outsidersShelf is a folder with what the outsider is and reads.
func outsidersShelf(t *testing.T) string {
	t.Helper()
	const repo = "../.."
	top := t.TempDir()
	files, err := filepath.Glob(repo + "/docs/check/*.py")
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(top, "docs/check"), 0o700))
	for _, name := range append(files, repo+"/docs/crypto.md", repo+"/docs/protocol.md") {
		b, err := os.ReadFile(name)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(top, strings.TrimPrefix(name, repo)), b, 0o600))
	}
	return top
}

// left opens what the outsider leaves behind: his vault, by his password and by his phrase.
func (o *outsider) left(s step) {
	for alone := false; !alone; {
		members, err := o.s.Members(o.room(s.Room))
		must(o.t, err)
		if alone = len(members) == 1; !alone {
			_, err = o.s.Next(o.t.Context())
			must(o.t, err)
		}
	}
	at, err := o.w.TryLogIn(o.desk, s.Name, s.Password, o.eye(s.Face))
	must(o.t, err)
	for _, room := range s.Rooms {
		if at.PinOf(o.room(room)) == 0 {
			o.t.Errorf("the vault does not say where room %s was read", room)
		}
		must(o.t, at.Enter(o.t.Context(), o.room(room)))
		reads(o.t, at, o.room(room)).until(s.Want...)
	}
	phrase, err := e2e.ParsePhrase(s.Phrase)
	must(o.t, err)
	r, err := o.desk.ProvePhrase(o.t.Context(), o.w.Connect(o.desk), s.Name, phrase)
	must(o.t, err)
	must(o.t, r.ShowFace(o.t.Context(), o.eye(s.Face)))
}
