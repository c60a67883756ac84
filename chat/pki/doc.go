// Package pki makes and checks the certificates by which the server and the desks of one organisation know each other.
//
// The organisation has one certificate authority, made by `visavisd init`. A desk knows it by its [Authority.Fingerprint],
// which stands in the invite that enrolled the desk; the server sends the authority's certificate along with its own. Nothing
// of the system's certificate store is ever asked.
//
// Two application protocols share the port. A desk that has a certificate speaks [ProtoChat], and only a connection that proved
// one carries anything but an enrolment. A desk that has none yet speaks [ProtoEnrol]. Certificates are checked in
// VerifyConnection, which runs on every handshake; there are no session tickets, hence no resumption, hence no way around it.
//
// Under TLS 1.3 a client's handshake ends before the server has judged its certificate: a refusal shows at the client's first read.
package pki
