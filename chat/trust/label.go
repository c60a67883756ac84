package trust

import (
	"crypto/sha256"
	"strings"

	"visavis/models"
	"visavis/models/audit"
)

// Label separates the purposes of signatures, hashes and derived keys: bytes made under one label mean nothing under another.
// All labels are listed here; docs/crypto.md says what each is for.
type Label string

const prefix = "visavis/v1/"

// Signatures, and hashes of what is signed.
const (
	LabelFound       Label = prefix + "dir/found"
	LabelIdentity    Label = prefix + "dir/identity"
	LabelDesk        Label = prefix + "dir/desk"
	LabelRole        Label = prefix + "dir/role"
	LabelRevoke      Label = prefix + "dir/revoke"
	LabelPepperNamed Label = prefix + "dir/pepper"
	LabelAudit       Label = prefix + "dir/audit"
	LabelCreate      Label = prefix + "room/create"
	LabelInvite      Label = prefix + "room/invite"
	LabelJoin        Label = prefix + "room/join"
	LabelLeave       Label = prefix + "room/leave"
	LabelRemove      Label = prefix + "room/remove"
	LabelRoomRole    Label = prefix + "room/role"
	LabelPolicy      Label = prefix + "room/policy"
	LabelGeneration  Label = prefix + "generation"
	LabelMessage     Label = prefix + "message"
	LabelBundle      Label = prefix + "bundle"
	LabelBundleDesk  Label = prefix + "bundle/desk"
	LabelProof       Label = prefix + "identity/proof"
	LabelSuccession  Label = prefix + "identity/succession"
	LabelDeskRequest Label = prefix + "desk-request"
	LabelEvidence    Label = prefix + "evidence/2" // the first had no colours, and no tests of the light
	LabelHello       Label = prefix + "hello"
	LabelAuditHead   Label = prefix + "audit/head"
	LabelRootProof   Label = prefix + "root/proof"
	LabelRecovery    Label = prefix + "recovery/request" // signed by the phrase's key
	LabelCodeGrant   Label = prefix + "code/grant"
)

// Hashes alone, and the MACs of a desk's request and of a resumption.
const (
	LabelStatement   Label = prefix + "hash/statement"
	LabelRoomState   Label = prefix + "hash/room-state"
	LabelEntry       Label = prefix + "hash/entry"
	LabelStreamEnds  Label = prefix + "hash/stream-ends"
	LabelRoot        Label = prefix + "hash/root"
	LabelBoxKey      Label = prefix + "hash/box-key"
	LabelPepper      Label = prefix + "hash/pepper"
	LabelPepperText  Label = prefix + "hash/pepper-text"
	LabelFingerprint Label = prefix + "hash/fingerprint"
	LabelConsent     Label = prefix + "hash/consent"
	LabelChallenge   Label = prefix + "hash/challenge"
	LabelHandshake   Label = prefix + "hash/handshake"
	LabelInviteText  Label = prefix + "hash/invite"
	LabelRootSheet   Label = prefix + "hash/root-sheet"
	LabelUnlock      Label = prefix + "hash/unlock"
	LabelCode        Label = prefix + "hash/code"
	LabelCodeCheck   Label = prefix + "hash/code-check"
	LabelCodeSalt    Label = prefix + "hash/code-salt"
	LabelSafety      Label = prefix + "hash/safety"
	LabelProve       Label = prefix + "hash/prove"
	LabelAuditEvent  Label = audit.Label // models/audit makes it
	LabelDeskMAC     Label = prefix + "mac/desk-request"
	LabelResumeMAC   Label = prefix + "mac/resume"
)

// Derived keys, HPKE contexts and the vault; chat/e2e uses them.
const (
	LabelCommitment   Label = prefix + "gen/commit"
	LabelBox          Label = prefix + "gen/box"
	LabelPast         Label = prefix + "gen/past" // also the type of what is sealed
	LabelMessageKey   Label = prefix + "key/message"
	LabelFileKey      Label = prefix + "key/file"
	LabelFileChunk    Label = prefix + "file/chunk" // a chunk's type, and its hash
	LabelFile         Label = prefix + "hash/file"
	LabelVault        Label = prefix + "vault" // the wrapping key; also the vault's type, and the hash of a stored one
	LabelVaultBody    Label = prefix + "vault/body"
	LabelVaultKey     Label = prefix + "vault/key"
	LabelVaultClear   Label = prefix + "hash/vault-clear"
	LabelRecoveryBox  Label = prefix + "recovery/box"
	LabelRecoverySign Label = prefix + "recovery/sign"
	LabelPhrase       Label = prefix + "hash/phrase"
	LabelResumeKey    Label = prefix + "key/resume"
	LabelLock         Label = prefix + "lock"
	LabelLockCarrier  Label = prefix + "lock/carrier"
)

// Type is what a payload of this label says its type is.
func (l Label) Type() string { return strings.TrimPrefix(string(l), prefix) }

// Hash returns SHA-256 over label ‖ 0x00 ‖ parts.
func (l Label) Hash(parts ...[]byte) models.Hash {
	h := sha256.New()
	h.Write(l.prepend(nil))
	for _, p := range parts {
		h.Write(p)
	}
	return models.Hash(h.Sum(nil))
}

func (l Label) prepend(b []byte) []byte {
	out := make([]byte, 0, len(l)+1+len(b))
	out = append(out, l...)
	out = append(out, 0)
	return append(out, b...)
}
