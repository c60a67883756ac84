package presence

import (
	"fmt"
	"math"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// Verdict is why the desk has to be locked. The zero value is no reason.
type Verdict uint8

// The verdicts.
const (
	Stays    Verdict = 0
	Away     Verdict = 1 // nobody was in view for the time that was given
	Stranger Verdict = 2 // somebody else is
)

func (v Verdict) String() string {
	switch v {
	case Stays:
		return "stays"
	case Away:
		return "away"
	case Stranger:
		return "stranger"
	}
	return "unknown"
}

// Bounds, on the scale of unit vectors and against the mean of the neutral frames of the log-in; docs/biometrics.md has the measurements.
const (
	// far is the distance beyond which a frame is not the person's. A person's frames at every pose lie within 0.300 of what was enrolled
	// ("neutral frames" and "all other frames", up to 0.120 and 0.300), the frames of one film within 0.25 of their centroid. The nearest
	// frame of all strangers among the puppets lies at 0.400; of 1,243,255 single photographs against means of three of a stranger 6,772, that
	// is 0.54%, lie within 0.390. So a stranger who looks at the screen passes a frame in about 200, and never several in a row for long;
	// a person would have to be a third farther from himself than ever measured.
	far = 0.40
	// aside is the liveness.Shift beyond which a head is turned away. Heads at rest stay within 0.02 of their own rest, puppets that turn
	// by 14° are at 0.12 and more. A head that is turned further is no evidence of a stranger: its descriptor wanders.
	aside = 0.10
	// row is how many frames in a row, and over how long at least, make a stranger: at the four frames a second at which a desk is
	// watched that is half a second; a blurred moment at fifteen is not enough.
	row     = 3
	rowTime = 400 * time.Millisecond
	// rowGap ends a row: frames farther apart say nothing of each other.
	rowGap = time.Second
	// doubtful is how long somebody of whom nobody can say who he is (too far, blurred, two at once) keeps the desk open after the person was
	// known last. Without it a portrait on the wall would do so for ever, and so would a stranger who keeps his distance, or one who brings a
	// second face: of two the describer tells nothing, so the person and an onlooker look like two strangers.
	doubtful = time.Minute
	// unseen is how long nobody, or no eye, may have been there for somebody doubtful to count: whoever sits down at a chair that was empty has
	// to be known. It is longer than an eye takes to start again, and shorter than the shortest time for an empty chair.
	unseen = 3 * time.Second
)

// Rate is how many frames a second the times here are made for, and need at least: three make a stranger in 0.75 s, and one that is lost ends
// no row.
const Rate = 4

// BlindGrace is how long the eye may be dead or the camera closed before that counts as away, beside three times the time for an empty
// chair: an eye that starts again needs about two seconds, a camera that is plugged in again a few more. Past it the desk locks: a covered
// or broken eye must not keep it open.
const BlindGrace = 15 * time.Second

// Watch watches over one session. The zero Watch watches over none. One goroutine owns it.
type Watch struct {
	on    bool
	away  time.Duration
	owner match.Vector
	blank bool // the person's face is not known yet: the first that is clear is taken for it

	seen  time.Time // when somebody who may be the person was in view last; moved on by the time without an eye
	here  time.Time // the same, and never moved
	known time.Time // when a face was near the person's last
	wall  time.Time // of the last Tick, by the wall's clock, which goes on while the machine sleeps
	face  biometrics.Face
	blind time.Time     // since when there is no eye; zero while there is one
	spent time.Duration // of the grace, since then

	posing  bool // somebody was asked to move his head
	strange int  // far frames in a row
	first   time.Time
	last    time.Time

	beside onlooker
}

// Begin watches from now on. owner is the mean of what the log-in showed; with the zero Vector every face is a stranger's. Away is how long
// nobody has to be in view; Begin with 0 takes the shortest choice, since a desk that never locks is not meant.
func (w *Watch) Begin(now time.Time, owner match.Vector, away time.Duration) {
	if away <= 0 {
		away = 5 * time.Second
	}
	*w = Watch{on: true, away: away, owner: owner, seen: now, here: now, known: now, wall: now.Round(0)}
}

// BeginUnknown watches over somebody who came in without showing a face: the first clear one is taken for the person's. Until then a desk
// without eyes stays open, since its person was let in without any; an empty chair locks it as always.
func (w *Watch) BeginUnknown(now time.Time, away time.Duration) {
	w.Begin(now, match.Vector{}, away)
	w.blank = true
}

// meet takes the first clear face for the person's.
func (w *Watch) meet(f biometrics.Face) {
	if !w.blank || !still(f) {
		return
	}
	if v, err := match.Unit(f.Descriptor); err == nil {
		w.owner, w.blank = v, false
	}
}

// Owner is who is watched over, for a session that goes on after a cut.
func (w *Watch) Owner() match.Vector { return w.owner }

// On says whether a session is watched over.
func (w *Watch) On() bool { return w.on }

// SetAway changes the time for an empty chair.
func (w *Watch) SetAway(away time.Duration) {
	if away > 0 {
		w.away = away
	}
}

// Posing says whether the person is just being asked to move his head, by a challenge amid the session. A far face is no stranger's then: heads that are
// lifted, tilted or near are farther from their owner than any that was measured at rest. All else counts as ever, and between the movements, when
// everybody looks ahead, so does a stranger: whoever takes the chair can not sit through a challenge.
func (w *Watch) Posing(on bool) { w.posing = on }

// hereFor is how old the last frame with somebody who may be the person may be for him to be there: a few frames.
const hereFor = 1500 * time.Millisecond

// Here says whether somebody who may be the person is in view just now: who asks for what only the person may have.
func (w *Watch) Here(now time.Time) bool { return w.on && now.Sub(w.here) < hereFor }

// Format keeps every verb from printing the person's numbers.
func (Watch) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("watch(redacted)")) }

// Wipe forgets the person and stops.
func (w *Watch) Wipe() { *w = Watch{} }

// Blind says that the eye is dead or its camera closed. The next frame says that it is not any more.
func (w *Watch) Blind(now time.Time) {
	if w.blind.IsZero() {
		w.blind = now
	}
}

// sighted ends the eye's absence: the chair's time stood still meanwhile, and the grace shrinks until the person is seen again, so that an
// eye that dies again and again locks too.
func (w *Watch) sighted(now time.Time) {
	if w.blind.IsZero() {
		return
	}
	gone := now.Sub(w.blind)
	w.blind, w.spent, w.seen = time.Time{}, w.spent+gone, w.seen.Add(gone)
	if gone >= unseen {
		w.known = time.Time{}
	}
}

// doubted is somebody of whom nobody can say who he is.
func (w *Watch) doubted(now time.Time) {
	if now.Sub(w.seen) < unseen && now.Sub(w.known) < doubtful {
		w.somebody(now)
	}
}

// somebody who may be the person is in view.
func (w *Watch) somebody(now time.Time) {
	w.strange, w.seen, w.here, w.spent = 0, now, now, 0
}

// Tick is the verdict of the time alone. Call it a few times a second: a machine that slept for as long as a chair may be empty locks when it
// wakes, whoever is seen first.
func (w *Watch) Tick(now time.Time) Verdict {
	w.beside.pass(now)
	wall := now.Round(0)
	slept := wall.Sub(w.wall)
	w.wall = wall
	switch {
	case !w.on:
		return Stays
	case slept >= w.away:
		return w.verdict(Away)
	case w.blank && !w.blind.IsZero():
		return Stays
	case w.spent+w.gone(now) >= max(BlindGrace, 3*w.away):
		return w.verdict(Away)
	case !w.blind.IsZero():
		return Stays
	case now.Sub(w.seen) >= w.away:
		return w.verdict(Away)
	}
	return Stays
}

func (w *Watch) gone(now time.Time) time.Duration {
	if w.blind.IsZero() {
		return 0
	}
	return now.Sub(w.blind)
}

// Seen takes one described frame. A single frame with a face that may be the person's keeps the desk open, however the head is held; too dark
// is nobody, and so is a frame that is equal to the one before. A photograph of the person that is held or hung before a live camera is taken for the person: what
// tells them apart is the challenge, and that is asked for at the way in alone.
func (w *Watch) Seen(now time.Time, s eye.Seen) Verdict {
	if !w.on {
		return Stays
	}
	w.sighted(now)
	q := s.Face.Quality
	frozen := s.Face.Box != (biometrics.Box{}) && s.Face == w.face // a sensor never sees the same twice
	w.face = s.Face
	if !frozen && q.Good() {
		w.meet(s.Face)
	}
	switch {
	case frozen: // a still picture, or a camera that stands still, is nobody
	case q.Has(biometrics.NoFace), q.Has(biometrics.TooDark):
		w.strange = 0
	case q.Has(biometrics.TwoFaces):
		w.beside.seen(now)
		w.doubted(now)
	case !q.Good():
		w.doubted(now)
	case w.is(s.Face.Descriptor):
		w.somebody(now)
		w.known = now
	case w.posing, !still(s.Face): // far, and turned away or in motion: neither the one nor the other
	default:
		return w.stranger(now)
	}
	return w.Tick(now)
}

func (w *Watch) stranger(now time.Time) Verdict {
	if w.strange == 0 || now.Sub(w.last) > rowGap {
		w.strange, w.first = 0, now
	}
	w.strange++
	w.last = now
	if w.strange >= row && now.Sub(w.first) >= rowTime {
		return w.verdict(Stranger)
	}
	return w.Tick(now)
}

// verdict is given once: whoever locks begins anew.
func (w *Watch) verdict(v Verdict) Verdict {
	w.Wipe()
	return v
}

// is says whether a descriptor may be the person's. Numbers that are no face's are nobody's.
func (w *Watch) is(d biometrics.Descriptor) bool {
	v, err := match.Unit(d)
	return err == nil && match.Distance(v, w.owner) <= far
}

// still says whether a far descriptor says anything: not of a head that is turned or in motion. Hidden eyes excuse nobody, or dark glasses
// would be a stranger's cloak.
func still(f biometrics.Face) bool {
	shift, err := liveness.Shift(f.Landmarks)
	return err == nil && math.Abs(shift) <= aside && !f.Quality.Has(biometrics.Turned) && !f.Quality.Has(biometrics.Moving)
}

// Owner averages what a log-in showed while the person looked straight ahead. Frames that are no face's are left out; of none at all, it is
// the zero Vector, near nobody.
func Owner(seen biometrics.Evidence, c liveness.Challenge) match.Vector {
	var vs []match.Vector
	for _, i := range liveness.NeutralFrames(c, seen.Frames) {
		if v, err := match.Unit(seen.Frames[i].Descriptor); err == nil && seen.Frames[i].Quality.Good() {
			vs = append(vs, v)
		}
	}
	mean, err := match.Mean(vs...)
	clear(vs)
	if err != nil {
		return match.Vector{}
	}
	return mean
}
