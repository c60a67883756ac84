package trust

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// MaxHello bounds a signed hello, in bytes.
const MaxHello = 8 << 10

// Hello is what the server says of itself on a connection, signed with the key of its TLS certificate.
type Hello struct {
	Org      models.OrgID // zero before the organisation is founded
	Server   models.Hash  // server id
	Versions []uint32     // of the protocol
	Features []string
	Virtual  bool        // virtual cameras are allowed: every window shows it
	Lamp     bool        // the window's light has to be seen on the face: no desk can leave it out
	Head     models.Hash // of the directory
	Seq      uint64      // how many statements the directory holds
	Time     time.Time
	Exporter [32]byte // of the connection
}

type helloPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Server   models.Hash
	Versions []uint32
	Features []string
	Virtual  bool
	Head     models.Hash
	Seq      uint64
	Time     int64
	Exporter [32]byte
	Ext      Ext
}

// extLamp of a hello holds true where Hello.Lamp does, and is left out otherwise. It is even: a desk that does not show the light would let nobody
// in, and says at once that it is too old.
const extLamp = 2

// NewHello signs h.
func NewHello(h Hello, key ed25519.PrivateKey) ([]byte, error) {
	p := helloPayload{Header: NewHeader(LabelHello, h.Org), Server: h.Server, Versions: h.Versions, Features: h.Features, Virtual: h.Virtual,
		Head: h.Head, Seq: h.Seq, Time: millis(h.Time), Exporter: h.Exporter}
	if h.Lamp {
		p.Ext = Ext{extLamp: canon.MustMarshal(true)}
	}
	signed := Sign(LabelHello, canon.MustMarshal(p), key)
	if _, err := OpenHello(signed, key.Public().(ed25519.PublicKey)); err != nil {
		return nil, fmt.Errorf("make a hello: %w", err)
	}
	return signed, nil
}

// OpenHello checks form and signature; the caller compares exporter, organisation and server id.
func OpenHello(signed []byte, key ed25519.PublicKey) (Hello, error) {
	fail := func(err error) (Hello, error) { return Hello{}, fmt.Errorf("server's hello: %w", err) }
	p, err := open[helloPayload](LabelHello, signed, MaxHello, key)
	if err != nil {
		return fail(err)
	}
	if len(p.Versions) > 16 || len(p.Features) > 64 {
		return fail(ErrFormat)
	}
	for _, f := range p.Features {
		if err := checkText("feature", f, 64); err != nil {
			return fail(err)
		}
	}
	value, lamp := p.Ext[extLamp]
	if lamp && !bytes.Equal(value, canon.MustMarshal(true)) {
		return fail(fmt.Errorf("%w: ext %d", ErrFormat, extLamp))
	}
	delete(p.Ext, extLamp)
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	return Hello{Org: p.Org, Server: p.Server, Versions: p.Versions, Features: p.Features, Virtual: p.Virtual, Lamp: lamp,
		Head: p.Head, Seq: p.Seq, Time: fromMillis(p.Time), Exporter: p.Exporter}, nil
}
