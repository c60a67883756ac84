package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// verdict is what is known of a test.
type verdict struct {
	Ending ending
	Guard  string // without which it was seen to fail; empty for none
	Answer int    // of the guard, that was taken back
	Why    string // why nothing was seen, where nothing was
	Native bool   // not compiled here: nothing is said of it
	In, Of int    // the guard answers in so many of the package's tests
	Tried  int
	Made   string // of what the package was then
}

func (v verdict) proven() bool { return v.Guard != "" }

// least is how long a run may take at least: what is taken back may cost a retry.
const least = 10 * time.Second

// patience is how long one test is looked at.
const patience = 3 * time.Minute

// hunt looks through one package's tests.
type hunt struct {
	*bench
	*binary
	tries  int
	again  bool
	before map[string]verdict // of an earlier time, by test
	hand   []mutant
	path   string // of the package in the repository
	say    func(format string, args ...any)
	keep   func(test string, v verdict) error // of each as soon as it is known

	base map[string]base
	in   map[int]int // in how many of the package's tests an answer is given
}

// base is a test as it is.
type base struct {
	ending ending
	took   time.Duration
	fired  map[int]bool
}

// prove keeps the verdict of each of the tests.
func (h *hunt) prove(ctx context.Context, tests []string) error {
	var left []string
	for _, t := range tests {
		v, err := h.still(ctx, t)
		if err == nil && v.proven() {
			err = h.keep(t, v)
		} else if err == nil {
			left = append(left, t)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	if len(left) == 0 {
		return nil
	}
	if err := h.measure(ctx, left); err != nil {
		return err
	}
	for _, t := range left {
		v, err := h.one(ctx, t)
		if err == nil {
			v.Made = h.made
			h.say("%-60s %s", t, v)
			err = h.keep(t, v)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return nil
}

// still is what was known of a test, if it holds: nothing has changed since, or the test fails as it did.
func (h *hunt) still(ctx context.Context, test string) (verdict, error) {
	v := h.before[test]
	switch {
	case !v.proven() || h.again, v.Of > 0 && len(h.takenOut(test)) > 0: // since then somebody saw what its defence is
		return verdict{}, nil
	case v.Made == h.made:
		return v, nil
	}
	as, err := h.as(ctx, test)
	if err != nil || as.ending != passed {
		return verdict{}, err
	}
	most := max(least, 5*as.took)
	if v.Of == 0 {
		v, err = h.byHand(ctx, test, as)
		v.Made = h.made
		return v, err
	}
	for _, answer := range slices.Sorted(maps.Keys(as.fired)) {
		if !h.sites.all[answer/2].same(v.Guard) || answer%2 != v.Answer {
			continue
		}
		// Once: what fails without the guard that it failed without before has noticed.
		if now, err := h.run(ctx, test, answer, most); err != nil || now != passed {
			v.Ending, v.Guard, v.Made = now, h.sites.all[answer/2].String(), h.made
			return v, err
		}
	}
	return verdict{}, nil
}

// twice runs a test with an answer taken back, and again if it does not pass: what fails once only has not noticed.
func (h *hunt) twice(ctx context.Context, test string, answer int, most time.Duration) (ending, error) {
	first, err := h.run(ctx, test, answer, most)
	if err != nil || first == passed {
		return first, err
	}
	second, err := h.run(ctx, test, answer, most)
	if second != first {
		return passed, err
	}
	return first, err
}

// others is how many more of a package's tests are run as they are, to tell what is rare.
const others = 40

// measure runs the tests that are looked at, and others of the package, as they are.
func (h *hunt) measure(ctx context.Context, wanted []string) error {
	all, err := h.tests(ctx)
	if err != nil {
		return fmt.Errorf("list tests: %w", err)
	}
	h.base, h.in = map[string]base{}, map[int]int{}
	all = slices.DeleteFunc(all, func(t string) bool { return slices.Contains(wanted, t) })
	run := slices.Clone(wanted)
	for i := 0; i < len(all); i += 1 + len(all)/others { // from all over the package
		run = append(run, all[i])
	}
	for _, t := range run {
		as, err := h.as(ctx, t)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		h.base[t] = as
		for answer := range as.fired {
			h.in[answer]++
		}
	}
	return nil
}

// as runs a test as it is.
func (h *hunt) as(ctx context.Context, test string) (as base, err error) {
	began := time.Now()
	if as.ending, err = h.run(ctx, test, -1, 10*time.Minute); err != nil {
		return as, err
	}
	as.took = time.Since(began)
	as.fired, err = h.fired()
	return as, err
}

// one takes back what a test's run answered until it fails.
func (h *hunt) one(ctx context.Context, test string) (verdict, error) {
	as := h.base[test]
	if as.ending != passed {
		return verdict{Ending: as.ending, Why: "as it is, it " + string(as.ending)}, nil
	}
	if len(h.takenOut(test)) > 0 {
		return h.byHand(ctx, test, as)
	}
	most := max(least, 5*as.took)
	var found verdict
	tried, began := 0, time.Now()
	for _, answer := range h.order(as.fired) {
		defends := h.defends(answer)
		if tried++; tried > h.tries && !defends || tried > 4*h.tries || time.Since(began) > patience {
			break
		}
		ending, err := h.twice(ctx, test, answer, most)
		if err != nil {
			return verdict{}, err
		}
		if ending == passed || ending == hung && as.took > 5*time.Second {
			continue
		}
		v := verdict{Ending: ending, Answer: answer % 2, Guard: h.sites.all[answer/2].String(), In: h.in[answer], Of: len(h.base)}
		if !defends {
			found.Why = "notices only what may break it: " + v.String()
			break
		}
		if found = v; ending == failed {
			break
		} // a panic or a hang may be for want of what the guard kept away from others: look for a plain failure
	}
	found.Tried = tried
	if !found.proven() && found.Why == "" {
		found.Why = fmt.Sprintf("does not notice that any of %d guards is gone", tried)
	}
	return found, nil
}

// order is that in which answers are taken back: those first that few other tests get. What most tests get is left out.
func (h *hunt) order(fired map[int]bool) []int {
	weight := func(answer int) float64 {
		s := h.sites.all[answer/2]
		w := float64(h.in[answer]+1) * [...]float64{refuses: 1, handsOn: 2, forgets: 2, demanded: 2, compares: 4, isDone: 6}[s.Rank]
		if !h.defends(answer) {
			return w + 1e6
		}
		return w
	}
	answers := slices.DeleteFunc(slices.Sorted(maps.Keys(fired)), func(a int) bool {
		return len(h.base) > 4 && 2*h.in[a] > len(h.base)
	})
	slices.SortStableFunc(answers, func(a, b int) int { return cmp.Compare(weight(a), weight(b)) })
	return answers
}

// defends says that to take the answer back takes a defence out: by the shape of its place, or because few tests get it.
func (h *hunt) defends(answer int) bool {
	s := h.sites.all[answer/2]
	return s.defends(answer) || s.Rank != isDone && 6*h.in[answer] <= len(h.base)
}

func (v verdict) String() string {
	if !v.proven() {
		return "NOT PROVEN: " + v.Why
	}
	if v.Of == 0 {
		return fmt.Sprintf("%s without  %s", v.Ending, v.Guard)
	}
	return fmt.Sprintf("%s without  %s  (it answers in %d of %d tests)", v.Ending, v.Guard, v.In, v.Of)
}
