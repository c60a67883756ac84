package flow

import (
	_ "fyne.io/fyne/v2"
)
