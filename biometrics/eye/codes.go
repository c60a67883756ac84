package eye

import (
	"errors"
	"fmt"
	"strings"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// Errors of a Keeper, beside the camera's biometrics.Err… values.
var (
	ErrDied      = errors.New("the eye has died")               // while it was asked; it is being started again
	ErrClosed    = errors.New("the eye is closed")              // Close was called
	ErrNoWeights = errors.New("the eye has no face model")      // the weights are missing or do not load
	ErrPicture   = errors.New("not a picture that can be read") // Describe
	ErrFilm      = errors.New("not a film that can be read")    // Open
	ErrEye       = errors.New("the eye failed")                 // anything else; the eye's log has the cause
	ErrProtocol  = pipe.ErrProtocol
)

// codes are the errors that travel, each by its place. Places are never reused; place 0 is no error.
var codes = [...]error{
	1:  biometrics.ErrCameraMissing,
	2:  biometrics.ErrCameraBusy,
	3:  biometrics.ErrCameraDark,
	4:  biometrics.ErrCameraEnded,
	5:  biometrics.ErrCameraClosed,
	6:  ErrNoWeights,
	7:  ErrPicture,
	8:  ErrEye,
	9:  biometrics.ErrCameraDenied,
	10: ErrFilm,
	11: biometrics.ErrCameraBright,
	12: biometrics.ErrCameraFrozen,
	13: biometrics.ErrCameraSlow,
}

// failure is an error on the wire; the zero value is none.
type failure struct {
	_    struct{} `cbor:",toarray"`
	Code uint8
	Text string
}

// failureOf finds err's code; an error of no code travels as fallback's.
func failureOf(err, fallback error) failure {
	if err == nil {
		return failure{}
	}
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	last := uint8(len(codes) - 1)
	for c, e := range codes {
		if e != nil && errors.Is(err, e) {
			return failure{Code: uint8(c), Text: text}
		}
		if e == fallback {
			last = uint8(c)
		}
	}
	return failure{Code: last, Text: text}
}

// err gives the error back: its text as the eye wrote it, its meaning by its code.
func (f failure) err() error {
	switch {
	case f.Code == 0 && f.Text == "":
		return nil
	case f.Code == 0 || int(f.Code) >= len(codes) || len(f.Text) > maxText:
		return fmt.Errorf("%w: failure %d", ErrProtocol, f.Code)
	}
	return &eyeError{f.Text, codes[f.Code]}
}

type eyeError struct {
	text  string
	cause error
}

// Error repeats the cause only where the eye's text does not hold it already.
func (e *eyeError) Error() string {
	if strings.Contains(e.text, e.cause.Error()) {
		return e.text
	}
	return e.cause.Error() + ": " + e.text
}

func (e *eyeError) Unwrap() error { return e.cause }
