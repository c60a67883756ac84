package trust

import (
	"testing"

	"visavis/biometrics"
	"visavis/models/canon/grammar"
)

// formats are all structures that this package signs, hashes or derives from.
var formats = []grammar.Rule{
	grammar.Of[envelope]("envelope"), grammar.Of[Statement]("statement"),
	grammar.Of[foundBody]("found"), grammar.Of[identityBody]("identity"), grammar.Of[deskBody]("desk"), grammar.Of[roleBody]("role"),
	grammar.Of[revokeBody]("revoke"), grammar.Of[auditBody]("audit"), grammar.Of[pepperBody]("pepper"), grammar.Of[pepperPayload]("pepper-text"),
	grammar.Of[createBody]("create"), grammar.Of[peerExt]("peer"), grammar.Of[inviteBody]("room-invite"), grammar.Of[joinBody]("join"), grammar.Of[leaveBody]("leave"),
	grammar.Of[removeBody]("remove"), grammar.Of[roomRoleBody]("room-role"), grammar.Of[policyBody]("set-policy"),
	grammar.Of[Policy]("policy"), grammar.Of[StreamEnds]("stream-ends"), grammar.Of[StreamEnd]("stream-end"), grammar.Of[rosterState]("room-state"),
	grammar.Of[generationPayload]("generation"), grammar.Of[Message]("message-entry"), grammar.Of[Expired]("expired-entry"),
	grammar.Of[bundlePayload]("bundle"), grammar.Of[personKeys]("person-keys"), grammar.Of[BoxKey]("box-key"),
	grammar.Of[deskRequestPayload]("desk-request"), grammar.Of[deskRequestCore]("desk-request-core"), grammar.Of[biometrics.CameraInfo]("camera"),
	grammar.Of[evidencePayload]("evidence"), grammar.Of[biometrics.Evidence]("seen"), grammar.Of[biometrics.Observation]("observation"),
	grammar.Of[biometrics.Box]("face-box"), grammar.Of[biometrics.Tone]("tone"), grammar.Of[biometrics.Point]("point"),
	grammar.Of[helloPayload]("hello"), grammar.Of[auditHeadPayload]("audit-head"), grammar.Of[rootProofPayload]("root-proof"), grammar.Of[invitePayload]("invite"), grammar.Of[Resumption]("resumption"), grammar.Of[LockPlace]("lock-place"),
	grammar.Of[SealedVault]("vault"), grammar.Of[VaultClear]("vault-clear"), grammar.Of[recoveryPayload]("recovery"),
	grammar.Of[codePayload]("code-grant"), grammar.Of[CodePlace]("code-place"),
	grammar.Of[safetyContext]("safety-context"), grammar.Of[safetyParty]("safety-party"),
}

// Every field of every format stands in the document, in its order and with its type, and nothing else does.
func TestFormatsAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/crypto.md", "chat/trust", formats)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
