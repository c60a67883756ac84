package wire

import "visavis/models"

// FeatureAlike says that a desk asks whom a waiting person looks like, and that a server answers.
const FeatureAlike = "alike"

// Features are the names that this version says in its hello. What stands under a feature is used when both sides said it.
func Features() []string {
	return []string{
		FeatureAlike,
		FeatureAudit,
		FeatureKeys,
		FeatureProve,
		FeatureRecovery,
		FeatureRooms,
		FeatureRoot,
		FeaturePepper,
	}
}

// SignupChallenge asks for a sign-up's challenge of a kind (liveness.Kind): an enrolment, or a try once there is something to try against.
type SignupChallenge struct {
	_     struct{} `cbor:",toarray"`
	Login models.LoginID
	Kind  uint8
}

// SignupFace hands in signed evidence for the challenge that was asked for last. Record is the OPAQUE record, the same each time.
type SignupFace struct {
	_        struct{} `cbor:",toarray"`
	Login    models.LoginID
	Record   []byte
	Evidence []byte
}

// MaxAlike bounds the accounts of one SignupAlike, and the lookalikes of each account in its reply.
const MaxAlike = 64

// SignupAlike asks, for accounts that wait, whom of those that were approved they look like.
type SignupAlike struct {
	_        struct{} `cbor:",toarray"`
	Accounts []models.AccountID
}

// Grade says how alike two faces are. The zero Grade is none.
type Grade uint8

// The grades.
const (
	GradeSame  Grade = 1 // as near as one person's two captures
	GradeAlike Grade = 2 // nearer than strangers are
)

// Lookalike is somebody approved, and how much alike.
type Lookalike struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Grade   Grade
}

// SignupAlikeReply answers it: a list for each account, in the order that they were asked in, the most alike first.
type SignupAlikeReply struct {
	_     struct{} `cbor:",toarray"`
	Alike [][]Lookalike
}
