package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"testing"

	"visavis/models"
	"visavis/models/audit"
	"visavis/models/canon"
)

// The vectors are only ever added to: a frame that was once sent is read for ever. -add writes those that are missing.
var addVectors = flag.Bool("add", false, "add vectors that are missing from testdata/v1/frames.json")

const vectorsFile = "testdata/v1/frames.json"

// fill makes an id or hash of one byte.
func fill[T ~[16]byte | ~[32]byte](b byte) (v T) {
	for i := range len(v) {
		v[i] = b
	}
	return v
}

// samples is one frame of every type, in both directions where both have a body of their own.
func samples() map[string]Frame {
	login, account, desk, room := fill[models.LoginID](1), fill[models.AccountID](2), fill[models.DeskID](3), fill[models.RoomID](4)
	message, hash, bytes := fill[models.MessageID](5), fill[models.Hash](6), []byte{0xde, 0xad}
	params := canon.Raw{0x80}
	box := Box{Account: account, Key: hash, Body: bytes}
	request := func(typ string, body any) Frame { return NewFrame(Request, 7, typ, body) }
	response := func(typ string, body any) Frame { return NewFrame(Response, 7, typ, body) }
	return map[string]Frame{
		"hello":                request(TypeHello, Hello{Versions: []uint32{1}, Features: []string{}, Client: "visavis"}),
		"hello reply":          response(TypeHello, HelloReply{Version: 1, Signed: bytes}),
		"desk.enrol":           request(TypeDeskEnrol, DeskEnrol{Request: bytes, TLSKey: bytes}),
		"desk.enrol reply":     response(TypeDeskEnrol, DeskEnrolReply{Certificate: bytes, Authority: bytes}),
		"root.append":          request(TypeRootAppend, RootAppend{Statements: [][]byte{bytes}}),
		"pepper.count":         request(TypePepperCount, Empty{}),
		"pepper count reply":   response(TypePepperCount, PepperCountReply{Counts: []PepperCount{{Pepper: hash, Vaults: 300}}}),
		"root.open":            request(TypeRootOpen, RootOpen{Proof: bytes}),
		"root.read":            request(TypeRootRead, RootRead{After: 300}),
		"root read reply":      response(TypeRootRead, RootReadReply{Statements: [][]byte{bytes}, Last: 301}),
		"signup.start":         request(TypeSignupStart, SignupStart{Name: "ada", Email: "ada@example.org", Consent: hash, ConsentAt: 1700000000000, Request: bytes}),
		"signup reply":         response(TypeSignupStart, SignupReply{Login: login, Account: account, Params: params, Response: bytes}),
		"signup.challenge 2":   request(TypeSignupChallenge, SignupChallenge{Login: login, Kind: 2}),
		"signup.face":          request(TypeSignupFace, SignupFace{Login: login, Record: bytes, Evidence: bytes}),
		"challenge reply":      response(TypeSignupChallenge, ChallengeReply{Challenge: bytes}),
		"signup.finish 2":      request(TypeSignupFinish, SignupFinish{Login: login, Record: bytes, Bundle: bytes, Vault: bytes}),
		"empty reply":          response(TypeSignupFinish, Empty{}),
		"login.start":          request(TypeLoginStart, LoginStart{Name: "ada", KE1: bytes}),
		"login reply":          response(TypeLoginStart, LoginReply{Login: login, Account: account, Params: params, KE2: bytes}),
		"login.password":       request(TypeLoginPassword, LoginPassword{Login: login, KE3: bytes}),
		"login.challenge":      request(TypeLoginChallenge, ByLogin{Login: login}),
		"login.face":           request(TypeLoginFace, LoginFace{Login: login, Evidence: bytes}),
		"session reply":        response(TypeLoginFace, SessionReply{Session: fill[models.SessionID](8), VaultVersion: 1, VaultPrev: hash, Vault: bytes}),
		"signup.status":        request(TypeSignupStatus, SignupStatus{Account: account, Bundle: hash}),
		"status reply":         response(TypeSignupStatus, SignupStatusReply{State: SignupAdmitted}),
		"session.resume":       request(TypeResume, SessionResume{Session: fill[models.SessionID](8), Counter: 1, MAC: hash}),
		"resume reply":         response(TypeResume, ResumeReply{VaultVersion: 1, VaultPrev: hash, Vault: bytes}),
		"resume reply, locked": response(TypeResume, ResumeReply{Locked: true, Vault: []byte{}}),
		"lock.key":             request(TypeLockKey, Empty{}),
		"lock.key reply":       response(TypeLockKey, LockKeyReply{Carrier: bytes}),
		"session.lock":         request(TypeLock, SessionLock{Key: bytes}),
		"lock.start":           request(TypeLockStart, Empty{}),
		"lock reply":           response(TypeLockStart, ByLogin{Login: login}),
		"lock.challenge":       request(TypeLockChallenge, ByLogin{Login: login}),
		"lock.face":            request(TypeLockFace, LoginFace{Login: login, Evidence: bytes}),
		"unlock reply":         response(TypeLockFace, UnlockReply{Key: bytes, VaultVersion: 1, VaultPrev: hash, Vault: bytes}),
		"prove.begin":          request(TypeProveBegin, ProveBegin{KE1: bytes}),
		"prove reply":          response(TypeProveBegin, LoginReply{Login: login, Account: account, Params: params, KE2: bytes}),
		"prove.password":       request(TypeProvePassword, LoginPassword{Login: login, KE3: bytes}),
		"prove.look":           request(TypeProveLook, Empty{}),
		"prove look reply":     response(TypeProveLook, ByLogin{Login: login}),
		"prove.challenge":      request(TypeProveChallenge, ByLogin{Login: login}),
		"prove.face":           request(TypeProveFace, LoginFace{Login: login, Evidence: bytes}),
		"recover.start":        request(TypeRecoverStart, RecoverStart{Name: "ada"}),
		"recover reply":        response(TypeRecoverStart, RecoverReply{Login: login, Account: account}),
		"recover.phrase":       request(TypeRecoverPhrase, RecoverPhrase{Login: login, Signed: bytes}),
		"recover.challenge":    request(TypeRecoverChallenge, ByLogin{Login: login}),
		"recover.face":         request(TypeRecoverFace, LoginFace{Login: login, Evidence: bytes}),
		"recover.code":         request(TypeRecoverCode, LoginCode{Login: login, Code: hash}),
		"recover code reply":   response(TypeRecoverCode, RecoverCodeReply{Grant: bytes, Version: 2, Prev: hash, Vault: bytes}),
		"recover.register":     request(TypeRecoverRegister, RecoverRegister{Login: login, Request: bytes}),
		"register reply":       response(TypeRecoverRegister, RecoverRegisterReply{Params: params, Response: bytes}),
		"recover.finish":       request(TypeRecoverFinish, RecoverFinish{Login: login, Record: bytes, Version: 3, Prev: hash, Vault: bytes}),
		"login.code":           request(TypeLoginCode, LoginCode{Login: login, Code: hash}),
		"login code reply":     response(TypeLoginCode, LoginCodeReply{Grant: bytes, Session: fill[models.SessionID](8), VaultVersion: 1, VaultPrev: hash, Vault: bytes}),
		"renew.start":          request(TypeRenewStart, SignupStart{Name: "ada", Email: "ada@example.org", Consent: hash, ConsentAt: 1700000000000, Request: bytes}),
		"code.make":            request(TypeCodeMake, CodeMake{Grant: bytes}),
		"face.reset":           request(TypeFaceReset, ByAccount{Account: account}),
		"renew.allow":          request(TypeRenewAllow, ByAccount{Account: account}),
		"renew.list":           request(TypeRenewList, Empty{}),
		"renew list reply":     response(TypeRenewList, RenewListReply{Waiting: []Signup{{Account: account, Name: "ada", Email: "ada@example.org", Desk: desk, At: 1700000000000, Bundle: bytes}}}),
		"renew.reject":         request(TypeRenewReject, ByAccount{Account: account}),
		"session.logout":       request(TypeLogout, Empty{}),
		"vault.get":            request(TypeVaultGet, Empty{}),
		"vault reply":          response(TypeVaultGet, VaultReply{Version: 2, Prev: hash, Vault: bytes}),
		"vault.put":            request(TypeVaultPut, VaultPut{Version: 3, Prev: hash, Vault: bytes}),
		"signup.list":          request(TypeSignupList, SignupList{At: 1700000000000, Account: account}),
		"signup list reply":    response(TypeSignupList, SignupListReply{Waiting: []Signup{{Account: account, Name: "ada", Email: "ada@example.org", Desk: desk, At: 1700000000000, Bundle: bytes}}, More: true}),
		"signup.alike":         request(TypeSignupAlike, SignupAlike{Accounts: []models.AccountID{account}}),
		"alike reply":          response(TypeSignupAlike, SignupAlikeReply{Alike: [][]Lookalike{{{Account: account, Grade: GradeAlike}}}}),
		"signup.reject":        request(TypeSignupReject, SignupReject{Account: account}),
		"desk.invite":          request(TypeDeskInvite, Empty{}),
		"invite reply":         response(TypeDeskInvite, DeskInviteReply{Addresses: []string{"chat.example.org:7443"}, Code: bytes, ExpiresAt: 1700000000000}),
		"desk.list":            request(TypeDeskList, Empty{}),
		"desk list reply":      response(TypeDeskList, DeskListReply{Desks: []Desk{{ID: desk, Name: "counter", Status: models.DeskActive, Request: bytes, Invite: hash, At: 1700000000000}}}),
		"audit.head":           request(TypeAuditHead, AuditHead{Known: []uint64{12, 300}}),
		"audit head reply":     response(TypeAuditHead, AuditHeadReply{Signed: bytes, Pasts: []audit.Past{{Root: hash, Proof: []models.Hash{hash}}, {Proof: []models.Hash{}}}}),
		"password.start":       request(TypePasswordStart, PasswordStart{Request: bytes}),
		"password reply":       response(TypePasswordStart, PasswordReply{Login: login, Params: params, Response: bytes}),
		"password.finish":      request(TypePasswordFinish, PasswordFinish{Login: login, Record: bytes, Version: 3, Prev: hash, Vault: bytes}),
		"keys.change":          request(TypeKeysChange, KeysChange{Bundle: bytes, Known: true}),
		"keys.list":            request(TypeKeysList, KeysList{After: account}),
		"keys list reply":      response(TypeKeysList, KeysListReply{Waiting: []KeysWaiting{{Account: account, Bundle: bytes, Known: true, At: 1700000000000}}, More: true}),
		"keys.reject":          request(TypeKeysReject, KeysReject{Account: account, Bundle: hash}),
		"keys.news":            NewFrame(Event, 0, EventKeys, Empty{}),
		"room.direct":          request(TypeRoomDirect, RoomDirect{Account: account}),
		"room.direct reply":    response(TypeRoomDirect, RoomDirectReply{Room: room}),
		"log.read":             request(TypeLogRead, LogRead{Room: room, After: 24}),
		"log.read reply":       response(TypeLogRead, LogReadReply{Entries: []Entry{{Room: room, Seq: 25, Kind: models.EntryExpired, Author: account, Message: message, Body: bytes, At: 1700000000000}}}),
		"box.ask":              request(TypeBoxAsk, BoxAsk{Room: room, Generations: []models.Hash{hash}}),
		"box.asked":            NewFrame(Event, 0, EventAsked, BoxAsked{Room: room, Account: account, Generations: []models.Hash{}, Waiting: true}),
		"box.give":             request(TypeBoxGive, BoxGive{Room: room, Generation: hash, Boxes: []Box{box}}),
		"box.given":            NewFrame(Event, 0, EventGiven, BoxGiven{Room: room}),
		"room.list":            request(TypeRoomList, RoomList{After: room}),
		"room list reply":      response(TypeRoomList, RoomListReply{Rooms: []Room{{ID: room, Member: true, Last: 300}}, More: true}),
		"log.append":           request(TypeLogAppend, LogAppend{Room: room, Kind: models.EntryGeneration, Message: message, Body: bytes, Boxes: []Box{box}}),
		"append reply":         response(TypeLogAppend, LogAppendReply{Seq: 301, At: 1700000000000}),
		"log.follow":           request(TypeLogFollow, LogFollow{Room: room, After: 24}),
		"follow reply":         response(TypeLogFollow, LogFollowReply{Last: 301}),
		"box.put":              request(TypeBoxPut, BoxPut{Room: room, Generation: hash, Boxes: []Box{box}}),
		"box.get":              request(TypeBoxGet, BoxGet{Room: room, Generation: hash}),
		"box reply":            response(TypeBoxGet, BoxReply{Boxes: []Box{box}}),
		"log.entry":            NewFrame(Event, 0, EventEntry, Entry{Room: room, Seq: 301, Kind: models.EntryMessage, Author: account, Message: message, Body: bytes, At: 1700000000000}),
		"room.news":            NewFrame(Event, 0, EventRoom, RoomNews{Room: room, Open: true}),
		"refusal":              NewFrame(Failure, 7, TypeLoginFace, Wait(30)),
		"goodbye":              NewFrame(Failure, 0, EventBye, Refuse(CodeGoodbye)),
	}
}

func TestVectors(t *testing.T) {
	stored := map[string]string{}
	b, err := os.ReadFile(vectorsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && *addVectors:
	case err != nil:
		t.Fatal(err)
	default:
		if err := json.Unmarshal(b, &stored); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range samples() {
		sent, err := f.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := stored[name]
		if !ok && *addVectors {
			stored[name] = hex.EncodeToString(sent)
			continue
		}
		if hex.EncodeToString(sent) != want {
			t.Errorf("%s is sent as %x, the vector is %q", name, sent, want)
		}
	}
	for name, v := range stored {
		raw, err := hex.DecodeString(v)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(bytes.NewReader(raw), MaxFrame)
		if err != nil {
			t.Errorf("%s is not read any more: %v", name, err)
			continue
		}
		if again, _ := f.Append(nil); !bytes.Equal(again, raw) {
			t.Errorf("%s changes when it is read and sent", name)
		}
	}
	if !*addVectors {
		return
	}
	if b, err = json.MarshalIndent(stored, "", "\t"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata/v1", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorsFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

const refusedFile = "testdata/v1/refused.json"

// What is no frame is kept too, for other implementations to refuse. -add writes those that are missing.
func TestRefusedVectors(t *testing.T) {
	stored := map[string]string{}
	b, err := os.ReadFile(refusedFile)
	if err == nil {
		err = json.Unmarshal(b, &stored)
	}
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && *addVectors) {
		t.Fatal(err)
	}
	for name, r := range refusals() {
		v, ok := stored[name]
		if !ok && *addVectors {
			v = hex.EncodeToString(r.in)
			stored[name] = v
		}
		if v != hex.EncodeToString(r.in) {
			t.Errorf("%s: the vector is %q, refused is %x", name, v, r.in)
		}
	}
	for name, v := range stored {
		raw, err := hex.DecodeString(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(bytes.NewReader(raw), MaxFrame); err == nil {
			t.Errorf("%s is read as a frame", name)
		}
	}
	if !*addVectors {
		return
	}
	if b, err = json.MarshalIndent(stored, "", "\t"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(refusedFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
