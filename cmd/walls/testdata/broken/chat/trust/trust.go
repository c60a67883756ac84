package trust

import (
	_ "visavis/chat/e2e"
)
