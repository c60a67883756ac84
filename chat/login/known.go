package login

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/models"
)

// maxKnown bounds how many approved people are compared with each other: their centroids take 51 MB.
const maxKnown = 100_000

// load makes the gallery of everybody approved, of what the store holds. A template that does not open is its person's trouble at the next
// log-in, and keeps nobody else from theirs.
func (s *Service) load(ctx context.Context) error {
	missing := 0
	for _, status := range []models.UserStatus{models.UserWaiting, models.UserActive} {
		users, err := s.store.UsersByStatus(ctx, status)
		if err != nil {
			return err
		}
		for _, u := range users {
			if s.directory.Admitted(u.ID) && s.know(u) != nil {
				missing++
			}
		}
	}
	if missing == 0 {
		return nil
	}
	return s.audit(ctx, entry{event: "faces.load"}, "error", fmt.Sprintf("%d of %d faces are not compared", missing, missing+s.known.Len()))
}

// know puts a person's face among those that others are held against.
func (s *Service) know(u models.User) error {
	face, err := template.Open(s.templates, u.ID, u.Template)
	if err != nil {
		return err
	}
	defer clear(face.Views)
	return s.known.Put(u.ID, face)
}

// Approved takes an account whose face is held against others' from now on: the directory has just admitted it, or it enrolled anew. Where the
// store does not give the face, each Sweep asks for it again.
func (s *Service) Approved(ctx context.Context, account models.AccountID) error {
	if err := s.compare(ctx, account); err != nil {
		return errors.Join(fmt.Errorf("compare a face with others: %w", err),
			s.audit(ctx, entry{event: "faces.add", account: account}, "error", "the face is not compared"))
	}
	return nil
}

func (s *Service) compare(ctx context.Context, account models.AccountID) error {
	u, err := s.store.UserByID(ctx, account)
	gone := errors.Is(err, models.ErrNotFound) // deleted before it was approved, or since
	s.missed.set(account, err != nil && !gone)
	if err == nil {
		return s.know(u)
	}
	if gone {
		return nil
	}
	return err
}

// again asks for the faces that the store did not give.
func (s *Service) again(ctx context.Context) {
	for _, account := range s.missed.all() {
		if !s.directory.Admitted(account) {
			s.missed.set(account, false)
			continue
		}
		if err := s.compare(ctx, account); err == nil {
			_ = s.audit(ctx, entry{event: "faces.add", account: account}, "ok", "") // only says that the error before is mended
		}
	}
}

// missed are approved people whose faces are still to be compared. The zero value is nobody. It is safe for concurrent use.
type missed struct {
	mu  sync.Mutex
	ids map[models.AccountID]struct{}
}

func (m *missed) set(account models.AccountID, missing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !missing:
		delete(m.ids, account)
	case m.ids == nil:
		m.ids = map[models.AccountID]struct{}{account: {}}
	case len(m.ids) < maxKnown:
		m.ids[account] = struct{}{}
	}
}

func (m *missed) all() []models.AccountID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.ids))
}

// Gone forgets the face of an account that was revoked or deleted.
func (s *Service) Gone(account models.AccountID) {
	s.missed.set(account, false)
	s.known.Remove(account)
}

// knows says whether an account of the gallery is still to be compared, and forgets it when not. A store that does not answer makes it
// forget nobody.
func (s *Service) knows(ctx context.Context, account models.AccountID) bool {
	if s.directory.Admitted(account) {
		u, err := s.store.UserByID(ctx, account)
		if err == nil && u.Status != models.UserDisabled || err != nil && !errors.Is(err, models.ErrNotFound) {
			return true
		}
	}
	s.known.Remove(account)
	return false
}

// others returns the distance to the nearest approved person but one. Who is no more does not count, and is forgotten where he is found.
func (s *Service) others(ctx context.Context, account models.AccountID) func(match.Vector) float64 {
	distance := s.known.Others(account)
	return func(v match.Vector) float64 {
		for {
			hit, found := s.known.Nearest(v, account)
			if !found || s.knows(ctx, hit.ID) {
				return distance(v)
			}
		}
	}
}

// Grade says how alike two people look. The zero Grade is none.
type Grade uint8

// The grades.
const (
	SameFace Grade = 1 // as near to each other as a person who logs in has to be
	Alike    Grade = 2 // so near that each one's bound is tightened for the other
)

// Lookalike is somebody approved whom a waiting person looks like.
type Lookalike struct {
	Account models.AccountID
	Grade   Grade
}

// ErrFaceUnread says that a stored face does not open: its person can not log in either.
var ErrFaceUnread = errors.New("the stored face does not open")

// Lookalikes says whom of those approved an account that waits looks like, the most alike first, at most so many. It is for admins alone: whoever
// else learned it could ask with a photograph who is known here.
func (s *Service) Lookalikes(ctx context.Context, account models.AccountID, most int) ([]Lookalike, error) {
	u, err := s.store.UserByID(ctx, account)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for lookalikes: %w", err)
	case u.Status != models.UserWaiting:
		return nil, nil
	}
	face, err := template.Open(s.templates, u.ID, u.Template)
	if err != nil {
		return nil, fmt.Errorf("look for lookalikes: %w: %w", ErrFaceUnread, err)
	}
	defer clear(face.Views)
	if face.Weights != s.policy.Weights {
		return nil, nil
	}
	bounds := s.policy.Level.Bounds(match.MinViews) // the loosest: nobody here knows how many views the others have, and each bound counts
	var found []Lookalike
	for _, hit := range s.known.Within(face.Centroid, 2*bounds.Fused, account) {
		l := Lookalike{Account: hit.ID, Grade: grade(bounds, hit.Distance)}
		if l.Grade == 0 || len(found) >= most {
			break
		}
		if s.knows(ctx, hit.ID) {
			found = append(found, l)
		}
	}
	return found, nil
}

// grade of two centroids at a distance.
func grade(b match.Bounds, distance float64) Grade {
	switch {
	case distance <= b.Fused:
		return SameFace
	case b.Tightened(distance).Fused < b.Fused:
		return Alike
	}
	return 0
}
