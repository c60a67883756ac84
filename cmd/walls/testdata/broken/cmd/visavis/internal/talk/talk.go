package talk

import (
	_ "visavis/chat/client"
)
