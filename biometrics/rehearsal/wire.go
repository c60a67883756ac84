package rehearsal

import (
	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

const (
	kindPlay pipe.Kind = 1 // Order
	kindClip pipe.Kind = 2 // clip

	kindHello   pipe.Kind = 64 // hello; always the first
	kindPlayed  pipe.Kind = 65 // played
	kindClipped pipe.Kind = 66 // clipped
)

func orderCaps() pipe.Caps { return pipe.Caps{kindPlay: maxOrder, kindClip: maxOrder} }
func answerCaps() pipe.Caps {
	return pipe.Caps{kindHello: maxOrder, kindPlayed: maxAnswer, kindClipped: maxAnswer}
}

type hello struct {
	_       struct{} `cbor:",toarray"`
	Version uint16
	Weights string
}

type clip struct {
	_    struct{} `cbor:",toarray"`
	Path string
}

type played struct {
	_        struct{} `cbor:",toarray"`
	Evidence biometrics.Evidence
	Failure  string // empty when it went well
}

type clipped struct {
	_       struct{} `cbor:",toarray"`
	Frames  []biometrics.Observation
	Failure string
}
