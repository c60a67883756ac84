package client_test

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// people is a world with an admin and ben, who was approved, at the first desk.
func people(t testing.TB, settings ...chattest.Settings) (w *chattest.World, first *client.Desk, admin *client.Session, ben *chattest.Person) {
	t.Helper()
	w = chattest.New(t, nil, settings...)
	first, ada := w.Found("ada", 1)
	admin = w.LogIn(first, ada)
	ben = w.SignUp(first, "ben", 2)
	w.Approve(admin, ben)
	return w, first, admin, ben
}

// Somebody knows ben's password and shows a face, or something else, that is not his.
func TestFaceRefused(t *testing.T) {
	w, first, _, ben := people(t)
	for _, attack := range []struct {
		name  string
		cheat func(*chattest.Eye)
	}{
		{"a stranger's face", func(e *chattest.Eye) { e.Face = 99 }},
		{"another member's face", func(e *chattest.Eye) { e.Face = 1 }},
		{"a flat picture of him, moved about", func(e *chattest.Eye) { e.Turn = -1 }},
		{"himself, for all but two frames at rest", func(e *chattest.Eye) { replaceFrames(e, 2) }},
		{"a stranger, for all but two frames", func(e *chattest.Eye) {
			e.Face, e.Replace = 99, func(i, _ int, _ biometrics.Observation) (chattest.Face, bool) { return 2, i < 2 }
		}},
		{"no frames at all", func(e *chattest.Eye) {
			e.Change = func(ev *biometrics.Evidence) { ev.Frames = ev.Frames[:0] }
		}},
		{"the frames of the first second alone", func(e *chattest.Eye) {
			e.Change = func(ev *biometrics.Evidence) { ev.Frames = ev.Frames[:11] }
		}},
		{"other weights", func(e *chattest.Eye) {
			e.Change = func(ev *biometrics.Evidence) { ev.Weights = "mine" }
		}},
		{"a camera that the directory does not list", func(e *chattest.Eye) { e.Info.Serial = "another" }},
	} {
		t.Run(attack.name, func(t *testing.T) {
			w.Clock.Move(time.Hour) // the waits of the attack before are over
			eye := w.Eye(ben.Face)
			attack.cheat(eye)
			_, err := w.TryLogIn(first, ben.Name, ben.Password, eye)
			refused(t, err, wire.CodeFace)
		})
	}
	w.Clock.Move(time.Hour)
	w.LogIn(first, ben) // he himself gets in
}

// replaceFrames puts a stranger into the last n frames.
func replaceFrames(e *chattest.Eye, n int) {
	e.Change = func(ev *biometrics.Evidence) {
		other := *e
		other.Face, other.Change, other.Clock = 99, nil, nil
		for i := len(ev.Frames) - n; i < len(ev.Frames); i++ {
			ev.Frames[i].Descriptor = other.Look()
		}
	}
}

// Who captured good evidence of ben, on the wire or at another desk, can not use it again.
func TestEvidenceBinding(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	ctx := t.Context()

	// attempt proves ben's password and plays his challenge; evidence is what an honest desk would hand in.
	attempt := func(t *testing.T, d *client.Desk) (a *client.Attempt, evidence []byte) {
		t.Helper()
		a, err := d.ProvePassword(ctx, w.Connect(d), ben.Name, []byte(ben.Password))
		must(t, err)
		challenge, err := a.Challenge(ctx)
		must(t, err)
		seen, err := w.Eye(ben.Face).Capture(ctx, challenge)
		must(t, err)
		evidence, err = a.Sign(seen)
		must(t, err)
		return a, evidence
	}
	// forge is a desk that signs what it likes.
	forge := func(t *testing.T, evidence []byte, device ed25519.PrivateKey, change func(*trust.Evidence)) []byte {
		t.Helper()
		e, err := trust.OpenEvidence(evidence, first.Device().Public().(ed25519.PublicKey))
		must(t, err)
		change(&e)
		forged, err := trust.NewEvidence(e, device)
		must(t, err)
		return forged
	}

	a, captured := attempt(t, first)
	s, err := a.Finish(ctx, captured)
	must(t, err)
	s.Close()

	for _, attack := range []struct {
		name string
		of   func(t *testing.T, evidence []byte) []byte
	}{
		{"evidence of an earlier log-in", func(*testing.T, []byte) []byte { return captured }},
		{"evidence of another desk", func(t *testing.T, _ []byte) []byte {
			_, other := attempt(t, second)
			return other
		}},
		{"signed by another desk", func(t *testing.T, b []byte) []byte {
			return forge(t, b, second.Device(), func(*trust.Evidence) {})
		}},
		{"one bit of the signature", func(_ *testing.T, b []byte) []byte { b[len(b)-1] ^= 1; return b }},
		{"no evidence", func(*testing.T, []byte) []byte { return []byte{} }},
		{"purpose", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Purpose = trust.PurposeSignup })
		}},
		{"organisation", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Org[0] ^= 1 })
		}},
		{"server", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Server[0] ^= 1 })
		}},
		{"login", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Login[0] ^= 1 })
		}},
		{"account", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Account[0] ^= 1 })
		}},
		{"desk", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Desk = second.ID() })
		}},
		{"TLS key", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.TLSKey[0] ^= 1 })
		}},
		{"connection", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Exporter[0] ^= 1 })
		}},
		{"challenge", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Challenge[0] ^= 1 })
		}},
		{"handshake", func(t *testing.T, b []byte) []byte {
			return forge(t, b, first.Device(), func(e *trust.Evidence) { e.Handshake[0] ^= 1 })
		}},
	} {
		t.Run(attack.name, func(t *testing.T) {
			w.Clock.Move(8 * 24 * time.Hour) // no limit is near
			a, evidence := attempt(t, first)
			_, err := a.Finish(ctx, attack.of(t, evidence))
			refused(t, err, wire.CodeFace)
			// The right one does not help any more: the login was burnt.
			_, err = a.Finish(ctx, evidence)
			refused(t, err, wire.CodeNotSignedIn)
		})
	}
	w.Clock.Move(8 * 24 * time.Hour)
	// A forger who changes nothing gets in: the table above fails for what it changes.
	a, evidence := attempt(t, first)
	s, err = a.Finish(ctx, forge(t, evidence, first.Device(), func(*trust.Evidence) {}))
	must(t, err)
	s.Close()
}

// Who guesses learns neither whether a name is known, nor whether its account was approved.
func TestPasswordRefused(t *testing.T) {
	w, first, _, ben := people(t)
	eve := w.SignUp(first, "eve", 3) // waits
	texts := map[string]bool{}
	for _, attack := range []struct{ name, as, password string }{
		{"wrong password", ben.Name, "not his password 123"},
		{"unknown name", "nobody", ben.Password},
		{"waiting account, wrong password", eve.Name, ben.Password},
		{"another's password", ben.Name, eve.Password},
		{"empty password", ben.Name, ""},
		{"not a name", "\u202e", ben.Password},
	} {
		t.Run(attack.name, func(t *testing.T) {
			eye := w.Eye(ben.Face)
			_, err := w.TryLogIn(first, attack.as, attack.password, eye)
			refused(t, err, wire.CodeNotSignedIn)
			if len(eye.Taken) != 0 {
				t.Fatal("a face was captured before the password was right")
			}
			var shown *wire.Error
			errors.As(err, &shown)
			texts[shown.Text] = true
			w.Clock.Move(time.Minute)
		})
	}
	if len(texts) != 1 {
		t.Fatalf("the refusals read differently: %v", texts)
	}
	_, err := w.TryLogIn(first, eve.Name, eve.Password, w.Eye(eve.Face))
	refused(t, err, wire.CodeNotAdmitted) // after the right password alone
}

// A known and an unknown name get answers of the same shape.
func TestUnknownNameLooksKnown(t *testing.T) {
	w, first, _, ben := people(t)
	c := w.Connect(first)
	size := map[string]int{}
	for _, name := range []string{ben.Name, "who"} {
		var reply wire.LoginReply
		must(t, c.Call(t.Context(), wire.TypeLoginStart, wire.LoginStart{Name: name, KE1: firstKE1(t, first)}, &reply))
		if reply.Account.IsZero() || reply.Login.IsZero() {
			t.Fatalf("%s: an empty answer", name)
		}
		size[name] = len(reply.KE2) + len(reply.Params)
		// A KE3 that proves nothing is refused alike.
		err := c.Call(t.Context(), wire.TypeLoginPassword, wire.LoginPassword{Login: reply.Login, KE3: make([]byte, 64)}, new(wire.Empty))
		refused(t, err, wire.CodeNotSignedIn)
	}
	if size[ben.Name] != size["who"] {
		t.Fatalf("answers of %d and %d bytes", size[ben.Name], size["who"])
	}
}

// After five failed faces in a row a sixth has to wait, even the right one.
func TestFacesAreCounted(t *testing.T) {
	w, first, _, ben := people(t)
	for range 5 {
		_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(99))
		refused(t, err, wire.CodeFace)
	}
	_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeWait)
	var wait *wire.Error
	if errors.As(err, &wait); wait.Seconds == 0 || wait.Seconds > 30 {
		t.Fatalf("told to wait %d seconds", wait.Seconds)
	}
	w.Clock.Move(time.Duration(wait.Seconds) * time.Second)
	w.LogIn(first, ben)
}

// An attacker at a machine that is no desk of this organisation, or no longer.
func TestDeskRefused(t *testing.T) {
	ctx := t.Context()
	w, first, admin, _ := people(t)

	t.Run("no certificate", func(t *testing.T) {
		cfg, err := first.RawTLS(false)
		must(t, err)
		cfg.Certificates = nil
		if c := tryTLS(t, w, cfg); c.end() != 0 {
			t.Fatal("the server spoke to a machine without a certificate")
		}
	})
	// A request of a session on the protocol without certificates gets nothing either: see TestWrongProtocol.

	keep := func(d *client.Desk) func() {
		key, cert := d.TLSKey(), d.CertificateDER()
		return func() { d.SetCertificate(key, cert) }
	}
	t.Run("certificate of a foreign authority", func(t *testing.T) {
		defer keep(first)()
		foreign, err := pki.NewAuthority(nil, "Test", w.Clock.Now())
		must(t, err)
		der, err := foreign.IssueDesk(nil, first.ID(), first.TLSKey().Public().(ed25519.PublicKey), w.Clock.Now())
		must(t, err)
		first.SetCertificate(first.TLSKey(), der)
		_, err = first.Connect(ctx)
		refused(t, err, wire.CodeDesk)
	})
	t.Run("certificate of ours for a key that was never enrolled", func(t *testing.T) {
		defer keep(first)()
		key, err := pki.NewKey(nil)
		must(t, err)
		der, err := w.Options.Authority.IssueDesk(nil, first.ID(), key.Public().(ed25519.PublicKey), w.Clock.Now())
		must(t, err)
		first.SetCertificate(key, der)
		_, err = first.Connect(ctx)
		refused(t, err, wire.CodeDesk)
	})
	t.Run("the server's own certificate", func(t *testing.T) {
		defer keep(first)()
		c := w.Options.Certificate
		first.SetCertificate(c.PrivateKey.(ed25519.PrivateKey), c.Certificate[0])
		_, err := first.Connect(ctx)
		refused(t, err, wire.CodeDesk)
	})
	t.Run("pending", func(t *testing.T) {
		invite, err := admin.InviteDesk(ctx)
		must(t, err)
		pending := w.Enrol(invite, "pending")
		c := w.Connect(pending) // it may ask, and gets nothing
		_, err = pending.SignUp(ctx, c, client.SignUp{Name: "mallory", Email: "m@example.org", Password: []byte("umbrella mallory 7 quartz"), Consent: chattest.Consent}, w.Eye(4))
		refused(t, err, wire.CodeDesk)
		_, err = w.TryLogIn(pending, "ben", "umbrella ben 7 quartz lantern", w.Eye(2))
		refused(t, err, wire.CodeDesk)
	})
	t.Run("an invite used twice", func(t *testing.T) {
		invite, err := admin.InviteDesk(ctx)
		must(t, err)
		w.Enrol(invite, "third")
		_, err = client.Enrol(ctx, w.DeskOptions(), t.TempDir(), invite, "fourth", nil)
		refused(t, err, wire.CodeNotFound)
	})
	t.Run("an invite after its time", func(t *testing.T) {
		invite, err := admin.InviteDesk(ctx)
		must(t, err)
		w.Clock.Move(w.Options.Config.Limits.Invite.Std())
		_, err = client.Enrol(ctx, w.DeskOptions(), t.TempDir(), invite, "late", nil)
		refused(t, err, wire.CodeNotFound)
	})
}

// A server takes real cameras only, unless its operator says otherwise; a desk with a puppet may say so, or lie.
func TestVirtualCameraRefused(t *testing.T) {
	w, first, _, ben := people(t)
	w.Stop()
	w.Options.Config.Camera.AllowVirtual = false
	w.Start(nil)

	_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeVirtualCamera) // the desk does not even ask
	seen := w.Eye(3)
	refused(t, signUp(t, w.Connect(first), first, "cleo").Enrol(t.Context(), seen), wire.CodeVirtualCamera)
	if len(seen.Taken) != 0 {
		t.Error("a sign-up's face was captured for nothing")
	}

	eye := &lyingEye{w.Eye(ben.Face)}
	_, err = w.TryLogIn(first, ben.Name, ben.Password, eye)
	refused(t, err, wire.CodeFace)
	if len(eye.Taken) != 1 {
		t.Fatal("the lying desk was not asked for a face: the server's own check was not reached")
	}
}

// A server that lets virtual cameras pass says so to every desk, and its log keeps that it did, from each start on.
func TestVirtualCamerasAreTold(t *testing.T) {
	w, first, _, _ := people(t)
	said := func() (bool, int) {
		return w.Connect(first).Hello().Virtual, w.Audited("camera.virtual allowed", models.AccountID{})
	}
	if told, n := said(); !told || n != 1 {
		t.Errorf("told: %v, audited %d times", told, n)
	}
	w.Stop()
	w.Options.Config.Camera.AllowVirtual = false
	w.Start(nil)
	if told, n := said(); told || n != 1 {
		t.Errorf("not allowed any more; told: %v, audited %d times", told, n)
	}
}

// lyingEye says that its camera is a real one, and its evidence says otherwise.
type lyingEye struct{ *chattest.Eye }

func (e *lyingEye) Camera() (biometrics.CameraInfo, error) {
	info := e.Info
	info.Virtual = false
	return info, nil
}
