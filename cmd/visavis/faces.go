package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/match"
	"visavis/cmd/visavis/internal/operator"
)

// faceFlags are common to enroll and verify: whose face, under which keys, and from where.
type faceFlags struct {
	eyeFlags
	Key          string   `required:"" type:"path" placeholder:"FILE" help:"The keys that seal templates. enroll makes the file where there is none."`
	Name         string   `placeholder:"NAME" help:"Whose face it is: a template opens under the name that it was sealed for."`
	Images       []string `type:"existingfile" sep:"none" placeholder:"FILE" help:"Photographs, each with one face: this one, and those named as arguments. They are compared and no more: whether anybody was there, pictures can not tell."`
	More         []string `arg:"" optional:"" type:"existingfile" name:"picture" help:"More photographs."`
	Camera       string   `placeholder:"SOURCE" help:"A camera, by number, device or place: gestures are asked for, and judged."`
	Level        string   `default:"1-in-10000" enum:"1-in-10000,1-in-100000" help:"How many strangers pass at most: ${enum}."`
	AllowVirtual bool     `help:"Take a camera that is no hardware."`
}

// Codes with which enroll and verify end, beside 0.
const (
	codeDenied  = exitCode(1) // judged, and refused
	codeTrouble = exitCode(2) // not judged: no camera, no light, a file that can not be read
)

// watchRate is how many frames a second are asked for while gestures are judged.
const watchRate = eye.MaxDescribed

const openPatience = 20 * time.Second

// trouble prints an error that kept a face from being judged.
func trouble(err error) error {
	if err == nil || errors.Is(err, codeDenied) {
		return err
	}
	_, _ = fmt.Fprintln(os.Stderr, "visavis:", err)
	return codeTrouble
}

// say prints an outcome, and turns a denial into its exit code.
func say(o operator.Outcome) error {
	if !o.Accepted {
		fmt.Println("denied:", o.Why)
		return codeDenied
	}
	fmt.Println("accepted:", o.Why)
	return nil
}

// face is what was asked for, ready to be looked at.
type face struct {
	keeper   *eye.Keeper
	level    match.Level
	pictures []operator.Picture
	booth    operator.Booth // with a camera
}

func (f *faceFlags) fromPictures() bool { return len(f.Images)+len(f.More) > 0 }

// open starts the eye, and opens the camera or reads the pictures. The caller closes the keeper.
func (f *faceFlags) open(ctx context.Context) (_ *face, err error) {
	if f.fromPictures() == (f.Camera != "") {
		return nil, errors.New("name pictures (--images A B C) or a camera (--camera SOURCE)")
	}
	x := &face{}
	if x.level, err = match.ParseLevel(f.Level); err != nil {
		return nil, err
	}
	for _, path := range slices.Concat(f.Images, f.More) {
		b, err := readPicture(path)
		if err != nil {
			return nil, err
		}
		x.pictures = append(x.pictures, operator.Picture{Name: path, Data: b})
	}
	o, err := f.options(f.Camera)
	if err != nil {
		return nil, err
	}
	if x.keeper, err = eye.Start(ctx, o); err != nil {
		return nil, err
	}
	if err := x.ready(ctx, f); err != nil {
		return nil, errors.Join(err, x.keeper.Close())
	}
	return x, nil
}

// ready waits for the face models, and for the camera where one is asked for.
func (x *face) ready(ctx context.Context, f *faceFlags) error {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	if f.Camera != "" {
		camera, err := x.keeper.Open(ctx, f.Camera)
		if err != nil {
			return err
		}
		if camera.Virtual && !f.AllowVirtual { // the gate would say so too, after all the gestures
			return fmt.Errorf("%q is no hardware: --allow-virtual takes it all the same", camera.Name)
		}
	}
	for x.keeper.Weights() == "" {
		select {
		case e := <-x.keeper.Events():
			switch e := e.(type) {
			case eye.NoWeights:
				return e.Err
			case eye.Died:
				return e.Err
			}
		case <-ctx.Done():
			return fmt.Errorf("wait for the face models: %w", ctx.Err())
		}
	}
	if f.Camera != "" {
		x.keeper.Watch(watchRate, false)
		x.booth = operator.Booth{
			Eye: x.keeper, Out: os.Stdout, Random: rand.Reader,
			Policy: operator.Policy(x.keeper.Weights(), x.level, f.AllowVirtual),
		}
	}
	return nil
}

type enrollCmd struct {
	faceFlags
	Out   string `required:"" type:"path" placeholder:"FILE" help:"Where the sealed template goes. It must not be there."`
	Again bool   `help:"With a camera: a second capture, with glasses or without; both then count as the person."`
}

// Run enrols a face: 0 is done, 1 refused, 2 not judged.
func (c *enrollCmd) Run(ctx context.Context) error { return trouble(c.run(ctx)) }

func (c *enrollCmd) run(ctx context.Context) error {
	if err := operator.CanSave(c.Out); err != nil {
		return err
	}
	ring, made, err := operator.LoadOrMakeKeys(c.Key, rand.Reader)
	if err != nil {
		return err
	}
	if made {
		fmt.Println("made new keys:", c.Key, "(keep them; without them no template opens)")
	}
	x, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer x.keeper.Close()
	t, err := c.template(ctx, x)
	if err != nil {
		return err
	}
	if err := operator.Save(c.Out, ring, c.Name, t, time.Now()); err != nil {
		return err
	}
	fmt.Printf("enrolled: %d views, sealed in %s\n", len(t.Views), c.Out)
	if c.fromPictures() {
		fmt.Println("From pictures: nobody checked that a living person was there.")
	}
	return nil
}

// template makes the template of what is shown.
func (c *enrollCmd) template(ctx context.Context, x *face) (match.Template, error) {
	if c.fromPictures() {
		t, err := operator.EnrolPictures(ctx, x.keeper, x.level, x.pictures)
		if errors.Is(err, match.ErrNotOneFace) {
			return t, say(operator.Outcome{Why: "the pictures are not of one person"})
		}
		return t, err
	}
	t, err := capture(ctx, x)
	if err != nil || !c.Again {
		return t, err
	}
	fmt.Print("Now with glasses, or without; then press Enter. ")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return t, fmt.Errorf("wait for Enter: %w", err)
	}
	return capture(ctx, x, t.Views...)
}

// capture plays one enrolment.
func capture(ctx context.Context, x *face, earlier ...match.Vector) (match.Template, error) {
	t, o, err := x.booth.Enrol(ctx, earlier...)
	if err == nil && !o.Accepted {
		err = say(o)
	}
	return t, err
}

type verifyCmd struct {
	faceFlags
	Template string `required:"" type:"existingfile" placeholder:"FILE" help:"The sealed template."`
}

// Run verifies a face: 0 is accepted, 1 denied, 2 not judged.
func (c *verifyCmd) Run(ctx context.Context) error { return trouble(c.run(ctx)) }

func (c *verifyCmd) run(ctx context.Context) error {
	ring, err := operator.LoadKeys(c.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: name the key file under which it was enrolled", err)
	}
	if err != nil {
		return err
	}
	t, err := operator.Load(c.Template, ring, c.Name)
	if err != nil {
		return err
	}
	x, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer x.keeper.Close()
	var o operator.Outcome
	if c.fromPictures() {
		o, err = operator.VerifyPictures(ctx, x.keeper, x.level, t, x.pictures)
	} else {
		o, err = x.booth.Verify(ctx, t)
	}
	if err != nil {
		return err
	}
	if c.fromPictures() {
		o.Why += "; from pictures: nobody checked that a living person was there"
	}
	return say(o)
}
