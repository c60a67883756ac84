package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"visavis/cmd/visavis-bench/internal/churn"
)

// churnCmd is the verb churn.
type churnCmd struct {
	Members        int           `default:"30" help:"People, each at two desks at once."`
	Rooms          int           `default:"6" help:"Rooms."`
	For            time.Duration `default:"1h" help:"For so long by the clock of these people, which runs as fast as the machine can work."`
	Step           time.Duration `default:"1m" help:"How much of it passes from round to round, beside what log-ins take."`
	Blows          int           `default:"4" help:"Rounds from one blow to the next: a desk's network cut, a desk or a person revoked, the server stopped or killed."`
	Seed           uint64        `default:"1" help:"What is planned comes from it."`
	CheapPasswords bool          `help:"Passwords that cost no time: their strength is not what is measured."`
	Patience       time.Duration `default:"5m" help:"What takes longer than this, by the wall's clock, counts as stuck."`
	Keep           string        `type:"path" help:"Folder that keeps database, desks and the server's log; it must not exist. A temporary one otherwise."`
}

// errChurn says that the counts tell of something that must not happen.
var errChurn = errors.New("the churn went wrong: see the counts")

// Run implements the verb.
func (c *churnCmd) Run(e *env) (err error) {
	dir := c.Keep
	var stuck atomic.Bool
	if dir == "" {
		if dir, err = os.MkdirTemp("", "visavis-churn-"); err != nil {
			return err
		}
		defer func() {
			if stuck.Load() {
				err = errors.Join(err, fmt.Errorf("what everybody was at stands in %s", filepath.Join(dir, "stuck.txt")))
				return
			}
			err = errors.Join(err, os.RemoveAll(dir))
		}()
	} else if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	line := churnLine{out: e.stderr, began: time.Now()}
	counts, err := churn.Run(e.ctx, churn.Settings{
		Dir: filepath.Join(dir, "state"), Members: c.Members, Rooms: c.Rooms, For: c.For, Step: c.Step, Blows: c.Blows, Seed: c.Seed,
		Patience: c.Patience, CheapPasswords: c.CheapPasswords, Tell: line.tell,
		Stuck: func(b []byte) { stuck.Store(os.WriteFile(filepath.Join(dir, "stuck.txt"), b, 0o600) == nil) },
		Log:   slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	_, _ = fmt.Fprintln(e.stderr)
	if counts != nil {
		counts.Print(e.stdout)
		if counts.Failed() {
			err = errors.Join(err, errChurn)
		}
	}
	return err
}

// churnLine is a line that says how far a churn is.
type churnLine struct {
	out   io.Writer
	began time.Time
}

func (l *churnLine) tell(p churn.Progress) {
	left := ""
	if rest := p.All - p.Done; p.Done > 0 && rest > 0 {
		left = fmt.Sprintf(", about %v left", time.Duration(float64(time.Since(l.began))*float64(rest)/float64(p.Done)).Round(time.Second))
	}
	_, _ = fmt.Fprintf(l.out, "\r%-8s %v of %v, round %d: %d seats taken, %d messages%s     ", p.What, p.Done.Round(time.Second), p.All, p.Round, p.Here, p.Sent, left)
}
