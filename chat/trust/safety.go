package trust

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"

	"visavis/models"
	"visavis/models/canon"
)

const (
	safetyDigits = 60
	safetyGroup  = 5
	safetyCode   = "visavis-safety-1:"
)

// SafetyNumber is what two people compare, face to face or by a call, to know that the directory gives each of them the other's own keys: 60 decimal digits,
// 199 bits, the same on both sides. It changes when the keys of either change. The zero SafetyNumber is none, and the same as nothing.
type SafetyNumber string

type (
	safetyParty struct {
		_        struct{} `cbor:",toarray"`
		Account  models.AccountID
		Identity models.Hash
	}
	safetyContext struct {
		_      struct{} `cbor:",toarray"`
		Org    models.OrgID
		First  safetyParty // the account whose id is the lower one
		Second safetyParty
	}
)

// NewSafetyNumber is of two identities, in whichever order. It fails with ErrFormat for one person alone, and for who has no identity.
func NewSafetyNumber(org models.OrgID, a, b Identity) (SafetyNumber, error) {
	if bytes.Compare(a.Account[:], b.Account[:]) > 0 {
		a, b = b, a
	}
	if org.IsZero() || a.Account == b.Account || a.Account.IsZero() || a.Hash.IsZero() || b.Hash.IsZero() {
		return "", fmt.Errorf("%w: a safety number is of two people", ErrFormat)
	}
	c := safetyContext{Org: org, First: safetyParty{Account: a.Account, Identity: a.Hash}, Second: safetyParty{Account: b.Account, Identity: b.Hash}}
	sum := LabelSafety.Hash(canon.MustMarshal(c))
	n, most := new(big.Int).SetBytes(sum[:]), new(big.Int).Exp(big.NewInt(10), big.NewInt(safetyDigits), nil)
	return SafetyNumber(fmt.Sprintf("%0*d", safetyDigits, n.Mod(n, most))), nil
}

// Groups are the digits as they are shown and read aloud: twelve times five; none for the zero SafetyNumber.
func (n SafetyNumber) Groups() []string {
	var groups []string
	for d := string(n); len(d) >= safetyGroup; d = d[safetyGroup:] {
		groups = append(groups, d[:safetyGroup])
	}
	return groups
}

func (n SafetyNumber) String() string { return strings.Join(n.Groups(), " ") }

// Code is the text of the QR code that the other one's camera reads.
func (n SafetyNumber) Code() string { return safetyCode + string(n) }

// IsSafetyCode says whether a text is of the kind that Code gives, whatever its digits.
func IsSafetyCode(text string) bool {
	digits, ok := strings.CutPrefix(text, safetyCode)
	return ok && len(digits) == safetyDigits && strings.Trim(digits, "0123456789") == ""
}

// Matches says whether a scanned text is the code of this very number.
func (n SafetyNumber) Matches(text string) bool {
	return n != "" && IsSafetyCode(text) && n.Code() == text
}
