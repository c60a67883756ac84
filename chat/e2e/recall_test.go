package e2e

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func typedOf(groups ...string) (typed [RecallGroups][]byte) {
	for i, g := range groups {
		typed[i] = []byte(g)
	}
	return typed
}

// What was typed is held to the groups at the places that were asked for, one by one, and to no other.
func TestPhraseAskedBack(t *testing.T) {
	p := Phrase([]byte("sixteen letters!"))
	g := strings.Split(p.Text(), "-")
	if len(g) != PhraseGroups || len(g[0]) != GroupLetters {
		t.Fatalf("a phrase has %d groups", len(g))
	}
	at := Recall{2, 5, 8}
	digits := strings.NewReplacer("o", "0", "l", "1", "b", "8")
	for _, tt := range []struct {
		name  string
		asked Recall
		typed [RecallGroups][]byte
		wrong [RecallGroups]bool
	}{
		{"nothing was asked", Recall{}, typedOf(g[0], g[1], g[2]), [3]bool{true, true, true}},
		{"nothing was typed", at, [3][]byte{}, [3]bool{true, true, true}},
		{"other places", at, typedOf(g[0], g[3], g[6]), [3]bool{true, true, true}},
		{"one place on", Recall{8, 9, -1}, typedOf(g[7], "", ""), [3]bool{false, true, true}},
		{"in another order", at, typedOf(g[4], g[1], g[7]), [3]bool{true, true, false}},
		{"one is wrong", at, typedOf(g[1], "zzzz", g[7]), [3]bool{false, true, false}},
		{"a part of it", at, typedOf(g[1][:3], g[4], g[7]), [3]bool{true, false, false}},
		{"more than it", at, typedOf(g[1]+g[2], g[4], g[7]), [3]bool{true, false, false}},
		{"no text", at, typedOf("\xff\xfe\x00\x80", g[4], g[7]), [3]bool{true, false, false}},
		{"right", at, typedOf(g[1], g[4], g[7]), [3]bool{}},
		{"as people type", at, typedOf(" "+strings.ToUpper(g[1]), digits.Replace(g[4]), g[7][:2]+"-"+g[7][2:]), [3]bool{}},
	} {
		if got := p.Wrong(tt.asked, tt.typed); got != tt.wrong {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.wrong)
		}
	}
}

// Places are three, rising, and all alike; what draws them may fail.
func TestDrawRecall(t *testing.T) {
	count := map[int]int{}
	const draws = 4000
	for range draws {
		a, err := DrawRecall(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(a[:]) || a[0] < 1 || a[2] > PhraseGroups || a[0] == a[1] || a[1] == a[2] {
			t.Fatalf("drawn: %v", a)
		}
		for _, place := range a {
			count[place]++
		}
	}
	for place := 1; place <= PhraseGroups; place++ {
		if n, want := count[place], draws*RecallGroups/PhraseGroups; n < want*8/10 || n > want*12/10 {
			t.Errorf("group %d was asked for %d times, of about %d", place, n, want)
		}
	}
	if a, err := DrawRecall(bytes.NewReader(make([]byte, 31))); !errors.Is(err, io.ErrUnexpectedEOF) || a != (Recall{}) {
		t.Errorf("drawn from nothing: %v, %v", a, err)
	}
}
