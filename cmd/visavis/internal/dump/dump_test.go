package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain is also the process whose memory is searched: it keeps what it was told, in the three ways in which programs hold a text.
func TestMain(m *testing.M) {
	if os.Getenv("DUMP_TEST_KEEPER") == "" {
		os.Exit(m.Run())
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		os.Exit(1)
	}
	var kept [][]byte
	for _, n := range Text(strings.TrimSpace(line)) {
		kept = append(kept, bytes.Clone(n.Bytes))
	}
	_, _ = os.Stdout.WriteString("kept\n")
	_, _ = io.Copy(io.Discard, os.Stdin) // until it may end
	_, _ = os.Stdout.Write(bytes.Join(kept, nil))
}

// A process that was told a text has it in its memory, and none that it was not told.
func TestSearch(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector maps more memory than anybody reads")
	}
	keeper := exec.Command(os.Args[0])
	keeper.Env = append(os.Environ(), "DUMP_TEST_KEEPER=1")
	in, err := keeper.StdinPipe()
	must(t, err)
	out, err := keeper.StdoutPipe()
	must(t, err)
	must(t, keeper.Start())
	defer func() { must(t, in.Close()); _, _ = io.Copy(io.Discard, out); must(t, keeper.Wait()) }()
	const told = "the copper lantern"
	_, err = io.WriteString(in, told+"\n")
	must(t, err)
	_, err = bufio.NewReader(out).ReadString('\n')
	must(t, err)

	never := Key("a text of nobody", bytes.Repeat([]byte{0xa7, 0x5c, 0x01}, 11))
	found, read, err := Search(keeper.Process.Pid, append(Text(told), never))
	must(t, err)
	if read < 1<<20 || len(found) != 3 || found.Times(never.Name) != 0 {
		t.Errorf("in %d bytes: %v", read, found)
	}
	if f := Family(os.Getpid()); len(f) < 2 || f[0] != os.Getpid() {
		t.Errorf("this process's family is %v", f)
	}
}

func TestSearchRefuses(t *testing.T) {
	for _, n := range []Needle{{"short", make([]byte, vsmall-1)}, {"long", make([]byte, edge+1)}} {
		if _, _, err := Search(os.Getpid(), []Needle{n}); err == nil {
			t.Errorf("%s: looked for", n.Name)
		}
	}
	if _, _, err := Search(1<<30, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no process: %v", err)
	}
}

// What lies over the border of two pieces is found, once.
func TestBorders(t *testing.T) {
	needle := []byte("0123456789abcdef")
	for at := int64(piece - len(needle) - 1); at <= piece+1; at++ {
		mem := make([]byte, 2*piece+100)
		copy(mem[at:], needle)
		found := Found{}
		if read := (region{0, int64(len(mem)), "all"}).search(bytes.NewReader(mem), []Needle{Key("it", needle)}, found); found.Times("it") != 1 || read != int64(len(mem)) {
			t.Fatalf("at %d: found %d times in %d bytes", at, found.Times("it"), read)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
