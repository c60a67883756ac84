package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Every cause has its row, and the document has the same ones in the same order.
func TestRemediesAreWrittenDown(t *testing.T) {
	doc, err := os.ReadFile("../../docs/crypto.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| cause | what is done | over when |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for c := CauseNone + 1; c < causeEnd; c++ {
		r := c.Remedy()
		if r.Over == "" || r.Repair >= repairEnd || causeTexts[c] == "" {
			t.Errorf("cause %d has no row: %q, %+v", c, c, r)
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s |", c, r.Repair, r.Over))
	}
	if got := strings.Split(strings.TrimSpace(table), "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("docs/crypto.md has another table than the code:\n%s", strings.Join(want, "\n"))
	}
	if r := causeEnd.Remedy(); r != (Remedy{}) {
		t.Errorf("what is no cause has %+v", r)
	}
}

// rereads reads the log once more as the room does when something has come that entries waited for, and returns the last event.
func (p *actor) rereads() Event {
	p.w.t.Helper()
	n := p.r.Again()
	var last Event
	for _, e := range p.w.log {
		last = must(n.ApplyAgain(e, p.r))(p.w.t)
		if !p.r.Same(e) {
			p.w.t.Errorf("entry %d is another than before", e.Seq)
		}
	}
	if !n.Keeps(p.r) {
		p.w.t.Error("the same log takes something away")
	}
	n.Succeed(p.r)
	p.r = n
	return last
}

// Another copy of a log is the same one where nothing was accepted from what is another now.
func TestAnotherCopyKeepsWhatWasRead(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	b.say("one")
	b.read()
	b.say("two")
	a.read()
	two := len(w.log) - 1
	for name, change := range map[string]func(){
		"without one":       func() { w.log[two].Body = w.log[two].Body[:9] },
		"another of one id": func() { w.log[two] = w.log[two-1]; w.log[two].Seq++ },
	} {
		log := append(w.log[:0:0], w.log...)
		change()
		n := a.r.Again()
		for _, e := range w.log {
			must(n.ApplyAgain(e, a.r))(t)
		}
		if n.Keeps(a.r) || a.r.Same(w.log[two]) {
			t.Errorf("%s: taken for what was read", name)
		}
		if !a.r.Keeps(n) {
			t.Errorf("%s: more is less", name)
		}
		w.log = log
	}
	if e := w.log[two]; !a.r.Same(e) {
		t.Error("the same entry is another")
	}
}

// An entry names a head that the directory here does not have: its room is read again when the directory has grown, and not before.
func TestWaitsForTheDirectory(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	w.post(must(b.r.forge(Draft{Kind: KindText}, func(x *messageBody) { x.Dir[3]++ }))(t))
	if ev := a.last(); ev.Cause != CauseHead || a.r.Late() || !a.r.Headless() {
		t.Fatalf("%v, late %v", ev.Cause, a.r.Late())
	}
	w.enrol("carol")
	if !a.r.Late() {
		t.Fatal("the directory has grown, and nothing is done")
	}
	if ev := a.rereads(); ev.Cause != CauseHead || a.r.Late() {
		t.Fatalf("a head that is none is looked for again and again: %v, late %v", ev.Cause, a.r.Late())
	}
}
