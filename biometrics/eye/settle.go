package eye

import (
	"context"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

const (
	// SettleTime is how long Settle waits for a good face.
	SettleTime = 20 * time.Second
	// settleGood is how many good frames in a row count as settled.
	settleGood = 3
	// eyesPatience and posturePatience are how long Settle asks for open eyes, and for a face that looks into the camera and is still. Then it
	// takes the person as he is: eyes that look closed, or a head that never points quite ahead, lock nobody out.
	eyesPatience    = 3 * time.Second
	posturePatience = 6 * time.Second
)

// patience counts from the first good frame on, whatever the person's posture in it.
type patience struct{ since time.Time }

// left is what is still asked for of a frame's quality.
func (p *patience) left(q biometrics.Quality, now time.Time) biometrics.Quality {
	if !q.Good() {
		return q
	}
	if p.since.IsZero() {
		p.since = now
	}
	if now.Sub(p.since) >= eyesPatience {
		q = q.Without(biometrics.EyesHidden)
	}
	if now.Sub(p.since) >= posturePatience {
		q = q.Without(biometrics.Turned).Without(biometrics.Moving)
	}
	return q
}

// SettleError says why no good face was seen in time. None of it is a failed try.
type SettleError struct {
	Reason biometrics.Reason // what was wrong with the last frame; meaningless when Blind
	Blind  bool              // no frame was described at all
}

func (e *SettleError) Error() string {
	if e.Blind {
		return "the camera shows nothing"
	}
	return e.Reason.String() + ": " + e.Reason.Cure()
}

// Settle waits until the face in view is good to describe: alone, near, lit and still, with open eyes that look into the camera, as far as
// that can be had in a few seconds. It is called before a challenge is asked for,
// since trouble with light is not a failed try. progress may be nil; it is called from Settle's own goroutine and must not block.
func Settle(ctx context.Context, w Watched, progress func(Progress)) error {
	events, stop := w.Subscribe()
	defer stop()
	if _, open := w.Camera(); !open {
		return fmt.Errorf("settle: %w", ErrNoCamera)
	}
	late := w.Clock().After(SettleTime)
	last, good := &SettleError{Blind: true}, 0
	var patience patience
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("settle: %w", ctx.Err())
		case <-late:
			return last
		case e, ok := <-events:
			s, err := seenOf(e, ok)
			if err != nil {
				return fmt.Errorf("settle: %w", err)
			}
			if s == nil {
				continue
			}
			q := patience.left(s.Face.Quality, w.Clock().Now())
			report(progress, Progress{Phase: Settling, Gesture: liveness.Neutral, Tint: liveness.Plain, Quality: q})
			if !q.Clear() {
				last, good = &SettleError{Reason: q.Reasons()[0]}, 0
				continue
			}
			if good++; good == settleGood {
				return nil
			}
		}
	}
}

// seenOf finds the face in an event, or the reason to give up; both are nil for an event of no matter.
func seenOf(e Event, ok bool) (*Seen, error) {
	if !ok {
		return nil, ErrClosed
	}
	switch e := e.(type) {
	case Seen:
		return &e, nil
	case CameraFailed:
		return nil, e.Err
	case CameraTrouble:
		return nil, e.Err
	case NoWeights:
		return nil, e.Err
	case Died:
		return nil, e.Err
	}
	return nil, nil
}

func report(progress func(Progress), p Progress) {
	if progress != nil {
		progress(p)
	}
}
