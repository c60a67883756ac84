package client

import (
	_ "visavis/chat/server"
)
