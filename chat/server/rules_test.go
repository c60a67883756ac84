package server_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"visavis/chat/server"
	"visavis/chat/wire"
)

// rules are who may ask for what, written out once more: a rule that is left out, or given away, is to be changed in two places.
var rules = map[string][]string{
	"who enrols":             {wire.TypeDeskEnrol},
	"a desk, a guest too":    {wire.TypeResume},
	"a locked desk":          {wire.TypeLockStart, wire.TypeLockChallenge, wire.TypeLockFace},
	"an open or locked desk": {wire.TypeLogout},
	"a desk": {wire.TypeRootAppend, wire.TypeSignupStart, wire.TypeSignupChallenge, wire.TypeSignupFace, wire.TypeSignupFinish, wire.TypeSignupStatus,
		wire.TypeLoginStart, wire.TypeLoginPassword, wire.TypeLoginChallenge, wire.TypeLoginFace},
	"a desk, under root": {wire.TypeRootOpen},
	"the root":           {wire.TypeRootRead},
	"a desk, under recovery": {wire.TypeRecoverStart, wire.TypeRecoverPhrase, wire.TypeRecoverChallenge, wire.TypeRecoverFace, wire.TypeRecoverCode,
		wire.TypeRecoverRegister, wire.TypeRecoverFinish, wire.TypeLoginCode, wire.TypeRenewStart},
	"a person": {wire.TypeLockKey, wire.TypeLock, wire.TypeVaultGet, wire.TypeVaultPut, wire.TypeRoomList, wire.TypeLogFollow, wire.TypeBoxPut,
		wire.TypeBoxGet, wire.TypeLogAppend},
	"a person, under rooms":             {wire.TypeRoomDirect, wire.TypeLogRead, wire.TypeBoxAsk, wire.TypeBoxGive},
	"a person, under prove":             {wire.TypeProveBegin, wire.TypeProvePassword, wire.TypeProveLook, wire.TypeProveChallenge, wire.TypeProveFace},
	"a person, under keys":              {wire.TypePasswordFinish, wire.TypeKeysChange},
	"a person, freshly, under keys":     {wire.TypePasswordStart},
	"an admin or the root":              {wire.TypeSignupList},
	"an admin":                          {wire.TypeDeskList},
	"an admin, freshly":                 {wire.TypeSignupReject, wire.TypeDeskInvite},
	"an admin, under alike":             {wire.TypeSignupAlike},
	"an admin, under keys":              {wire.TypeKeysList},
	"an admin, freshly, under keys":     {wire.TypeKeysReject},
	"an admin, under pepper":            {wire.TypePepperCount},
	"an admin, under audit":             {wire.TypeAuditHead},
	"an admin, under recovery":          {wire.TypeRenewList},
	"an admin, freshly, under recovery": {wire.TypeCodeMake, wire.TypeFaceReset, wire.TypeRenewAllow, wire.TypeRenewReject},
}

// Somebody asks for what is for others, at an open desk without a proof, from another address, or before both hellos named it: for each type of request that
// there is, who may ask for it stands here.
func TestWhoMayAskForWhat(t *testing.T) {
	is := server.Rules()
	for who, types := range rules {
		for _, typ := range types {
			if is[typ] != who {
				t.Errorf("%s is for %q, want %q", typ, is[typ], who)
			}
			delete(is, typ)
		}
	}
	if len(is) > 0 {
		t.Errorf("nobody has said who may ask for %q", slices.Sorted(maps.Keys(is)))
	}
}

// What wants a proof of just now is what the page of the protocol says.
func TestFreshDeedsAreWritten(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	must(t, err)
	_, after, _ := strings.Cut(string(page), "**Proofs of just now.**")
	sentence, _, _ := strings.Cut(after, "a proof of the person")
	if sentence == "" {
		t.Fatal("the page does not say it")
	}
	said := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z]+\\.[a-z]+)`").FindAllStringSubmatch(sentence, -1) {
		said[m[1]] = true
	}
	delete(said, wire.TypeLogAppend) // to the directory alone, which the entry says
	for typ, who := range server.Rules() {
		if strings.Contains(who, "freshly") != said[typ] {
			t.Errorf("%s: %q; the page says it: %v", typ, who, said[typ])
		}
	}
}
