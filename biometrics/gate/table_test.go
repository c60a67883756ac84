package gate

import (
	"math"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// state is one way that what a check looks at can be.
type state struct {
	ok  bool
	set func(*facts)
}

// states are, for each reason to refuse, the ways there are: each of the facts good, and bad in every way that differs.
var states = map[Reason][]state{
	VirtualCamera: {
		{true, func(f *facts) { f.hardware = true }},
		{true, func(f *facts) { f.hardware, f.policy.AllowVirtual = false, true }},
		{false, func(f *facts) { f.hardware, f.policy.AllowVirtual = false, false }},
	},
	OtherWeights: {
		{true, func(f *facts) { f.weights = true }},
		{false, func(f *facts) { f.weights = false }},
	},
	BadTemplate: {
		{true, func(f *facts) { f.template = true }},
		{false, func(f *facts) { f.template = false }},
	},
	FrameCount: {
		{true, func(f *facts) { f.frames = biometrics.MaxObservations }},
		{false, func(f *facts) { f.frames = 0 }},
		{false, func(f *facts) { f.frames = biometrics.MaxObservations + 1 }},
	},
	TooQuick: {
		{true, func(f *facts) { f.told = f.elapsed }},
		{false, func(f *facts) { f.told = f.elapsed + 1 }},
	},
	TooOld: {
		{true, func(f *facts) { f.policy.MaxElapsed = f.elapsed }},
		{false, func(f *facts) { f.policy.MaxElapsed = f.elapsed - 1 }},
	},
	NotLive: {
		{true, func(f *facts) { f.live = liveness.Verdict{Live: true, Why: liveness.Followed, Lamp: math.NaN()} }},
		{false, func(f *facts) { f.live = liveness.Verdict{Why: liveness.Flat} }},
	},
	BadDescriptor: {
		{true, func(f *facts) { f.faces = true }},
		{false, func(f *facts) { f.faces = false }},
	},
	OtherPerson:   distances(bounds3.Fused, func(f *facts, d float64) { f.fused = d }),
	OtherFrame:    distances(bounds3.Front, func(f *facts, d float64) { f.front = d }),
	OtherTurned:   distances(bounds3.Turned, func(f *facts, d float64) { f.turned = d }),
	Discontinuous: distances(bounds3.Step, func(f *facts, d float64) { f.step = d }),
	MixedViews:    distances(bounds3.View, func(f *facts, d float64) { f.views = d }),
	OtherKind: {
		{true, func(*facts) {}},
		{false, func(f *facts) { f.kind = liveness.Entry + liveness.Enrolment - f.kind }},
	},
	NoLamp: {
		{true, func(f *facts) { f.policy.Lamp = LampNoted }}, // whatever the score is: here it is none
		{true, func(f *facts) { f.policy.Lamp, f.live.Lamp = LampRequired, f.policy.Rules.MinLamp }},
		{false, func(f *facts) { f.policy.Lamp, f.live.Lamp = LampRequired, math.NaN() }},
	},
	NearerOther: {
		{true, func(f *facts) { f.rival = f.fused }},
		{false, func(f *facts) { f.rival = f.fused - bounds3.Rival - 1e-9 }},
		{false, func(f *facts) { f.rival = math.NaN() }},
	},
}

// bounds3 are those of a template of three views with nobody else near.
var bounds3 = match.OneIn10000.Bounds(3)

func distances(bound float64, set func(*facts, float64)) []state {
	at := func(d float64) func(*facts) { return func(f *facts) { set(f, d) } }
	return []state{
		{true, at(bound)},
		{false, at(math.Nextafter(bound, 2))},
		{false, at(math.NaN())},
	}
}

// The tables' order, written out: a check that is forgotten, or moved, changes a verdict below.
var (
	verifyOrder = []Reason{
		VirtualCamera, OtherWeights, BadTemplate, OtherKind, FrameCount, TooQuick, TooOld, NotLive, NoLamp, BadDescriptor, OtherPerson, NearerOther, OtherFrame, OtherTurned,
		Discontinuous,
	}
	enrolOrder = []Reason{
		VirtualCamera, OtherWeights, OtherKind, FrameCount, TooQuick, TooOld, NotLive, NoLamp, BadDescriptor, MixedViews, BadTemplate, OtherPerson, OtherFrame,
		OtherTurned, Discontinuous,
	}
)

// TestTruthTable goes through every combination of the states of every check.
func TestTruthTable(t *testing.T) {
	for name, table := range map[string]struct {
		checks   []check
		order    []Reason
		kind     liveness.Kind
		accepted int // hardware, or a policy that allows more; the light noted, or followed
	}{
		"verify": {verifyChecks(), verifyOrder, liveness.Entry, 2 * 2},
		"enrol":  {enrolChecks(), enrolOrder, liveness.Enrolment, 2 * 2},
	} {
		t.Run(name, func(t *testing.T) {
			rows, accepted := 0, 0
			for f, refused := range rowsOf(table.order, table.kind) {
				rows++
				v := f.judge(table.checks)
				want := Verdict{Decision: Accepted, Why: Passed}
				if len(refused) > 0 {
					want = Verdict{Decision: Denied, Why: refused[0]}
				} else {
					accepted++
				}
				if v.Decision != want.Decision || v.Why != want.Why {
					t.Fatalf("refused for %v: %v, %v", refused, v.Decision, v.Why)
				}
			}
			if accepted != table.accepted {
				t.Errorf("%d of %d rows are accepted", accepted, rows)
			}
			t.Logf("%d rows", rows)
		})
	}
}

// rowsOf yields all combinations for a challenge of a kind, each with the reasons there are to refuse it.
func rowsOf(order []Reason, kind liveness.Kind) func(func(facts, []Reason) bool) {
	return func(yield func(facts, []Reason) bool) {
		var next func(int, facts, []Reason) bool
		next = func(i int, f facts, refused []Reason) bool {
			if i == len(order) {
				return yield(f, refused)
			}
			for _, s := range states[order[i]] {
				g, r := f, refused
				s.set(&g)
				if !s.ok {
					r = append(slices.Clip(refused), order[i])
				}
				if !next(i+1, g, r) {
					return false
				}
			}
			return true
		}
		next(0, facts{elapsed: 10 * time.Second, policy: testPolicy(), kind: kind, enrolled: 3, nearest: math.Inf(1)}, nil)
	}
}

func TestZeroDenies(t *testing.T) {
	if d := Decision(0); d != Denied || d.String() != "denied" || Decision(7).String() != "denied" {
		t.Error("the zero Decision is not Denied")
	}
	if v := (facts{}).judge(nil); v.Decision != Denied || v.Why != Unjudged {
		t.Errorf("no checks: %v, %v", v.Decision, v.Why)
	}
	for name, checks := range map[string][]check{"verify": verifyChecks(), "enrol": enrolChecks()} {
		if v := (facts{}).judge(checks); v.Decision != Denied {
			t.Errorf("%s: no facts: %v", name, v.Decision)
		}
	}
	// Whatever else is measured: none is near enough without a level, when nobody is enrolled, or when it is not known how near others are.
	for name, spoil := range map[string]func(*facts){
		"no level":          func(f *facts) { f.policy.Level = 0 },
		"nobody enrolled":   func(f *facts) { f.enrolled = 0 },
		"others not looked": func(f *facts) { f.nearest, f.fused = math.NaN(), bounds3.Fused },
	} {
		for f, refused := range rowsOf(verifyOrder[len(verifyOrder)-8:], liveness.Entry) {
			f.hardware, f.weights, f.template, f.frames = true, true, true, 1
			f.policy.MaxElapsed = f.elapsed
			spoil(&f)
			if v := f.judge(verifyChecks()); v.Decision != Denied {
				t.Fatalf("%s, refused for %v: %v", name, refused, v.Decision)
			}
		}
	}
}

func TestReasonsHaveTexts(t *testing.T) {
	seen := map[string]bool{}
	for r := range reasonEnd {
		if r.String() == "" || seen[r.String()] {
			t.Errorf("reason %d: %q", r, r)
		}
		seen[r.String()] = true
	}
	if reasonEnd.String() != "unknown reason 18" {
		t.Errorf("%q", reasonEnd)
	}
}
