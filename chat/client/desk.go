package client

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// deskFile is the desk's one file in its state folder; mode 0600. It holds no person's secret.
const (
	deskFile    = "desk.visavis"
	maxDeskFile = 64 << 10
	deskVersion = 2 // from when a vault pepper was replaced; 1 until then
)

// The desk's own errors.
var (
	ErrNotEnrolled  = errors.New("this desk is not enrolled: ask an admin for an invite")
	ErrEnrolled     = errors.New("this desk is enrolled already: name another state folder, or remove this one first")
	ErrDeskFile     = errors.New("the desk's file is damaged or of another version: enrol the desk again")
	ErrServer       = errors.New("the server is not the one that this desk was enrolled with")
	ErrOldDirectory = errors.New("the server shows an older directory than it has shown before")
)

// Options are a desk's surroundings.
type Options struct {
	Now    func() time.Time // time.Now when nil
	Random io.Reader        // crypto/rand.Reader when nil
	Dial   Dialer           // net.Dialer when nil

	// Suites are the password parameters that this desk works with; pake.SuiteV1 alone when empty. Only tests say more.
	Suites []pake.Suite
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

func (o Options) random() io.Reader {
	if o.Random != nil {
		return o.Random
	}
	return rand.Reader
}

// Desk is an enrolled workstation: its two keys, and what it pins. Nothing in it belongs to a person. Sessions and connections of one Desk
// may be used concurrently; Found may not.
type Desk struct {
	Options
	dir string

	id        models.DeskID
	name      string
	addresses []string
	ca        models.Hash
	device    ed25519.PrivateKey
	tlsKey    ed25519.PrivateKey
	cert      []byte // DER
	request   []byte // as the server got it: what the directory's statement of this desk is made from

	org     models.OrgID // zero until founded, on the very first desk
	root    models.Hash  // trust.RootFingerprint
	pepper  trust.Pepper // that vaults are wrapped under; changes under mu
	peppers peppers      // the same

	founding atomic.Bool // the server may not have the organisation yet

	mu    sync.Mutex  // no other lock is taken while it is held
	seen  uint64      // statements of the directory seen here
	head  models.Hash // of the directory, after them
	saved uint64      // how many of them the file knows of

	stands standing // the file, as it was read or written here last
}

// ID returns the desk's id.
func (d *Desk) ID() models.DeskID { return d.id }

// Name returns what people call it.
func (d *Desk) Name() string { return d.name }

// Org returns the organisation's id; zero before it is founded.
func (d *Desk) Org() models.OrgID { return d.org }

// Founded says whether the desk knows its organisation.
func (d *Desk) Founded() bool { return !d.org.IsZero() }

// Enrol makes a desk of a machine: it makes two keys, shows the invite's code to the server and keeps what it gets in the folder dir.
func Enrol(ctx context.Context, o Options, dir, invite, name string, cameras []biometrics.CameraInfo) (*Desk, error) {
	if _, err := os.Stat(filepath.Join(dir, deskFile)); err == nil {
		return nil, fmt.Errorf("enrol: %w", ErrEnrolled)
	}
	inv, err := trust.ParseInvite(invite)
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	d := &Desk{Options: o, dir: dir, name: name, addresses: inv.Addresses, ca: inv.CA, org: inv.Org, root: inv.Root, pepper: inv.Pepper}
	if d.device, err = pki.NewKey(o.random()); err != nil {
		return nil, err
	}
	if d.tlsKey, err = pki.NewKey(o.random()); err != nil {
		return nil, err
	}
	if err := models.Draw(&d.id, o.random()); err != nil {
		return nil, err
	}
	// The invite is good once: a folder that can not be written to has to show before.
	if err := writable(dir); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	if err := d.enrol(ctx, inv, cameras); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	return d, d.save()
}

func (d *Desk) enrol(ctx context.Context, inv trust.Invite, cameras []biometrics.CameraInfo) error {
	hash, err := pki.PublicKeyHash(d.tlsKey.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	request, err := trust.NewDeskRequest(trust.DeskRequest{
		Org: inv.Org, Desk: d.id, Name: d.name, Device: d.device.Public().(ed25519.PublicKey), TLSKey: hash,
		Cameras: cameras, Code: inv.Code, Time: d.now(),
	}, inv.Secret, d.device)
	if err != nil {
		return err
	}
	spki, err := x509.MarshalPKIXPublicKey(d.tlsKey.Public())
	if err != nil {
		return err
	}
	c, _, err := d.connect(ctx, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	var reply wire.DeskEnrolReply
	if err := c.Call(ctx, wire.TypeDeskEnrol, wire.DeskEnrol{Request: request, TLSKey: spki}, &reply); err != nil {
		return err
	}
	if _, err := pki.NewCertificate(d.tlsKey, reply.Certificate); err != nil {
		return err
	}
	d.cert, d.request = reply.Certificate, request
	return nil
}

// LoadDesk reads the desk of a state folder.
func LoadDesk(o Options, dir string) (*Desk, error) {
	path := filepath.Join(dir, deskFile)
	b, err := readDesk(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNotEnrolled)
	}
	if err != nil {
		return nil, err
	}
	s, held, err := decodeDesk(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &Desk{
		Options: o, dir: dir, id: s.ID, name: s.Name, addresses: s.Addresses, ca: s.CA,
		device: ed25519.NewKeyFromSeed(s.Device), tlsKey: ed25519.NewKeyFromSeed(s.TLS), cert: s.Cert, request: s.Request,
		org: s.Org, root: s.Root, pepper: trust.Pepper(s.Pepper), peppers: held, seen: s.Seen, head: s.Head, saved: s.Seen,
	}
	d.stand(b, d.held(), held.named)
	return d, nil
}

// save replaces the desk's file as a whole.
func (d *Desk) save() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.write()
}

// write is save under mu. What another program has written since is taken over first.
func (d *Desk) write() error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	release, err := lockFolder(d.dir)
	if err != nil {
		return err
	}
	defer release()
	if err := d.catchUp(); err != nil {
		return err
	}
	b := encodeDesk(deskFields{
		Version: deskVersion, ID: d.id, Name: d.name, Addresses: d.addresses, CA: d.ca,
		Device: d.device.Seed(), TLS: d.tlsKey.Seed(), Cert: d.cert, Request: d.request,
		Org: d.org, Root: d.root, Pepper: d.pepper[:], Seen: d.seen, Head: d.head,
	}, d.peppers)
	if err := writeFile(filepath.Join(d.dir, deskFile), b); err != nil {
		return err
	}
	d.saved = d.seen
	d.stand(b, d.held(), d.peppers.named)
	return nil
}

// pin keeps how much of the directory was seen here, n statements up to head; a server that shows less is refused from now on. What could
// not be written is counted all the same, and written with the next.
func (d *Desk) pin(n uint64, head models.Hash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > d.seen {
		d.seen, d.head = n, head
	}
	if d.saved == d.seen {
		return nil
	}
	return d.write()
}

// pinned is what was seen here.
func (d *Desk) pinned() (uint64, models.Hash) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen, d.head
}

// goesOn says whether dir is what was seen, or goes on from it. What was seen is asked for before dir is read: meanwhile others at the desk see more.
func goesOn(dir *trust.Directory, seen uint64, head models.Hash) bool {
	if seen == 0 {
		return true
	}
	seq, ok := dir.SeqOf(head)
	return ok && seq == seen-1
}

// Connect opens a connection as this desk and checks that it ends at the right server.
func (d *Desk) Connect(ctx context.Context) (*Conn, error) {
	cert, err := pki.NewCertificate(d.tlsKey, d.cert)
	if err != nil {
		return nil, err
	}
	c, hello, err := d.connect(ctx, &cert)
	if err != nil {
		return nil, err
	}
	c.hello = hello
	return c, nil
}

// connect tries the addresses in order and says hello. Without a certificate it speaks the enrolment protocol.
func (d *Desk) connect(ctx context.Context, cert *tls.Certificate) (*Conn, trust.Hello, error) {
	var c *Conn
	var errs error
	for _, address := range d.addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, trust.Hello{}, err
		}
		if c, err = dial(ctx, d.Dial, address, pki.DeskTLS(cert, d.ca, host)); err == nil {
			break
		}
		errs = errors.Join(errs, err)
	}
	if c == nil {
		return nil, trust.Hello{}, errs
	}
	hello, err := d.greet(ctx, c)
	if err != nil {
		_ = c.Close()
		if cert != nil {
			err = deskRefused(err)
		}
		return nil, trust.Hello{}, err
	}
	return c, hello, nil
}

// deskRefused gives a handshake that the server refused its name: under TLS 1.3 it shows at the first read.
func deskRefused(err error) error {
	if pki.Refused(err) {
		return fmt.Errorf("%w (%w)", wire.Refuse(wire.CodeDesk), err)
	}
	return err
}

// greet says hello and checks the server's signed answer against this connection and against what the desk knows.
func (d *Desk) greet(ctx context.Context, c *Conn) (trust.Hello, error) {
	// What was seen when it is asked: while the answer is on its way, somebody else at this desk may see more.
	seen, head := d.pinned()
	var reply wire.HelloReply
	err := c.Call(ctx, wire.TypeHello, wire.Hello{Versions: []uint32{wire.Version}, Features: wire.Features(), Client: "visavis"}, &reply)
	if err != nil {
		return trust.Hello{}, err
	}
	key, err := c.serverKey()
	if err != nil {
		return trust.Hello{}, err
	}
	hello, err := trust.OpenHello(reply.Signed, key)
	if err != nil {
		return trust.Hello{}, err
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, nil)
	if err != nil {
		return trust.Hello{}, err
	}
	server, err := pki.PublicKeyHash(key)
	if err != nil {
		return trust.Hello{}, err
	}
	switch {
	case reply.Version != wire.Version:
		return hello, wire.Refuse(wire.CodeUnsupported)
	case hello.Exporter != [32]byte(exporter), hello.Server != server:
		return hello, fmt.Errorf("hello of another connection: %w", ErrServer)
	case d.Founded() && hello.Org != d.org && !(d.founding.Load() && hello.Org.IsZero()):
		return hello, fmt.Errorf("organisation %s: %w", hello.Org.Short(), ErrServer)
	case hello.Seq < seen, hello.Seq == seen && seen > 0 && hello.Head != head:
		return hello, ErrOldDirectory
	}
	return hello, nil
}
