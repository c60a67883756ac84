package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// fingers press one key at known times, by the X server's own test extension: xdotool is too slow to measure with.
type fingers struct {
	conn *xgb.Conn
	code byte
}

// errNoKey says that the keyboard has no such key.
var errNoKey = errors.New("the display's keyboard has no key for the letter")

func newFingers(d *display, letter rune) (*fingers, error) {
	xgb.Logger.SetOutput(io.Discard) // it would complain that a private display wants no password
	conn, err := xgb.NewConnDisplay(d.name)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", d.name, err)
	}
	f := &fingers{conn: conn}
	if err := errors.Join(xtest.Init(conn), f.find(xproto.Keysym(letter))); err != nil {
		conn.Close()
		return nil, err
	}
	return f, nil
}

func (f *fingers) find(symbol xproto.Keysym) error {
	setup := xproto.Setup(f.conn)
	first := setup.MinKeycode
	keys, err := xproto.GetKeyboardMapping(f.conn, first, byte(setup.MaxKeycode-first)+1).Reply()
	if err != nil {
		return err
	}
	for i, s := range keys.Keysyms {
		if s == symbol {
			f.code = byte(first) + byte(i/int(keys.KeysymsPerKeycode))
			return nil
		}
	}
	return errNoKey
}

// press presses and lets go, and returns when it was pressed.
func (f *fingers) press() (time.Time, error) {
	at := time.Now()
	for _, what := range []byte{xproto.KeyPress, xproto.KeyRelease} {
		if err := xtest.FakeInputChecked(f.conn, what, f.code, 0, 0, 0, 0, 0).Check(); err != nil {
			return at, err
		}
	}
	return at, nil
}

// drum presses every few milliseconds until ctx ends.
func (f *fingers) drum(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if _, err := f.press(); err != nil {
				return err
			}
		}
	}
}

func (f *fingers) close() { f.conn.Close() }
