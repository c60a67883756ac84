package wire

// FeatureProve says that a desk can have its person prove anew who sits there, and that a server takes such a proof. To a desk without it, what needs
// one is refused by CodeNotAllowed: a log-in is left.
const FeatureProve = "prove"

// The types of requests by which a person who is logged in proves anew that it is still he.
const (
	TypeProveBegin     = "prove.begin"     // ProveBegin → LoginReply: by the password
	TypeProvePassword  = "prove.password"  // LoginPassword → Empty
	TypeProveLook      = "prove.look"      // Empty → ByLogin: by the face
	TypeProveChallenge = "prove.challenge" // ByLogin → ChallengeReply
	TypeProveFace      = "prove.face"      // LoginFace → Empty
)

// ProveBegin begins a proof by the password of whoever is logged in.
type ProveBegin struct {
	_   struct{} `cbor:",toarray"`
	KE1 []byte
}
