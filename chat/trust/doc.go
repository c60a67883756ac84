// Package trust defines and verifies what people, desks and rooms sign: the directory, sign-up bundles, invites, evidence, rosters and key generations.
//
// It holds no secret key. Functions that sign take the key as an argument and keep nothing; server and client import the
// package and reach the same verdict about the same bytes.
//
// Everything signed is an envelope [payload, signature]. The signature is Ed25519 over label ‖ 0x00 ‖ payload; a hash is
// SHA-256 over label ‖ 0x00 ‖ the bytes as received, never a re-encoding. Payloads are canonical CBOR, begin with
// version, type, suite and organisation, and end in an [Ext] map. The formats stand in docs/crypto.md.
//
// [Directory] and [Room] are states of logs: pure functions of the entries, applied in order. An entry which the state before it does
// not allow is refused and changes nothing, so it is skipped, and the log's order alone decides every race.
package trust
