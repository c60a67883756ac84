package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"visavis/biometrics/gate"
	"visavis/chat/client"
	"visavis/chat/wire"
)

// away: a camera that is lost and found; somebody looks over cleo's shoulder, another sits down, she walks away: the desk locks itself; she comes back.
// Then her desk's cable is pulled.
func (s *story) away(ctx context.Context) error {
	window := s.desks[1]
	if err := s.watching(ctx, window); err != nil {
		return err
	}
	locked, err := s.cleo.Lock(ctx)
	if err != nil {
		return err
	}
	defer locked.Close()
	_, err = s.cleo.Send(ctx, s.room, awaySaid)
	if err := s.check(errors.Is(err, client.ErrEnded), "so desk %q is locked; cleo's keys are wiped there, but for a token whose key the server has now", window.name); err != nil {
		return err
	}
	if _, err := s.ada.Send(ctx, s.room, awaySaid); err != nil {
		return err
	}
	if err := s.unlock(ctx, locked); err != nil {
		return err
	}
	if err := s.cleo.Enter(ctx, s.room); err != nil {
		return err
	}
	if err := s.reads(ctx, s.cleo, "ada", awaySaid); err != nil {
		return err
	}
	s.true("she read what ada said meanwhile")
	return s.pulled(ctx, window)
}

// unlock: the stranger's face does not, cleo's does.
func (s *story) unlock(ctx context.Context, locked *client.Locked) error {
	window := s.desks[1]
	show := func(source string) (session *client.Session, err error) {
		look, err := window.look(ctx, source)
		if err != nil {
			return nil, err
		}
		defer window.rest()
		return locked.Unlock(ctx, look)
	}
	err := s.patiently(ctx, window, "lock.face", unseen, func() error {
		_, err := show(s.cast["the stranger"].photo.source(seedLogIn))
		return err
	})
	s.judged(window, false)
	verdict, verr := s.lastVerdict(ctx, window, "lock.face")
	if verr != nil {
		return verr
	}
	if !strings.Contains(verdict, gate.OtherPerson.String()) {
		return fmt.Errorf("%w: a stranger's face did not unlock for another reason: %q", ErrUntrue, verdict)
	}
	if err := s.refused(err, wire.CodeFace, "a stranger's face before the locked desk (%s)", verdict); err != nil {
		return err
	}
	took, err := seconds(func() error {
		return s.patiently(ctx, window, "lock.face", unclear, func() (err error) {
			s.cleo, err = show(s.cast["cleo"].photo.source(seedLogIn))
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("cleo unlocks: %w", err)
	}
	s.judged(window, true)
	s.true("cleo came back and unlocked it with her face alone, in %.1f s", took)
	return nil
}

// pulled: the network is gone in the middle of a sentence, and comes back.
func (s *story) pulled(ctx context.Context, d *desk) error {
	id, err := s.cleo.NewMessageID()
	if err != nil {
		return err
	}
	d.cable.pull()
	err = s.cleo.SendAs(ctx, s.room, id, cutSaid)
	if err := s.check(errors.Is(err, client.ErrClosed), "desk %q's cable was pulled while cleo sent; she read: %q", d.name, err); err != nil {
		return err
	}
	cut, ok := s.cleo.Suspend()
	if !ok {
		return fmt.Errorf("%w: cleo's session can not be resumed", ErrUntrue)
	}
	defer cut.Wipe()
	took, err := seconds(func() (err error) {
		if s.cleo, err = cut.Resume(ctx); err != nil {
			return err
		}
		if err := s.cleo.Enter(ctx, s.room); err != nil {
			return err
		}
		for range 2 { // sent again and again it is sent once
			if err := s.cleo.SendAs(ctx, s.room, id, cutSaid); err != nil {
				return err
			}
		}
		return s.reads(ctx, s.ada, "cleo", cutSaid)
	})
	if err != nil {
		return err
	}
	s.true("it was put in again, and %.0f ms later ada read the sentence: the session went on over a new connection, without password or face", 1000*took)
	return nil
}

// cable is a desk's network, which can be pulled.
type cable struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conns = append(c.conns, nc)
	}
	return nc, err
}

// pull ends every connection that the desk has.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, nc := range c.conns {
		_ = nc.Close()
	}
	c.conns = nil
}
