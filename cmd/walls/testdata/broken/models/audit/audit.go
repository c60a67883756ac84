package audit

import (
	_ "visavis/config"
)
