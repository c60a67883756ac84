package trust

import (
	"crypto/ed25519"
	"errors"
	"math"
	"testing"

	"visavis/models"
	"visavis/models/audit"
	"visavis/models/canon"
)

func someAuditHead(o *org) AuditHead {
	return AuditHead{Org: o.dir.Org(), Server: models.Hash{1}, Log: audit.Head{Size: 12, Root: models.Hash{2}}, Time: testTime}
}

func TestAuditHead(t *testing.T) {
	o := newOrg(t)
	device := o.device.Public().(ed25519.PublicKey)
	signed := check[[]byte](t)(NewAuditHead(someAuditHead(o), o.device))
	if h := check[AuditHead](t)(OpenAuditHead(signed, device)); h != someAuditHead(o) {
		t.Fatalf("opened: %+v", h)
	}
	e := check[envelope](t)(split(signed))
	with := func(change func(*auditHeadPayload)) []byte {
		var p auditHeadPayload
		if err := Decode(e.Payload, MaxAuditHead, &p); err != nil {
			t.Fatal(err)
		}
		change(&p)
		return Sign(LabelAuditHead, canon.MustMarshal(p), o.device)
	}
	for what, c := range map[string]struct {
		signed []byte
		want   error
	}{
		"by another key":                     {Sign(LabelAuditHead, e.Payload, o.root), ErrSignature},
		"as something else":                  {Sign(LabelHello, e.Payload, o.device), ErrSignature},
		"of another type":                    {with(func(p *auditHeadPayload) { p.Type = LabelHello.Type() }), ErrFormat},
		"of a later version":                 {with(func(p *auditHeadPayload) { p.Version = 2 }), ErrNewer},
		"with what is not known":             {with(func(p *auditHeadPayload) { p.Ext = Ext{2: canon.MustMarshal(1)} }), ErrNewer},
		"of more events than any log":        {with(func(p *auditHeadPayload) { p.Size = audit.MaxSize + 1 }), ErrFormat},
		"of a size that is no int64":         {with(func(p *auditHeadPayload) { p.Size = math.MaxUint64 }), ErrFormat},
		"of no events, with a root":          {with(func(p *auditHeadPayload) { p.Size = 0 }), ErrFormat},
		"larger than a head":                 {with(func(p *auditHeadPayload) { p.Ext = Ext{1: canon.MustMarshal(make([]byte, MaxAuditHead))} }), ErrFormat},
		"with a byte behind it":              {append(append([]byte{}, signed...), 0), ErrFormat},
		"with what may be ignored: it is so": {with(func(p *auditHeadPayload) { p.Ext = Ext{1: canon.MustMarshal(1)} }), nil},
	} {
		if _, err := OpenAuditHead(c.signed, device); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	if _, err := NewAuditHead(AuditHead{Log: audit.Head{Size: audit.MaxSize + 1}}, o.device); err == nil {
		t.Error("a head that nobody reads was made")
	}
}

// The leaves' label is written down twice, since records know no rules.
func TestAuditEventLabel(t *testing.T) {
	if LabelAuditEvent != audit.Label {
		t.Errorf("%s is %s where leaves are made", LabelAuditEvent, audit.Label)
	}
}
