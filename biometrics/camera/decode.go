package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // DecodeConfig
	_ "image/png"  // DecodeConfig

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

// ErrPicture says that bytes are no picture that Decode reads.
var ErrPicture = errors.New("not a JPEG or PNG picture of a usual size")

// Decode reads a JPEG or PNG file, turned as its EXIF data says. Its size is read and checked before OpenCV sees it.
func Decode(picture []byte) (biometrics.Frame, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || min(size.Width, size.Height) <= 0 || max(size.Width, size.Height) > eye.MaxSide || size.Width*size.Height > eye.MaxPixels {
		return biometrics.Frame{}, fmt.Errorf("decode picture: %w", ErrPicture)
	}
	bgr, err := gocv.IMDecode(picture, gocv.IMReadColor)
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("decode picture: %w: %w", ErrPicture, err)
	}
	defer bgr.Close()
	if bgr.Empty() {
		return biometrics.Frame{}, fmt.Errorf("decode picture: %w", ErrPicture)
	}
	rgba := gocv.NewMat()
	defer rgba.Close()
	gocv.CvtColor(bgr, &rgba, gocv.ColorBGRToRGBA)
	return biometrics.Frame{Width: rgba.Cols(), Height: rgba.Rows(), Pix: rgba.ToBytes()}, nil
}
