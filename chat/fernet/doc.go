// Package fernet seals and opens Fernet tokens, strictly: it answers with errors where the library panics and refuses what
// the library lets pass.
//
// Encryption, authentication and decryption are github.com/fernet/fernet-go's. This package stands in front of it because,
// behind a valid HMAC, which any holder of a room's key can make, the library panics on an empty or broken body, accepts a padding
// of zero or of more than one block, skips line breaks and ignores what follows the token's end; and because it reads
// the system's clock itself, and checks neither age nor future when the age is not limited.
//
// A [Token] is held, stored, hashed and signed as decoded bytes, of which each token has exactly one form; its text,
// made by [Encode] and read by [Parse], is for exchange with other implementations.
//
// The time is a parameter everywhere. The initialisation vector is not: the library draws it from crypto/rand.
package fernet
