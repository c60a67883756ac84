package main

import (
	"fmt"

	"visavis/cmd/visavis-bench/internal/pad"
)

// shown presents clips.
func (r *padRun) shown() error {
	tallies, err := r.bench.Clips(r.ctx, r.Clips, r.clock.tell)
	if err != nil {
		return err
	}
	r.say("\n## Clips\n\nOf whom they show nothing is known, so only movement is judged. Each is arranged as well as can be for whoever presents it.")
	r.say("\n| kind | accepted, arranged (95%%) | refused for | accepted, as filmed (95%%) | unread |\n|---|---|---|---|---|")
	for _, t := range tallies {
		r.say("| %s | %v | %s | %v | %d |", t.Kind, t.Accepted, pad.Tally{Reasons: t.Reasons}.Why(), t.AsFilmed, len(t.Unread))
		for _, err := range t.Unread {
			_, _ = fmt.Fprintln(r.stderr, "not read:", err)
		}
		r.limitClips(t)
		if err := r.Aims.Add(clipAim(t)); err != nil {
			return err
		}
	}
	return nil
}

// limitClips holds a kind to the limits that were named.
func (r *padRun) limitClips(t pad.ClipTally) {
	if t.Accepted.N == 0 {
		return
	}
	refused := pad.Count{K: t.Accepted.N - t.Accepted.K, N: t.Accepted.N}
	if t.Kind == pad.Live {
		if refused.Rate() > r.BpcerLimit {
			r.over = append(r.over, fmt.Errorf("live clips: BPCER is %.1f%%, over %.1f%%", 100*refused.Rate(), 100*r.BpcerLimit))
		}
		return
	}
	shown := t.Accepted
	if t.Kind == pad.Replay {
		shown = t.AsFilmed // arranged to the challenge, a film is a live forgery
	}
	if _, high := shown.Interval(); high > r.Limit {
		r.over = append(r.over, fmt.Errorf("%s clips: APCER may be %.1f%%, over %.1f%%", t.Kind, 100*high, 100*r.Limit))
	}
}
