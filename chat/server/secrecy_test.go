package server_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models/canon"
)

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
	w.Prove(admin)
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
