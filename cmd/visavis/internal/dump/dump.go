package dump

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Needle is something to look for: a text in one encoding, or a key.
type Needle struct {
	Name  string // what it is called when it was found
	Bytes []byte
}

// Key looks for bytes as they are.
func Key(name string, b []byte) Needle { return Needle{name, b} }

// Text looks for a text as programs hold one: in UTF-8, in UTF-16, and a rune in four bytes, as a toolkit does that draws it.
func Text(s string) []Needle {
	list := []Needle{{fmt.Sprintf("%q", s), []byte(s)}, {Name: fmt.Sprintf("%q in UTF-16", s)}, {Name: fmt.Sprintf("%q as runes", s)}}
	for _, u := range utf16.Encode([]rune(s)) {
		list[1].Bytes = binary.NativeEndian.AppendUint16(list[1].Bytes, u)
	}
	for _, r := range s {
		list[2].Bytes = binary.NativeEndian.AppendUint32(list[2].Bytes, uint32(r))
	}
	return list
}

// Found is what a search came upon: how often, by the needles' names and then by where it lay, as the system calls a mapping.
type Found map[string]map[string]int

func (f Found) add(name, where string, n int) {
	if f[name] == nil {
		f[name] = map[string]int{}
	}
	f[name][where] += n
}

// Add takes up what another search came upon.
func (f Found) Add(other Found) {
	for name, places := range other {
		for where, n := range places {
			f.add(name, where, n)
		}
	}
}

// Times is how often a needle was found.
func (f Found) Times(name string) (n int) {
	for _, at := range f[name] {
		n += at
	}
	return n
}

// ErrDenied says that the system does not let this user read the process's memory: it forbids dumps, and only root reads it then.
var ErrDenied = errors.New("the memory of the process may not be read")

const (
	piece  = 1 << 20 // bytes that are read at once
	edge   = 1 << 10 // bytes of the piece before that are looked at again: no needle is longer
	vsmall = 8       // a needle of fewer bytes is found anywhere
)

// Search reads all of a process's memory but for files that it only reads, its program for one, and returns what it found and how many bytes it
// read. The process goes on meanwhile, so what it moves may be missed: look when it rests.
func Search(pid int, needles []Needle) (Found, int64, error) {
	for _, n := range needles {
		if len(n.Bytes) < vsmall || len(n.Bytes) > edge {
			return nil, 0, fmt.Errorf("look for %s: %d bytes are not %d to %d", n.Name, len(n.Bytes), vsmall, edge)
		}
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if errors.Is(err, os.ErrPermission) {
		return nil, 0, fmt.Errorf("%w: %w", ErrDenied, err)
	}
	if err != nil {
		return nil, 0, err
	}
	defer mem.Close()
	list, err := regions(pid)
	if err != nil {
		return nil, 0, err
	}
	found, read := Found{}, int64(0)
	for _, r := range list {
		read += r.search(mem, needles, found)
	}
	if read == 0 {
		return nil, 0, fmt.Errorf("process %d: nothing of its memory could be read", pid)
	}
	return found, read, nil
}

// region is a mapping that can be read.
type region struct {
	from, to int64
	name     string
}

func regions(pid int) ([]region, error) {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	var list []region
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var r region
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &r.from, &r.to, &rights); err != nil {
			continue // at the top of the address space, where the kernel's own page lies
		}
		r.name = "no name"
		if f := strings.Fields(lines.Text()); len(f) > 5 {
			r.name = f[5]
		}
		file := strings.HasPrefix(r.name, "/") && !strings.HasPrefix(rights, "rw")
		if strings.HasPrefix(rights, "r") && !file {
			list = append(list, r)
		}
	}
	return list, nil
}

// search looks through a mapping; what can not be read, of a device or beyond a file's end, is left out.
func (r region) search(mem io.ReaderAt, needles []Needle, found Found) (read int64) {
	b := make([]byte, edge+piece)
	kept := 0
	for at := r.from; at < r.to; at += piece {
		n, err := mem.ReadAt(b[kept:kept+int(min(piece, r.to-at))], at)
		read += int64(n)
		for _, x := range needles {
			if c := count(b[:kept+n], x.Bytes, kept); c > 0 {
				found.add(x.Name, r.name, c)
			}
		}
		if err != nil {
			kept = 0
			continue
		}
		kept = copy(b, b[max(0, kept+n-edge):kept+n])
	}
	return read
}

// count counts what is not whole within the first bytes: those were looked at before.
func count(b, needle []byte, before int) (n int) {
	for at := max(0, before-len(needle)+1); ; {
		i := bytes.Index(b[at:], needle)
		if i < 0 {
			return n
		}
		n++
		at += i + 1
	}
}

// Family is a process and everything that descends from it.
func Family(pid int) []int {
	family := []int{pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is none of a caller's
	for _, list := range lists {
		b, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(word); err == nil {
				family = append(family, Family(child)...)
			}
		}
	}
	return family
}
