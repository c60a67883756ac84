package kiosk

import (
	"context"
	"time"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
)

// link is the connection on which nobody is logged in: there before it is needed, so that a log-in begins at once.
type link struct {
	conn  *client.Conn
	scope *scope // of the try, the wait until the next, or the watch over conn
	retry backoff
}

const dialPatience = 10 * time.Second

// connect opens the connection in the background, again and again. While somebody is logged in or locked, that session's is the connection.
func (k *Kiosk) connect() {
	if k.desk == nil || k.stay != nil || k.lock != nil || k.link.conn != nil || k.renewing != nil {
		return
	}
	k.link.scope.end()
	s := k.life.within()
	k.link.scope = s
	desk := k.desk
	begin(k, s, func(ctx context.Context) (*client.Conn, error) { return k.dial(ctx, desk) }, func(c *client.Conn, err error) {
		if err != nil {
			k.o.Log.Info("no connection", "err", err)
			k.apply(flow.LinkIs{Link: flow.LinkDown})
			k.after(s, k.link.retry.wait(), k.connect)
			return
		}
		k.adopt(c)
	}, func(c *client.Conn) { _ = c.Close() })
}

// dial connects, but not while the desk founds its organisation: nothing else may use the desk then.
func (k *Kiosk) dial(ctx context.Context, desk *client.Desk) (*client.Conn, error) {
	k.founding.RLock()
	defer k.founding.RUnlock()
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	return desk.Connect(ctx)
}

// adopt makes c the connection, and watches over it.
func (k *Kiosk) adopt(c *client.Conn) {
	if old := k.link.conn; old != nil && old != c {
		k.tasks.Go(func() { _ = old.Close() })
	}
	k.link.scope.end()
	s := k.life.within()
	k.link.conn, k.link.scope = c, s
	k.link.retry.reset()
	k.linkUp(c.Hello())
	k.run(s, func(ctx context.Context) error {
		select {
		case <-c.Done():
			return c.Close()
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func(error) {
		k.link.conn = nil
		k.apply(flow.LinkIs{Link: flow.LinkDown})
		k.cutOff()
		k.after(s, k.link.retry.wait(), k.connect)
	})
}

// linkUp says where the desk stands, as the server has it.
func (k *Kiosk) linkUp(h trust.Hello) {
	d := k.deskShown()
	d.Virtual, d.Lamp = h.Virtual, h.Lamp
	k.apply(flow.LinkIs{Link: flow.LinkUp, Desk: d})
}

// dialer is how a task gets at the connection: the one that is there, or a new one, which becomes that.
func (k *Kiosk) dialer() func(context.Context) (*client.Conn, error) {
	c, desk := k.link.conn, k.desk
	return func(ctx context.Context) (*client.Conn, error) {
		if c != nil && c.Err() == nil {
			return c, nil
		}
		fresh, err := k.dial(ctx, desk)
		if err != nil {
			return nil, err
		}
		k.mail.put(message{do: func() {
			if k.life.isOver() || k.stay != nil || k.lock != nil {
				k.tasks.Go(func() { _ = fresh.Close() })
				return
			}
			k.adopt(fresh)
		}})
		return fresh, nil
	}
}

// handOver gives the connection to a session that began on it.
func (k *Kiosk) handOver() {
	k.link.scope.end()
	k.link.conn, k.link.scope = nil, nil
}

func (k *Kiosk) closeLink() {
	c := k.link.conn
	k.handOver()
	if c != nil {
		k.tasks.Go(func() { _ = c.Close() })
	}
}
