package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

// raw is a connection that keeps to no protocol.
type raw struct {
	t   *testing.T
	net *tls.Conn
}

func dialRaw(t *testing.T, w *chattest.World, d *client.Desk, enrol bool) *raw {
	t.Helper()
	cfg, err := d.RawTLS(enrol)
	must(t, err)
	nc, err := net.Dial("tcp", w.Address)
	must(t, err)
	r := &raw{t, tls.Client(nc, cfg)}
	t.Cleanup(func() { _ = r.net.Close() })
	must(t, r.net.HandshakeContext(context.Background()))
	return r
}

// frame is the bytes of a request.
func frame(t *testing.T, kind wire.Kind, id uint64, typ string, body any) []byte {
	t.Helper()
	b, err := wire.NewFrame(kind, id, typ, body).Append(nil)
	must(t, err)
	return b
}

func helloFrame(t *testing.T, id uint64) []byte {
	return frame(t, wire.Request, id, wire.TypeHello, wire.Hello{Versions: []uint32{wire.Version}, Features: []string{}, Client: "raw"})
}

// write sends bytes; a server that has had enough may have closed by then.
func (r *raw) write(b []byte) {
	_ = r.net.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_, _ = r.net.Write(b)
}

func (r *raw) read() (wire.Frame, error) {
	r.t.Helper()
	must(r.t, r.net.SetReadDeadline(time.Now().Add(10*time.Second)))
	return wire.Read(r.net, wire.MaxFrame)
}

// greet says hello and waits for the answer.
func (r *raw) greet() {
	r.t.Helper()
	r.write(helloFrame(r.t, 1))
	f, err := r.read()
	must(r.t, err)
	if f.Kind != wire.Response || f.ID != 1 {
		r.t.Fatalf("hello answered by %v %d", f.Kind, f.ID)
	}
}

// end reads until the connection ends and returns the code that it ended with; 0 when it gave none.
func (r *raw) end() wire.Code {
	r.t.Helper()
	for {
		f, err := r.read()
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			r.t.Fatal("the connection was not ended")
		}
		if err != nil {
			return 0
		}
		if f.Kind == wire.Failure && f.ID == 0 {
			var e wire.Error
			must(r.t, f.Decode(&e))
			return e.Code
		}
	}
}

// codeOf is the code of a refusal; 0 when err is none.
func codeOf(err error) wire.Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func refused(t *testing.T, err error, want wire.Code) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Fatalf("got %v (code %d), want code %d", err, got, want)
	}
}

func firstKE1(t *testing.T, d *client.Desk) []byte {
	t.Helper()
	ke1, err := d.FirstKE1([]byte("whatever"))
	must(t, err)
	return ke1
}

// tryTLS connects as cfg says; the handshake may fail.
func tryTLS(t *testing.T, w *chattest.World, cfg *tls.Config) *raw {
	t.Helper()
	nc, err := net.Dial("tcp", w.Address)
	must(t, err)
	r := &raw{t, tls.Client(nc, cfg)}
	t.Cleanup(func() { _ = r.net.Close() })
	_ = r.net.HandshakeContext(context.Background())
	r.write(helloFrame(t, 1))
	return r
}

// faultyStore fails as it is told.
type faultyStore struct {
	models.Store
	status  atomic.Bool // rows of accounts and desks do not change
	appends atomic.Bool // entries are not stored
}

var errDisk = errors.New("no space left on the test's disk")

func (s *faultyStore) SetDeskStatus(ctx context.Context, id models.DeskID, to models.DeskStatus, at time.Time) error {
	if s.status.Load() {
		return errDisk
	}
	return s.Store.SetDeskStatus(ctx, id, to, at)
}

func (s *faultyStore) SetUserStatus(ctx context.Context, id models.AccountID, to models.UserStatus) error {
	if s.status.Load() {
		return errDisk
	}
	return s.Store.SetUserStatus(ctx, id, to)
}

func (s *faultyStore) Append(ctx context.Context, es []models.Entry) ([]models.Appended, error) {
	if s.appends.Load() {
		return nil, errDisk
	}
	return s.Store.Append(ctx, es)
}
