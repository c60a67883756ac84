package match

import (
	_ "visavis/biometrics/liveness"
)
