package puppet_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	made "visavis/biometrics/actor"
	"visavis/biometrics/camera"
	"visavis/biometrics/liveness"
)

// looks are pictures of one head that is turned, and, where there are any, nodding.
type looks struct {
	name       string
	yaw, pitch map[float64]biometrics.Frame // by how far it is turned, and nods: positive to the person's left, and down
	left, down float64                      // as far as it goes when asked to
	right, up  float64
	x, y       int     // the middle of the face at rest
	enlarged   float64 // so that the face is as large as before a camera
}

// at is the picture of a pose whose shift and lift are shares of a whole gesture's, tilted and enlarged as the pose is: both are what a camera
// sees that is itself tilted, and nearer.
func (l looks) at(p liveness.Pose, random *rand.Rand) biometrics.Frame {
	pictures, want := l.yaw, p.Shift*l.left
	if p.Shift < 0 {
		want = -p.Shift * l.right
	}
	if math.Abs(p.Lift) > math.Abs(p.Shift) && l.pitch != nil {
		if pictures, want = l.pitch, p.Lift*l.down; p.Lift < 0 {
			want = -p.Lift * l.up
		}
	}
	nearest := math.Inf(1)
	for angle := range pictures {
		if math.Abs(angle-want) < math.Abs(nearest-want) {
			nearest = angle
		}
	}
	return l.seen(pictures[nearest], p.Roll, math.Exp(p.Size), random)
}

// seen turns a picture about the neck, enlarges it about the face, puts the face into the middle of a camera's frame and adds a sensor's noise.
func (l looks) seen(f biometrics.Frame, roll, near float64, random *rand.Rand) biometrics.Frame {
	const width, height, neck = 640, 480, 130
	out := biometrics.Frame{Width: width, Height: height, Pix: make([]byte, 4*width*height)}
	strip := make([]float64, 1<<16) // of noise, entered at another place for each frame
	for i := range strip {
		strip[i] = 1.5 * random.NormFloat64() // levels
	}
	from := random.IntN(len(strip))
	sin, cos := math.Sincos(-roll)
	for y := range height {
		for x := range width {
			dx, dy := float64(x-width/2)/near, float64(y-height/2)/near-neck
			sx := l.x + int(math.Round((dx*cos-dy*sin)/l.enlarged))
			sy := l.y + int(math.Round((dx*sin+dy*cos+neck)/l.enlarged))
			at, source := 4*(y*width+x), 4*(min(f.Height-1, max(0, sy))*f.Width+min(f.Width-1, max(0, sx)))
			for k := range 3 {
				v := float64(f.Pix[source+k]) + strip[(from+at+k)%len(strip)]
				out.Pix[at+k] = uint8(max(0, min(255, v)))
			}
			out.Pix[at+3] = 255
		}
	}
	return out
}

func pictureOf(t *testing.T, path string) biometrics.Frame {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := camera.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// angles reads renders whose names say their angle.
func angles(t *testing.T, folder, name string) map[float64]biometrics.Frame {
	t.Helper()
	found := map[float64]biometrics.Frame{}
	for _, path := range headsOf(t, filepath.Join(folder, name+"_*.jpg")) {
		angle, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), name+"_"), ".jpg"), 64)
		if err != nil {
			t.Fatal(err)
		}
		found[angle] = pictureOf(t, path)
	}
	return found
}

// TestHeadsPlayTheirChallenge: pictures of real heads, put where a challenge asks the head to be, pass it, and the same head's picture on a plane never.
// The woman's pictures show her turning alone, so she plays challenges that do not ask to look up.
func TestHeadsPlayTheirChallenge(t *testing.T) {
	solid := looks{
		name: "a scanned head", yaw: angles(t, "head3d/head3d", "yaw"), pitch: angles(t, "head3d/head3d", "pitch"),
		left: 30, right: -30, down: 15, up: -20, x: 320, y: 200, enlarged: 1,
	}
	woman := looks{name: "a woman who turns", yaw: map[float64]biometrics.Frame{}, left: 0.40, right: -0.33, enlarged: 2}
	d := describer(t)
	for _, f := range describeAll(t, d, headsOf(t, "headpose/female/f0*.jpg")) {
		if f.name < "f007.jpg" || f.name > "f013.jpg" { // one way from her right to her left
			continue
		}
		if f.name == "f009.jpg" { // where she looks into the camera
			woman.x, woman.y = int(f.face.Box.X+f.face.Box.W/2), int(f.face.Box.Y+f.face.Box.H/2)
		}
		woman.yaw[f.shift] = pictureOf(t, headsOf(t, "headpose/female/"+f.name)[0])
	}
	flat := func(angle float64) looks {
		return looks{
			name: fmt.Sprintf("a print turned by %.0f°", angle), yaw: angles(t, "head3d/flatphoto", "yaw"), pitch: solid.pitch,
			left: angle, right: -angle, down: 15, up: -20, x: 320, y: 200, enlarged: 1,
		}
	}
	const each = 2
	for _, tt := range []struct {
		looks
		kind liveness.Kind
		live bool
	}{
		{woman, liveness.Entry, true},
		{solid, liveness.Entry, true},
		{solid, liveness.Enrolment, true},
		{flat(30), liveness.Entry, false},
		{flat(50), liveness.Entry, false},
		{flat(40), liveness.Enrolment, false},
	} {
		passed, whys := 0, map[string]int{}
		source, random := rand.NewChaCha8([32]byte{byte(tt.kind), 9}), rand.New(rand.NewPCG(1, uint64(tt.kind)))
		for played := 0; played < each; {
			c, err := liveness.Draw(source, tt.kind)
			if err != nil {
				t.Fatal(err)
			}
			if tt.pitch == nil && slices.ContainsFunc(c.Steps, func(s liveness.Step) bool { return s.Gesture == liveness.LookUp }) {
				continue
			}
			played++
			v := liveness.Judge(c, playHead(t, d, tt.looks, c, random), liveness.DefaultRules())
			if whys[v.Why.String()]++; v.Live {
				passed++
			}
		}
		t.Logf("%s, kind %d: %d of %d pass: %v", tt.name, tt.kind, passed, each, whys)
		if tt.live && passed < each || !tt.live && passed > 0 {
			t.Errorf("%s, kind %d: %d of %d pass: %v", tt.name, tt.kind, passed, each, whys)
		}
	}
}

// playHead has a head follow a challenge, and an eye look ten times a second.
func playHead(t *testing.T, d biometrics.Describer, l looks, c liveness.Challenge, random *rand.Rand) []biometrics.Observation {
	t.Helper()
	m := made.Honest()
	m.Turn, m.Up, m.Down = 1, 1, 1                                                    // a whole gesture
	m.Moving = made.Span{Least: 500 * time.Millisecond, Most: 500 * time.Millisecond} // the woman's pictures lie far apart
	where := m.Follow(c, random)
	var obs []biometrics.Observation
	for at := 40 * time.Millisecond; at < c.Duration(); at += 100 * time.Millisecond {
		f, err := d.Describe(l.at(where(at), random))
		if err != nil {
			t.Fatal(err)
		}
		obs = append(obs, biometrics.Observation{
			Number: uint32(len(obs) + 1), Offset: uint32(at.Milliseconds()), Cue: uint8(c.StepAt(at)),
			Quality: f.Quality, Box: f.Box, Landmarks: f.Landmarks, Descriptor: f.Descriptor, Skin: f.Skin, Scene: f.Scene,
		})
	}
	return obs
}
