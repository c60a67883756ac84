package match

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"visavis/biometrics"
)

// MinNorm and MaxNorm bound the Euclidean norm of a descriptor as dlib's network gives it. Measured: 1.213 to 1.682 over 4,977 faces of LFW's
// development view, median 1.426 (docs/biometrics.md, "Matching, measured"). Farther out, the numbers were made up.
const (
	MinNorm = 1.1
	MaxNorm = 1.8
)

const size = len(biometrics.Descriptor{})

// unitSlack is how far from 1 a Vector's norm may be: far more than the rounding of 128 float32.
const unitSlack = 1e-5

// The errors of a descriptor.
var (
	ErrNotFinite = errors.New("not finite")
	ErrNorm      = errors.New("norm out of the measured range")
	ErrNoVectors = errors.New("nothing to average")
)

// Vector is a face: a descriptor, or a mean of some, scaled to unit length. Only this package makes one. The zero Vector is no face
// and is near nothing, itself included. It prints redacted; its binary form is 512 bytes, IEEE 754 big-endian.
type Vector struct{ v [size]float32 }

// Unit scales a descriptor to unit length.
func Unit(d biometrics.Descriptor) (Vector, error) {
	var v [size]float64
	for i, x := range d {
		v[i] = float64(x)
	}
	n := norm(&v)
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		return Vector{}, fmt.Errorf("descriptor: %w", ErrNotFinite)
	case !(n >= MinNorm && n <= MaxNorm):
		return Vector{}, fmt.Errorf("descriptor: %w: %.3f", ErrNorm, n)
	}
	return scaled(&v, n), nil
}

// Mean returns the direction of the vectors' mean: their centroid, scaled back to unit length. It refuses the zero Vector, and vectors that
// cancel each other out.
func Mean(vs ...Vector) (Vector, error) {
	if len(vs) == 0 {
		return Vector{}, ErrNoVectors
	}
	var sum [size]float64
	for i := range vs {
		if !vs[i].valid() {
			return Vector{}, fmt.Errorf("vector %d: %w", i, ErrNorm)
		}
		for j, x := range vs[i].v {
			sum[j] += float64(x)
		}
	}
	n := norm(&sum)
	if !(n >= float64(len(vs))/2) {
		return Vector{}, fmt.Errorf("mean of %d: %w: they are no one face", len(vs), ErrNorm)
	}
	return scaled(&sum, n), nil
}

// Distance is the Euclidean distance of two faces, from 0 to 2. It is NaN when either is the zero Vector.
func Distance(a, b Vector) float64 {
	if !a.valid() || !b.valid() {
		return math.NaN()
	}
	var sum float64
	for i := range a.v {
		d := float64(a.v[i]) - float64(b.v[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// IsZero says whether v is no face.
func (v Vector) IsZero() bool { return v == Vector{} }

func (v *Vector) valid() bool {
	var sum float64
	for _, x := range v.v {
		sum += float64(x) * float64(x)
	}
	return math.Abs(math.Sqrt(sum)-1) <= unitSlack
}

func norm(v *[size]float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

func scaled(v *[size]float64, n float64) Vector {
	var u Vector
	for i, x := range v {
		u.v[i] = float32(x / n)
	}
	return u
}

// MarshalBinary implements encoding.BinaryMarshaler. The zero Vector is refused.
func (v Vector) MarshalBinary() ([]byte, error) {
	if !v.valid() {
		return nil, fmt.Errorf("vector: %w", ErrNorm)
	}
	b := make([]byte, 0, 4*size)
	for _, x := range v.v {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b, nil
}

// UnmarshalBinary refuses anything but 512 bytes that hold a finite vector of unit length.
func (v *Vector) UnmarshalBinary(b []byte) error {
	if len(b) != 4*size {
		return fmt.Errorf("vector of %d bytes, want %d", len(b), 4*size)
	}
	var read Vector
	for i := range read.v {
		read.v[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
	}
	if !read.valid() {
		return fmt.Errorf("vector: %w", ErrNorm)
	}
	*v = read
	return nil
}

const redacted = "vector(redacted)"

func (Vector) String() string   { return redacted }
func (Vector) GoString() string { return redacted }

// Format keeps every verb from printing the numbers.
func (Vector) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText keeps JSON and slog from printing the numbers.
func (Vector) MarshalText() ([]byte, error) { return []byte(redacted), nil }
