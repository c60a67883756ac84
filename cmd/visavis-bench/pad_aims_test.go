package main

import (
	"testing"

	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/pad"
)

// Few plays show nothing, one that was let in shows something, and an empty run holds no aim.
func TestPadAims(t *testing.T) {
	print := func(n, in int) pad.Tally {
		return pad.Tally{Species: pad.Species{Name: "flat", What: "a print"}, N: n, Accepted: in}
	}
	for name, c := range map[string]struct {
		tally pad.Tally
		want  aims.Outcome
	}{
		"none of 200":         {print(200, 0), aims.Held},
		"none of 5":           {print(5, 0), aims.Skipped},
		"one of 5":            {print(5, 1), aims.Missed},
		"one of 200":          {print(200, 1), aims.Missed},
		"one of 400":          {print(400, 1), aims.Held},
		"none of 0":           {print(0, 0), aims.Skipped},
		"a film, none of 200": {pad.Tally{Species: pad.Species{Name: "replay"}, N: 200}, aims.Skipped},
		"a film, none of 400": {pad.Tally{Species: pad.Species{Name: "replay"}, N: 400}, aims.Held},
	} {
		lines := padAims(map[pad.Group][]pad.Tally{pad.Attack: {c.tally}}, nil)
		if len(lines) != 1 || lines[0].Outcome != c.want {
			t.Errorf("%s: %+v", name, lines)
		}
	}
	for k, want := range map[int]aims.Outcome{100: aims.Held, 97: aims.Missed} {
		lines := padAims(map[pad.Group][]pad.Tally{pad.Honest: {print(50, 50), print(50, k-50)}}, &pad.Fused{})
		if len(lines) != 2 || lines[0].Outcome != want || lines[1].Outcome != aims.Missed {
			t.Errorf("%d of 100 people let in: %+v", k, lines)
		}
	}
	if lines := padAims(nil, nil); len(lines) != 0 {
		t.Errorf("%+v", lines)
	}
}

func TestClipAim(t *testing.T) {
	for name, c := range map[string]struct {
		tally pad.ClipTally
		want  aims.Outcome
	}{
		"a head that was let in":   {pad.ClipTally{Kind: pad.Live, Accepted: pad.Count{K: 2, N: 2}}, aims.Held},
		"one that was not":         {pad.ClipTally{Kind: pad.Live, Accepted: pad.Count{K: 1, N: 2}}, aims.Missed},
		"a print":                  {pad.ClipTally{Kind: "print", Accepted: pad.Count{K: 0, N: 1}}, aims.Held},
		"a print that was let in":  {pad.ClipTally{Kind: "print", Accepted: pad.Count{K: 1, N: 9}}, aims.Missed},
		"a film, arranged":         {pad.ClipTally{Kind: pad.Replay, Accepted: pad.Count{K: 1, N: 1}, AsFilmed: pad.Count{K: 0, N: 1}}, aims.Held},
		"a film as it was filmed":  {pad.ClipTally{Kind: pad.Replay, AsFilmed: pad.Count{K: 1, N: 1}}, aims.Missed},
		"nothing that can be read": {pad.ClipTally{Kind: pad.Live}, aims.Skipped},
	} {
		if l := clipAim(c.tally); l.Outcome != c.want {
			t.Errorf("%s: %+v", name, l)
		}
	}
}
