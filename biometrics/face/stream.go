package face

import (
	"image"
	"time"

	"visavis/biometrics"
)

const (
	trackTime   = 600 * time.Millisecond // for so long a face is looked for where it was last seen
	recentTime  = time.Second            // so long after a face was seen, nothing is spared to find it again
	glanceEvery = 3                      // frames: the cascade looks for further faces, and for anybody in an empty view, in each third,
	glanceTime  = 200 * time.Millisecond // or this long after it last did
	searchTime  = 2 * time.Second        // between two searches of a view in which nobody was seen for a while
)

// stream is what is remembered of a camera's frames before this one; the zero value knows none. It only tells where to look and what may wait:
// whether there is a face, dlib decides in each frame anew. A picture file, whose time is 0, belongs to no stream.
type stream struct {
	size           image.Point     // of the frames
	at             time.Duration   // of the last one
	box            image.Rectangle // of its one face
	seen, two      mark            // a face, and two
	glance, search mark
	sinceGlance    int // frames
	motion         motion
	judged         int // frames whose one face was judged
	eyesHidden     bool
}

// mark is when something last happened, if it did.
type mark struct {
	at  time.Duration
	set bool
}

// within says whether it happened, and not longer ago than d.
func (m mark) within(now, d time.Duration) bool { return m.set && now-m.at <= d }

// plan is what is done to find the faces of one frame.
type plan struct {
	picture bool            // the frame is a picture file
	box     image.Rectangle // where the face was, when follow is set
	follow  bool
	recent  bool // a face was seen a moment ago
	glance  bool // let the cascade look, even when the followed face is there
	search  bool // let dlib look at the whole frame when nobody was found; of a picture file, at its parts too
}

// did is what was done of a plan.
type did struct{ glanced, searched bool }

// begin makes the plan for a frame. One of another size or an earlier time comes from another camera.
func (s *stream) begin(f biometrics.Frame) plan {
	if f.At <= 0 {
		return plan{picture: true, glance: true, search: true}
	}
	if size := image.Pt(f.Width, f.Height); s.size != size || f.At <= s.at {
		*s = stream{size: size}
	}
	p := plan{
		box:    s.box,
		follow: s.box.Dx() > 0 && f.At-s.at <= trackTime,
		recent: s.seen.within(f.At, recentTime),
		glance: s.sinceGlance >= glanceEvery-1 || !s.glance.within(f.At, glanceTime-1),
	}
	p.glance = p.glance || p.recent && !p.follow || s.two.within(f.At, recentTime)
	p.search = p.recent || !s.search.within(f.At, searchTime-1)
	return p
}

// end keeps what was found in f, and how.
func (s *stream) end(f biometrics.Frame, found []biometrics.Face, done did) {
	if f.At <= 0 {
		return
	}
	now := mark{f.At, true}
	s.at, s.box = f.At, image.Rectangle{}
	if len(found) == 1 {
		s.box = boxRect(found[0].Box)
	}
	if len(found) > 0 {
		s.seen = now
	}
	if len(found) > 1 {
		s.two = now
	}
	if s.sinceGlance++; done.glanced {
		s.glance, s.sinceGlance = now, 0
	}
	if done.searched {
		s.search = now
	}
}

// eyesDue says, once a frame, whether the eyes are to be looked at: in the first and every third that follows.
func (s *stream) eyesDue() bool {
	s.judged++
	return s.judged%glanceEvery == 1
}

// follow shows dlib the place where the face was. What is there is looked at once more when it has moved: it is to stand in the middle of what
// dlib sees, like any other. Nobody, or two, are for others to find.
func (d *Describer) follow(p *picture, last image.Rectangle) ([]biometrics.Face, error) {
	seen, err := d.near(p, last, followMargin)
	if err != nil || len(seen) != 1 {
		return seen, err
	}
	box := boxRect(seen[0].Box)
	moved := box.Min.Add(box.Max).Sub(last.Min.Add(last.Max)).Div(2)
	slack := int(followMargin / 2 * float64(last.Dx()))
	if max(moved.X, -moved.X, moved.Y, -moved.Y) <= slack {
		return seen, nil
	}
	again, err := d.near(p, box, followMargin)
	if err != nil || len(again) != 1 {
		return nil, err
	}
	return again, nil
}
