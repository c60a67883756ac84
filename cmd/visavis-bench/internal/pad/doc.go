// Package pad presents puppets and clips to the gate, people and attacks alike, and counts who is let in: presentation attack detection, in the
// words of ISO/IEC 30107-3. APCER is the share of a species' attacks that are accepted, BPCER the share of bona fide presentations that are
// refused.
//
// Every presentation is drawn from its species and number alone, so a run that was broken off goes on where it was, and the same run gives the
// same figures.
package pad
