package local

import (
	"errors"
	"io"
	"net"
	"sync"
)

// Relay stands between desks and server and hands everything on. It can be cut. It is safe for concurrent use.
type Relay struct {
	ln     net.Listener
	to     string
	record io.Writer // what passes is written here too, both ways mixed
	bg     sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
}

// NewRelay listens on address, and connects to to for whoever comes. A nil record keeps nothing; it is written to by several goroutines.
func NewRelay(address, to string, record io.Writer) (*Relay, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	if record == nil {
		record = io.Discard
	}
	r := &Relay{ln: ln, to: to, record: record, conns: map[net.Conn]struct{}{}}
	r.bg.Go(r.accept)
	return r, nil
}

// Address is where it listens.
func (r *Relay) Address() string { return r.ln.Addr().String() }

// Cut ends every connection, and each that comes from now on at once.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
	for c := range r.conns {
		_ = c.Close()
	}
}

// Mend lets connections pass again.
func (r *Relay) Mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = false
}

// Close ends everything and waits for it.
func (r *Relay) Close() error {
	r.Cut()
	err := r.ln.Close()
	r.bg.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *Relay) accept() {
	for {
		in, err := r.ln.Accept()
		if err != nil {
			return
		}
		r.bg.Go(func() { r.pass(in) })
	}
}

// pass copies both ways; each end's closing closes the other.
func (r *Relay) pass(in net.Conn) {
	defer in.Close()
	if !r.keep(in) {
		return
	}
	defer r.forget(in)
	out, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer out.Close()
	if !r.keep(out) {
		return
	}
	defer r.forget(out)
	var there sync.WaitGroup
	there.Go(func() {
		_, _ = io.Copy(out, io.TeeReader(in, r.record))
		_ = out.Close()
	})
	_, _ = io.Copy(in, io.TeeReader(out, r.record))
	_ = in.Close()
	there.Wait()
}

// keep notes a connection, unless the relay is cut.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.cut {
		r.conns[c] = struct{}{}
	}
	return !r.cut
}

func (r *Relay) forget(c net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}
