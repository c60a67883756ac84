package server

import (
	_ "visavis/chat/e2e"
)
