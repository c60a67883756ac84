package client_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// openRoot comes with the world's sheet, as it was typed from paper.
func openRoot(t *testing.T, w *chattest.World, d *client.Desk) *client.Root {
	t.Helper()
	r, err := tryRoot(t, w, d, w.Sheet.Text())
	must(t, err)
	return r
}

func tryRoot(t *testing.T, w *chattest.World, d *client.Desk, text string) (*client.Root, error) {
	t.Helper()
	sheet, err := trust.ParseRootSheet(text)
	if err != nil {
		return nil, err
	}
	r, err := d.OpenRoot(t.Context(), w.Connect(d), sheet)
	if err == nil {
		t.Cleanup(r.Wipe)
	}
	return r, err
}

// waits finds somebody among those who wait.
func waits(t *testing.T, r *client.Root, p *chattest.Person) client.Waiting {
	t.Helper()
	list, err := r.Waiting(t.Context())
	must(t, err)
	for _, x := range list {
		if x.Account == p.Account {
			return x
		}
	}
	t.Fatalf("%s does not wait", p.Name)
	return client.Waiting{}
}

// loseVaults makes people's vaults something that no key opens.
func loseVaults(t *testing.T, w *chattest.World, people ...*chattest.Person) {
	t.Helper()
	for _, p := range people {
		v, err := w.Store.VaultOf(t.Context(), p.Account)
		must(t, err)
		must(t, w.Store.PutVault(t.Context(), v, models.Vault{Account: p.Account, Version: v.Version + 1, Prev: v.Prev, Body: []byte("lost")}))
		if _, err := w.TryLogIn(w.First, p.Name, p.Password, w.Eye(p.Face)); !errors.Is(err, client.ErrVault) {
			t.Fatalf("%s has not lost the vault: %v", p.Name, err)
		}
	}
}

// TestRootRecovery: all admins have lost their vaults. With the sheet, and only with it, there is a new admin; he lets others in, and the rooms
// go on where they were.
func TestRootRecovery(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	at := w.LogIn(first, ben)
	id, err := at.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, at, admin, id)
	_, err = at.Send(ctx, id, "before")
	must(t, err)
	ada := &chattest.Person{Name: "ada", Face: 1, Password: "umbrella ada 7 quartz lantern", SignedUp: client.SignedUp{Account: admin.Account()}}
	must(t, admin.LogOut(ctx))
	loseVaults(t, w, ada)

	dora := w.SignUp(first, "dora", 3)
	r := openRoot(t, w, first)
	if err := r.Admit(ctx, waits(t, r, dora), "not what her screen shows"); !errors.Is(err, client.ErrFingerprint) {
		t.Fatalf("without her fingerprint: %v", err)
	}
	must(t, r.Admit(ctx, waits(t, r, dora), string(dora.Fingerprint)))
	must(t, r.Revoke(ctx, ada.Account))
	r.Wipe()

	newAdmin := w.LogIn(first, dora)
	if !newAdmin.IsAdmin() || newAdmin.Directory().IsAdmin(ada.Account) {
		t.Fatal("not an admin, or the lost one still is")
	}
	eve := w.SignUp(first, "eve", 4)
	w.Approve(newAdmin, eve)
	w.Desk(newAdmin, "second")
	joined := w.LogIn(first, eve)
	member(t, at, joined, id)
	_, err = at.Send(ctx, id, "after")
	must(t, err)
	if got := readText(t, joined, id); got != "after" {
		t.Errorf("eve read %q", got)
	}
}

// TestRootNamesAMember: somebody who has his vault is named by the sheet alone.
func TestRootNamesAMember(t *testing.T) {
	w, first, admin, ben := people(t)
	r := openRoot(t, w, first)
	if err := r.NameAdmin(t.Context(), models.AccountID{1}); !errors.Is(err, trust.ErrUnknown) {
		t.Errorf("somebody whom nobody knows: %v", err)
	}
	must(t, r.NameAdmin(t.Context(), ben.Account))
	if _, listed := r.Directory().Identity(admin.Account()); !listed || !r.Directory().IsAdmin(ben.Account) {
		t.Error("the directory was not read anew")
	}
	if s := w.LogIn(first, ben); !s.IsAdmin() {
		t.Error("not an admin")
	}
	if n := w.Audited("root.open ok", models.AccountID{}); n != 1 {
		t.Errorf("audited %d times", n)
	}
	if said := fmt.Sprintf("%v %+v %#v %s", r, r, r, r); strings.ContainsAny(said, "[{") {
		t.Errorf("printed: %s", said)
	}
}

// TestRootReplacesDesks: no desk is left, and nobody can log in anywhere. A machine with the operator's half of an invite and the sheet becomes the
// first desk again, and people's vaults open there.
func TestRootReplacesDesks(t *testing.T) {
	w, first, admin, ben := people(t)
	w.Desk(admin, "second")
	d := w.Enrol(w.Invite(), "third")
	if _, err := w.TryLogIn(d, ben.Name, ben.Password, w.Eye(ben.Face)); err == nil {
		t.Fatal("logged in at a desk that nobody listed")
	}
	r := openRoot(t, w, d)
	must(t, r.ReplaceDesks(t.Context()))
	if desks := r.Directory().Desks(); len(desks) != 1 || desks[0].ID != d.ID() {
		t.Errorf("%d desks are listed", len(desks))
	}
	if err := r.ReplaceDesks(t.Context()); !errors.Is(err, client.ErrDeskListed) {
		t.Errorf("twice: %v", err)
	}
	if c, err := first.Connect(t.Context()); err == nil {
		_ = c.Close()
		t.Error("a desk that was replaced still connects")
	}
	again, err := client.LoadDesk(w.DeskOptions(), filepath.Join(w.Dir, "desks", "third"))
	must(t, err)
	s := w.LogIn(again, ben)
	_, err = s.CreateRoom(t.Context(), "Cellar")
	must(t, err)
}

// Who comes with another sheet, or less than one, gets nowhere, and the sheet's key goes nowhere.
func TestWrongSheet(t *testing.T) {
	w, first, _, _ := people(t)
	other := chattest.New(t, nil)
	other.Found("mallory", 9)
	half := strings.Join(strings.Split(w.Sheet.Text(), "\n")[:4], "\n")
	mixed, unroot := w.Sheet, w.Sheet
	mixed.CA = other.Sheet.CA
	unroot.Root = other.Sheet.Root
	fresh := w.Enrol(w.Invite(), "fresh") // knows no organisation that it could compare with
	for _, c := range []struct {
		name string
		desk *client.Desk
		text string
		want error
	}{
		{"another organisation's", first, other.Sheet.Text(), client.ErrSheet},
		{"another organisation's, at a desk without one", fresh, other.Sheet.Text(), client.ErrSheet},
		{"another server's authority", first, mixed.Text(), client.ErrSheet},
		{"another root's key", first, unroot.Text(), client.ErrSheet},
		{"another root's key, at a desk without one", fresh, unroot.Text(), wire.Refuse(wire.CodeNotAllowed)},
		{"half of it", first, half, trust.ErrFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := tryRoot(t, w, c.desk, c.text); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if n := w.Audited("root.open denied", models.AccountID{}); n != 1 {
		t.Errorf("%d denials in the audit log: only one was for the server to see", n)
	}
}

// A desk asks for the directory, for who waits and for what the root may sign, without the root's proof, with one of another connection, or of
// another desk.
func TestRootProofIsBound(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	ctx := t.Context()
	proof := func(d *client.Desk, c *client.Conn, change func(*trust.RootProof)) []byte {
		exporter, err := pki.Exporter(c.TLS(), wire.ExporterLabel, nil)
		must(t, err)
		p := trust.RootProof{Org: d.Org(), Server: c.Hello().Server, Desk: d.ID(), Exporter: [32]byte(exporter)}
		change(&p)
		return trust.NewRootProof(p, w.Sheet.Key())
	}
	earlier := w.Connect(first)
	old := proof(first, earlier, func(*trust.RootProof) {})
	for _, c := range []struct {
		name  string
		proof func(*client.Conn) []byte
		ok    bool
	}{
		{"of another connection", func(*client.Conn) []byte { return old }, false},
		{"of another desk", func(c *client.Conn) []byte { return proof(first, c, func(p *trust.RootProof) { p.Desk = second.ID() }) }, false},
		{"of another server", func(c *client.Conn) []byte { return proof(first, c, func(p *trust.RootProof) { p.Server[0] ^= 1 }) }, false},
		{"of another organisation", func(c *client.Conn) []byte { return proof(first, c, func(p *trust.RootProof) { p.Org[0] ^= 1 }) }, false},
		{"by an admin's key", func(c *client.Conn) []byte {
			payload, err := trust.Payload(proof(first, c, func(*trust.RootProof) {}))
			must(t, err)
			return trust.Sign(trust.LabelRootProof, payload, admin.Author().Key)
		}, false},
		{"the root's", func(c *client.Conn) []byte { return proof(first, c, func(*trust.RootProof) {}) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := w.Connect(first)
			read := func() error {
				return conn.Call(ctx, wire.TypeRootRead, wire.RootRead{}, new(wire.RootReadReply))
			}
			refused(t, read(), wire.CodeNotAllowed)
			refused(t, conn.Call(ctx, wire.TypeSignupList, wire.SignupList{}, new(wire.SignupListReply)), wire.CodeNotAllowed)
			err := conn.Call(ctx, wire.TypeRootOpen, wire.RootOpen{Proof: c.proof(conn)}, new(wire.Empty))
			if (err == nil) != c.ok {
				t.Fatalf("proof: %v", err)
			}
			if err := read(); (err == nil) != c.ok {
				t.Errorf("reading: %v", err)
			}
			if !c.ok && conn.Err() == nil {
				t.Error("the connection goes on")
			}
		})
	}
	t.Run("a person who logs in after it", func(t *testing.T) {
		conn := w.Connect(first)
		must(t, conn.Call(ctx, wire.TypeRootOpen, wire.RootOpen{Proof: proof(first, conn, func(*trust.RootProof) {})}, new(wire.Empty)))
		s, err := first.LogIn(ctx, conn, ben.Name, []byte(ben.Password), w.Eye(ben.Face))
		must(t, err)
		defer s.Close()
		refused(t, conn.Call(ctx, wire.TypeSignupList, wire.SignupList{}, new(wire.SignupListReply)), wire.CodeNotAllowed)
		refused(t, conn.Call(ctx, wire.TypeRootRead, wire.RootRead{}, new(wire.RootReadReply)), wire.CodeNotAllowed)
	})
}

// The holder of the sheet wants to read what is said: the root is in no room, gets no vault and no box, and its word counts in no room.
func TestRootReadsNoRoom(t *testing.T) {
	w, first, admin, _ := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Closed")
	must(t, err)
	r := openRoot(t, w, first)
	c := r.Connection()
	for typ, body := range map[string]any{
		wire.TypeLogFollow: wire.LogFollow{Room: id}, wire.TypeRoomList: wire.RoomList{}, wire.TypeVaultGet: wire.Empty{},
		wire.TypeBoxGet: wire.BoxGet{Room: id}, wire.TypeDeskInvite: wire.Empty{}, wire.TypeAuditHead: wire.AuditHead{},
		wire.TypeLogAppend: wire.LogAppend{Room: id, Kind: models.EntryStatement, Message: models.MessageID{1}, Body: []byte{0}},
	} {
		var code wire.Code
		if err := c.Call(ctx, typ, body, new(wire.Empty)); err != nil {
			code = codeOf(err)
		}
		if code != wire.CodeNotAllowed {
			t.Errorf("%s: answered by %d", typ, code)
		}
	}
	// A statement of a room by the root: it goes into the directory's log or nowhere, and there it is none.
	entries, err := w.Store.Entries(ctx, id, 0, 1)
	must(t, err)
	payload, err := trust.Payload(entries[0].Body)
	must(t, err)
	err = c.Call(ctx, wire.TypeRootAppend, wire.RootAppend{Statements: [][]byte{trust.Sign(trust.LabelCreate, payload, w.Sheet.Key())}}, new(wire.Empty))
	refused(t, err, wire.CodeInvalid)
}

// Statements of the root that were recorded are handed in again, by the server or by whoever holds a desk: for an admin whose role was taken away
// since, and for a desk that was revoked.
func TestRootStatementsCountOnce(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	r := openRoot(t, w, first)
	must(t, r.NameAdmin(ctx, ben.Account))
	entries, err := w.Store.Entries(ctx, models.RoomID{}, 0, 100)
	must(t, err)
	must(t, admin.TakeRole(ctx, ben.Account))
	for _, e := range entries {
		st, err := trust.ParseStatement(e.Body)
		must(t, err)
		if !st.Author.IsZero() {
			continue
		}
		before := lastSeq(t, w, models.RoomID{})
		_ = w.Connect(first).Call(ctx, wire.TypeRootAppend, wire.RootAppend{Statements: [][]byte{e.Body}}, new(wire.Empty)) // the same entry: stored already
		if after := lastSeq(t, w, models.RoomID{}); after != before {
			t.Errorf("statement %d was stored again", st.Seq)
		}
	}
	if s := w.LogIn(first, ben); s.IsAdmin() {
		t.Error("an admin again")
	}
}

// The server shows the holder of the sheet a directory from before somebody was revoked, to have the root sign on top of it; or another
// organisation's.
func TestRootAndAnOldDirectory(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	must(t, admin.RevokeAccount(t.Context(), ben.Account))
	seen, _ := first.Seen()
	w.Stop()
	h.lies.Store(&lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room.IsZero() {
			return es[:min(len(es), int(seen)-1)]
		}
		return es
	}})
	w.Start(nil)
	first.SetSeen(seen-2, models.Hash{1}) // another past, which the hello alone does not show
	if _, err := tryRoot(t, w, first, w.Sheet.Text()); !errors.Is(err, client.ErrOldDirectory) {
		t.Errorf("another past than the desk has seen: %v", err)
	}
	restart(w, h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room.IsZero() {
			return slices.DeleteFunc(es, func(e models.Entry) bool { return e.Seq > 3 })
		}
		return es
	}})
	first.SetSeen(0, models.Hash{})
	if _, err := tryRoot(t, w, first, w.Sheet.Text()); !errors.Is(err, client.ErrOldDirectory) {
		t.Errorf("less than the hello says: %v", err)
	}
}
