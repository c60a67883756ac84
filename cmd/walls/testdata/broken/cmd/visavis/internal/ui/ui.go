package ui

import (
	_ "visavis/cmd/visavis/internal/kiosk"
)
