package main

import (
	_ "visavis/models/sqlstore"
)

func main() {}
