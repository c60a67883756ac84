package eye

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

const (
	// closeGrace is how long an eye may take to end by itself after its input was closed.
	closeGrace = 2 * time.Second
	// greetGrace is how long an eye may take to greet: it does so before it loads anything.
	greetGrace = 15 * time.Second
)

// Why the keeper ends an eye itself.
var (
	errMute = errors.New("it does not greet")
	errDeaf = errors.New("it takes no more commands")
	errSlow = errors.New("the camera does not open in time")
)

// session is one life of the eye's process.
type session struct {
	k        *Keeper
	process  Process
	commands chan message
	greeted  chan struct{} // closed when the process has greeted
	dead     chan struct{} // closed when the process has ended

	mu      sync.Mutex
	why     error // of its end, when the keeper ended it
	nextID  uint32
	pending map[uint32]*question
}

// question is what waits for an answer. Its settle runs in the reader's goroutine, so that what it notes keeps the order of the eye's words.
type question struct {
	id      uint32
	answers kind
	answer  chan message // buffered: the reader never waits
	settle  func(message)
}

func newSession(k *Keeper, p Process) *session {
	return &session{
		k: k, process: p, commands: make(chan message, 64),
		greeted: make(chan struct{}), dead: make(chan struct{}), pending: map[uint32]*question{},
	}
}

// run serves one life: it returns why it ended, after the process is gone. Who waits for the process runs beside the reader: the end of a
// process is not always the end of its output, which somebody else may hold.
func (s *session) run(ctx context.Context) error {
	var wg sync.WaitGroup
	ended := make(chan struct{})
	waited := make(chan error, 1)
	wg.Go(func() { s.write(ended) })
	wg.Go(func() { s.finish(ctx, ended) })
	wg.Go(func() { s.awaitGreeting(ended) })
	wg.Go(func() { waited <- s.process.Wait() })
	err := s.read()
	s.process.Kill() // without its output it is of no use; one that ended by itself keeps its own exit status
	err = errors.Join(err, <-waited)
	close(ended)
	wg.Wait()
	close(s.dead)
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.why, err)
}

// end ends the process, and keeps the first reason.
func (s *session) end(why error) {
	s.mu.Lock()
	if s.why == nil {
		s.why = why
	}
	s.mu.Unlock()
	s.process.Kill()
}

// awaitGreeting ends a process that says nothing: it would never be missed, and never started again.
func (s *session) awaitGreeting(ended <-chan struct{}) {
	select {
	case <-s.greeted:
	case <-ended:
	case <-s.k.clock.After(greetGrace):
		s.end(errMute)
	}
}

// finish asks the process to end when the keeper closes, and ends it when it does not.
func (s *session) finish(ctx context.Context, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	_ = s.process.CloseInput()
	select {
	case <-ended:
	case <-s.k.clock.After(closeGrace):
		s.process.Kill()
		<-ended
	}
}

// write owns the process's input.
func (s *session) write(ended <-chan struct{}) {
	defer s.process.CloseInput()
	for {
		select {
		case m := <-s.commands:
			if err := pipe.Write(s.process, m); err != nil {
				return // the reader sees the end of the process and says why
			}
		case <-ended:
			return
		}
	}
}

// tell queues a command without waiting. An eye that has taken none of the last 64 hangs, and is ended.
func (s *session) tell(m message) {
	select {
	case s.commands <- m:
	default:
		s.end(errDeaf)
	}
}

// ask registers a question and queues its command, which is made for the question's id.
func (s *session) ask(answers kind, settle func(message), command func(id uint32) message) *question {
	q := &question{answers: answers, answer: make(chan message, 1), settle: settle}
	s.mu.Lock()
	s.nextID++
	q.id = s.nextID
	s.pending[q.id] = q
	s.mu.Unlock()
	s.tell(command(q.id))
	return q
}

// await waits for the answer to a question.
func (s *session) await(ctx context.Context, q *question) (message, error) {
	select {
	case m := <-q.answer:
		return m, nil
	case <-s.dead:
		return message{}, ErrDied
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.pending, q.id)
		s.mu.Unlock()
		return message{}, ctx.Err()
	}
}

// read owns the process's output. It returns nil at its end.
func (s *session) read() error {
	allowed := eventCaps()
	first, err := pipe.Read(s.process, allowed)
	if err != nil {
		return endOf(err)
	}
	var h hello
	if first.Kind != kindHello {
		return fmt.Errorf("%w: kind %d before the greeting", ErrProtocol, first.Kind)
	}
	if err := first.Unpack(&h); err != nil {
		return err
	}
	if h.Version != Version {
		return fmt.Errorf("%w: the eye speaks version %d, this program version %d", ErrProtocol, h.Version, Version)
	}
	close(s.greeted)
	for {
		m, err := pipe.Read(s.process, allowed)
		if err != nil {
			return endOf(err)
		}
		if err := s.heard(m); err != nil {
			return err
		}
	}
}

func endOf(err error) error {
	if errors.Is(err, ErrProtocol) {
		return err
	}
	return nil // the pipe has ended; why, the process's Wait says
}

// heard handles one message of the eye.
func (s *session) heard(m message) error {
	switch m.Kind {
	case kindPreview:
		img, err := unpackPreview(m)
		if err != nil {
			return err
		}
		s.k.emit(Preview{img})
	case kindSeen:
		var w seen
		if err := m.Unpack(&w); err != nil {
			return err
		}
		if err := w.Face.check(); err != nil {
			return err
		}
		s.k.emit(w.event())
	case kindReady:
		return s.heardReady(m)
	case kindCameraFailed:
		var f failure
		if err := m.Unpack(&f); err != nil {
			return err
		}
		s.k.cameraGone(f.err())
	case kindCameraTrouble:
		var f failure
		if err := m.Unpack(&f); err != nil {
			return err
		}
		s.k.cameraTroubled(f.err())
	case kindOpened, kindDescribed, kindCameraList:
		return s.answered(m)
	default:
		return fmt.Errorf("%w: kind %d after the greeting", ErrProtocol, m.Kind)
	}
	return nil
}

func (s *session) heardReady(m message) error {
	var r ready
	if err := m.Unpack(&r); err != nil {
		return err
	}
	if err := r.Failure.err(); err != nil {
		s.k.emit(NoWeights{err})
		return nil
	}
	s.k.loaded(r.Weights)
	return nil
}

// answered finds whom an answer is for. One that nobody waits for any more is dropped, but for what it settles.
func (s *session) answered(m message) error {
	id, err := answerID(m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	q := s.pending[id]
	delete(s.pending, id)
	s.mu.Unlock()
	if q == nil {
		return nil
	}
	if q.answers != m.Kind {
		return fmt.Errorf("%w: kind %d answers question %d", ErrProtocol, m.Kind, id)
	}
	if q.settle != nil {
		q.settle(m)
	}
	q.answer <- m
	return nil
}

// answerID decodes the answer to its end, so that whoever waits for it need not expect an error.
func answerID(m message) (uint32, error) {
	switch m.Kind {
	case kindOpened:
		var a opened
		err := m.Unpack(&a)
		return a.ID, err
	case kindDescribed:
		var a described
		err := m.Unpack(&a)
		return a.ID, errors.Join(err, a.Face.check())
	default:
		var a cameraList
		err := m.Unpack(&a)
		if len(a.Cameras) > maxCameras {
			err = fmt.Errorf("%w: %d cameras", ErrProtocol, len(a.Cameras))
		}
		return a.ID, err
	}
}

// openCamera asks for a camera and notes the answer in the keeper, as that to its wish.
func (s *session) openCamera(source string, wish uint64) *question {
	settle := func(m message) {
		var a opened
		if err := m.Unpack(&a); err != nil {
			return
		}
		s.k.cameraAnswered(wish, source, a.Info, a.Failure.err())
	}
	return s.ask(kindOpened, settle, func(id uint32) message { return pipe.Pack(kindOpen, askOpen{ID: id, Source: source}) })
}

// infoOf reads the answer to openCamera.
func infoOf(m message) (biometrics.CameraInfo, error) {
	var a opened
	if err := m.Unpack(&a); err != nil {
		return biometrics.CameraInfo{}, err
	}
	return a.Info, a.Failure.err()
}

// request asks and waits.
func (s *session) request(ctx context.Context, answers kind, command func(id uint32) message) (message, error) {
	return s.await(ctx, s.ask(answers, nil, command))
}
