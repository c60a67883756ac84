// Package template seals enrolled faces for storage and opens them again.
//
// A sealed template is the canonical CBOR of [version, key id, token]. The token is a Fernet token under a key that is
// derived from one of the server's [Ring], HKDF-SHA256 with info = "visavis/v1/template" ‖ 0x00 ‖ canonical [key id, account id]. Its
// plaintext is the canonical CBOR of [version, "template", account id, key id, weights version, views], a view being 512 bytes. So a
// template opens for its own account only, wherever it was moved to. The centroid is not stored: it follows from the views.
package template
