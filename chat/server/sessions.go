package server

import (
	"sync"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// session is a person logged in at a desk. It outlives its connection for a while, and belongs to one connection at a time. It is made by a
// log-in alone. Its times are the server's clock's.
type session struct {
	id      models.SessionID
	account models.AccountID
	name    string
	desk    models.DeskID
	ends    time.Time // whatever happens

	// Under sessions.mu.
	began   bool         // it was taken in
	record  models.Hash  // of the password that was proven
	key     trust.Secret // proves resumptions
	conn    *conn        // whose it is; nil while it rests
	rests   time.Time    // until then, without a connection
	counter uint64       // of the last resumption
	lock    *lock        // nil when it is not locked
}

// lock is what a locked session's person gets back for a face.
type lock struct {
	key  trust.Secret
	ends time.Time

	shown models.Hash // the challenge that was asked for and not answered
	tries int         // faces that were refused, and challenges that were left
}

// facesPerLock are the tries of a lock: then its person logs in with the password. Nobody who stands before a locked desk has proven one.
const facesPerLock = 5

// over says that the session's time is over. Of one that is open on a connection, the connection's own deadline says so.
func (s *session) over(now time.Time) bool {
	switch {
	case s.conn != nil && s.lock == nil:
		return false
	case !now.Before(s.ends), s.lock != nil && !now.Before(s.lock.ends):
		return true
	}
	return s.conn == nil && !now.Before(s.rests)
}

// wipe forgets the keys. sessions.mu is held.
func (s *session) wipe() {
	clear(s.key[:])
	s.unlock()
}

func (s *session) unlock() {
	if s.lock != nil {
		clear(s.lock.key[:])
		s.lock = nil
	}
}

// sessions are those that are not over: in memory alone, so a restart ends them all. Who comes after its time finds it gone. The methods that
// take a connection do nothing, and say so, when the session is not that connection's: it may have been resumed on another one.
type sessions struct {
	most int

	mu   sync.Mutex // the directory's own lock alone is taken while it is held
	rows map[models.SessionID]*session
}

func newSessions(most int) *sessions {
	return &sessions{most: most, rows: map[models.SessionID]*session{}}
}

// hold takes in a session that has just begun, or says that one which was taken in is still a connection's: CodeEnded when it is not. When there are too
// many, one that rests gives way; CodeFull when none does.
func (t *sessions) hold(s *session, by *conn) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.began {
		if t.rows[s.id] != s || s.conn != by {
			return wire.Refuse(wire.CodeEnded)
		}
		return nil
	}
	if len(t.rows) >= t.most {
		var first *session
		for _, o := range t.rows {
			if o.conn == nil && (first == nil || o.rests.Before(first.rests)) {
				first = o
			}
		}
		if first == nil {
			return wire.Refuse(wire.CodeFull)
		}
		first.wipe()
		delete(t.rows, first.id)
	}
	s.began, s.conn, t.rows[s.id] = true, by, s
	return nil
}

// claim is a resumption as a desk asks for it.
type claim struct {
	trust.Resumption
	mac models.Hash
}

// account is whose session a desk claims, for a desk that has it.
func (t *sessions) account(c claim, now time.Time) (models.AccountID, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.proven(c, now); s != nil {
		return s.account, true
	}
	return models.AccountID{}, false
}

// proven returns the session that a claim is good for now. mu is held.
func (t *sessions) proven(c claim, now time.Time) *session {
	s := t.rows[c.Session]
	if s == nil || s.over(now) || !now.Before(s.ends) || s.desk != c.Desk || c.Counter <= s.counter || !c.Proven(s.key, c.mac) {
		return nil
	}
	return s
}

// take gives a claimed session to a connection, and says whose it was until now, if anybody's.
func (t *sessions) take(c claim, by *conn, now time.Time) (s *session, locked bool, from *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s = t.proven(c, now); s == nil {
		return nil, false, nil
	}
	from, s.conn, s.counter = s.conn, by, c.Counter
	return s, s.lock != nil, from
}

// rest lets a session be without a connection until then.
func (t *sessions) rest(s *session, by *conn, until time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by {
		return false
	}
	s.conn, s.rests = nil, until
	return true
}

// remove ends a session.
func (t *sessions) remove(s *session, by *conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by {
		return false
	}
	s.wipe()
	delete(t.rows, s.id)
	return true
}

// shut locks a session under a key that its desk made.
func (t *sessions) shut(s *session, by *conn, key trust.Secret, until time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by || s.lock != nil || key.IsZero() {
		return false
	}
	s.lock = &lock{key: key, ends: until}
	return true
}

// open gives the lock's key out, once, and forgets it.
func (t *sessions) open(s *session, by *conn, now time.Time) (key trust.Secret, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by || s.lock == nil || s.over(now) {
		return trust.Secret{}, false
	}
	key = s.lock.key
	s.unlock()
	return key, true
}

// showing notes the challenge of an unlocking, and says that the lock has a try for it. One that comes after another that nobody answered is
// a try that was left.
func (t *sessions) showing(s *session, by *conn, challenge models.Hash) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by || s.lock == nil {
		return false
	}
	if !s.lock.shown.IsZero() && s.lock.shown != challenge {
		s.lock.tries++
	}
	s.lock.shown = challenge
	return s.lock.tries < facesPerLock
}

// failed counts a face that was refused, and says that the lock has more tries.
func (t *sessions) failed(s *session, by *conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by || s.lock == nil {
		return false
	}
	s.lock.shown = models.Hash{}
	s.lock.tries++
	return s.lock.tries < facesPerLock
}

// locked says when a connection's locked session ends by itself; false when it is not locked, or over.
func (t *sessions) locked(s *session, by *conn, now time.Time) (until time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[s.id] != s || s.conn != by || s.lock == nil || s.over(now) {
		return time.Time{}, false
	}
	return earlier(s.lock.ends, s.ends), true
}

// dropped is a session that was ended from outside, and the connection that had it, if any.
type dropped struct {
	*session
	why  string
	conn *conn
}

// repassword notes the record under which a session goes on that has changed its password.
func (t *sessions) repassword(s *session, record models.Hash) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.record = record
}

// under is the record of the password that a session's person has proven last.
func (t *sessions) under(s *session) models.Hash {
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.record
}

// drop ends the sessions that gone names, and those whose time is over.
func (t *sessions) drop(now time.Time, why string, gone func(*session) bool) []dropped {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []dropped
	for id, s := range t.rows {
		d := dropped{session: s, conn: s.conn}
		switch {
		case gone(s):
			d.why = why
		case !s.over(now):
			continue
		case s.lock != nil:
			d.why = "locked"
		default:
			d.why = "disconnected"
		}
		s.wipe()
		delete(t.rows, id)
		all = append(all, d)
	}
	return all
}
