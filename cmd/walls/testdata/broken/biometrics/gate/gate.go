package gate

import (
	_ "gocv.io/x/gocv"
	_ "visavis/biometrics/puppet"
)
