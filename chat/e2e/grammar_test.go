package e2e

import (
	"testing"

	"visavis/chat/trust"
	"visavis/models/canon/grammar"
)

// formats are all structures that this package signs, hashes, seals or derives from.
var formats = []grammar.Rule{
	grammar.Of[messageBody]("message"), grammar.Of[opening]("opening"), grammar.Of[boxInfo]("box-info"), grammar.Of[commitContext]("commit-context"),
	grammar.Of[pastBody]("past"), grammar.Of[pastContext]("past-context"),
	grammar.Of[wrappedKey]("vault-key"), grammar.Of[vaultBody]("vault-body"), grammar.Of[vaultKeys]("vault-keys"), grammar.Of[keysToCome]("keys-to-come"),
	grammar.Of[roomPin]("vault-room"), grammar.Of[RoomPin]("room-pin"), grammar.Of[pendingInvite]("vault-invite"), grammar.Of[PendingInvite]("pending-invite"),
	grammar.Of[wrapContext]("wrap-context"), grammar.Of[person]("person"), grammar.Of[lockedBody]("lock"),
	grammar.Of[twiceSaid]("twice-said"), grammar.Of[manifest]("file-manifest"), grammar.Of[chunkBody]("file-chunk"), grammar.Of[fileContext]("file-context"),
}

// Every field of every format stands in the document, in its order and with its type, and nothing else does.
func TestFormatsAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/crypto.md", "chat/e2e", formats, grammar.Of[trust.StreamEnds]("stream-ends"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
