package puppet

import (
	"context"
	"errors"
	"sync"

	"visavis/biometrics/eye"
)

// Album opens puppets of photographs that it reads, searches and levels once, which takes longer than to play a step. It is safe for concurrent
// use; a photograph that changes on disk stays as it was.
type Album struct {
	find Finder

	mu     sync.Mutex
	placed map[pasted]*actor
}

// pasted is a face in a photograph.
type pasted struct {
	path string
	face int
}

// NewAlbum makes an empty one; Close frees what it keeps.
func NewAlbum(find Finder) *Album { return &Album{find: Remember(find), placed: map[pasted]*actor{}} }

// Open is the package's Open.
func (a *Album) Open(ctx context.Context, o Options, clock eye.Clock) (*Camera, error) {
	return open(ctx, o, a.actor, clock)
}

// actor is a copy of the one that the album keeps; its user closes it.
func (a *Album) actor(path string, face int) (*actor, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept, known := a.placed[pasted{path, face}]
	if !known {
		var err error
		if kept, err = newActor(path, face, a.find); err != nil {
			return nil, err
		}
		a.placed[pasted{path, face}] = kept
	}
	own := *kept
	own.skin = kept.skin.Clone()
	return &own, nil
}

// Close frees what is kept; puppets that were opened stay.
func (a *Album) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for key, kept := range a.placed {
		errs = append(errs, kept.close())
		delete(a.placed, key)
	}
	return errors.Join(errs...)
}
