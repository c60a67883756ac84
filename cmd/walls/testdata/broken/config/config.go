package config

import (
	_ "visavis/biometrics/liveness"
)
