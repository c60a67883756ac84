package presence

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

var begun = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

// at is a descriptor at a distance from the first axis, on the unit sphere, at dlib's usual norm.
func at(distance float64) biometrics.Descriptor {
	var d biometrics.Descriptor
	angle := 2 * math.Asin(distance/2)
	d[0], d[1] = float32(1.4*math.Cos(angle)), float32(1.4*math.Sin(angle))
	return d
}

func owner(t *testing.T) match.Vector {
	t.Helper()
	v, err := match.Unit(at(0))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// head is five landmarks whose nose stands at a shift.
func head(shift float64) biometrics.Landmarks {
	return biometrics.Landmarks{{X: 364, Y: 200}, {X: 336, Y: 200}, {X: 276, Y: 200}, {X: 304, Y: 200}, {X: float32(320 + 60*shift), Y: 240}}
}

func frame(distance, shift float64, reasons ...biometrics.Reason) eye.Seen {
	var q biometrics.Quality
	for _, r := range reasons {
		q = q.With(r)
	}
	return eye.Seen{Face: biometrics.Face{Quality: q, Descriptor: at(distance), Landmarks: head(shift)}}
}

var (
	me       = frame(0.1, 0)
	turned   = frame(0.3, 0.35)
	other    = frame(0.6, 0)
	otherOff = frame(0.6, 0.3)
	nobody   = frame(0, 0, biometrics.NoFace)
	dark     = frame(0.1, 0, biometrics.TooDark)
	leaning  = frame(0.7, 0, biometrics.TooFar)
	two      = frame(0, 0, biometrics.TwoFaces)
)

// show shows frames at a rate and says when what came of it.
func show(w *Watch, from time.Time, every time.Duration, frames ...eye.Seen) (Verdict, time.Duration) {
	for i, f := range frames {
		now := from.Add(time.Duration(i+1) * every)
		if v := w.Seen(now, f); v != Stays {
			return v, now.Sub(from)
		}
	}
	return Stays, time.Duration(len(frames)) * every
}

func times(n int, f ...eye.Seen) (frames []eye.Seen) {
	for range n {
		frames = append(frames, f...)
	}
	return frames
}

func join(parts ...[]eye.Seen) (all []eye.Seen) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestWatch(t *testing.T) {
	const quarter = 250 * time.Millisecond
	for _, c := range []struct {
		name   string
		every  time.Duration
		frames []eye.Seen
		want   Verdict
		after  time.Duration
	}{
		{"the person stays", quarter, times(100, me), Stays, 25 * time.Second},
		{"the person turned aside stays", quarter, times(100, turned), Stays, 25 * time.Second},
		{"the person leans back, where no descriptor is good", quarter, times(100, leaning), Stays, 25 * time.Second},
		{"two faces keep it open", quarter, times(100, two), Stays, 25 * time.Second},
		{"nobody", quarter, times(100, nobody), Away, 5 * time.Second},
		{"darkness is nobody", quarter, times(100, dark), Away, 5 * time.Second},
		{"one face in five seconds is enough", quarter, times(20, join(times(18, nobody), times(1, me))...), Stays, 95 * time.Second},
		{"the last moment", quarter, join(times(19, nobody), times(1, me), times(19, nobody)), Stays, 39 * quarter},
		{"a stranger", quarter, times(10, other), Stranger, 750 * time.Millisecond},
		{"a stranger at the rate of the settings' picture", 66 * time.Millisecond, times(20, other), Stranger, 528 * time.Millisecond},
		{"two odd frames are nobody's", quarter, times(20, other, other, me), Stays, 15 * time.Second},
		{"odd frames far apart", 1100 * time.Millisecond, join(times(4, other), times(1, me)), Stays, 5500 * time.Millisecond},
		{"a stranger with pauses is not waited for", quarter, times(10, other, nobody, other), Away, 5 * time.Second},
		{"a stranger who looks aside is nobody whom one waits for", quarter, times(100, otherOff), Away, 5 * time.Second},
		{"looking aside does not break a stranger's row", quarter, times(3, other, otherOff), Stranger, 1250 * time.Millisecond},
		{"numbers that are no face's", quarter, times(10, eye.Seen{Face: biometrics.Face{Landmarks: head(0)}}), Stranger, 750 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Watch
			w.Begin(begun, owner(t), 5*time.Second)
			v, after := show(&w, begun, c.every, c.frames...)
			if v != c.want || after != c.after {
				t.Errorf("%v after %v, want %v after %v", v, after, c.want, c.after)
			}
		})
	}
}

func TestNoFramesAtAll(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	if v := w.Tick(begun.Add(5*time.Second - 1)); v != Stays {
		t.Error(v)
	}
	if v := w.Tick(begun.Add(5 * time.Second)); v != Away {
		t.Errorf("an eye that shows nothing leaves it open: %v", v)
	}
	if w.On() || w.Owner() != (match.Vector{}) {
		t.Error("the person is still known after the verdict")
	}
	if v := w.Tick(begun.Add(time.Hour)); v != Stays {
		t.Errorf("a second verdict: %v", v)
	}
}

// ticks lets time go by, four times a second and once at its end, and says what came of it.
func ticks(w *Watch, from time.Time, d time.Duration) Verdict {
	for t := time.Duration(0); t < d; t += 250 * time.Millisecond {
		if v := w.Tick(from.Add(t)); v != Stays {
			return v
		}
	}
	return w.Tick(from.Add(d))
}

// A dead eye has its grace, and no more: neither dying again and again nor frames from before make it longer.
func TestADeadEyeLocks(t *testing.T) {
	for _, c := range []struct{ away, want time.Duration }{{5 * time.Second, 15 * time.Second}, {time.Minute, 3 * time.Minute}} {
		var w Watch
		w.Begin(begun, owner(t), c.away)
		w.Blind(begun)
		w.Blind(begun.Add(c.want / 2))
		if v := ticks(&w, begun, c.want-1); v != Stays {
			t.Errorf("%v: %v before its time", c.away, v)
		}
		if v := w.Tick(begun.Add(c.want)); v != Away {
			t.Errorf("%v: a dead eye leaves it open", c.away)
		}
	}
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	w.Blind(begun)
	ticks(&w, begun, 10*time.Second)
	w.Seen(begun.Add(10*time.Second), nobody)
	if v := w.Tick(begun.Add(14 * time.Second)); v != Stays {
		t.Errorf("the eye is back: %v", v)
	}
	if v := w.Tick(begun.Add(15 * time.Second)); v != Away {
		t.Errorf("and sees nobody: %v", v)
	}
}

// An eye that dies again and again, with nobody in view between, does not keep the desk open.
func TestAnEyeThatFlickers(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	now := begun
	for w.Tick(now) == Stays {
		w.Blind(now)
		now = now.Add(4 * time.Second)
		if w.Seen(now, nobody) != Stays {
			break
		}
		now = now.Add(100 * time.Millisecond)
		if now.Sub(begun) > time.Minute {
			t.Fatal("it stays open")
		}
	}
	w.Begin(begun, owner(t), 5*time.Second)
	now = begun
	for range 20 { // the person is there all the time
		w.Blind(now)
		now = now.Add(4 * time.Second)
		if v := w.Seen(now, me); v != Stays {
			t.Fatalf("%v although the person is seen between", v)
		}
	}
}

// The zero Watch and one without a reference: nobody is watched over, and nobody is known.
func TestZeroValues(t *testing.T) {
	var w Watch
	if v, _ := show(&w, begun, time.Second, times(20, other, nobody)...); v != Stays || w.Tick(begun.Add(time.Hour)) != Stays {
		t.Error("a watch over nobody locks")
	}
	w.Begin(begun, match.Vector{}, 0)
	if v, _ := show(&w, begun, 250*time.Millisecond, times(5, me)...); v != Stranger {
		t.Errorf("without a reference, a face is nobody's: %v", v)
	}
	w.Begin(begun, owner(t), 0)
	if v := w.Tick(begun.Add(5 * time.Second)); v != Away {
		t.Errorf("no time given is not never: %v", v)
	}
	w.SetAway(0)
}

func TestOwner(t *testing.T) {
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{1}), liveness.Entry)
	if err != nil {
		t.Fatal(err)
	}
	var ev biometrics.Evidence
	for off := uint32(0); off < uint32(c.Duration().Milliseconds()); off += 80 {
		step := c.StepAt(time.Duration(off) * time.Millisecond)
		o := biometrics.Observation{Offset: off, Cue: uint8(step), Descriptor: at(0.05)}
		if c.Steps[step].Gesture != liveness.Neutral {
			o.Descriptor = at(0.9) // turned heads do not count
		}
		ev.Frames = append(ev.Frames, o)
	}
	v := Owner(ev, c)
	if d := match.Distance(v, owner(t)); !(d < 0.06) {
		t.Errorf("the mean lies at %.3f", d)
	}
	if !Owner(biometrics.Evidence{}, c).IsZero() {
		t.Error("nothing seen is somebody")
	}
}

// A portrait behind the chair, or a stranger who keeps his distance, is somebody of whom nobody can say who he is: for a minute, and no more.
func TestSomebodyWhomNobodyKnows(t *testing.T) {
	const quarter = 250 * time.Millisecond
	for name, f := range map[string]eye.Seen{
		"far away": leaning, "two strangers": two, "blurred": frame(0.7, 0, biometrics.Blurred), "at the edge": frame(0.7, 0, biometrics.OffCentre),
	} {
		var w Watch
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, quarter, times(1000, f)...); v != Away || after > doubtful+5*time.Second {
			t.Errorf("%s: %v after %v", name, v, after)
		}
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, quarter, times(10, join(times(200, f), times(1, me))...)...); v != Stays {
			t.Errorf("%s, and the person is seen every minute: %v after %v", name, v, after)
		}
	}
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	w.Seen(begun, leaning)
	w.Blind(begun)
	ticks(&w, begun, 2*time.Second)
	if v, after := show(&w, begun.Add(2*time.Second), quarter, times(200, leaning)...); v != Stays {
		t.Errorf("an eye that was gone for as long as it takes to start: %v after %v", v, after)
	}
}

// Whoever comes after the chair was empty, or the eye was covered, has to be known: neither distance, nor a light into the camera, nor a second
// face stands for him.
func TestWhoComesToAnEmptyChair(t *testing.T) {
	const quarter = 250 * time.Millisecond
	left := times(12, nobody)
	for name, f := range map[string]eye.Seen{
		"two strangers": two, "far away": leaning, "a torch into the camera": frame(0.7, 0, biometrics.TooBright), "light from behind": frame(0.7, 0, biometrics.Backlit),
	} {
		var w Watch
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, quarter, join(left, times(400, f))...); v != Away || after != 5*time.Second {
			t.Errorf("%s: %v after %v", name, v, after)
		}
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, quarter, join(left, times(7, f), times(1, me), times(100, f))...); v != Stays {
			t.Errorf("%s, and then the person: %v after %v", name, v, after)
		}
		w.Begin(begun, owner(t), 5*time.Second)
		w.Blind(begun)
		ticks(&w, begun, 4*time.Second) // the cable, pulled and put in again
		if v, after := show(&w, begun.Add(4*time.Second), quarter, times(400, f)...); v != Away || after > 5*time.Second+quarter {
			t.Errorf("%s, after a cable was pulled: %v after %v", name, v, after)
		}
	}
}

// Doubt is counted by the wall: an eye that is made to die again and again does not stretch its minute.
func TestDoubtWhileTheEyeFlickers(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	now := begun
	for w.On() {
		if now.Sub(begun) > doubtful+BlindGrace {
			t.Fatalf("it is open after %v", now.Sub(begun))
		}
		w.Blind(now)
		now = now.Add(unseen - 100*time.Millisecond)
		if w.Tick(now) == Stays {
			w.Seen(now, two)
		}
	}
}

// How the head is held makes nobody a stranger, and no stranger the person.
func TestPosture(t *testing.T) {
	const quarter = 250 * time.Millisecond
	for _, c := range []struct {
		name  string
		frame eye.Seen
		want  Verdict
		after time.Duration
	}{
		{"the person, turned", frame(0.3, 0.02, biometrics.Turned), Stays, 25 * time.Second},
		{"the person with closed eyes", frame(0.2, 0, biometrics.EyesHidden), Stays, 25 * time.Second},
		{"the person in motion", frame(0.3, 0, biometrics.Moving), Stays, 25 * time.Second},
		{"a far descriptor of a head that looks up", frame(0.6, 0.02, biometrics.Turned), Away, 5 * time.Second},
		{"a far descriptor of a head in motion", frame(0.6, 0, biometrics.Moving), Away, 5 * time.Second},
		{"a stranger in dark glasses", frame(0.6, 0, biometrics.EyesHidden), Stranger, 750 * time.Millisecond},
	} {
		var w Watch
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, quarter, times(100, c.frame)...); v != c.want || after != c.after {
			t.Errorf("%s: %v after %v, want %v after %v", c.name, v, after, c.want, c.after)
		}
	}
}

// A camera that stands still, or a capture card that is fed one picture, shows the person who has gone for ever.
func TestACameraThatStandsStill(t *testing.T) {
	still := func(f eye.Seen) eye.Seen { f.Face.Box = biometrics.Box{W: 100, H: 100}; return f }
	for name, f := range map[string]eye.Seen{"the person": still(me), "somebody": still(leaning), "turned": still(turned)} {
		var w Watch
		w.Begin(begun, owner(t), 5*time.Second)
		if v, after := show(&w, begun, 250*time.Millisecond, times(100, f)...); v != Away || after > 6*time.Second {
			t.Errorf("%s: %v after %v", name, v, after)
		}
	}
}

// Timers stand still while a machine sleeps. When it wakes, the desk is locked, even if the frame from before is the first that is seen.
func TestAMachineThatSlept(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	if v := ticks(&w, begun, time.Second); v != Stays {
		t.Fatal(v)
	}
	woken := begun.Add(time.Hour)
	if v := w.Seen(woken, me); v != Stays {
		return
	}
	if v := w.Tick(woken.Add(250 * time.Millisecond)); v != Away {
		t.Errorf("it woke up open: %v", v)
	}
	w.Begin(begun, owner(t), 5*time.Second)
	if v := w.Tick(begun.Add(-time.Hour)); v != Stays {
		t.Errorf("a clock that is set back locks: %v", v)
	}
}

// Nobody is there because the eye is again: the chair's time stands still while there is no eye, and yet nobody was seen meanwhile.
func TestNobodyIsHereAfterAnEyeThatWasGone(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	w.Seen(begun.Add(time.Second), me)
	if !w.Here(begun.Add(2 * time.Second)) {
		t.Error("the person was seen a second ago, and is not here")
	}
	w.Blind(begun.Add(1100 * time.Millisecond))
	again := begun.Add(5 * time.Second)
	for i, seen := range []eye.Seen{nobody, other} {
		if v := w.Seen(again, seen); v != Stays || w.Here(again) {
			t.Errorf("frame %d: verdict %v, here %v", i, v, w.Here(again))
		}
		again = again.Add(250 * time.Millisecond)
	}
}

// What is kept of a person prints as nothing.
func TestAWatchPrintsRedacted(t *testing.T) {
	var w Watch
	w.Begin(begun, owner(t), 5*time.Second)
	w.Seen(begun.Add(time.Second), me)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		for _, got := range []string{fmt.Sprintf(verb, w), fmt.Sprintf(verb, &w)} {
			if got != "watch(redacted)" {
				t.Errorf("%s prints %d bytes", verb, len(got))
			}
		}
	}
}

// Somebody came in by an admin's code: the first clear face is taken for his, and then everything is as always. A desk without eyes stays open until he was seen, an
// empty chair does not.
func TestWhoCameWithoutAFace(t *testing.T) {
	begin := func() *Watch {
		var w Watch
		w.BeginUnknown(begun, 5*time.Second)
		return &w
	}
	w := begin()
	if v, after := show(w, begun, 250*time.Millisecond, times(100, nobody)...); v != Away || after > 6*time.Second {
		t.Errorf("an empty chair: %v after %v", v, after)
	}
	w = begin()
	w.Blind(begun)
	if v := ticks(w, begun, 10*time.Minute); v != Stays {
		t.Errorf("no camera: %v", v)
	}
	w = begin()
	if v, _ := show(w, begun, 250*time.Millisecond, times(40, me)...); v != Stays {
		t.Fatalf("the person who came: %v", v)
	}
	if v, after := show(w, begun.Add(10*time.Second), 250*time.Millisecond, times(20, other)...); v != Stranger || after > 2*time.Second {
		t.Errorf("somebody else takes the chair: %v after %v", v, after)
	}
	w = begin()
	show(w, begun, 250*time.Millisecond, times(4, me)...)
	w.Blind(begun.Add(2 * time.Second))
	if v := ticks(w, begun.Add(2*time.Second), time.Minute); v != Away {
		t.Errorf("a camera that is covered after he was seen: %v", v)
	}
}

// A challenge amid a session asks for movements: a far face is no stranger's meanwhile, but it is not the person either, and an empty chair is one.
// Between the movements, and afterwards, a stranger is.
func TestPosing(t *testing.T) {
	const quarter = 250 * time.Millisecond
	for _, c := range []struct {
		name   string
		poses  func(i int) bool // while frame i is seen
		frames []eye.Seen
		want   Verdict
		after  time.Duration
	}{
		{"the person moves far from rest", func(int) bool { return true }, times(8, other, other, other, me), Stays, 8 * time.Second},
		{"nobody is far from rest", func(int) bool { return true }, times(100, nobody), Away, 5 * time.Second},
		{"somebody else sits through it", func(int) bool { return true }, times(100, other), Away, 5 * time.Second},
		{"somebody else, between two movements", func(i int) bool { return i < 4 }, times(100, other), Stranger, 7 * quarter},
		{"a row before them goes on", func(i int) bool { return i >= 2 && i < 4 }, times(100, other), Stranger, 5 * quarter},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Watch
			w.Begin(begun, owner(t), 5*time.Second)
			v, after := Stays, time.Duration(0)
			for i, f := range c.frames {
				w.Posing(c.poses(i))
				after = time.Duration(i+1) * quarter
				if v = w.Seen(begun.Add(after), f); v != Stays {
					break
				}
			}
			if v != c.want || after != c.after {
				t.Errorf("%v after %v, want %v after %v", v, after, c.want, c.after)
			}
		})
	}
}
