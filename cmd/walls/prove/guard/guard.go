package guard

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
)

// Dir is the folder that a run is told by, set by the linker; without one nothing is recorded and nothing switched off. A file and no variable of
// the environment, since tests start programs with an environment of their own.
var Dir string

// The files in Dir.
const (
	Off   = "off"   // the number of the answer that is taken back; missing or empty for none
	Fired = "fired" // a line for each answer that was given, once
)

// Max bounds the answers' numbers.
const Max = 1 << 17

// state is the process's: read once, before anything of the product runs.
var state = load()

type record struct {
	off  int
	seen [Max]atomic.Bool
	mu   sync.Mutex
	out  *os.File
}

func load() *record {
	r := &record{off: -1}
	if Dir == "" {
		return r
	}
	if b, err := os.ReadFile(filepath.Join(Dir, Off)); err == nil && len(bytes.TrimSpace(b)) > 0 {
		if r.off, err = strconv.Atoi(string(bytes.TrimSpace(b))); err != nil {
			panic("guard: " + err.Error())
		}
		return r
	}
	out, err := os.OpenFile(filepath.Join(Dir, Fired), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		panic("guard: " + err.Error())
	}
	r.out = out
	return r
}

// gives records an answer, and says whether it stands.
func (r *record) gives(answer int) bool {
	if r.out != nil && !r.seen[answer].Load() && !r.seen[answer].Swap(true) {
		r.mu.Lock()
		defer r.mu.Unlock()
		_, _ = r.out.WriteString(strconv.Itoa(answer) + "\n")
	}
	return answer != r.off
}

// Yes and No are the numbers of a place's two answers.
func Yes(place int) int { return 2*place + 1 }

// No is the number of the answer false.
func No(place int) int { return 2 * place }

// If is cond; its yes can be taken back.
func If(place int, cond bool) bool { return cond && state.gives(Yes(place)) }

// Unless is cond; its no can be taken back.
func Unless(place int, cond bool) bool { return cond || !state.gives(No(place)) }

// Either is cond; both can be taken back.
func Either(place int, cond bool) bool {
	if cond {
		return state.gives(Yes(place))
	}
	return !state.gives(No(place))
}

// Do says whether a statement is carried out: always, until it is taken back.
func Do(place int) bool { return state.gives(Yes(place)) }
