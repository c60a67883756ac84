package trust

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

const pepperFile = "testdata/v1/pepper.json"

// pepperVector is a directory in which peppers are named, with what is refused of it, and the text of a pepper.
type pepperVector struct {
	Org        string
	Statements []walkedStatement
	Peppers    []string // ids, the newest last
	Pepper     string
	Text       string
}

func makePeppers(t *testing.T) pepperVector {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	var v pepperVector
	for i, signed := range o.log {
		v.Statements = append(v.Statements, walkedStatement{Name: "statement " + string(rune('0'+i)), Signed: hex.EncodeToString(signed)})
	}
	p := func(n byte) models.Hash { return PepperID(Pepper{n}) }
	say := func(name string, by user, to, from models.Hash) {
		s := Statement{Header: Header{Org: o.dir.Org()}, Seq: o.dir.Len(), Prev: o.dir.Head(), Author: by.account}
		signed := check[[]byte](t)(signStatement(LabelPepperNamed, s, pepperBody{Pepper: to, Prev: from}, by.key, testTime))
		_, err := o.dir.Apply(signed)
		v.Statements = append(v.Statements, walkedStatement{Name: name, Signed: hex.EncodeToString(signed), Refused: reason(t, err)})
	}
	root := user{key: o.root}
	say("no pepper", alice, models.Hash{}, p(1))
	say("after none", alice, p(2), models.Hash{})
	say("by a member", bob, p(2), p(1))
	say("after itself", alice, p(1), p(1))
	say("the first one replaced", alice, p(2), p(1))
	say("the first one replaced again", alice, p(3), p(1))
	say("back to the first one", alice, p(1), p(2))
	say("the same again", alice, p(2), p(2))
	say("by the root", root, p(3), p(2))
	say("back to the second one", alice, p(2), p(3))
	v.Org = o.dir.Org().String()
	for _, id := range o.dir.Peppers() {
		v.Peppers = append(v.Peppers, id.String())
	}
	secret := Pepper{9, 8, 7}
	v.Pepper, v.Text = hex.EncodeToString(secret[:]), PepperText(o.dir.Org(), secret)
	return v
}

// TestPeppers: each pepper follows the one before, and none comes back: else a server that has an old statement, or an admin, could lead vaults back
// under a pepper that was stolen.
func TestPeppers(t *testing.T) {
	v := makePeppers(t)
	refused := map[string]string{}
	for _, s := range v.Statements {
		refused[s.Name] = s.Refused
	}
	for name, want := range map[string]string{
		"no pepper": "format", "after none": "format", "by a member": "not allowed", "after itself": "taken", "the first one replaced": "",
		"the first one replaced again": "prev", "back to the first one": "taken", "the same again": "taken", "by the root": "", "back to the second one": "taken",
	} {
		if got, made := refused[name]; !made || got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if len(v.Peppers) != 3 || v.Peppers[2] != PepperID(Pepper{3}).String() {
		t.Errorf("peppers: %v", v.Peppers)
	}
	o := newOrg(t)
	if len(o.dir.Peppers()) != 0 {
		t.Error("peppers before any was replaced")
	}
}

// TestPepperVectors walks what was once signed.
func TestPepperVectors(t *testing.T) {
	b, err := os.ReadFile(pepperFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		b, _ = json.MarshalIndent(makePeppers(t), "", "\t")
		err = os.WriteFile(pepperFile, append(b, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	var v pepperVector
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	d := NewDirectory(models.OrgID{})
	for _, s := range v.Statements {
		_, err := d.Apply(check[[]byte](t)(hex.DecodeString(s.Signed)))
		if got := reason(t, err); got != s.Refused {
			t.Errorf("%s: %q, want %q", s.Name, got, s.Refused)
		}
	}
	var ids []string
	for _, id := range d.Peppers() {
		ids = append(ids, id.String())
	}
	if d.Org().String() != v.Org || !slices.Equal(ids, v.Peppers) || d.Newer() {
		t.Errorf("peppers %v, want %v", ids, v.Peppers)
	}
	p := check[Pepper](t)(ParsePepper(v.Text, d.Org()))
	if hex.EncodeToString(p[:]) != v.Pepper || PepperText(d.Org(), p) != v.Text {
		t.Error("another pepper, or another text")
	}
}

func TestPepperTextRefuses(t *testing.T) {
	org := models.OrgID{1}
	text := PepperText(org, Pepper{1})
	raw := func(p pepperPayload) string {
		t.Helper()
		body := canon.MustMarshal(p)
		sum := LabelPepperText.Hash(body)
		return pepperPrefix + base64.RawURLEncoding.EncodeToString(append(body, sum[:4]...))
	}
	good := pepperPayload{Header: NewHeader(LabelPepperText, org), Pepper: Pepper{1}}
	newer, other := good, good
	newer.Ext = Ext{2: canon.MustMarshal(1)}
	other.Type = LabelInviteText.Type()
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"another organisation's": {PepperText(models.OrgID{2}, Pepper{1}), ErrOrg}, "of zeros": {PepperText(org, Pepper{}), ErrFormat},
		"something newer": {raw(newer), ErrNewer}, "another kind of thing": {raw(other), ErrFormat}, "two lines": {text[:30] + "\n" + text[30:], ErrFormat},
		"no title": {strings.TrimPrefix(text, pepperPrefix), ErrFormat}, "a letter off": {strings.Replace(text, text[40:41], "_", 1), ErrChecksum},
		"something behind it": {text + "AA", ErrChecksum},
	} {
		if _, err := ParsePepper(c.text, org); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if raw(good) != text {
		t.Error("the test's own text is another")
	}
}

func FuzzPepperText(f *testing.F) {
	org := models.OrgID{1}
	f.Add(PepperText(org, Pepper{1}))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePepper(text, org)
		if err == nil && len(PepperText(org, p)) > len(text) {
			t.Fatal("parsed, and its text is longer")
		}
	})
}
