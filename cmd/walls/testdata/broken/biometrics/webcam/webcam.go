package webcam

import (
	_ "visavis/biometrics/liveness"
)
