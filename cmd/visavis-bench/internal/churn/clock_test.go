package churn

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestClockMovesWhenAllWait: two who show their faces at once take the time of one, and time does not pass while somebody works.
func TestClockMovesWhenAllWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Unix(1000, 0)
		c := NewClock(begin)
		var ends [2]time.Time
		for i, d := range []time.Duration{20 * time.Second, 30 * time.Second} {
			c.Enter()
			go func() {
				defer c.Leave()
				if err := c.Wait(t.Context(), d); err != nil {
					t.Error(err)
				}
				ends[i] = c.Now()
			}()
		}
		c.Enter() // somebody who works
		synctest.Wait()
		if now := c.Now(); now != begin {
			t.Fatalf("it is %v while somebody works", now.Sub(begin))
		}
		c.Leave()
		synctest.Wait()
		if a, b := ends[0].Sub(begin), ends[1].Sub(begin); a != 20*time.Second || b != 30*time.Second {
			t.Fatalf("they were let go after %v and %v", a, b)
		}
		c.Move(time.Minute)
		if now := c.Now().Sub(begin); now != 90*time.Second {
			t.Fatalf("it is %v after a minute more", now)
		}
	})
}

// TestClockLetsGo: who gives up waiting holds nobody up.
func TestClockLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewClock(time.Unix(1000, 0))
		c.Enter()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		c.Enter()
		go func() {
			defer c.Leave()
			gone <- c.Wait(ctx, time.Second)
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err := c.Wait(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		c.Leave()
		if d := c.Now().Sub(time.Unix(1000, 0)); d != time.Minute {
			t.Fatalf("%v passed", d)
		}
	})
}
