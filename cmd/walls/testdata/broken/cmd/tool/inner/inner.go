package inner

import (
	_ "visavis/models/storetest"
)
