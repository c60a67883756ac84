package main

import (
	_ "visavis/biometrics/gate"
	_ "visavis/chat/server"
)

func main() {}
