package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/weights"
)

const childEnv = "VISAVIS_EYE_TEST_CHILD"

// TestMain makes the test binary the eye itself, for the tests that keep one.
func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
	case "intruder":
		intrude()
		os.Exit(0)
	default:
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func start(t *testing.T, args ...string) *eye.Keeper {
	t.Helper()
	t.Setenv(childEnv, "1")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	k, err := eye.Start(t.Context(), eye.Options{Path: exe, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// next waits for the first event that want takes.
func next(t *testing.T, k *eye.Keeper, want func(eye.Event) bool) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case e, ok := <-k.Events():
			if !ok {
				t.Fatal("events ended")
			}
			if want(e) {
				return
			}
		case <-late:
			t.Fatal("nothing came")
		}
	}
}

// It looks at a process that was started as the keeper starts the eye: else OpenBLAS has a thread before anything of ours runs.
func TestPrivilegesAreLow(t *testing.T) {
	const blas = "OPENBLAS_NUM_THREADS"
	if os.Getenv(blas) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPrivilegesAreLow$")
		cmd.Env = append(os.Environ(), blas+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	if _, err := os.Stat("/proc/self/task"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("no /proc")
	}
	if v, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || v != 0 {
		t.Errorf("dumpable %d, %v", v, err)
	}
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		t.Fatal(err)
	}
	read, lowered := 0, 0
	for _, path := range tasks {
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // a thread that has ended
		}
		if err != nil {
			t.Error(err)
			continue
		}
		read++
		if strings.Contains(string(b), "NoNewPrivs:\t1") {
			lowered++
		}
	}
	if read == 0 || lowered < read {
		t.Errorf("of %d threads, %d can be read and %d may gain no privileges", len(tasks), read, lowered)
	}
}

// Without its models the eye still gives pictures, and says what is missing.
func TestEyeWithoutWeights(t *testing.T) {
	grey := film(t, nil)
	k := start(t, "--weights", t.TempDir(), "--source", grey)
	next(t, k, func(e eye.Event) bool {
		n, ok := e.(eye.NoWeights)
		return ok && errors.Is(n.Err, eye.ErrNoWeights) && strings.Contains(n.Err.Error(), "shape_predictor_5")
	})
	if _, err := k.Open(t.Context(), "/dev/video63"); !errors.Is(err, biometrics.ErrCameraMissing) {
		t.Errorf("open: %v", err)
	}
	k.Watch(25, true)
	if info, err := k.Open(t.Context(), grey); err != nil || !info.Virtual {
		t.Fatalf("%+v, %v", info, err)
	}
	next(t, k, func(e eye.Event) bool { _, ok := e.(eye.Preview); return ok })
	next(t, k, func(e eye.Event) bool {
		f, ok := e.(eye.CameraFailed)
		return ok && errors.Is(f.Err, biometrics.ErrCameraEnded)
	})
}

// absent skips a test for want of something that make fetches; where everything was fetched, it fails it.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("VISAVIS_CI") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// models names the folder of the face models, or skips where there are none.
func models(t *testing.T) string {
	t.Helper()
	const dir = "../../build/weights"
	err := weights.Dlib().Check(dir)
	if errors.Is(err, weights.ErrMissing) && !errors.Is(err, weights.ErrWrong) {
		absent(t, "no face models (make weights)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A film that is wider than a frame may be ends as a camera that fails, and not the eye, again and again.
func TestEyeOutlivesAWideFilm(t *testing.T) {
	m := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(99, 99, 99, 0), 64, eye.MaxSide+16, gocv.MatTypeCV8UC3)
	defer m.Close()
	wide, grey := filmOf(t, m), film(t, nil)
	k := start(t, "--weights", models(t), "--source", wide, "--source", grey)
	next(t, k, func(e eye.Event) bool { _, ok := e.(eye.Ready); return ok })
	k.Watch(25, true)
	if _, err := k.Open(t.Context(), wide); err != nil {
		t.Fatal(err)
	}
	next(t, k, func(e eye.Event) bool {
		if died, ok := e.(eye.Died); ok {
			t.Fatal(died.Err)
		}
		_, failed := e.(eye.CameraFailed)
		return failed
	})
	if _, err := k.Open(t.Context(), grey); err != nil {
		t.Errorf("the next film: %v", err)
	}
}

// What is no film is not told as a camera that is not there.
func TestEyeTellsADamagedFilm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.avi")
	if err := os.WriteFile(path, []byte("not a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := start(t, "--weights", t.TempDir(), "--source", path)
	if _, err := k.Open(t.Context(), path); !errors.Is(err, eye.ErrFilm) {
		t.Errorf("open: %v", err)
	}
}

// The whole eye: a film of a man goes in, his face comes out.
func TestEyeSeesAFace(t *testing.T) {
	photo, err := os.ReadFile("../../build/faces/face.jpg")
	if errors.Is(err, fs.ErrNotExist) {
		absent(t, "no photographs (make faces)")
	}
	if err != nil {
		t.Fatal(err)
	}
	shown := film(t, photo)
	k := start(t, "--weights", models(t), "--source", shown)
	next(t, k, func(e eye.Event) bool { _, ok := e.(eye.Ready); return ok })
	faces, err := k.Describe(t.Context(), [][]byte{photo})
	if err != nil || len(faces) != 1 || !faces[0].Quality.Good() {
		t.Fatalf("%+v, %v", faces, err)
	}
	if _, err := k.Describe(t.Context(), [][]byte{[]byte("hello")}); !errors.Is(err, eye.ErrPicture) {
		t.Errorf("no picture: %v", err)
	}
	k.Watch(25, false)
	if _, err := k.Open(t.Context(), shown); err != nil {
		t.Fatal(err)
	}
	next(t, k, func(e eye.Event) bool {
		s, ok := e.(eye.Seen)
		return ok && s.Face.Quality.Good() && s.Width == 640 && near(s.Face.Box, faces[0].Box)
	})
}

func near(a, b biometrics.Box) bool {
	x, y := a.X+a.W/2-b.X-b.W/2, a.Y+a.H/2-b.Y-b.H/2
	return x*x+y*y < 100
}

// film writes a film of one second that shows one picture, a grey one without any.
func film(t *testing.T, picture []byte) string {
	t.Helper()
	m := gocv.NewMatWithSizeFromScalar(gocv.NewScalar(99, 99, 99, 0), 480, 640, gocv.MatTypeCV8UC3)
	if picture != nil {
		m.Close()
		var err error
		if m, err = gocv.IMDecode(picture, gocv.IMReadColor); err != nil {
			t.Fatal(err)
		}
	}
	defer m.Close()
	return filmOf(t, m)
}

// filmOf writes a film of one second that stands still.
func filmOf(t *testing.T, m gocv.Mat) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.avi")
	w, err := gocv.VideoWriterFile(path, "MJPG", 25, m.Cols(), m.Rows(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for range 25 {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	return path
}
