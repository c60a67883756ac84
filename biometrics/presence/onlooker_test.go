package presence

import (
	"testing"
	"time"

	"visavis/biometrics/eye"
)

func TestOnlooker(t *testing.T) {
	const every = time.Second / Rate
	for _, c := range []struct {
		name   string
		frames []eye.Seen
		from   time.Duration // when the onlooker is seen first; 0 for never
		till   time.Duration // when no more; 0 for still there at the end
	}{
		{"the person alone", times(40, me), 0, 0},
		{"a second face", join(times(8, me), times(40, two)), 9*every + looksFrom, 0},
		{"somebody walks by", join(times(8, me), times(3, two), times(20, me)), 0, 0},
		{"he is found in every second frame only", times(20, me, two), 2*every + looksFrom, 0},
		{"he is looked for in every third frame only", times(20, me, me, two), 3*every + looksFrom, 0},
		{"short looks with long pauses", times(6, join(times(3, two), times(9, me))...), 0, 0},
		{"he goes", join(times(12, two), times(40, me)), every + looksFrom, 12*every + looksTill},
		{"he is hidden for two seconds", join(times(12, two), times(2*Rate, me), times(12, two)), every + looksFrom, 0},
		{"a stranger is no onlooker", times(2, other), 0, 0},
		{"nobody is none either", times(12, nobody), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Watch
			w.Begin(begun, owner(t), time.Minute)
			var from, till time.Duration
			for i, f := range c.frames {
				since := time.Duration(i+1) * every
				if v := w.Seen(begun.Add(since), f); v != Stays {
					t.Fatalf("%v: an onlooker locks nothing", v)
				}
				switch {
				case w.Onlooker() && from == 0:
					from = since
				case !w.Onlooker() && from != 0 && till == 0:
					till = since
				}
			}
			if !within(from, c.from, every) || !within(till, c.till, every) {
				t.Errorf("there from %v till %v, want %v till %v", from, till, c.from, c.till)
			}
		})
	}
}

// within says that got is want or, since frames come only so often, up to a frame later; 0 is exact.
func within(got, want, frame time.Duration) bool {
	return got == want || want != 0 && got > want && got < want+frame
}

// Without frames the warning ends too: nobody knows any more.
func TestOnlookerAndNoFrames(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), time.Minute)
	show(&w, begun, time.Second/Rate, times(20, two)...)
	if !w.Onlooker() {
		t.Fatal("not there")
	}
	last := begun.Add(20 * time.Second / Rate)
	w.Blind(last)
	if w.Tick(last.Add(looksTill - 1)); !w.Onlooker() {
		t.Error("gone too early")
	}
	if w.Tick(last.Add(looksTill)); w.Onlooker() {
		t.Error("still there with no eye")
	}
}

// What an onlooker is told tells nothing of anybody's face, and nobody is kept after a lock.
func TestOnlookerIsNoOracle(t *testing.T) {
	for name, f := range map[string][]eye.Seen{"the person beside": times(6, two, two, me), "a stranger beside": times(6, two, two, turned)} {
		var w Watch
		w.Begin(begun, owner(t), time.Minute)
		if v, _ := show(&w, begun, time.Second/Rate, f...); v != Stays || !w.Onlooker() {
			t.Errorf("%s: %v, onlooker %v", name, v, w.Onlooker())
		}
	}
	var w Watch
	w.Begin(begun, owner(t), time.Minute)
	show(&w, begun, time.Second/Rate, times(20, two)...)
	if v, _ := show(&w, begun.Add(time.Minute), time.Second/Rate, times(20, other)...); v == Stays || w.Onlooker() {
		t.Errorf("%v, and an onlooker of nobody: %v", v, w.Onlooker())
	}
	if w.Seen(begun.Add(2*time.Minute), two); w.Onlooker() {
		t.Error("a watch over nobody has an onlooker")
	}
}

// Two who look at the screen together are let be for a minute, and as long as the person is seen alone now and then.
func TestTwoTogether(t *testing.T) {
	const every = time.Second / Rate
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	if v, after := show(&w, begun, every, times(100*Rate, two)...); v != Away || after < doubtful || after > doubtful+6*time.Second {
		t.Errorf("for ever: %v after %v", v, after)
	}
	w.Begin(begun, owner(t), 5*time.Second)
	if v, after := show(&w, begun, every, times(5, join(times(50*Rate, two), times(1, me))...)...); v != Stays {
		t.Errorf("the person is seen alone every fifty seconds: %v after %v", v, after)
	}
}
