package main

import (
	_ "visavis/chat/wire"
)

func main() {}
