package client_test

import (
	"slices"
	"testing"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// signAs signs a statement of the directory on top of a state, whatever the state says of who may.
func signAs(d *trust.Directory, l trust.Label, by trust.Author, body any) []byte {
	n, head := d.Tip()
	return trust.Sign(l, canon.MustMarshal(trust.Statement{
		Header: trust.NewHeader(l, d.Org()), Seq: n, Prev: head, Author: by.Account, Time: by.At.UnixMilli(), Body: canon.MustMarshal(body),
	}), by.Key)
}

// An admin whose role was taken away keeps his session, his keys and a program that tries everything. The server refuses each deed; and where a server
// would let his statements pass, the others' desks do not follow them.
func TestRemovedAdmin(t *testing.T) {
	x := auditWorld(t)
	desk, carl := x.carl()
	eve := x.SignUp(x.desk, "eve", 4)
	s := x.LogIn(desk, carl)
	if !s.IsAdmin() {
		t.Fatal("carl is no admin yet")
	}
	must(t, x.role(carl.Account, false))
	must(t, s.ReadDirectory(t.Context()))
	x.Prove(s) // that he is there helps him nothing

	call := func(typ string, body any) error { return s.Connection().Call(t.Context(), typ, body, new(any)) }
	for typ, body := range map[string]any{
		wire.TypeSignupList: wire.SignupList{}, wire.TypeSignupAlike: wire.SignupAlike{Accounts: []models.AccountID{eve.Account}},
		wire.TypeSignupReject: wire.SignupReject{Account: eve.Account}, wire.TypeDeskInvite: wire.Empty{}, wire.TypeDeskList: wire.Empty{},
		wire.TypeAuditHead: wire.AuditHead{Known: []uint64{}},
	} {
		if err := call(typ, body); codeOf(err) != wire.CodeNotAllowed {
			t.Errorf("%s: %v", typ, err)
		}
	}

	by, dir := s.Author(), x.s.Directory()
	statements := map[string][]byte{
		"makes himself an admin": signAs(dir, trust.LabelRole, by, []any{carl.Account, true}),
		"approves somebody":      signAs(dir, trust.LabelIdentity, by, []any{eve.Account, "eve"}),
		"lists a desk":           signAs(dir, trust.LabelDesk, by, []any{models.DeskID{1}, "his"}),
		"revokes a person":       signAs(dir, trust.LabelRevoke, by, []any{x.ada.Account, models.DeskID{}}),
		"revokes a desk":         signAs(dir, trust.LabelRevoke, by, []any{models.AccountID{}, x.desk.ID()}),
		"signs a log's head":     signAs(dir, trust.LabelAudit, by, []any{x.s.Hello().Server, uint64(9999), models.Hash{1}}),
		"writes what is newer":   signAs(dir, "visavis/v1/dir/novelty", by, []any{}),
	}
	var entries []models.Entry
	for what, signed := range statements {
		e := models.Entry{Kind: models.EntryStatement, Author: carl.Account, Body: signed, At: x.Clock.Now()}
		must(t, models.Draw(&e.Message, nil))
		entries = append(entries, e)
		_, err := s.AppendRaw(wire.LogAppend{Kind: e.Kind, Message: e.Message, Body: e.Body, Boxes: []wire.Box{}})
		if codeOf(err) != wire.CodeNotAllowed {
			t.Errorf("he %s: %v", what, err)
		}
		_, err = s.AppendRaw(wire.LogAppend{Kind: e.Kind, Message: e.Message, Body: slices.Concat(e.Body, []byte{0}), Boxes: []wire.Box{}})
		if codeOf(err) != wire.CodeInvalid {
			t.Errorf("he %s, with a byte too many: %v", what, err)
		}
	}
	refused(t, call(wire.TypeRootAppend, wire.RootAppend{Statements: [][]byte{statements["makes himself an admin"]}}), wire.CodeNotAllowed)

	// A server that does his will has them in its log.
	before := dir.Head()
	_, err := x.Store.Append(t.Context(), entries)
	must(t, err)
	x.s.Close()
	x.Stop()
	x.Start(nil)
	for name, again := range map[string]struct {
		admin bool
		s     func() (*trust.Directory, error)
	}{
		"ada": {true, func() (*trust.Directory, error) {
			s := x.LogIn(x.desk, x.ada)
			return s.Directory(), s.WaitAudit(t.Context())
		}},
		"carl": {false, func() (*trust.Directory, error) { return x.LogIn(desk, carl).Directory(), nil }},
	} {
		d, err := again.s()
		must(t, err)
		if _, stands := d.SeqOf(before); !stands || d.Newer() || d.IsAdmin(carl.Account) || !d.IsAdmin(x.ada.Account) || d.Witnessed().By == carl.Account {
			t.Errorf("%s follows what carl signed", name)
		}
		if _, admitted := d.Identity(eve.Account); admitted {
			t.Errorf("%s takes eve for admitted", name)
		}
		if _, listed := d.Desk(x.desk.ID()); !listed {
			t.Errorf("%s takes the desk for revoked", name)
		}
	}
}
