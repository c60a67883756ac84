package eye

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// Options say which eye to keep.
type Options struct {
	Path   string       // the program; unused when Launch is set
	Args   []string     // its arguments, without its name
	Launch Launcher     // instead of Path: tests, or Local
	Log    *slog.Logger // the eye's stderr goes there too, a record a line; nil discards
	Clock  Clock        // nil is the system's
}

// How long a dead eye stays dead: twice as long each time, but as at first after one that lived long enough.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 10 * time.Second
	livedLong  = 30 * time.Second
)

// Keeper keeps one eye running. All methods are safe for concurrent use. It remembers what was asked of the eye: after a
// restart the camera is opened again and watched as before. An open camera that is lost, pulled out or broken, is looked for until it is back
// under whatever number, or until another or none is asked for.
type Keeper struct {
	launch Launcher
	log    *slog.Logger
	clock  Clock
	ctx    context.Context // the keeper's life
	cancel context.CancelFunc
	ended  chan struct{}
	hunter chan struct{} // closed when the hunter has ended
	lost   chan struct{} // wakes the hunter; buffered
	main   *subscription

	mu      sync.Mutex
	session *session // nil between two lives
	changed chan struct{}
	wish    uint64 // counts what was asked for: the answer to an older wish is not noted
	source  string // of the camera that is open, or was when it was lost or the eye died
	wanted  bool   // source is to be open
	asking  bool   // the eye was asked to open it and has not answered
	info    *biometrics.CameraInfo
	hunt    hunt
	watch   watch
	weights string
	subs    map[*subscription]struct{}
}

// Start starts the eye and returns without waiting for its weights. It fails when the program cannot be started at all; when it
// dies later, the keeper starts it again. ctx bounds the keeper's life like Close.
func Start(ctx context.Context, o Options) (*Keeper, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Launch == nil {
		o.Launch = Command(o.Path, o.Args, o.Log)
	}
	k := &Keeper{
		launch: o.Launch, log: o.Log, clock: clockOr(o.Clock), ended: make(chan struct{}), hunter: make(chan struct{}), lost: make(chan struct{}, 1),
		changed: make(chan struct{}), subs: map[*subscription]struct{}{},
	}
	p, err := k.launch(ctx)
	if err != nil {
		return nil, err
	}
	k.ctx, k.cancel = context.WithCancel(ctx)
	k.main = newSubscription(true)
	k.subs[k.main] = struct{}{}
	first := newSession(k, p)
	k.begin(first)
	go k.keep(first)
	go k.huntCamera()
	return k, nil
}

// keep lives as long as the keeper and starts one session after the other.
func (k *Keeper) keep(s *session) {
	defer close(k.ended)
	retry := retryFirst
	for {
		born := k.clock.Now()
		err := s.run(k.ctx)
		k.end()
		if k.ctx.Err() != nil {
			break
		}
		if k.clock.Now().Sub(born) >= livedLong {
			retry = retryFirst
		}
		if s = k.restart(err, &retry); s == nil {
			break
		}
	}
	k.mu.Lock()
	subs := k.subs
	k.subs = nil
	k.mu.Unlock()
	for sub := range subs {
		sub.stop()
	}
}

// restart waits and launches until an eye runs. It returns nil when the keeper was closed meanwhile.
func (k *Keeper) restart(why error, retry *time.Duration) *session {
	for {
		if why == nil {
			why = ErrDied
		}
		k.log.Error("the eye has died", "err", why, "again in", *retry)
		k.emit(Died{Err: fmt.Errorf("%w: %w", ErrDied, why), Retry: *retry})
		select {
		case <-k.clock.After(*retry):
		case <-k.ctx.Done():
			return nil
		}
		*retry = min(2**retry, retryMost)
		p, err := k.launch(k.ctx)
		if err != nil {
			why = err
			continue
		}
		s := newSession(k, p)
		k.begin(s)
		return s
	}
}

// begin makes s the session that is asked from now on, and tells it what the one before it had been told.
func (k *Keeper) begin(s *session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.session = s
	if k.watch.FPS > 0 {
		s.tell(pipe.Pack(kindWatch, k.watch))
	}
	if k.wanted {
		k.asking = true
		s.openCamera(k.source, k.wish)
	}
	close(k.changed)
	k.changed = make(chan struct{})
}

func (k *Keeper) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.session, k.info, k.asking = nil, nil, false
}

// current waits for a running eye.
func (k *Keeper) current(ctx context.Context) (*session, error) {
	for {
		k.mu.Lock()
		s, changed := k.session, k.changed
		k.mu.Unlock()
		if k.ctx.Err() != nil {
			return nil, ErrClosed
		}
		if s != nil {
			return s, nil
		}
		select {
		case <-changed:
		case <-k.ctx.Done():
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (k *Keeper) emit(e Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.offer(e)
}

// offer is emit for who holds the lock.
func (k *Keeper) offer(e Event) {
	for s := range k.subs {
		s.offer(e)
	}
}

func (k *Keeper) loaded(weights string) {
	k.mu.Lock()
	k.weights = weights
	k.mu.Unlock()
	k.emit(Ready{weights})
}

// Cameras lists what can be opened.
func (k *Keeper) Cameras(ctx context.Context) ([]biometrics.CameraInfo, error) {
	s, err := k.current(ctx)
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	m, err := s.request(ctx, kindCameraList, func(id uint32) message { return pipe.Pack(kindCameras, askCameras{ID: id}) })
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	var list cameraList
	if err := m.Unpack(&list); err != nil {
		return nil, err
	}
	return list.Cameras, list.Failure.err()
}

// Watch asks for fps frames a second (0 stops), with previews or without. Faces are described at most MaxDescribed times a second. A webcam
// that nobody watches is let go after some seconds, so that its light goes off, and opened again when somebody does; meanwhile it counts as open.
func (k *Keeper) Watch(fps int, preview bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.watch = watch{FPS: uint8(min(max(fps, 0), MaxRate)), Preview: preview}
	if k.session != nil {
		k.session.tell(pipe.Pack(kindWatch, k.watch))
	}
}

// Prepare says that frames will be wanted soon: a webcam that was let go is opened again, and its first picture comes sooner. No picture is taken.
func (k *Keeper) Prepare() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.session != nil {
		k.session.tell(message{Kind: kindPrepare})
	}
}

// Cue passes the cue on. It does not survive a restart: a challenge during which the eye died is lost.
func (k *Keeper) Cue(c Cue) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.session != nil {
		k.session.tell(pipe.Pack(kindCue, c))
	}
}

// Events returns the keeper's main channel: every event, previews included. It is always the same channel, closed after Close.
func (k *Keeper) Events() <-chan Event { return k.main.c }

// Subscribe returns a channel of its own with every event from now on but previews. stop ends it and closes the channel.
func (k *Keeper) Subscribe() (events <-chan Event, stop func()) {
	s := newSubscription(false)
	k.mu.Lock()
	open := k.subs != nil
	if open {
		k.subs[s] = struct{}{}
	}
	k.mu.Unlock()
	if !open {
		s.stop()
	}
	return s.c, func() {
		k.mu.Lock()
		delete(k.subs, s)
		k.mu.Unlock()
		s.stop()
	}
}

// Describe describes pictures, in order; a picture without a face is an answer, in its Quality. It stops at the first that is no picture.
func (k *Keeper) Describe(ctx context.Context, pictures [][]byte) ([]biometrics.Face, error) {
	return k.describeAll(ctx, pictures, kindDescribe)
}

// DescribeAlone is Describe for pictures that are to show one person each: anybody else of about the same size makes two faces of it, which takes
// several times as long to say.
func (k *Keeper) DescribeAlone(ctx context.Context, pictures [][]byte) ([]biometrics.Face, error) {
	return k.describeAll(ctx, pictures, kindAlone)
}

func (k *Keeper) describeAll(ctx context.Context, pictures [][]byte, how kind) ([]biometrics.Face, error) {
	faces := make([]biometrics.Face, 0, len(pictures))
	for i, p := range pictures {
		f, err := k.describe(ctx, p, how)
		if err != nil {
			return nil, fmt.Errorf("describe picture %d: %w", i, err)
		}
		faces = append(faces, f)
	}
	return faces, nil
}

func (k *Keeper) describe(ctx context.Context, picture []byte, how kind) (biometrics.Face, error) {
	if len(picture) == 0 || len(picture) > MaxPictureBytes {
		return biometrics.Face{}, fmt.Errorf("%w: %d bytes", ErrPicture, len(picture))
	}
	s, err := k.current(ctx)
	if err != nil {
		return biometrics.Face{}, err
	}
	m, err := s.request(ctx, kindDescribed, func(id uint32) message {
		return pipe.Pack(how, askDescribe{ID: id, Picture: picture})
	})
	if err != nil {
		return biometrics.Face{}, err
	}
	var d described
	if err := m.Unpack(&d); err != nil {
		return biometrics.Face{}, err
	}
	return d.Face.face(), d.Failure.err()
}

// Weights names the model files' version; empty until the eye has loaded them.
func (k *Keeper) Weights() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.weights
}

// Clock returns the keeper's clock.
func (k *Keeper) Clock() Clock { return k.clock }

// Close ends the eye and returns when nothing of it is left. Closing twice is not an error.
func (k *Keeper) Close() error {
	k.cancel()
	<-k.ended
	<-k.hunter
	return nil
}
