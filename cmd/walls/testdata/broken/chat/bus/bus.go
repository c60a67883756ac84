package bus

import (
	_ "visavis/cmd/tool/inner"
)
