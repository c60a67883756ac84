package server_test

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// What the settings demand of a face is what the desk is told, and what is judged; settings that nobody knows start no server.
func TestFaceSettings(t *testing.T) {
	for lamp, want := range map[string]bool{"ignored": false, "noted": false, "required": true} {
		w := chattest.New(t, nil, func(o *server.Options) { o.Config.Face.Lamp = lamp })
		if c := w.Connect(w.Enrol(w.Invite(), "first")); c.LampRequired() != want {
			t.Errorf("lamp %s: required is %v", lamp, c.LampRequired())
		}
	}
	w := chattest.New(t, nil)
	for _, change := range []func(*server.Options){
		func(o *server.Options) { o.Config.Face.Lamp = "" },
		func(o *server.Options) { o.Config.Face.Level = "" },
		func(o *server.Options) { o.Config.Face.Level = "1-in-100" },
	} {
		o := w.Options
		change(&o)
		if _, err := server.New(t.Context(), o); err == nil {
			t.Errorf("a server with %+v", o.Config.Face)
		}
	}
}

// Where the light is required, a face that does not follow it is refused, at a desk that leaves it out as in a film of another light.
func TestLampRequired(t *testing.T) {
	w := chattest.New(t, nil, func(o *server.Options) { o.Config.Face.Lamp = "required" })
	d, ada := w.Found("ada", 1)
	calm := w.Eye(1)
	calm.Change = withoutLight
	_, err := w.TryLogIn(d, ada.Name, ada.Password, calm)
	refused(t, err, wire.CodeFace)
	w.LogIn(d, ada)

	noted := chattest.New(t, nil)
	d, ada = noted.Found("ada", 1)
	calm = noted.Eye(1)
	calm.Change = withoutLight
	_, err = noted.TryLogIn(d, ada.Name, ada.Password, calm)
	must(t, err)
}

// A request under a feature is refused to a desk that did not say it.
func TestFeatureUnsaid(t *testing.T) {
	named := server.Features(true)
	for typ, err := range server.Features(false) {
		if !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) || named[typ] != nil {
			t.Errorf("%s: %v without, %v with its feature", typ, err, named[typ])
		}
	}
	for _, typ := range []string{wire.TypeSignupAlike, wire.TypeAuditHead, wire.TypeProveBegin, wire.TypeProveFace} {
		if _, under := named[typ]; !under {
			t.Errorf("%s is under no feature", typ)
		}
	}
}

// Neither who signs up nor the desk is told of anybody whom the person looks like: no frame of a sign-up names him.
func TestSignUpTellsOfNobody(t *testing.T) {
	var tap atomic.Pointer[chattest.SafeBuffer] // of the connections that begin now
	tap.Store(new(chattest.SafeBuffer))
	w, d, admin, ben, _ := world(t, func(s *server.Server) {
		s.SetSecure(func(c server.SecureConn) server.SecureConn { return recorder{c, tap.Load()} })
	})
	own := new(chattest.SafeBuffer) // others hear of each other meanwhile
	tap.Store(own)
	c := w.Connect(d)
	e, err := d.StartSignUp(t.Context(), c, client.SignUp{
		Name: "again", Email: "again@example.org", Password: []byte("umbrella again 7 quartz lantern"), Consent: chattest.Consent,
	})
	must(t, err)
	defer e.Wipe()
	must(t, e.Enrol(t.Context(), w.Eye(ben.Face)))
	must(t, e.Try(t.Context(), w.Eye(ben.Face)))
	up, err := e.Finish(t.Context())
	must(t, err)
	_, err = d.SignupStatus(t.Context(), c, up)
	must(t, err)
	seen := []byte(own.String())
	if !bytes.Contains(seen, up.Account[:]) {
		t.Fatal("the tap misses the sign-up")
	}
	if bytes.Contains(seen, ben.Account[:]) || bytes.Contains(seen, []byte(wire.TypeSignupAlike)) {
		t.Error("the sign-up's connection names the person looked like")
	}
	list, err := admin.Signups(t.Context())
	must(t, err)
	if len(list) != 1 || len(list[0].Alike) != 1 || list[0].Alike[0].Account != ben.Account {
		t.Errorf("the admin sees %+v", list)
	}
}

// withoutLight is what a desk's eye sees that shows no light.
func withoutLight(e *biometrics.Evidence) {
	for i := range e.Frames {
		e.Frames[i].Skin, e.Frames[i].Scene = biometrics.Tone{R: 30000, G: 24000, B: 20000}, biometrics.Tone{R: 20000, G: 20000, B: 20000}
	}
}

// A desk that leaves half-way leaves no face behind, whether it went or was cut because it is listed no more.
func TestSignUpEndsWithItsConnection(t *testing.T) {
	for what, end := range map[string]func(*client.Session, *client.Desk, *client.Conn) error{
		"closed": func(_ *client.Session, _ *client.Desk, c *client.Conn) error { return c.Close() },
		"revoked": func(admin *client.Session, d *client.Desk, _ *client.Conn) error {
			return admin.RevokeDesk(t.Context(), d.ID())
		},
	} {
		t.Run(what, func(t *testing.T) {
			w, _, admin, _, _ := world(t, nil)
			d := w.Desk(admin, "second")
			c := w.Connect(d)
			e, err := d.StartSignUp(t.Context(), c, client.SignUp{
				Name: "cleo", Email: "cleo@example.org", Password: []byte("umbrella cleo 7 quartz lantern"), Consent: chattest.Consent,
			})
			must(t, err)
			defer e.Wipe()
			must(t, e.Enrol(t.Context(), w.Eye(3)))
			must(t, end(admin, d, c))
			w.WaitLog("left half-way")
		})
	}
}

// However many faces are looked through for who was deleted, a desk that is revoked beside the server is cut.
func TestSweepHoldsUpNoRevocation(t *testing.T) {
	store := &slowUsers{asked: make(chan struct{}), release: make(chan struct{})}
	w, _, admin, _, _ := world(t, func(s *server.Server) { s.SetSweep(time.Millisecond) }, func(o *server.Options) {
		store.Store = o.Store
		o.Store = store
	})
	defer close(store.release)
	second := w.Desk(admin, "second")
	c := w.Connect(second)
	store.armed.Store(true)
	<-store.asked
	must(t, w.Store.SetDeskStatus(t.Context(), second.ID(), models.DeskRevoked, w.Clock.Now()))
	select {
	case <-c.Done():
		refused(t, c.Err(), wire.CodeDesk)
	case <-time.After(20 * time.Second):
		t.Fatal("a sweep holds up a revocation")
	}
}
