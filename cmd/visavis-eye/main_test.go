package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocv.io/x/gocv"
	"golang.org/x/sys/unix"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

const childEnv = "VISAVIS_EYE_TEST_CHILD"

// TestMain makes the test binary the eye itself, for the tests that keep one.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
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
	if v, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || v != 0 {
		t.Errorf("dumpable %d, %v", v, err)
	}
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(tasks) == 0 {
		t.Skip("no /proc")
	}
	raised := 0
	for _, path := range tasks {
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), "NoNewPrivs:\t0") {
			raised++
		}
	}
	if raised > 0 {
		t.Errorf("%d of %d threads may gain privileges", raised, len(tasks))
	}
}

func TestCheckPrintsCameras(t *testing.T) {
	var out bytes.Buffer
	if err := printCameras(&out, backend{}); err != nil || out.Len() == 0 {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// Without its models the eye still gives pictures, and says what is missing.
func TestEyeWithoutWeights(t *testing.T) {
	k := start(t, "--weights", t.TempDir())
	next(t, k, func(e eye.Event) bool {
		n, ok := e.(eye.NoWeights)
		return ok && errors.Is(n.Err, eye.ErrNoWeights) && strings.Contains(n.Err.Error(), "shape_predictor_5")
	})
	if _, err := k.Open(t.Context(), "/dev/video63"); !errors.Is(err, biometrics.ErrCameraMissing) {
		t.Errorf("open: %v", err)
	}
	k.Watch(25, true)
	if info, err := k.Open(t.Context(), film(t, nil)); err != nil || !info.Virtual {
		t.Fatalf("%+v, %v", info, err)
	}
	next(t, k, func(e eye.Event) bool { _, ok := e.(eye.Preview); return ok })
	next(t, k, func(e eye.Event) bool {
		f, ok := e.(eye.CameraFailed)
		return ok && errors.Is(f.Err, biometrics.ErrCameraEnded)
	})
}

// The whole eye: a film of a man goes in, his face comes out.
func TestEyeSeesAFace(t *testing.T) {
	photo, err := os.ReadFile("../../build/faces/face.jpg")
	if err != nil {
		t.Skip("no photographs (go run ./cmd/visavis-fetch demo-faces --dir build/faces)")
	}
	if _, err := os.Stat("../../build/weights/shape_predictor_5_face_landmarks.dat"); err != nil {
		t.Skip("no face models (go run ./cmd/visavis-fetch weights --dir build/weights)")
	}
	k := start(t, "--weights", "../../build/weights")
	next(t, k, func(e eye.Event) bool { _, ok := e.(eye.Ready); return ok })
	faces, err := k.Describe(t.Context(), [][]byte{photo})
	if err != nil || len(faces) != 1 || !faces[0].Quality.Good() {
		t.Fatalf("%+v, %v", faces, err)
	}
	if _, err := k.Describe(t.Context(), [][]byte{[]byte("hello")}); !errors.Is(err, eye.ErrPicture) {
		t.Errorf("no picture: %v", err)
	}
	k.Watch(25, false)
	if _, err := k.Open(t.Context(), film(t, photo)); err != nil {
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
