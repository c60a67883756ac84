package models

import (
	_ "visavis/config"
)
