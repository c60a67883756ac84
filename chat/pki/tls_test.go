package pki

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"visavis/models"
)

var deskID = models.DeskID{1, 2, 3}

// world is one organisation: authority, server, desk.
type world struct {
	ca     *Authority
	server tls.Certificate
	desk   tls.Certificate
}

func newWorld(t *testing.T, names ...string) world {
	t.Helper()
	now := time.Now()
	ca := need(NewAuthority(nil, "Example", now))(t)
	if len(names) == 0 {
		names = []string{"127.0.0.1", "chat.example.org"}
	}
	serverKey, deskKey := need(NewKey(nil))(t), need(NewKey(nil))(t)
	serverDER := need(ca.IssueServer(nil, names, serverKey.Public().(ed25519.PublicKey), now))(t)
	deskDER := need(ca.IssueDesk(nil, deskID, deskKey.Public().(ed25519.PublicKey), now))(t)
	return world{
		ca:     ca,
		server: need(NewCertificate(serverKey, serverDER, ca.cert.Raw))(t),
		desk:   need(NewCertificate(deskKey, deskDER))(t),
	}
}

func need[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func allow(tls.ConnectionState) error { return nil }

// result is what both ends saw of a connection on which the server, if it lets the client in, says one byte.
type result struct {
	client, server           tls.ConnectionState
	clientErr, serverErr     error
	clientExport, serverExpo []byte
}

func (r result) in() bool { return r.clientErr == nil && r.serverErr == nil }

// connect runs a handshake over loopback.
func connect(t *testing.T, server, client *tls.Config) (r result) {
	t.Helper()
	ln := need(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer func() { _ = ln.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		nc, err := ln.Accept()
		if err != nil {
			r.serverErr = err
			return
		}
		c := tls.Server(nc, server)
		defer func() { _ = c.Close() }()
		if r.serverErr = c.HandshakeContext(ctx); r.serverErr != nil {
			return
		}
		r.server = c.ConnectionState()
		r.serverExpo, _ = Exporter(r.server, "EXPORTER-visavis-v1", []byte("login"))
		_, r.serverErr = c.Write([]byte{1})
		_, _ = c.Read(make([]byte, 1)) // until the client has read
	}()
	nc := need(net.Dial("tcp", ln.Addr().String()))(t)
	c := tls.Client(nc, client)
	if r.clientErr = c.HandshakeContext(ctx); r.clientErr == nil {
		r.client = c.ConnectionState()
		r.clientExport, _ = Exporter(r.client, "EXPORTER-visavis-v1", []byte("login"))
		_, r.clientErr = io.ReadFull(c, make([]byte, 1))
	}
	_ = c.Close()
	<-done
	return r
}

func TestRefusedByTheServer(t *testing.T) {
	w, foreign := newWorld(t), newWorld(t)
	now := time.Now()
	revoked := errors.New("revoked")
	fp := w.ca.Fingerprint()
	key := need(NewKey(nil))(t)
	pub := key.Public().(ed25519.PublicKey)
	selfMade := selfSigned(t, key, x509.ExtKeyUsageClientAuth)
	asServer := need(NewCertificate(key, need(w.ca.IssueServer(nil, []string{"desk"}, pub, now))(t)))(t)
	notYet := need(NewCertificate(key, need(w.ca.IssueDesk(nil, deskID, pub, now.Add(48*time.Hour)))(t)))(t)
	theCA := tls.Certificate{Certificate: [][]byte{w.ca.cert.Raw}, PrivateKey: w.ca.key}
	change := func(c *tls.Certificate, f func(*tls.Config)) *tls.Config {
		config := DeskTLS(c, fp, "127.0.0.1")
		f(config)
		return config
	}
	for _, c := range []struct {
		name   string
		client *tls.Config
		decide func(tls.ConnectionState) error
		want   error // of the server; nil: the library's own
	}{
		{"no certificate on visavis/1", change(nil, func(c *tls.Config) { c.NextProtos = []string{ProtoChat}; c.VerifyConnection = nil }), allow, nil},
		{"another organisation's desk", DeskTLS(&foreign.desk, fp, "127.0.0.1"), allow, ErrRefused},
		{"a certificate of its own making", DeskTLS(&selfMade, fp, "127.0.0.1"), allow, ErrRefused},
		{"a server's certificate as a desk's", DeskTLS(&asServer, fp, "127.0.0.1"), allow, ErrRefused},
		{"the authority itself as a desk", DeskTLS(&theCA, fp, "127.0.0.1"), allow, ErrRefused},
		{"not valid yet", DeskTLS(&notYet, fp, "127.0.0.1"), allow, ErrRefused},
		{"revoked", DeskTLS(&w.desk, fp, "127.0.0.1"), func(tls.ConnectionState) error { return revoked }, revoked},
		{"nobody decides", DeskTLS(&w.desk, fp, "127.0.0.1"), nil, ErrRefused},
		{"no protocol", change(&w.desk, func(c *tls.Config) { c.NextProtos = nil; c.VerifyConnection = nil }), allow, ErrRefused},
		{"another protocol", change(&w.desk, func(c *tls.Config) { c.NextProtos = []string{"h2"}; c.VerifyConnection = nil }), allow, ErrRefused},
		{"both protocols", change(&w.desk, func(c *tls.Config) { c.NextProtos = []string{ProtoEnrol, ProtoChat}; c.VerifyConnection = nil }), allow, ErrRefused},
		{"TLS 1.2", change(&w.desk, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 }), allow, nil},
		{"X25519 alone", change(&w.desk, func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }), allow, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := connect(t, ServerTLS(w.server, w.ca.cert, c.decide), c.client)
			if r.serverErr == nil || r.clientErr == nil {
				t.Fatalf("let in: server %v, client %v", r.serverErr, r.clientErr)
			}
			if c.want != nil && !errors.Is(r.serverErr, c.want) {
				t.Errorf("server's error %v, want %v", r.serverErr, c.want)
			}
		})
	}
}

func TestRefusedByTheDesk(t *testing.T) {
	w, foreign := newWorld(t), newWorld(t)
	now := time.Now()
	key := need(NewKey(nil))(t)
	pub := key.Public().(ed25519.PublicKey)
	asDesk := need(NewCertificate(key, need(w.ca.IssueDesk(nil, deskID, pub, now))(t), w.ca.cert.Raw))(t)
	// The attack: a foreign server sends the right authority's certificate along, which is no secret.
	borrowed := foreign.server
	borrowed.Certificate = [][]byte{foreign.server.Certificate[0], w.ca.cert.Raw}
	alone := w.server
	alone.Certificate = alone.Certificate[:1]
	selfMade := selfSigned(t, key, x509.ExtKeyUsageServerAuth)
	selfMade.Certificate = append(selfMade.Certificate, w.ca.cert.Raw)
	notYet := need(NewCertificate(key, need(w.ca.IssueServer(nil, []string{"127.0.0.1"}, pub, now.Add(48*time.Hour)))(t), w.ca.cert.Raw))(t)
	for _, c := range []struct {
		name   string
		server tls.Certificate
		host   string
		fp     models.Hash
	}{
		{"another organisation's server", foreign.server, "127.0.0.1", w.ca.Fingerprint()},
		{"a foreign certificate beside the right authority", borrowed, "127.0.0.1", w.ca.Fingerprint()},
		{"a certificate of its own making", selfMade, "127.0.0.1", w.ca.Fingerprint()},
		{"a desk's certificate as the server's", asDesk, "127.0.0.1", w.ca.Fingerprint()},
		{"not valid yet", notYet, "127.0.0.1", w.ca.Fingerprint()},
		{"no authority sent", alone, "127.0.0.1", w.ca.Fingerprint()},
		{"no fingerprint known", w.server, "127.0.0.1", models.Hash{}},
		{"another name", w.server, "other.example.org", w.ca.Fingerprint()},
		{"another address", w.server, "127.0.0.2", w.ca.Fingerprint()},
		{"no name", w.server, "", w.ca.Fingerprint()},
	} {
		for name, cert := range map[string]*tls.Certificate{ProtoChat: &w.desk, ProtoEnrol: nil} {
			t.Run(c.name+" on "+strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
				r := connect(t, ServerTLS(c.server, w.ca.cert, allow), DeskTLS(cert, c.fp, c.host))
				if !errors.Is(r.clientErr, ErrRefused) {
					t.Errorf("client's error %v, want ErrRefused", r.clientErr)
				}
			})
		}
	}
}

// TestOldServerIsRefused: a server that would speak less is refused by the desk itself.
func TestOldServerIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, weaken := range map[string]func(*tls.Config){
		"TLS 1.2":       func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
		"X25519 alone":  func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} },
		"no protocol":   func(c *tls.Config) { c.NextProtos = nil },
		"the other one": func(c *tls.Config) { c.NextProtos = []string{ProtoEnrol} },
	} {
		t.Run(name, func(t *testing.T) {
			server := base(ProtoChat)
			server.Certificates, server.ClientAuth = []tls.Certificate{w.server}, tls.RequestClientCert
			weaken(server)
			if r := connect(t, server, DeskTLS(&w.desk, w.ca.Fingerprint(), "127.0.0.1")); r.clientErr == nil {
				t.Error("the desk went along")
			}
		})
	}
}

func TestLetIn(t *testing.T) {
	w := newWorld(t)
	asked := 0
	server := ServerTLS(w.server, w.ca.cert, func(s tls.ConnectionState) error {
		asked++
		if s.NegotiatedProtocol != ProtoChat {
			t.Errorf("decide was asked about %q", s.NegotiatedProtocol)
		}
		return nil
	})
	r := connect(t, server, DeskTLS(&w.desk, w.ca.Fingerprint(), "127.0.0.1"))
	if !r.in() || asked != 1 {
		t.Fatalf("client %v, server %v, asked %d times", r.clientErr, r.serverErr, asked)
	}
	if r.server.NegotiatedProtocol != ProtoChat || r.server.CurveID != tls.X25519MLKEM768 || r.server.Version != tls.VersionTLS13 {
		t.Errorf("protocol %q, %v, version %x", r.server.NegotiatedProtocol, r.server.CurveID, r.server.Version)
	}
	want := need(PublicKeyHash(w.desk.Leaf.PublicKey.(ed25519.PublicKey)))(t)
	if got := need(PeerKeyHash(r.server))(t); got != want {
		t.Errorf("key hash %s, want %s", got, want)
	}
	if got := need(PeerDesk(r.server))(t); got != deskID {
		t.Errorf("desk %s, want %s", got, deskID)
	}
	if len(r.clientExport) != 32 || string(r.clientExport) != string(r.serverExpo) {
		t.Errorf("exporters %x and %x", r.clientExport, r.serverExpo)
	}
	again := connect(t, server, DeskTLS(&w.desk, w.ca.Fingerprint(), "127.0.0.1"))
	if string(again.clientExport) == string(r.clientExport) {
		t.Error("two connections export the same")
	}

	r = connect(t, server, DeskTLS(nil, w.ca.Fingerprint(), "127.0.0.1"))
	if !r.in() || asked != 2 || r.server.NegotiatedProtocol != ProtoEnrol {
		t.Fatalf("enrolling: client %v, server %v, protocol %q", r.clientErr, r.serverErr, r.server.NegotiatedProtocol)
	}
	if _, err := PeerKeyHash(r.server); !errors.Is(err, ErrNoPeer) {
		t.Errorf("key hash of an enrolling desk: %v", err)
	}
	if _, err := PeerDesk(r.server); !errors.Is(err, ErrNoPeer) {
		t.Errorf("desk of an enrolling desk: %v", err)
	}
	// A certificate that is sent along while enrolling counts for nothing.
	enrol := DeskTLS(nil, w.ca.Fingerprint(), "127.0.0.1")
	enrol.Certificates = []tls.Certificate{w.desk}
	if r = connect(t, server, enrol); len(r.server.PeerCertificates) != 0 {
		t.Error("an enrolling connection carries a certificate")
	}
}

// TestRevokedCannotResume is the attack that VerifyPeerCertificate would miss: a desk connects, is revoked, and comes back with what it
// kept of its session.
func TestRevokedCannotResume(t *testing.T) {
	w := newWorld(t)
	live, gone := true, errors.New("revoked")
	server := ServerTLS(w.server, w.ca.cert, func(tls.ConnectionState) error {
		if live {
			return nil
		}
		return gone
	})
	client := DeskTLS(&w.desk, w.ca.Fingerprint(), "127.0.0.1")
	client.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	client.SessionTicketsDisabled = false
	for range 2 {
		r := connect(t, server, client)
		if !r.in() || r.server.DidResume || r.client.DidResume {
			t.Fatalf("client %v, server %v, resumed %v", r.clientErr, r.serverErr, r.server.DidResume)
		}
	}
	live = false
	if r := connect(t, server, client); !errors.Is(r.serverErr, gone) {
		t.Errorf("a revoked desk came back: %v", r.serverErr)
	}
}

func selfSigned(t *testing.T, key ed25519.PrivateKey, use x509.ExtKeyUsage) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: deskID.String()}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{use}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der := need(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))(t)
	return need(NewCertificate(key, der))(t)
}

// TestValidity: from a day before it was issued to the authority's own end.
func TestValidity(t *testing.T) {
	w := newWorld(t)
	start, end := w.desk.Leaf.NotBefore, w.ca.cert.NotAfter
	for at, want := range map[time.Time]bool{
		start.Add(-time.Second): false, start: true, end: true, end.Add(time.Second): false,
	} {
		err := verify([]*x509.Certificate{w.desk.Leaf}, w.ca.cert, "", x509.ExtKeyUsageClientAuth, at)
		if (err == nil) != want {
			t.Errorf("at %v: %v", at, err)
		}
	}
}

// TestOtherKeyTypes: a leaf of ours with a key that is not Ed25519 is refused, however it came to be.
func TestOtherKeyTypes(t *testing.T) {
	w := newWorld(t)
	key := need(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der := need(x509.CreateCertificate(rand.Reader, template, w.ca.cert, key.Public(), w.ca.key))(t)
	leaf := need(x509.ParseCertificate(der))(t)
	if err := verify([]*x509.Certificate{leaf}, w.ca.cert, "", x509.ExtKeyUsageClientAuth, time.Now()); !errors.Is(err, ErrKeyType) {
		t.Errorf("error %v, want ErrKeyType", err)
	}
}
