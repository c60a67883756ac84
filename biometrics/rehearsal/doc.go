// Package rehearsal asks `visavis-puppet --rehearse` to play challenges to puppets and to describe clips, much faster than they would last: the clock is
// the play's own, and only the frames that decide something are described (Pace).
//
// It is how a bench that has no vision of its own measures attacks. Both ways go over the program's stdin and stdout: uint32 length, a kind
// byte, then canonical CBOR, all capped; one order at a time a process, and several processes (Company) where there are cores to spare.
package rehearsal
