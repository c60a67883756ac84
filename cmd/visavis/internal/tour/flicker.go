package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// A screen that is lit, and one that nobody has painted: the tour's windows are light, its displays black.
const (
	dark         = 24 // the mean of a row's colours
	flickerEvery = 4 * time.Millisecond
)

// flicker measures while f runs for how long the middle of a display was dark at most: that no window, or an unpainted one, was to be seen.
func flicker(ctx context.Context, d *display, f func() error) (worst time.Duration, looks int, err error) {
	xgb.Logger.SetOutput(io.Discard) // it would complain that a private display wants no password
	conn, err := xgb.NewConnDisplay(d.name)
	if err != nil {
		return 0, 0, fmt.Errorf("connect to %s: %w", d.name, err)
	}
	defer conn.Close()
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	root := xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)
	tick := time.NewTicker(flickerEvery)
	defer tick.Stop()
	for since := time.Now(); ; looks++ {
		row, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, root, 0, int16(d.size.Y/2), uint16(d.size.X), 1, ^uint32(0)).Reply()
		if err != nil {
			return 0, looks, err
		}
		if bright(row.Data) {
			since = time.Now()
		}
		worst = max(worst, time.Since(since))
		select {
		case err := <-ended:
			return worst, looks, err
		case <-ctx.Done():
			return worst, looks, ctx.Err()
		case <-tick.C:
		}
	}
}

// bright says whether a row of 32-bit pixels is lit.
func bright(row []byte) bool {
	sum := 0
	for i, b := range row {
		if i%4 != 3 {
			sum += int(b)
		}
	}
	return sum > dark*len(row)*3/4
}
