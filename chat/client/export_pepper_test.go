package client

import (
	"bytes"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// Unlock is a copy of what opens the person's vault.
func (s *Session) Unlock() e2e.Unlock {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, _ := s.desk.pepperOf(s.vault.Pepper())
	return e2e.Unlock{Export: bytes.Clone(s.export), Pepper: p}
}

// Held are all peppers of the desk.
func (d *Desk) Held() []trust.Pepper {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held()
}

// Wrapping is the pepper that the desk wraps under.
func (d *Desk) Wrapping() (trust.Pepper, error) { return d.wrapping() }

// SetPepper puts a pepper in the place of the desk's.
func (d *Desk) SetPepper(p trust.Pepper, named models.Hash) {
	d.pepper, d.peppers = p, peppers{named: named}
}

// DropBut forgets all peppers that may be forgotten, but one.
func (d *Desk) DropBut(p trust.Pepper) (dropped int, err error) {
	return d.dropPeppers(func(id models.Hash) bool { return id == trust.PepperID(p) })
}

// Pinned is how much of the directory was seen here.
func (d *Desk) Pinned() uint64 {
	n, _ := d.pinned()
	return n
}
