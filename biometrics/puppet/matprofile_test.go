//go:build matprofile

package puppet_test

import (
	"fmt"
	"os"
	"testing"

	"gocv.io/x/gocv"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if n := gocv.MatProfile.Count(); n != 0 {
		fmt.Fprintf(os.Stderr, "%d Mats are still open\n", n)
		_ = gocv.MatProfile.WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}
