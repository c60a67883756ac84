// Package weights knows which data files Visavis needs but does not ship, by name and SHA-256, and fetches them: dlib's models, and the
// photographs that the demo's puppets are made of.
//
// A file with a wrong checksum is never put into place, and never half of a file.
package weights
