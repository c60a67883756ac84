package churn

import (
	"context"
	"net"
	"sync"
)

// wires are TCP connections that can all be cut at once, without a goodbye. The zero wires have none. Safe for concurrent use.
type wires struct {
	mu    sync.Mutex
	alive map[*cable]struct{}
	dead  bool // new ones are cut at once
}

// cable is one of them.
type cable struct {
	net.Conn
	of *wires
}

// Close implements net.Conn.
func (w *cable) Close() error {
	w.of.mu.Lock()
	delete(w.of.alive, w)
	w.of.mu.Unlock()
	return w.Conn.Close()
}

func (w *wires) hold(c net.Conn) net.Conn {
	held := &cable{c, w}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		reset(c)
		return held
	}
	if w.alive == nil {
		w.alive = map[*cable]struct{}{}
	}
	w.alive[held] = struct{}{}
	return held
}

// end is cut for good.
func (w *wires) end() {
	w.mu.Lock()
	w.dead = true
	w.mu.Unlock()
	w.cut()
}

// cut resets every connection: what was on its way is lost. It says how many there were.
func (w *wires) cut() int {
	w.mu.Lock()
	all := w.alive
	w.alive = nil
	w.mu.Unlock()
	for c := range all {
		reset(c.Conn)
	}
	return len(all)
}

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// dial is a client.Dialer.
func (w *wires) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.hold(c), nil
}

// listener holds what it accepts.
type listener struct {
	net.Listener
	wires *wires
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wires.hold(c), nil
}
