package biometrics

import (
	_ "github.com/Kagami/go-face"
)
