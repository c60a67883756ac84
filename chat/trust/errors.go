package trust

import "errors"

// The reasons for refusing, a closed set. They are wrapped with the operation; callers use errors.Is.
var (
	ErrFormat      = errors.New("not the format")                           // not decodable, not canonical, out of bounds
	ErrNewer       = errors.New("needs a newer desk")                       // a version, suite, type or even ext key we do not know
	ErrSignature   = errors.New("wrong signature")                          //
	ErrKey         = errors.New("unusable key")                             // small-order, non-canonical, or does not encapsulate
	ErrOrg         = errors.New("of another organisation")                  //
	ErrPrev        = errors.New("does not follow the head")                 // the author rebases and tries again
	ErrState       = errors.New("resulting state differs")                  //
	ErrNotAllowed  = errors.New("its author may not do that")               //
	ErrUnknown     = errors.New("names someone or something unknown")       // account, desk or generation
	ErrTaken       = errors.New("name, id or key is taken")                 //
	ErrRevoked     = errors.New("is revoked")                               //
	ErrIdentity    = errors.New("is not the identity the directory names")  //
	ErrUnknownHead = errors.New("names a directory head that is not known") // fetch the directory, then try again
	ErrStaleHead   = errors.New("names an outdated head")                   //
	ErrFull        = errors.New("the room is full")                         //
	ErrMAC         = errors.New("the request does not belong to the invite")
	ErrChecksum    = errors.New("mistyped: the checksum does not match")
)
