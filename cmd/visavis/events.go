package main

import (
	"encoding/json"
	"os"
	"sync"
	"syscall"
	"time"

	"visavis/cmd/visavis/internal/ui"
)

// events writes lines without ever holding up the window, nor its end. The zero value writes nothing.
type events struct {
	lines chan any
	out   *os.File
	done  sync.WaitGroup
}

const (
	queued    = 4096                   // lines that a slow reader may leave; more are dropped
	lastWords = 500 * time.Millisecond // that a reader has for the rest when the window has ended
)

// newEvents writes to a descriptor that whoever started this program has left open; to none when it is not positive.
func newEvents(fd int) *events {
	if fd <= 0 {
		return &events{}
	}
	syscall.CloseOnExec(fd) // the eye has no business with it
	if fd > 2 {
		_ = syscall.SetNonblock(fd, true) // so that a write can be given up; a file that can not is never waited for
	}
	e := &events{lines: make(chan any, queued), out: os.NewFile(uintptr(fd), "events")}
	e.done.Go(func() {
		enc := json.NewEncoder(e.out)
		for line := range e.lines {
			if enc.Encode(line) != nil {
				break
			}
		}
		for range e.lines { // nobody reads any more
		}
		_ = e.out.Close()
	})
	return e
}

func (e *events) tell(line any) {
	if e.lines == nil {
		return
	}
	select {
	case e.lines <- line:
	default:
	}
}

func (e *events) shown(s ui.Shown) { e.tell(s) }

func (e *events) typed() { e.tell(map[string]int64{"typed": time.Now().UnixNano()}) }

func (e *events) close() {
	if e.lines == nil {
		return
	}
	close(e.lines)
	_ = e.out.SetWriteDeadline(time.Now().Add(lastWords))
	e.done.Wait()
}
