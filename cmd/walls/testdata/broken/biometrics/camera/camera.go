package camera

import (
	_ "visavis/chat/wire"
)
