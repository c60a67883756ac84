package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/chat/client"
)

// photo is one face of a photograph; faces are counted from 1, left to right.
type photo struct {
	path string
	face int
}

// source is the puppet made of a photograph. Extra options are pairs of key and value.
func (p photo) source(seed int, extra ...string) string {
	q := url.Values{"photo": {p.path}, "face": {strconv.Itoa(p.face)}, "seed": {strconv.Itoa(seed)}}
	for i := 0; i+1 < len(extra); i += 2 {
		q.Set(extra[i], extra[i+1])
	}
	return "puppet:?" + q.Encode()
}

// person is somebody of the story.
type person struct {
	name     string
	password string
	enrolled photo // signs up with it
	photo    photo // logs in with it
	client.SignedUp
}

// cast is who plays. The man has two photographs; of the others there is one each, in which the puppet moves otherwise the second time.
func cast(faces string) map[string]*person {
	at := func(file string, face int) photo { return photo{filepath.Join(faces, file), face} }
	c := map[string]*person{}
	for _, p := range []*person{
		{name: "ada", password: "seven violet kettles hum", enrolled: at("sample2.jpg", 1)},
		{name: "ben", password: "granite owl under the ferry", enrolled: at("face.jpg", 1), photo: at("face-detect.jpg", 1)},
		{name: "cleo", password: "paper lanterns, ninth street", enrolled: at("sample3.jpg", 1)},
		// Ben once more, under a second name and from his second photograph.
		{name: "benedict", password: "marzipan tractor at dawn", enrolled: at("face-detect.jpg", 1)},
		{name: "the stranger", enrolled: at("sample5.jpg", 4)},
	} {
		if p.photo.path == "" {
			p.photo = p.enrolled
		}
		c[p.name] = p
	}
	return c
}

// severalPeople is a photograph of more than one.
const severalPeople = "sample6.jpg"

// Seeds of the puppets' motion: nobody moves in the same way twice.
const (
	seedSignUp  = 1
	seedLogIn   = 2
	seedGlasses = 3
	seedTry     = 4
)

// desk is a workstation: its keys in a state folder, its connection, and its eye.
type desk struct {
	*client.Desk
	name  string
	eye   *eye.Keeper
	life  crashable // the eye's process
	cable cable
	shown shown // what its eye saw last
}

// shown is one playing of a challenge.
type shown struct {
	began     time.Time // the first gesture was asked for
	challenge liveness.Challenge
	seen      biometrics.Evidence
}

// over is when the last gesture's time was.
func (s shown) over() time.Time { return s.began.Add(s.challenge.Duration()) }

const (
	watchRate   = 15 // frames a second, while a face is judged
	eyePatience = 60 * time.Second
)

// enrol makes a desk with a puppet for an eye.
func (s *story) enrol(ctx context.Context, name, invite string) (*desk, error) {
	d := &desk{name: name}
	k, err := eye.Start(ctx, eye.Options{Launch: d.life.launcher(filepath.Join(s.Bin, "visavis-puppet"), "--weights", s.Weights)})
	if err != nil {
		return nil, err
	}
	d.eye = k
	s.desks = append(s.desks, d)
	cameras, err := k.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	d.Desk, err = client.Enrol(ctx, client.Options{Dial: d.cable.dial}, filepath.Join(s.Keep, "desk-"+name), invite, name, cameras)
	return d, err
}

func (d *desk) close() error { return d.eye.Close() }

// sit puts a puppet before the desk's camera.
func (d *desk) sit(ctx context.Context, source string) error {
	ctx, cancel := context.WithTimeout(ctx, eyePatience)
	defer cancel()
	if _, err := d.eye.Open(ctx, source); err != nil {
		return fmt.Errorf("camera of desk %s: %w", d.name, err)
	}
	return nil
}

// look puts a puppet before the desk's camera, to be judged.
func (d *desk) look(ctx context.Context, source string) (client.Eye, error) {
	if err := d.sit(ctx, source); err != nil {
		return nil, err
	}
	d.eye.Watch(watchRate, false)
	return looker{client.Watched(d.eye, d.played), d}, nil
}

// played notes when a challenge's first gesture was asked for.
func (d *desk) played(p eye.Progress) {
	if p.Phase == eye.Playing && d.shown.began.IsZero() {
		d.shown.began = time.Now()
	}
}

// looker is a desk's eye that keeps what it saw.
type looker struct {
	client.Eye
	desk *desk
}

// Capture implements client.Eye.
func (l looker) Capture(ctx context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	l.desk.shown = shown{challenge: c}
	seen, err := l.Eye.Capture(ctx, c)
	l.desk.shown.seen = seen
	return seen, err
}

// rest lets the eye be: nobody has to be described now, and the machine has other things to do.
func (d *desk) rest() { d.eye.Watch(0, false) }

// blind hides from the honest desk that its camera is none; the evidence still says so.
type blind struct{ client.Eye }

func (blind) Camera() (biometrics.CameraInfo, error) {
	return biometrics.CameraInfo{Name: "an honest camera"}, nil
}

// consent is what people are shown and agree to before anything is captured.
const consent = `I agree that this server keeps numbers that describe my face, sealed, and compares them when I log in. ` +
	`I can have them deleted at any time; an admin's code then takes the place of my face.`

// logIn logs a person in with what the source shows.
func (d *desk) logIn(ctx context.Context, name, password, source string) (*client.Session, error) {
	look, err := d.look(ctx, source)
	if err != nil {
		return nil, err
	}
	defer d.rest()
	c, err := d.Connect(ctx)
	if err != nil {
		return nil, err
	}
	session, err := d.LogIn(ctx, c, name, []byte(password), look)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return session, nil
}

// enter is logIn of somebody as himself.
func (d *desk) enter(ctx context.Context, p *person) (*client.Session, error) {
	return d.logIn(ctx, p.name, p.password, p.photo.source(seedLogIn))
}
