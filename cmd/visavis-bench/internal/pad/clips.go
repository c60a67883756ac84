package pad

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/rehearsal"
)

// ClipKind is what a clip shows, and the name of the folder that it lies in.
type ClipKind string

// The kinds of clips.
const (
	Live   ClipKind = "live"   // a person
	Print  ClipKind = "print"  // a photograph on paper
	Screen ClipKind = "screen" // a picture on a phone or a monitor
	Replay ClipKind = "replay" // a film of a person, shown to the camera or fed in its place
)

// ClipKinds lists them in the order of the report.
func ClipKinds() []ClipKind { return []ClipKind{Live, Print, Screen, Replay} }

// ClipTally is what became of a kind's clips. Of whom they show nothing is known, so only movement is judged.
type ClipTally struct {
	Kind     ClipKind
	Accepted Count          // of the clips, arranged as well as can be for whoever presents them
	Reasons  map[string]int // of the clips that were not: what the last arrangement was refused for
	AsFilmed Count          // Replay: of the challenges that a clip was shown to as it is
	Unread   []error        // clips that could not be read: they count nowhere
}

const (
	arrangements = 40 // of each clip, in different challenges
	showings     = 20 // of each replayed clip as it is
	fewFaces     = 6  // a clip of fewer frames with a face can not be arranged
)

// Clips presents every clip in a folder's four folders, of which some may be missing.
func (b *Bench) Clips(ctx context.Context, dir string, tell Progress) ([]ClipTally, error) {
	var tallies []ClipTally
	found := 0
	for _, kind := range ClipKinds() {
		entries, err := os.ReadDir(filepath.Join(dir, string(kind)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t := ClipTally{Kind: kind, Reasons: map[string]int{}}
		for i, e := range entries {
			path := filepath.Join(dir, string(kind), e.Name())
			frames, err := b.Company.Clip(ctx, path)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if errors.Is(err, rehearsal.ErrEnded) {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			tell(string(kind), i+1, len(entries))
			if err != nil {
				t.Unread = append(t.Unread, fmt.Errorf("%s: %w", path, err))
				continue
			}
			t.present(e.Name(), frames)
		}
		found += len(entries)
		tallies = append(tallies, t)
	}
	if found == 0 {
		return nil, fmt.Errorf("no clip in %s: they lie in its folders live, print, screen and replay", dir)
	}
	return tallies, nil
}

// present shows one clip, arranged, and, of a film that is replayed, also as it is.
func (t *ClipTally) present(name string, frames []biometrics.Observation) {
	rules, random := liveness.DefaultRules(), rand.New(rand.NewChaCha8(chance("clip "+string(t.Kind)+" "+name, 0)))
	source := rand.NewChaCha8(chance("clip "+string(t.Kind)+" "+name, 1))
	t.Accepted.N++
	if s, why := newSupply(frames, rules); s == nil {
		t.Reasons[why]++
	} else if why, live := s.best(source, random, rules); live {
		t.Accepted.K++
	} else {
		t.Reasons[why]++
	}
	if t.Kind != Replay || len(frames) == 0 {
		return
	}
	for range showings {
		c, err := liveness.Draw(source, liveness.Entry)
		if err != nil {
			return // a cipher's stream does not end
		}
		t.AsFilmed.N++
		if liveness.Judge(c, looped(frames, c), rules).Live {
			t.AsFilmed.K++
		}
	}
}

// looped is a film as it is, from its beginning and over again, stamped with a challenge's cues.
func looped(film []biometrics.Observation, c liveness.Challenge) []biometrics.Observation {
	length := film[len(film)-1].Offset - film[0].Offset + uint32(rehearsal.ClipPace.Milliseconds())
	var out []biometrics.Observation
	for round := uint32(0); ; round++ {
		for _, o := range film {
			o.Offset += round*length - film[0].Offset
			at := time.Duration(o.Offset) * time.Millisecond
			if at >= c.Duration() || len(out) == biometrics.MaxObservations {
				return out
			}
			o.Number, o.Cue = uint32(len(out)+1), uint8(c.StepAt(at))
			o.Descriptor[len(out)%len(o.Descriptor)] *= 1 + float32(round)*1e-6 // a sensor's noise: no two frames are equal
			out = append(out, o)
		}
	}
}

// best tries arrangements in challenges of gestures that the clip contains, and says what the last was refused for.
func (s *supply) best(source *rand.ChaCha8, random *rand.Rand, rules liveness.Rules) (why string, live bool) {
	for range arrangements {
		c, ok := s.challenge(source)
		if !ok {
			return "no challenge of its gestures", false
		}
		v := liveness.Judge(c, s.arrange(c, random), rules)
		if v.Live {
			return "", true
		}
		why = v.Why.String()
	}
	return why, false
}

// challenge draws until all gestures but turns, which are in every challenge, are in the clip.
func (s *supply) challenge(source *rand.ChaCha8) (liveness.Challenge, bool) {
	for range 5000 {
		c, err := liveness.Draw(source, liveness.Entry)
		if err != nil {
			return c, false
		}
		if !slices.ContainsFunc(c.Steps, func(st liveness.Step) bool { return len(s.pools[st.Gesture]) == 0 }) {
			return c, true
		}
	}
	return liveness.Challenge{}, false
}
